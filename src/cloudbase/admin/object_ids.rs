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
