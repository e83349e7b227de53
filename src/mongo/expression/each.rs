//! `$map`, `$filter`, `$reduce`: something computed for each element of an array.

use std::borrow::Cow;

use smol_str::SmolStr;

use super::evaluate::{Environment, Found};
use super::field_path::variable_name;
use super::is_true;
use super::node::Node;
use super::operand::{needs, whole};
use super::operator::{Parameter, present};
use super::parse::{Parser, malformed};
use crate::data::Value;
use crate::mongo::{Error, Result};

#[derive(Clone, Debug)]
pub(super) struct Each {
    input: Node,
    /// The variable that is the element.
    element: SmolStr,
    /// What is computed for each.
    body: Node,
    purpose: Purpose,
}

/// What comes of the bodies' values.
#[derive(Clone, Debug)]
enum Purpose {
    Map,
    /// With the most elements that are kept.
    Filter(Option<Node>),
    /// With the first `$$value`.
    Reduce(Node),
}

impl Each {
    pub(super) fn parse(parser: Parser, operator: &str, argument: &Value) -> Result<Self> {
        let (argument, element) = element_name(operator, argument)?;
        let read = |parameters| parser.named(operator, &argument, parameters);
        let mut arguments = match operator {
            "$map" => read(MAP)?,
            "$filter" => read(FILTER)?,
            _ => read(REDUCE)?,
        }
        .into_iter();
        let mut required = || arguments.next().flatten().expect("a required argument");
        let (input, body) = (required(), required());
        let purpose = match operator {
            "$map" => Purpose::Map,
            "$filter" => Purpose::Filter(arguments.next().flatten()),
            _ => Purpose::Reduce(required()),
        };
        Ok(Self {
            input,
            element,
            body,
            purpose,
        })
    }

    pub(super) fn evaluate<'a>(&'a self, env: Environment<'a>) -> Result<Found<'a>> {
        let input = self.input.evaluate(env)?;
        let Some(input) = present(input.as_deref()) else {
            return Ok(Some(Cow::Owned(Value::Null)));
        };
        let Value::Array(items) = input else {
            let reason = needs("an array as `input`", input);
            return Err(Error::Failed(format!("{} {reason}", self.operator())));
        };
        let value = match &self.purpose {
            Purpose::Map => self.map(items, env)?,
            Purpose::Filter(limit) => self.filter(items, limit.as_ref(), env)?,
            Purpose::Reduce(initial) => return self.reduce(items, initial, env),
        };
        env.meter().make(&value)?;
        Ok(Some(Cow::Owned(value)))
    }

    fn operator(&self) -> &'static str {
        match self.purpose {
            Purpose::Map => "$map",
            Purpose::Filter(_) => "$filter",
            Purpose::Reduce(_) => "$reduce",
        }
    }

    /// A missing value is null.
    fn map(&self, items: &[Value], env: Environment<'_>) -> Result<Value> {
        let mut mapped = Vec::with_capacity(items.len());
        for item in items {
            let variables = [(self.element.as_str(), Some(Cow::Borrowed(item)))];
            let binding = env.bind(&variables);
            mapped.push(match self.body.evaluate(env.within(&binding))? {
                Some(value) => env.meter().own(value)?,
                None => Value::Null,
            });
        }
        Ok(Value::Array(mapped))
    }

    fn filter(&self, items: &[Value], limit: Option<&Node>, env: Environment<'_>) -> Result<Value> {
        let limit = match limit {
            Some(node) => filter_limit(node, env)?,
            None => usize::MAX,
        };
        let mut kept = Vec::new();
        for item in items {
            if kept.len() == limit {
                break;
            }
            let variables = [(self.element.as_str(), Some(Cow::Borrowed(item)))];
            let binding = env.bind(&variables);
            if is_true(self.body.evaluate(env.within(&binding))?.as_deref()) {
                kept.push(env.meter().own(Cow::Borrowed(item))?);
            }
        }
        Ok(Value::Array(kept))
    }

    fn reduce<'a>(
        &'a self,
        items: &[Value],
        initial: &'a Node,
        env: Environment<'a>,
    ) -> Result<Found<'a>> {
        let mut value = match initial.evaluate(env)? {
            Some(value) => Some(env.meter().own(value)?),
            None => None,
        };
        for item in items {
            let variables = [
                ("value", value.as_ref().map(Cow::Borrowed)),
                (self.element.as_str(), Some(Cow::Borrowed(item))),
            ];
            let binding = env.bind(&variables);
            let next = self.body.evaluate(env.within(&binding))?;
            value = next.map(|next| env.meter().own(next)).transpose()?;
        }
        Ok(value.map(Cow::Owned))
    }
}

const MAP: &[Parameter] = &[Parameter::required("input"), Parameter::required("in")];

const FILTER: &[Parameter] = &[
    Parameter::required("input"),
    Parameter::required("cond"),
    Parameter::optional("limit"),
];

const REDUCE: &[Parameter] = &[
    Parameter::required("input"),
    Parameter::required("in"),
    Parameter::required("initialValue"),
];

/// Takes `as`, which is a name and no expression, out of the arguments of `$map` and `$filter`.
fn element_name(operator: &str, argument: &Value) -> Result<(Value, SmolStr)> {
    let mut argument = argument.clone();
    let name = match &mut argument {
        Value::Object(members) if operator != "$reduce" => members.remove("as"),
        _ => None,
    };
    let name = match name {
        None => SmolStr::new_static("this"),
        Some(Value::String(name)) => variable_name(&name)?,
        Some(other) => {
            return Err(malformed(format!(
                "{operator} {}",
                needs("a name as `as`", &other)
            )));
        }
    };
    Ok((argument, name))
}

/// Null is no limit.
fn filter_limit(node: &Node, env: Environment<'_>) -> Result<usize> {
    let value = node.evaluate(env)?;
    let Some(value) = present(value.as_deref()) else {
        return Ok(usize::MAX);
    };
    whole(value)
        .ok()
        .and_then(|limit| usize::try_from(limit).ok())
        .filter(|limit| *limit > 0)
        .ok_or_else(|| Error::Failed("$filter needs a whole number from 1 as `limit`".to_owned()))
}
