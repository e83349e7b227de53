//! Aggregation expressions: a value computed from a document.
//!
//! Two steps: `parse.rs` reads EJSON-decoded values into a tree (`node.rs`), `evaluate.rs` computes it for a
//! document. What an operator takes and does is a line in the table of its family; most are plain functions of
//! values (`operator.rs`), which know neither documents nor variables. Whatever an expression does is
//! counted and bounded (`meter.rs`).
//!
//! - `arithmetic.rs` (with `number.rs`, `rounding.rs`), `comparison.rs`, `string.rs`, `substring.rs`, `pattern.rs`,
//!   `array.rs`, `object.rs`, `conversion.rs`, `set.rs`, `date/`, `logic.rs`: operators
//! - `statistics.rs`: `$sum`, `$avg`… as expressions; `accumulator.rs`: the same and more over a group's documents
//! - `each.rs`: `$map`, `$filter`, `$reduce`; `field_path.rs`: `"$a.b"` and `"$$name.b"`

mod accumulator;
mod arithmetic;
mod array;
mod comparison;
mod conversion;
mod date;
mod each;
mod evaluate;
mod field_path;
mod logic;
mod meter;
mod node;
mod number;
mod object;
mod operand;
mod operator;
mod parse;
mod pattern;
mod rounding;
mod set;
mod statistics;
mod string;
mod substring;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use smol_str::SmolStr;

pub(super) use self::accumulator::{Accumulation, Accumulator};
use self::evaluate::Environment;
pub use self::meter::Effort;
use self::meter::Meter;
use self::node::Node;
use super::Result;
use crate::data::{Object, Value};

/// An expression, read and checked.
#[derive(Clone, Debug)]
pub struct Expression {
    node: Node,
}

/// What an expression sees.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// `$$ROOT` and `$$CURRENT`.
    pub root: &'a Object,
    /// Variables given from outside (a lookup's `let`); of two with one name the last counts.
    pub variables: &'a [Variable],
    /// `$$NOW`, milliseconds since 1970.
    pub now: i64,
    /// What is done for the same request counts together, if there is more than one document.
    pub effort: Option<&'a Effort>,
}

/// A value with a name, `$$name`.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Without the `$$`.
    pub name: SmolStr,
    /// `None` where it is missing.
    pub value: Option<Value>,
}

impl<'a> Scope<'a> {
    /// A document, and nothing else but the time.
    pub fn of(root: &'a Object, now: i64) -> Self {
        Self {
            root,
            variables: &[],
            now,
            effort: None,
        }
    }

    /// Evaluates in this scope what is bounded by a meter and, with others, by the effort.
    fn measured<T>(&self, evaluate: impl FnOnce(&Meter) -> Result<T>) -> Result<T> {
        if let Some(effort) = self.effort {
            effort.check()?;
        }
        let meter = Meter::default();
        let outcome = evaluate(&meter);
        if let Some(effort) = self.effort {
            effort.add(&meter);
        }
        outcome
    }
}

impl Expression {
    /// Reads an expression: `"$a.b"`, `{$add: […]}`, an object or array of expressions, a literal.
    ///
    /// # Errors
    /// Unknown operators, a wrong number of arguments, unknown members of an operator with named ones.
    pub fn parse(expression: &Value) -> Result<Self> {
        parse::parse(expression).map(|node| Self { node })
    }

    /// Its value; `None` where it is missing (which is not null).
    ///
    /// # Errors
    /// Values of types that an operator cannot take, variables that nobody gave, too much work or memory.
    pub fn evaluate(&self, scope: &Scope<'_>) -> Result<Option<Value>> {
        scope.measured(|meter| {
            let value = self.node.evaluate(Environment::new(scope, meter))?;
            Ok(value.map(Cow::into_owned))
        })
    }
}

/// Whether a value counts as true in `$cond`, `$and`, `$match: {$expr}`: all but false, null, missing and 0.
pub(super) fn is_true(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null | Value::Bool(false) | Value::Int(0)) => false,
        Some(Value::Double(double)) => *double != 0.0,
        Some(_) => true,
    }
}
