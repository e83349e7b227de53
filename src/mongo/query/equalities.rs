//! What a condition says by equality: an upsert begins with it.

use super::condition::{Condition, Predicate};
use crate::data::{Object, Path, Test, Value};

impl Condition {
    /// The paths of which every match has this value, as said by equality (also inside `$and`), in order.
    pub(super) fn equalities(&self) -> Vec<(&Path, &Value)> {
        match self {
            Condition::All(parts) => parts.iter().flat_map(Condition::equalities).collect(),
            Condition::Field(path, predicate) => {
                let values = predicate.equalities().into_iter();
                values.map(|value| (path, value)).collect()
            }
            _ => Vec::new(),
        }
    }
}

impl Predicate {
    fn equalities(&self) -> Vec<&Value> {
        match self {
            Predicate::All(parts) => parts.iter().flat_map(Predicate::equalities).collect(),
            Predicate::Test(Test::Eq(value)) => vec![value],
            _ => Vec::new(),
        }
    }
}

/// The document that these make; what does not fit what is there already is left out.
pub(super) fn document(equalities: Vec<(&Path, &Value)>) -> Object {
    let mut document = Object::new();
    for (path, value) in equalities {
        place(&mut document, path.segments(), value);
    }
    document
}

fn place(object: &mut Object, segments: &[smol_str::SmolStr], value: &Value) {
    match segments {
        [] => {}
        [last] if object.contains(last) => {}
        [last] => object.insert(last.clone(), value.clone()),
        [first, rest @ ..] => {
            if let Value::Object(inner) = object.get_or_insert(first, Value::Object(Object::new()))
            {
                place(inner, rest, value);
            }
        }
    }
}
