//! Aggregation expressions: a value computed from a document.

use super::Result;
use crate::data::{Object, Value};

/// An expression, read and checked.
#[derive(Clone, Debug)]
pub struct Expression {
    _todo: (),
}

/// What an expression sees.
#[derive(Clone, Debug)]
pub struct Scope<'a> {
    /// `$$ROOT`, and `$$CURRENT` where nothing else is said.
    pub root: &'a Object,
    /// Variables of `$let`, `$map`, `$filter`, `$reduce` and of a lookup's `let`, innermost last.
    pub variables: Vec<(String, Value)>,
    /// `$$NOW`, milliseconds since 1970.
    pub now: i64,
}

impl Expression {
    /// Reads an expression: `"$a.b"`, `{$add: […]}`, an object or array of expressions, a literal.
    ///
    /// # Errors
    /// Unknown operators, a wrong number of arguments, unknown members of an operator with named ones.
    pub fn parse(_expression: &Value) -> Result<Self> {
        unimplemented!("expression helper")
    }

    /// Its value; `None` where it is missing (which is not null).
    ///
    /// # Errors
    /// Values of types that an operator cannot take.
    pub fn evaluate(&self, _scope: &Scope<'_>) -> Result<Option<Value>> {
        unimplemented!("expression helper")
    }
}

/// Whether a value counts as true in `$cond`, `$and`, `$match: {$expr}`: all but false, null, missing and 0.
pub fn is_true(_value: Option<&Value>) -> bool {
    unimplemented!("expression helper")
}

/// `{$sum: expression}` of a group and its siblings: what it was told, and what comes of it.
#[derive(Clone, Debug)]
pub struct Accumulator {
    _todo: (),
}

/// An accumulator under way, for one group.
#[derive(Clone, Debug)]
pub struct Accumulation {
    _todo: (),
}

impl Accumulator {
    /// Reads `{$sum: …}`, `$avg $min $max $first $last $push $addToSet $stdDevPop $stdDevSamp $mergeObjects $count`.
    pub fn parse(_accumulator: &Value) -> Result<Self> {
        unimplemented!("expression helper")
    }

    pub fn begin(&self) -> Accumulation {
        unimplemented!("expression helper")
    }
}

impl Accumulation {
    /// One document more of the group.
    pub fn add(&mut self, _accumulator: &Accumulator, _scope: &Scope<'_>) -> Result<()> {
        unimplemented!("expression helper")
    }

    /// What the group comes to.
    pub fn finish(self) -> Value {
        unimplemented!("expression helper")
    }
}
