//! What was expected × what came → mismatches.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::case::{Expect, ExpectedError, Step, Stored, Unchanged};
use super::pattern::{Mismatch, short};
use crate::data::{Object, ejson};

/// All documents of a store, by collection and id.
pub type Documents = BTreeMap<String, BTreeMap<String, Object>>;

/// What came back for one operation, as a client reads it.
#[derive(Clone, Debug)]
pub struct Answer {
    data: Json,
    errors: Vec<Json>,
    /// `extensions.denied`: fields, and of how many documents.
    denied: BTreeMap<String, u64>,
}

impl Answer {
    /// Reads the body of an answer.
    pub fn of(mut body: Json) -> Self {
        let errors = match body["errors"].take() {
            Json::Array(errors) => errors,
            _ => Vec::new(),
        };
        let denied = body["extensions"]["denied"]
            .as_array()
            .into_iter()
            .flatten();
        let denied = denied.filter_map(|entry| {
            let field = entry["field"].as_str()?.to_owned();
            Some((field, entry["count"].as_u64()?))
        });
        Self {
            denied: denied.collect(),
            data: body["data"].take(),
            errors,
        }
    }

    /// Root fields and what they answered.
    fn roots(&self) -> impl Iterator<Item = (&String, &Json)> {
        self.data.as_object().into_iter().flatten()
    }

    fn no_errors(&self, found: &mut Vec<Mismatch>) {
        if !self.errors.is_empty() {
            found.push(Mismatch::new("errors", "none", errors(&self.errors)));
        }
    }
}

/// Everything about a step that is not as it was expected.
pub fn judge(step: &Step, answer: &Answer, before: &Documents, after: &Documents) -> Vec<Mismatch> {
    let mut found = Vec::new();
    if let Some(expect) = &step.expect {
        compare(expect, answer, &mut found);
    }
    for stored in &step.stored {
        stand(stored, after, &mut found);
    }
    found.extend(
        changes(before, after).filter_map(|(collection, id, change)| {
            let kept = match &step.unchanged {
                Unchanged::All => true,
                Unchanged::Collections(named) => named.iter().any(|(_, name)| name == collection),
                Unchanged::Others => !step
                    .stored
                    .iter()
                    .any(|stored| stored.collection == collection && stored.id == id),
            };
            kept.then(|| Mismatch::new(format!("stored.{collection}.{id}"), "unchanged", change))
        }),
    );
    found
}

fn compare(expect: &Expect, answer: &Answer, found: &mut Vec<Mismatch>) {
    match expect {
        Expect::Allow => {
            answer.no_errors(found);
            each_root(answer, found, "anything but null", |value| !value.is_null());
            withheld(&[], answer, found);
        }
        Expect::Null => {
            answer.no_errors(found);
            each_root(answer, found, "null", Json::is_null);
        }
        Expect::Refused(code) => {
            refused(code, answer, found);
            for (name, value) in answer.roots().filter(|(_, value)| !value.is_null()) {
                found.push(Mismatch::new(format!("data.{name}"), "null", short(value)));
            }
        }
        Expect::Ids(expected) => {
            answer.no_errors(found);
            ids(expected, answer, found);
        }
        Expect::Answer {
            data,
            errors,
            denied,
        } => {
            if let Some(data) = data {
                data.compare("data", &answer.data, found);
            }
            matched(errors, answer, found);
            if let Some(denied) = denied {
                withheld(denied, answer, found);
            }
        }
    }
}

fn each_root(
    answer: &Answer,
    found: &mut Vec<Mismatch>,
    expected: &str,
    is: impl Fn(&Json) -> bool,
) {
    if !answer.data.is_object() && answer.errors.is_empty() {
        found.push(Mismatch::new("data", expected, short(&answer.data)));
    }
    // Errors are told already; that their fields are null is no news.
    let others = answer
        .roots()
        .filter(|(_, value)| !is(value) && answer.errors.is_empty());
    found.extend(
        others.map(|(name, value)| Mismatch::new(format!("data.{name}"), expected, short(value))),
    );
}

fn refused(code: &str, answer: &Answer, found: &mut Vec<Mismatch>) {
    let all = answer.errors.iter().all(|error| code_of(error) == code);
    if answer.errors.is_empty() || !all {
        found.push(Mismatch::new("errors", code, errors(&answer.errors)));
    }
}

/// The documents of the one root field.
fn ids(expected: &[String], answer: &Answer, found: &mut Vec<Mismatch>) {
    let mut roots = answer.roots();
    let (Some((name, value)), None) = (roots.next(), roots.next()) else {
        if answer.errors.is_empty() {
            let message = "several root fields: say `data` instead of ids";
            found.push(Mismatch::new("data", "one root field", message));
        }
        return;
    };
    let documents = match &value["nodes"] {
        Json::Array(nodes) => nodes.as_slice(),
        _ => std::slice::from_ref(value),
    };
    let mut actual: Vec<&str> = documents
        .iter()
        .filter_map(|document| document["id"].as_str())
        .collect();
    let mut expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    actual.sort_unstable();
    expected.sort_unstable();
    if actual != expected && answer.errors.is_empty() {
        let list = |ids: &[&str]| format!("[{}]", ids.join(", "));
        found.push(Mismatch::new(
            format!("data.{name}: ids"),
            list(&expected),
            list(&actual),
        ));
    }
}

/// Each expected error is one of those that came, and none is left.
fn matched(expected: &[ExpectedError], answer: &Answer, found: &mut Vec<Mismatch>) {
    let mut left: Vec<&Json> = answer.errors.iter().collect();
    let mut missing = Vec::new();
    for error in expected {
        match left.iter().position(|actual| is_meant(error, actual)) {
            Some(at) => drop(left.remove(at)),
            None => missing.push(error),
        }
    }
    for error in &missing {
        let actual: Vec<Json> = left.iter().map(|error| (*error).clone()).collect();
        found.push(Mismatch::new("errors", written(error), errors(&actual)));
    }
    if missing.is_empty() && !left.is_empty() {
        let actual: Vec<Json> = left.into_iter().cloned().collect();
        let expected = if expected.is_empty() {
            "none"
        } else {
            "no others"
        };
        found.push(Mismatch::new("errors", expected, errors(&actual)));
    }
}

fn is_meant(expected: &ExpectedError, actual: &Json) -> bool {
    let path = expected.path.as_ref();
    let message = expected.message.as_ref();
    code_of(actual) == expected.code
        && path.is_none_or(|path| *path == path_of(actual))
        && message.is_none_or(|part| {
            actual["message"]
                .as_str()
                .is_some_and(|text| text.contains(part))
        })
}

fn written(error: &ExpectedError) -> String {
    let path = error.path.iter().map(|path| format!(" at {path}"));
    let message = error.message.iter().map(|part| format!(": … {part} …"));
    error.code.clone() + &path.chain(message).collect::<String>()
}

fn code_of(error: &Json) -> &str {
    error["extensions"]["code"]
        .as_str()
        .unwrap_or("an error without a code")
}

/// `orders.nodes.0.id`.
fn path_of(error: &Json) -> String {
    let steps = error["path"].as_array().into_iter().flatten();
    let steps = steps.map(|step| match step {
        Json::String(name) => name.clone(),
        index => index.to_string(),
    });
    steps.collect::<Vec<_>>().join(".")
}

fn errors(errors: &[Json]) -> String {
    if errors.is_empty() {
        return "none".to_owned();
    }
    let one = |error: &Json| {
        let path = path_of(error);
        let at = if path.is_empty() {
            String::new()
        } else {
            format!(" at {path}")
        };
        let message = error["message"].as_str().unwrap_or_default();
        format!("{}{at}: {message}", code_of(error))
    };
    errors.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// Fields that were withheld from the caller.
fn withheld(expected: &[(String, Option<u64>)], answer: &Answer, found: &mut Vec<Mismatch>) {
    for (field, count) in expected {
        let actual = answer.denied.get(field);
        let wanted = match count {
            Some(count) if actual != Some(count) => format!("{count} documents"),
            None if actual.is_none() => "withheld".to_owned(),
            _ => continue,
        };
        let actual = actual.map_or_else(
            || "not withheld".to_owned(),
            |count| format!("{count} documents"),
        );
        found.push(Mismatch::new(format!("denied.{field}"), wanted, actual));
    }
    let others = answer
        .denied
        .keys()
        .filter(|field| !expected.iter().any(|(known, _)| known == *field));
    found.extend(
        others.map(|field| Mismatch::new(format!("denied.{field}"), "not withheld", "withheld")),
    );
}

fn stand(stored: &Stored, after: &Documents, found: &mut Vec<Mismatch>) {
    let Stored {
        collection,
        id,
        fields,
        ..
    } = stored;
    let path = format!("stored.{collection}.{id}");
    let document = after
        .get(collection)
        .and_then(|documents| documents.get(id));
    match (fields, document) {
        (None, None) => {}
        (Some(pattern), Some(document)) => pattern.compare(&path, &shown(document), found),
        (Some(_), None) => found.push(Mismatch::new(path, "a document", "no such document")),
        (None, Some(document)) => found.push(Mismatch::new(
            path,
            "no such document",
            short(&shown(document)),
        )),
    }
}

/// A document as people write it.
fn shown(document: &Object) -> Json {
    let text = ejson::object_to_string(document, ejson::Mode::Relaxed);
    serde_json::from_str(&text).expect("extended JSON is JSON")
}

/// Documents that are not byte for byte what they were, and what became of them.
fn changes<'d>(
    before: &'d Documents,
    after: &'d Documents,
) -> impl Iterator<Item = (&'d str, &'d str, String)> {
    let collections: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    collections.into_iter().flat_map(move |collection| {
        let (old, new) = (before.get(collection), after.get(collection));
        let ids = old.into_iter().chain(new).flat_map(BTreeMap::keys);
        let ids: BTreeSet<&String> = ids.collect();
        ids.into_iter().filter_map(move |id| {
            let change = change(
                old.and_then(|old| old.get(id)),
                new.and_then(|new| new.get(id)),
            )?;
            Some((collection.as_str(), id.as_str(), change))
        })
    })
}

fn change(before: Option<&Object>, after: Option<&Object>) -> Option<String> {
    match (before, after) {
        (None, None) => None,
        (None, Some(new)) => Some(format!("created: {}", short(&shown(new)))),
        (Some(_), None) => Some("deleted".to_owned()),
        (Some(old), Some(new)) => {
            let bytes = |document| ejson::object_to_string(document, ejson::Mode::Canonical);
            (bytes(old) != bytes(new)).then(|| different(&shown(old), &shown(new)))
        }
    }
}

/// `points: 5 is now 6`.
fn different(old: &Json, new: &Json) -> String {
    let names = |document: &Json| {
        document
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .collect()
    };
    let mut all: BTreeSet<String> = names(old);
    all.extend::<BTreeSet<String>>(names(new));
    let changed = all.iter().filter(|name| old.get(name) != new.get(name));
    let told = changed.map(|name| {
        let value = |document: &Json| {
            document
                .get(name)
                .map_or_else(|| "nothing".to_owned(), short)
        };
        format!("{name}: {} is now {}", value(old), value(new))
    });
    told.collect::<Vec<_>>().join(", ")
}
