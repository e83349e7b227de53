//! Bounds: how much one evaluation may do.
//!
//! Nested loops over long arrays would run for days, and a string that is doubled forty times would fill any
//! memory. So every step, every value read as a whole and every value made is counted, and all values made have a
//! bounded depth, which also bounds the recursion of whoever walks them.

use std::borrow::Cow;
use std::cell::Cell;

use crate::data::{Value, ejson};
use crate::mongo::{Error, Result};

/// The most elements of an array that an operator makes.
pub(super) const MAX_ELEMENTS: usize = 1_000_000;

/// The longest string that an operator makes, in bytes.
pub(super) const MAX_TEXT: usize = 16 << 20;

/// What one evaluation may do: some seconds of work.
const MAX_STEPS: u64 = 1 << 27;

/// What all values made in one evaluation may take, in bytes, also where they are dropped on the way.
const MAX_BYTES: u64 = 1 << 27;

/// What all evaluations for one request may do: half a minute of work.
const MAX_EFFORT: u64 = 1 << 30;

/// Evaluating a node takes about so many times longer than reading a scalar.
const NODE_STEPS: u64 = 8;

/// What a value takes beside its text.
const VALUE_BYTES: u64 = 32;

/// Compiling a regular expression, and looking for it with many ways back.
const COMPILE_STEPS: u64 = 1 << 12;

/// Counts what an evaluation does.
#[derive(Debug, Default)]
pub(super) struct Meter {
    steps: Cell<u64>,
    bytes: Cell<u64>,
}

/// What all evaluations for one request have done: each is bounded by itself, but there is one for every document.
#[derive(Debug, Default)]
pub struct Effort(Cell<u64>);

impl Effort {
    /// # Errors
    /// They have done too much.
    pub fn check(&self) -> Result<()> {
        match self.0.get() > MAX_EFFORT {
            true => Err(Error::Failed(
                "the expressions of the request take too many steps for all its documents"
                    .to_owned(),
            )),
            false => Ok(()),
        }
    }

    pub(super) fn add(&self, meter: &Meter) {
        self.0.set(self.0.get().saturating_add(meter.steps.get()));
    }
}

impl Meter {
    /// A node is evaluated.
    pub(super) fn node(&self) -> Result<()> {
        self.spend_steps(NODE_STEPS)
    }

    /// A regular expression is compiled.
    pub(super) fn compile(&self) -> Result<()> {
        self.spend_steps(COMPILE_STEPS)
    }

    /// All of a value is looked at.
    pub(super) fn read(&self, value: &Value) -> Result<()> {
        self.spend_steps(weight(value)? / VALUE_BYTES)
    }

    /// A value is made; or is about to be, of the parts of this one.
    pub(super) fn make(&self, value: &Value) -> Result<()> {
        let bytes = self.bytes.get() + weight(value)?;
        self.bytes.set(bytes);
        if bytes > MAX_BYTES {
            return Err(Error::Failed(format!(
                "an expression may make {} MiB of values for one document",
                MAX_BYTES >> 20
            )));
        }
        Ok(())
    }

    /// The value, copied if it is somebody else's.
    pub(super) fn own(&self, value: Cow<'_, Value>) -> Result<Value> {
        if let Cow::Borrowed(value) = value {
            self.make(value)?;
        }
        Ok(value.into_owned())
    }

    fn spend_steps(&self, steps: u64) -> Result<()> {
        let steps = self.steps.get() + steps;
        self.steps.set(steps);
        if steps > MAX_STEPS {
            return Err(Error::Failed(
                "an expression takes too many steps for one document".to_owned(),
            ));
        }
        Ok(())
    }
}

/// About the bytes a value takes.
///
/// # Errors
/// It is nested deeper than a document may be.
pub(super) fn weight(value: &Value) -> Result<u64> {
    weight_within(value, ejson::MAX_DEPTH)
}

fn weight_within(value: &Value, levels: usize) -> Result<u64> {
    let too_deep = || {
        let levels = ejson::MAX_DEPTH;
        Error::Failed(format!(
            "a value would be nested more than {levels} levels deep"
        ))
    };
    let inner = match value {
        Value::String(text) => text.len() as u64,
        Value::Binary(binary) => binary.bytes.len() as u64,
        Value::Array(items) => {
            let levels = levels.checked_sub(1).ok_or_else(too_deep)?;
            let mut total = 0;
            for item in items {
                total += weight_within(item, levels)?;
            }
            total
        }
        Value::Object(object) => {
            let levels = levels.checked_sub(1).ok_or_else(too_deep)?;
            let mut total = 0;
            for (name, value) in object.iter() {
                total += name.len() as u64 + weight_within(value, levels)?;
            }
            total
        }
        _ => 0,
    };
    Ok(VALUE_BYTES + inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Object;
    use crate::mongo::Expression;
    use crate::mongo::expression::{Accumulator, Scope};

    #[test]
    fn what_is_done_for_one_request_counts_together() {
        let effort = Effort::default();
        let document = Object::new();
        let scope = Scope {
            effort: Some(&effort),
            ..Scope::of(&document, 0)
        };
        let expression = Expression::parse(&Value::string("$a")).expect("an expression");
        for times in 1..=3 {
            expression.evaluate(&scope).expect("missing");
            assert_eq!(effort.0.get(), times * NODE_STEPS);
        }
        effort.0.set(MAX_EFFORT);
        assert!(expression.evaluate(&scope).is_ok());
        assert!(expression.evaluate(&scope).is_err() && effort.check().is_err());
        let sum = Value::Object(Object::from_iter([("$sum", Value::Int(1))]));
        let sum = Accumulator::parse(&sum).expect("an accumulator");
        assert!(sum.begin().add(&sum, &scope).is_err());
    }
}
