//! A scalar among the elements of an array, by several tests at once.

use super::condition::{Condition, Operation};
use super::filter::Said;
use super::text;
use super::words::member;
use crate::data::{Test, Value};

pub(super) fn say(name: &str, tests: &[Test]) -> Said {
    let mut asked = Asked {
        exact: true,
        ..Asked::default()
    };
    for test in tests {
        if asked.add(test).is_none() {
            return Said::exactly(Condition::Nothing);
        }
    }
    asked.into_said(name)
}

/// Operators of one element.
#[derive(Default)]
struct Asked<'a> {
    operations: Vec<Operation>,
    excluded: Vec<Value>,
    texts: Vec<&'a Test>,
    exact: bool,
}

/// No scalar passes.
type Impossible = Option<()>;

impl<'a> Asked<'a> {
    fn add(&mut self, test: &'a Test) -> Impossible {
        match test {
            Test::Eq(value) => self.compare("$eq", value)?,
            Test::Gt(value) => self.compare("$gt", value)?,
            Test::Gte(value) => self.compare("$gte", value)?,
            Test::Lt(value) => self.compare("$lt", value)?,
            Test::Lte(value) => self.compare("$lte", value)?,
            Test::In(values) => {
                let values: Vec<Value> = scalars(values).collect();
                if values.is_empty() {
                    return None;
                }
                self.operation("$in", Value::Array(values));
            }
            Test::Ne(value) => self.excluded.extend(scalars(std::slice::from_ref(value))),
            Test::NotIn(values) => self.excluded.extend(scalars(values)),
            Test::Exists(true) => {}
            Test::StartsWith(_) | Test::Contains(_) | Test::EndsWith(_) | Test::Matches(_) => {
                self.texts.push(test);
            }
            _ => return None,
        }
        Some(())
    }

    fn compare(&mut self, operator: &'static str, value: &Value) -> Impossible {
        is_scalar(value).then(|| self.operation(operator, value.clone()))
    }

    /// The second of a kind has no room beside the first.
    fn operation(&mut self, operator: &'static str, value: Value) {
        match self.operations.iter().any(|(known, _)| *known == operator) {
            true => self.exact = false,
            false => self.operations.push((operator, value)),
        }
    }

    fn into_said(mut self, name: &str) -> Said {
        if !self.texts.is_empty() {
            let (operation, exact) = text::operation(&self.texts);
            self.operations.push(operation);
            self.exact &= exact;
        }
        // All operators so far are true of scalars only.
        if self.operations.is_empty() {
            let others = ["object", "array"].map(Value::string).to_vec();
            self.operations
                .push(("$not", member("$type", Value::Array(others))));
        }
        match <[Value; 1]>::try_from(self.excluded) {
            Ok([value]) => self.operations.push(("$ne", value)),
            Err(values) if values.is_empty() => {}
            Err(values) => self.operations.push(("$nin", Value::Array(values))),
        }
        let operators = Value::Object(self.operations.into_iter().collect());
        let condition = Condition::field(name, [("$elemMatch", operators)]);
        match self.exact {
            true => Said::exactly(condition),
            false => Said::at_least(condition),
        }
    }
}

fn is_scalar(value: &Value) -> bool {
    !matches!(value, Value::Array(_) | Value::Object(_))
}

fn scalars(values: &[Value]) -> impl Iterator<Item = Value> {
    values.iter().filter(|value| is_scalar(value)).cloned()
}
