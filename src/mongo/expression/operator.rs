//! What an operator is: its name, its parameters, its meaning.

use std::borrow::Cow;
use std::fmt;

use smol_str::SmolStr;

use super::evaluate::{Call, Environment, Found};
use super::node::Node;
use super::{
    arithmetic, array, comparison, conversion, date, logic, object, pattern, set, statistics,
    string, substring,
};
use crate::data::Value;
use crate::mongo::{Error, Result};

/// An operator of the tables.
pub(super) struct Operator {
    /// With the `$`.
    pub(super) name: &'static str,
    pub(super) parameters: Parameters,
    meaning: Meaning,
    cost: Cost,
}

/// What an operator takes.
pub(super) enum Parameters {
    /// Values in an array; a single one may stand without it.
    Listed { min: usize, max: usize },
    /// An object of named values.
    Named(&'static [Parameter]),
    /// An object of named values, or just the first of them, with or without an array around it.
    FirstOrNamed(&'static [Parameter]),
}

/// A named parameter.
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) presence: Presence,
}

pub(super) enum Presence {
    Required,
    Optional,
    /// The value it has if it is not given.
    Or(Constant),
}

/// A value that a table can hold.
#[derive(Clone, Copy)]
pub(super) enum Constant {
    Null,
    Bool(bool),
    Int(i64),
    Text(&'static str),
}

impl Constant {
    pub(super) fn value(self) -> Value {
        match self {
            Constant::Null => Value::Null,
            Constant::Bool(bool) => Value::Bool(bool),
            Constant::Int(int) => Value::Int(int),
            Constant::Text(text) => Value::String(SmolStr::new_static(text)),
        }
    }
}

/// What an operator does.
#[derive(Clone, Copy)]
pub(super) enum Meaning {
    /// A function of values; null if one of them is null or missing.
    OfValues(fn(&[&Value]) -> Answer),
    /// A function of values that says itself what comes of null and of missing ones.
    OfAny(fn(&[Option<&Value>]) -> Answer<Option<Value>>),
    /// Decides which arguments it evaluates.
    Form(for<'a> fn(&Call<'a>) -> Result<Found<'a>>),
}

/// What a call costs beside its arguments and its result.
#[derive(Clone, Copy)]
pub(super) enum Cost {
    /// As much however large the arguments are.
    Little,
    /// It looks at all of its arguments.
    Reads,
    /// Its result has copies of its arguments.
    Copies,
}

/// What a function answers, or why it cannot. The reason reads on from the operator's name: `needs a number, found a
/// string`.
pub(super) type Answer<T = Value> = Result<T, String>;

/// No bound for the number of arguments.
pub(super) const MANY: usize = usize::MAX;

impl Operator {
    pub(super) const fn listed(
        name: &'static str,
        min: usize,
        max: usize,
        meaning: Meaning,
    ) -> Self {
        Self::new(name, Parameters::Listed { min, max }, meaning)
    }

    pub(super) const fn named(
        name: &'static str,
        parameters: &'static [Parameter],
        meaning: Meaning,
    ) -> Self {
        Self::new(name, Parameters::Named(parameters), meaning)
    }

    pub(super) const fn new(name: &'static str, parameters: Parameters, meaning: Meaning) -> Self {
        Self {
            name,
            parameters,
            meaning,
            cost: Cost::Reads,
        }
    }

    /// The same, at another cost than [`Cost::Reads`].
    pub(super) const fn costs(self, cost: Cost) -> Self {
        Self { cost, ..self }
    }

    /// The operator of this name.
    pub(super) fn find(name: &str) -> Option<&'static Self> {
        all().find(|operator| operator.name == name)
    }

    pub(super) fn call<'a>(
        &'static self,
        arguments: &'a [Option<Node>],
        env: Environment<'a>,
    ) -> Result<Found<'a>> {
        let answer = match self.meaning {
            Meaning::Form(form) => {
                let call = Call {
                    operator: self,
                    arguments,
                    env,
                };
                return form(&call);
            }
            Meaning::OfAny(function) => {
                let values = self.evaluate(arguments, env)?;
                let values: Vec<Option<&Value>> = values.iter().map(Option::as_deref).collect();
                function(&values)
            }
            Meaning::OfValues(function) => {
                let values = self.evaluate(arguments, env)?;
                match values
                    .iter()
                    .map(|value| present(value.as_deref()))
                    .collect()
                {
                    Some::<Vec<&Value>>(values) => function(&values).map(Some),
                    None => return Ok(Some(Cow::Owned(Value::Null))),
                }
            }
        };
        let value = answer.map_err(|reason| self.failed(&reason))?;
        if let Some(value) = &value {
            env.meter().make(value)?;
        }
        Ok(value.map(Cow::Owned))
    }

    /// The error that a reason makes.
    pub(super) fn failed(&self, reason: &str) -> Error {
        Error::Failed(format!("{} {reason}", self.name))
    }

    fn evaluate<'a>(
        &self,
        arguments: &'a [Option<Node>],
        env: Environment<'a>,
    ) -> Result<Vec<Found<'a>>> {
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            let value = match argument {
                Some(node) => node.evaluate(env)?,
                None => None,
            };
            if let Some(value) = value.as_deref() {
                self.count(value, env)?;
            }
            values.push(value);
        }
        Ok(values)
    }

    fn count(&self, value: &Value, env: Environment<'_>) -> Result<()> {
        match self.cost {
            Cost::Little => Ok(()),
            Cost::Reads => env.meter().read(value),
            Cost::Copies => env.meter().make(value),
        }
    }
}

impl Parameter {
    pub(super) const fn required(name: &'static str) -> Self {
        let presence = Presence::Required;
        Self { name, presence }
    }

    pub(super) const fn optional(name: &'static str) -> Self {
        let presence = Presence::Optional;
        Self { name, presence }
    }

    pub(super) const fn or(name: &'static str, default: Constant) -> Self {
        let presence = Presence::Or(default);
        Self { name, presence }
    }
}

/// The value, unless it is null.
pub(super) fn present(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| !matches!(value, Value::Null))
}

/// Every operator of the tables.
pub(super) fn all() -> impl Iterator<Item = &'static Operator> {
    FAMILIES
        .iter()
        .chain(date::FAMILIES)
        .flat_map(|family| family.iter())
}

const FAMILIES: &[&[Operator]] = &[
    arithmetic::OPERATORS,
    array::OPERATORS,
    comparison::OPERATORS,
    conversion::OPERATORS,
    logic::OPERATORS,
    object::OPERATORS,
    pattern::OPERATORS,
    set::OPERATORS,
    statistics::OPERATORS,
    string::OPERATORS,
    substring::OPERATORS,
];

impl fmt::Debug for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_name_stands_twice() {
        let mut names = HashSet::new();
        for operator in all() {
            assert!(names.insert(operator.name), "{}", operator.name);
        }
    }
}
