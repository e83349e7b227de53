//! Which `_id`s that look like texts are `ObjectId`s.
//!
//! `/admin` answers an `ObjectId` as the text of its 24 hexadecimal digits (the SDK's test suite expects it so), but takes
//! `{"$oid": …}` in conditions, and finds nothing by the text. So whoever is to read, change or remove a document by the
//! `_id` that a list told must know which of the two it is. The condition of the list may say it; else the cloud is asked
//! which of these ids are texts: the others are none. (If there is a document of each kind, the text goes first, as it
//! does wherever a text is all that is known of an id.)

use std::collections::HashSet;

use crate::cloudbase::database::{Find, MAX_IN};
use crate::data::{CollectionName, Object, ObjectId, Value};

/// What the condition of a list says of the `_id`s in it.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// All that an `_id` may be; `None`: anything.
    among: Option<Vec<Value>>,
}

impl Named {
    /// Looks where a condition must be true of every document: at its top, and in its `$and`s.
    pub(super) fn by(query: &Object) -> Self {
        Self {
            among: query.get("_id").and_then(among).or_else(|| {
                let all = query.get("$and")?.as_array()?.iter();
                all.filter_map(Value::as_object)
                    .find_map(|part| Named::by(part).among)
            }),
        }
    }

    fn has(&self, id: &Value) -> bool {
        let among = self.among.as_ref();
        among.is_none_or(|among| among.contains(id))
    }
}

/// The values that a condition on one field allows, if it lists them.
fn among(condition: &Value) -> Option<Vec<Value>> {
    let Value::Object(operators) = condition else {
        return Some(vec![condition.clone()]);
    };
    if let Some(value) = operators.get("$eq") {
        return Some(vec![value.clone()]);
    }
    Some(operators.get("$in")?.as_array()?.to_vec())
}

/// Gives the rows whose `_id` the condition tells theirs; the ids of which only the cloud knows what they are.
pub(super) fn tell(named: &Named, rows: &mut [Object]) -> Vec<ObjectId> {
    let mut unknown = Vec::new();
    for row in rows {
        let Some((id, text)) = doubtful(row) else {
            continue;
        };
        match (named.has(&text), named.has(&Value::ObjectId(id))) {
            (true, true) => unknown.push(id),
            (false, true) => row.insert("_id", Value::ObjectId(id)),
            (_, false) => {}
        }
    }
    unknown
}

/// An `_id` that may be either, as both.
fn doubtful(row: &Object) -> Option<(ObjectId, Value)> {
    let text = row.get("_id")?;
    let id = ObjectId::parse(text.as_str()?)?;
    // The text of an id has small letters.
    let same = Value::string(id.to_string());
    (same == *text).then_some((id, same))
}

/// What asks the cloud: lists of those of these ids that are texts. Each fits one answer.
pub(super) fn questions(collection: &CollectionName, ids: &[ObjectId]) -> Vec<Find> {
    let question = |ids: &[ObjectId]| {
        let texts = ids.iter().map(|id| Value::string(id.to_string()));
        let among = Object::from_iter([("$in", Value::Array(texts.collect()))]);
        Find {
            collection: collection.clone(),
            query: Object::from_iter([("_id", Value::Object(among))]),
            order: Vec::new(),
            skip: 0,
            limit: ids.len() as u64,
            projection: Some(Vec::new()),
        }
    };
    ids.chunks(MAX_IN).map(question).collect()
}

/// Gives the rows of the unknown ids theirs: `ObjectId`s all that are not among the texts found.
pub(super) fn settle(rows: &mut [Object], unknown: &[ObjectId], texts: &[Object]) {
    let texts: HashSet<&str> = texts
        .iter()
        .filter_map(|row| row.get("_id")?.as_str())
        .collect();
    let unknown: HashSet<ObjectId> = unknown.iter().copied().collect();
    for row in rows {
        if let Some((id, text)) = doubtful(row)
            && unknown.contains(&id)
            && !text.as_str().is_some_and(|text| texts.contains(text))
        {
            row.insert("_id", Value::ObjectId(id));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::ejson;

    const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaa";
    const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbb";

    fn id(hex: &str) -> ObjectId {
        ObjectId::parse(hex).expect(hex)
    }

    /// `'A'` and `'B'` become the digits of ids, `#A` and `#B` these `ObjectId`s.
    fn with_ids(text: &str) -> Object {
        let text = text
            .replace("#A", &format!(r#"{{"$oid":"{A}"}}"#))
            .replace("#B", &format!(r#"{{"$oid":"{B}"}}"#));
        let text = text
            .replace("'A'", &format!("\"{A}\""))
            .replace("'B'", &format!("\"{B}\""));
        ejson::parse_object(&text).expect(&text)
    }

    #[test]
    fn a_condition_may_tell_which_ids_are_object_ids() {
        for (query, row, unknown) in [
            (r#"{"_id":'A'}"#, "'A'", &[][..]),
            (r#"{"_id":#A}"#, "#A", &[]),
            (r#"{"_id":{"$eq":#A},"n":1}"#, "#A", &[]),
            (r#"{"_id":{"$in":[#B,#A,'B']}}"#, "#A", &[]),
            (
                r#"{"$and":[{"n":1},{"$and":[{"_id":{"$in":[#A]}}]}]}"#,
                "#A",
                &[],
            ),
            (r#"{"_id":{"$in":['A',#A]}}"#, "'A'", &[A]),
            (r#"{"_id":{"$gt":#B}}"#, "'A'", &[A]),
            (r#"{"$or":[{"_id":#A},{"n":1}]}"#, "'A'", &[A]),
            ("{}", "'A'", &[A]),
            // A document that was not asked for stays as it is.
            (r#"{"_id":#B}"#, "'A'", &[]),
        ] {
            let mut rows = vec![with_ids(r#"{"_id":'A','B':#B}"#)];
            let asked = tell(&Named::by(&with_ids(query)), &mut rows);
            let expected = with_ids(&format!(r#"{{"_id":{row},'B':#B}}"#));
            assert_eq!(rows, [expected], "{query}");
            let unknown: Vec<ObjectId> = unknown.iter().map(|hex| id(hex)).collect();
            assert_eq!(asked, unknown, "{query}");
        }
        let other = r#"{"_id":"AAAAAAAAAAAAAAAAAAAAAAAA"}{"_id":"a"}{"_id":1}{}{"_id":#A}"#;
        for row in other.split_inclusive('}') {
            let mut rows = vec![with_ids(row)];
            assert!(tell(&Named::default(), &mut rows).is_empty(), "{row}");
        }
    }

    #[test]
    fn the_cloud_tells_which_ids_are_texts() {
        let ids: Vec<ObjectId> = (0..=MAX_IN).map(numbered).collect();
        let collection = CollectionName::parse("todos").expect("a name");
        let asked = questions(&collection, &ids);
        let sizes: Vec<u64> = asked.iter().map(|question| question.limit).collect();
        assert_eq!(sizes, [MAX_IN as u64, 1]);
        let question = questions(&collection, &[id(A), id(B)]).remove(0);
        assert_eq!(question.query, with_ids(r#"{"_id":{"$in":['A','B']}}"#));

        let mut rows = [r#"{"_id":'A'}"#, r#"{"_id":'B'}"#, r#"{"_id":"c"}"#].map(with_ids);
        settle(&mut rows, &[id(A), id(B)], &[with_ids(r#"{"_id":'B'}"#)]);
        assert_eq!(
            rows,
            [r#"{"_id":#A}"#, r#"{"_id":'B'}"#, r#"{"_id":"c"}"#].map(with_ids)
        );
    }

    fn numbered(number: usize) -> ObjectId {
        ObjectId::parse(&format!("{number:024x}")).expect("24 digits")
    }
}
