//! Evaluating a tree for a document.

use std::borrow::Cow;

use super::meter::Meter;
use super::node::{Let, Node, Switch};
use super::operator::Operator;
use super::{Scope, is_true};
use crate::data::{Object, Value};
use crate::mongo::{Error, Result};

/// A value, borrowed from the document or the expression where possible; `None` where it is missing.
pub(super) type Found<'a> = Option<Cow<'a, Value>>;

/// Where a node is evaluated.
#[derive(Clone, Copy)]
pub(super) struct Environment<'a> {
    scope: &'a Scope<'a>,
    innermost: Option<&'a Binding<'a>>,
    meter: &'a Meter,
}

/// Variables that the expression itself gives a part of it. They live on the stack, each knowing those outside it.
pub(super) struct Binding<'a> {
    variables: &'a [(&'a str, Found<'a>)],
    outer: Option<&'a Binding<'a>>,
}

impl<'a> Environment<'a> {
    pub(super) fn new(scope: &'a Scope<'a>, meter: &'a Meter) -> Self {
        Self {
            scope,
            innermost: None,
            meter,
        }
    }

    pub(super) fn root(self) -> &'a Object {
        self.scope.root
    }

    pub(super) fn now(self) -> i64 {
        self.scope.now
    }

    pub(super) fn meter(self) -> &'a Meter {
        self.meter
    }

    /// These variables, with those of here outside them; for [`Environment::within`].
    pub(super) fn bind(self, variables: &'a [(&'a str, Found<'a>)]) -> Binding<'a> {
        Binding {
            variables,
            outer: self.innermost,
        }
    }

    pub(super) fn within(self, binding: &'a Binding<'a>) -> Self {
        Self {
            innermost: Some(binding),
            ..self
        }
    }

    pub(super) fn variable(self, name: &str) -> Result<Option<&'a Value>> {
        let mut next = self.innermost;
        while let Some(binding) = next {
            if let Some((_, value)) = binding.variables.iter().find(|(known, _)| *known == name) {
                return Ok(value.as_deref());
            }
            next = binding.outer;
        }
        let mut outside = self.scope.variables.iter().rev();
        match outside.find(|variable| variable.name == name) {
            Some(variable) => Ok(variable.value.as_ref()),
            None => Err(Error::Failed(format!("there is no variable `$${name}`"))),
        }
    }
}

impl Node {
    pub(super) fn evaluate<'a>(&'a self, env: Environment<'a>) -> Result<Found<'a>> {
        env.meter.node()?;
        match self {
            Node::Literal(value) => Ok(Some(Cow::Borrowed(value))),
            Node::Path(path) => path.evaluate(env),
            Node::Object(members) => {
                let mut object = Object::with_capacity(members.len());
                for (name, node) in members {
                    if let Some(value) = node.evaluate(env)? {
                        object.push_new(name.clone(), env.meter.own(value)?);
                    }
                }
                made(Value::Object(object), env)
            }
            Node::Array(nodes) => {
                let mut items = Vec::with_capacity(nodes.len());
                for node in nodes {
                    items.push(match node.evaluate(env)? {
                        Some(value) => env.meter.own(value)?,
                        None => Value::Null,
                    });
                }
                made(Value::Array(items), env)
            }
            Node::Call(operator, arguments) => operator.call(arguments, env),
            Node::Switch(switch) => switch.evaluate(env),
            Node::Let(block) => block.evaluate(env),
            Node::Each(each) => each.evaluate(env),
        }
    }
}

fn made<'a>(value: Value, env: Environment<'a>) -> Result<Found<'a>> {
    env.meter.make(&value)?;
    Ok(Some(Cow::Owned(value)))
}

impl Switch {
    fn evaluate<'a>(&'a self, env: Environment<'a>) -> Result<Found<'a>> {
        for branch in &self.branches {
            if is_true(branch.case.evaluate(env)?.as_deref()) {
                return branch.then.evaluate(env);
            }
        }
        match &self.default {
            Some(default) => default.evaluate(env),
            None => Err(Error::Failed(
                "$switch needs a `default`: no branch is true of this document".to_owned(),
            )),
        }
    }
}

impl Let {
    fn evaluate<'a>(&'a self, env: Environment<'a>) -> Result<Found<'a>> {
        let mut values = Vec::with_capacity(self.variables.len());
        for (name, node) in &self.variables {
            values.push((name.as_str(), node.evaluate(env)?));
        }
        let binding = env.bind(&values);
        let value = self.body.evaluate(env.within(&binding))?;
        let owned = value.map(|value| env.meter.own(value)).transpose()?;
        Ok(owned.map(Cow::Owned))
    }
}

/// A call of an operator that evaluates its arguments itself.
pub(super) struct Call<'a> {
    pub(super) operator: &'static Operator,
    pub(super) arguments: &'a [Option<Node>],
    pub(super) env: Environment<'a>,
}

impl<'a> Call<'a> {
    /// Whether the argument is given, whatever its value.
    pub(super) fn gives(&self, at: usize) -> bool {
        self.arguments.get(at).is_some_and(Option::is_some)
    }

    /// The value of an argument; missing if it is not given.
    pub(super) fn value(&self, at: usize) -> Result<Found<'a>> {
        match self.arguments.get(at) {
            Some(Some(node)) => node.evaluate(self.env),
            _ => Ok(None),
        }
    }

    /// The answer of a function, as that of this operator.
    pub(super) fn answer<T>(&self, answer: Result<T, String>) -> Result<T> {
        answer.map_err(|reason| self.operator.failed(&reason))
    }
}
