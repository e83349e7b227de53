//! Conditions in both languages, and those that say all that a rule looks at.

use crate::access::Policy;
use crate::data::{Filter, Object, Path, Test, Value};
use crate::rules::Operation;

/// How deep a value is taken apart that a rule looks into.
const MAX_DEPTH: usize = 4;

/// The filter as the document database writes it; `None` for what conditions here are never made of.
pub(super) fn query(filter: &Filter) -> Option<Object> {
    Some(match filter {
        Filter::And(parts) if parts.is_empty() => Object::new(),
        Filter::And(parts) => object("$and", queries(parts)?),
        Filter::Or(parts) if parts.is_empty() => return None,
        Filter::Or(parts) => object("$or", queries(parts)?),
        Filter::Field(path, test) => object(&path.to_string(), tested(test)?),
        Filter::Not(_) | Filter::Strict(_) => return None,
    })
}

fn queries(parts: &[Filter]) -> Option<Value> {
    let parts = parts.iter().map(|part| query(part).map(Value::Object));
    parts.collect::<Option<Vec<_>>>().map(Value::Array)
}

fn tested(test: &Test) -> Option<Value> {
    let (operator, operand) = match test {
        Test::Eq(value) => ("$eq", value.clone()),
        Test::Ne(value) => ("$ne", value.clone()),
        Test::In(values) => ("$in", Value::Array(values.clone())),
        Test::NotIn(values) => ("$nin", Value::Array(values.clone())),
        Test::Gt(value) => ("$gt", value.clone()),
        Test::Gte(value) => ("$gte", value.clone()),
        Test::Lt(value) => ("$lt", value.clone()),
        Test::Lte(value) => ("$lte", value.clone()),
        _ => return None,
    };
    Some(Value::Object(object(operator, operand)))
}

pub(super) fn object(name: &str, value: Value) -> Object {
    [(name, value)].into_iter().collect()
}

/// Documents whose ids begin with this.
pub(super) fn prefixed(prefix: &str) -> Filter {
    let id = Path::field("_id");
    let from = Test::Gte(Value::string(prefix));
    // Ids of ASCII only: no letter of them comes behind this one.
    let to = Test::Lt(Value::string(format!("{prefix}~")));
    Filter::field(&id, from).and(Filter::field(&id, to))
}

/// The paths of documents that the rules of an operation look at, on either side.
pub(super) fn looked_at(sides: [&Policy; 2], operation: Operation) -> Vec<Path> {
    let mut paths = Vec::new();
    for rule in sides.into_iter().flat_map(|side| side.rules(operation)) {
        for path in rule.paths() {
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
    }
    paths
}

/// What a document has at these paths, as a condition: nothing that a rule could look at there is left open.
pub(super) fn pins(paths: &[Path], document: &Object) -> Filter {
    let mut pins = Vec::new();
    for path in paths {
        match path.lookup(document) {
            Some(value) => pin(path, value, MAX_DEPTH, &mut pins),
            None => pins.push(Filter::field(path, Test::Eq(Value::Null))),
        }
    }
    Filter::And(pins)
}

/// An object is also taken apart: a rule may look at what is inside.
fn pin(path: &Path, value: &Value, depth: usize, pins: &mut Vec<Filter>) {
    pins.push(Filter::field(path, Test::Eq(value.clone())));
    if let (Value::Object(members), true) = (value, depth > 0) {
        for (name, value) in members.iter() {
            pin(&path.child(name.clone()), value, depth - 1, pins);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::ejson::{Mode, object_to_string, parse_object};

    #[test]
    fn a_document_is_pinned_by_all_that_a_rule_looks_at() {
        let document = parse_object(r#"{"a":1,"m":{"x":"y"},"l":[1]}"#).expect("an object");
        let paths: Vec<Path> = ["a", "m", "l", "no", "m.z"]
            .iter()
            .filter_map(|path| Path::parse(path))
            .collect();
        let pins = pins(&paths, &document);
        assert!(pins.matches(&document));
        let text = object_to_string(&query(&pins).expect("it can be said"), Mode::Relaxed);
        assert_eq!(
            text,
            r#"{"$and":[{"a":{"$eq":1}},{"m":{"$eq":{"x":"y"}}},{"m.x":{"$eq":"y"}},{"l":{"$eq":[1]}},{"no":{"$eq":null}},{"m.z":{"$eq":null}}]}"#
        );
    }

    #[test]
    fn a_prefix_is_a_range_of_ids() {
        let range = prefixed("mirror-1-");
        let has = |id: &str| range.matches(&object("_id", Value::string(id)));
        assert!(has("mirror-1-") && has("mirror-1-z9"));
        assert!(!has("mirror-10-a") && !has("mirror-2") && !has("a"));
    }
}
