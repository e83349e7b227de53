//! What an update changed, by dotted path: what the clients patch documents with.

use smol_str::SmolStr;

use crate::data::ejson::{self, Mode};
use crate::data::{Document, Object, Value};
use crate::emulator::wire;

/// The difference of two versions of a document, as texts; `""` where there is none.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Difference {
    /// JSON: `{"dotted.path": value}`.
    pub(super) updated: String,
    /// JSON: `["dotted.path"]`.
    pub(super) removed: String,
}

impl Difference {
    pub(super) fn between(before: &Document, after: &Document) -> Self {
        let mut paths = Paths::default();
        paths.object("", before.fields(), after.fields());
        let updated = (!paths.updated.is_empty())
            .then(|| ejson::object_to_string(&Object::from_iter(paths.updated), Mode::Relaxed));
        let removed = (!paths.removed.is_empty())
            .then(|| ejson::value_to_string(&Value::Array(paths.removed), Mode::Relaxed));
        Self {
            updated: updated.unwrap_or_default(),
            removed: removed.unwrap_or_default(),
        }
    }
}

#[derive(Default)]
struct Paths {
    updated: Vec<(String, Value)>,
    removed: Vec<Value>,
}

impl Paths {
    fn object(&mut self, at: &str, before: &Object, after: &Object) {
        for (name, value) in after.iter() {
            let path = below(at, name);
            match before.get(name) {
                Some(former) => self.value(path, former, value),
                None => self.added(path, value),
            }
        }
        let gone = before.iter().filter(|(name, _)| !after.contains(name));
        self.removed
            .extend(gone.map(|(name, _)| Value::string(below(at, name))));
    }

    /// What was not there is told by its innermost paths, as the clients write it.
    fn added(&mut self, path: String, value: &Value) {
        match value {
            Value::Object(object) if !object.is_empty() && is_made_by_paths(object) => {
                for (name, value) in object.iter() {
                    self.added(below(&path, name), value);
                }
            }
            _ => self.updated.push((path, wire::told_value(value))),
        }
    }

    fn value(&mut self, path: String, before: &Value, after: &Value) {
        match (before, after) {
            _ if before == after => {}
            (Value::Object(before), Value::Object(after)) if is_patched(before, after) => {
                self.object(&path, before, after);
            }
            // A shorter array cannot be said by paths: to unset an element leaves a hole.
            (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
                for (index, (before, after)) in before.iter().zip(after).enumerate() {
                    self.value(format!("{path}.{index}"), before, after);
                }
            }
            _ => self.updated.push((path, wire::told_value(after))),
        }
    }
}

/// Whether paths can name all members: a name with a dot or bracket would be read as several.
fn is_patched(before: &Object, after: &Object) -> bool {
    let mut names = before.iter().chain(after.iter()).map(|(name, _)| name);
    names.all(|name| !name.is_empty() && !name.contains(['.', '[', ']']))
}

/// Whether clients that follow paths to where nothing is make this object: before an index they would make an array.
fn is_made_by_paths(object: &Object) -> bool {
    let is_index = |name: &SmolStr| name.bytes().all(|byte| byte.is_ascii_digit());
    is_patched(object, object) && !object.iter().any(|(name, _)| is_index(name))
}

fn below(at: &str, name: &str) -> String {
    if at.is_empty() {
        name.to_owned()
    } else {
        format!("{at}.{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_by_path() {
        let cases = [
            (r#"{"n":1}"#, r#"{"n":1}"#, "", ""),
            (r#"{"n":1}"#, r#"{"n":2,"m":3}"#, r#"{"n":2,"m":3}"#, ""),
            (r#"{"n":1,"m":2}"#, r#"{"m":2}"#, "", r#"["n"]"#),
            (
                r#"{"meta":{"tags":["a","b"],"note":"x"}}"#,
                r#"{"meta":{"tags":["a","c"]}}"#,
                r#"{"meta.tags.1":"c"}"#,
                r#"["meta.note"]"#,
            ),
            (r#"{"l":[1,2]}"#, r#"{"l":[1]}"#, r#"{"l":[1]}"#, ""),
            (r#"{"a":{"b":1}}"#, r#"{"a":{}}"#, "", r#"["a.b"]"#),
            (r#"{"a":1}"#, r#"{"a":{"b":1}}"#, r#"{"a":{"b":1}}"#, ""),
            (
                r#"{"a":{"x.y":1,"b":1}}"#,
                r#"{"a":{"x.y":2,"b":1}}"#,
                r#"{"a":{"x.y":2,"b":1}}"#,
                "",
            ),
            (
                r#"{"n":1}"#,
                r#"{"n":1,"deep":{"er":{"x":[1],"y":{}},"0":{"a":1}},"l":{"0":1}}"#,
                r#"{"deep":{"er":{"x":[1],"y":{}},"0":{"a":1}},"l":{"0":1}}"#,
                "",
            ),
            (
                r#"{"n":1}"#,
                r#"{"n":1,"deep":{"er":{"x":[1],"y":{}}}}"#,
                r#"{"deep.er.x":[1],"deep.er.y":{}}"#,
                "",
            ),
            (
                r#"{"at":{"$date":1}}"#,
                r#"{"at":{"$date":2}}"#,
                r#"{"at":{"$date":2}}"#,
                "",
            ),
        ];
        for (before, after, updated, removed) in cases {
            let version = |fields: &str| {
                let fields = ejson::parse_object(fields).expect("EJSON");
                Document::new(crate::data::DocId::string("d"), 1, fields)
            };
            let difference = Difference::between(&version(before), &version(after));
            assert_eq!(
                (difference.updated.as_str(), difference.removed.as_str()),
                (updated, removed),
                "{before} to {after}"
            );
        }
    }
}
