//! A document and its identifier.

use std::fmt;

use smol_str::SmolStr;

use super::{Object, ObjectId, Path, Value};

/// The `_id` of a document. The database chooses strings; imported data also
/// has integers and `ObjectId`s.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DocId {
    Int(i64),
    String(SmolStr),
    ObjectId(ObjectId),
}

impl DocId {
    pub fn string(text: impl Into<SmolStr>) -> Self {
        DocId::String(text.into())
    }

    /// The identifier a value of `_id` spells; `None` for a value that cannot be one.
    pub fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => Some(DocId::String(text.clone())),
            Value::Int(number) => Some(DocId::Int(*number)),
            Value::ObjectId(id) => Some(DocId::ObjectId(*id)),
            _ => None,
        }
    }

    pub fn to_value(&self) -> Value {
        match self {
            DocId::Int(number) => Value::Int(*number),
            DocId::String(text) => Value::String(text.clone()),
            DocId::ObjectId(id) => Value::ObjectId(*id),
        }
    }

    /// Every identifier that a text can spell, the string first: `"12"` may be
    /// the string or the integer, 24 hexadecimal digits may be an `ObjectId`.
    pub fn spelled_by(text: &str) -> Vec<Self> {
        let mut forms = vec![DocId::string(text)];
        if let Ok(number) = text.parse::<i64>()
            && number.to_string() == text
        {
            forms.push(DocId::Int(number));
        }
        if let Some(id) = ObjectId::parse(text) {
            forms.push(DocId::ObjectId(id));
        }
        forms
    }
}

/// The text form, as served in GraphQL.
impl fmt::Display for DocId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DocId::Int(number) => write!(f, "{number}"),
            DocId::String(text) => f.write_str(text),
            DocId::ObjectId(id) => write!(f, "{id}"),
        }
    }
}

/// One document of a collection.
///
/// INVARIANT: the first member of `fields` is `_id` and equals `id`.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    id: DocId,
    /// Which version of the document this is, counted by the store; 0 before it was stored.
    pub rev: u64,
    fields: Object,
}

impl Document {
    /// A document of these fields; an `_id` among them is replaced by `id`.
    pub fn new(id: DocId, rev: u64, fields: Object) -> Self {
        let mut all = Object::with_capacity(fields.len() + 1);
        all.push_new(SmolStr::new_static("_id"), id.to_value());
        for (name, value) in fields {
            if name != "_id" {
                all.push_new(name, value);
            }
        }
        Self {
            id,
            rev,
            fields: all,
        }
    }

    /// A document whose fields hold their `_id`; `None` if it is absent or cannot be an id.
    pub fn from_object(fields: Object) -> Option<Self> {
        let id = DocId::from_value(fields.get("_id")?)?;
        Some(Self::new(id, 0, fields))
    }

    pub fn id(&self) -> &DocId {
        &self.id
    }

    /// All fields, `_id` first.
    pub fn fields(&self) -> &Object {
        &self.fields
    }

    pub fn get(&self, field: &str) -> Option<&Value> {
        self.fields.get(field)
    }

    pub fn lookup(&self, path: &Path) -> Option<&Value> {
        path.lookup(&self.fields)
    }

    /// Replaces all fields but `_id`.
    pub fn with_fields(&self, fields: Object) -> Self {
        Self::new(self.id.clone(), self.rev, fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::ejson;

    #[test]
    fn a_text_spells_several_ids() {
        let hex = "0123456789abcdef01234567";
        let id = ObjectId::parse(hex).expect("an ObjectId");
        let cases = [
            ("a", vec![]),
            ("12", vec![DocId::Int(12)]),
            ("-9223372036854775808", vec![DocId::Int(i64::MIN)]),
            ("9223372036854775808", vec![]),
            ("012", vec![]),
            ("+1", vec![]),
            ("-0", vec![]),
            (hex, vec![DocId::ObjectId(id)]),
            ("+123456789abcdef01234567", vec![]),
        ];
        for (text, others) in cases {
            let forms = [vec![DocId::string(text)], others].concat();
            assert_eq!(DocId::spelled_by(text), forms, "{text}");
            assert!(forms.iter().all(|id| id.to_string() == text), "{text}");
        }
    }

    #[test]
    fn the_id_comes_first_and_is_the_documents() {
        let fields = ejson::parse_object(r#"{"a":1,"_id":"x"}"#).expect("EJSON");
        let document = Document::from_object(fields.clone()).expect("it has an _id");
        let names: Vec<&str> = document
            .fields()
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(names, ["_id", "a"]);
        let other = Document::new(DocId::Int(5), 3, fields);
        assert_eq!(other.get("_id"), Some(&Value::Int(5)));
        let changed = other.with_fields(Object::new());
        assert_eq!((changed.id(), changed.rev), (&DocId::Int(5), 3));
        for text in [
            "{}",
            r#"{"_id":null}"#,
            r#"{"_id":1.5}"#,
            r#"{"_id":["x"]}"#,
        ] {
            let fields = ejson::parse_object(text).expect("EJSON");
            assert_eq!(Document::from_object(fields), None, "{text}");
        }
    }
}
