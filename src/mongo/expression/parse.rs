//! Values → the tree of an expression.

use smol_str::SmolStr;

use super::each::Each;
use super::field_path::{FieldPath, variable_name};
use super::node::{Branch, Let, Node, Switch};
use super::operator::{MANY, Operator, Parameter, Parameters, Presence};
use crate::data::{Object, Value, ejson};
use crate::mongo::{Error, Result};

pub(super) fn parse(value: &Value) -> Result<Node> {
    Parser { levels: 0 }.node(value)
}

/// Reads the parts of an expression; knows how deep it is.
#[derive(Clone, Copy)]
pub(super) struct Parser {
    levels: usize,
}

/// What a `$name` of an object is read as.
enum Form {
    Literal,
    Cond,
    Switch,
    Let,
    GetField,
    Each,
    Call(&'static Operator),
}

impl Parser {
    pub(super) fn node(self, value: &Value) -> Result<Node> {
        let inner = Parser {
            levels: self.levels + 1,
        };
        if inner.levels > ejson::MAX_DEPTH {
            return Err(malformed(format!(
                "an expression may be nested {} levels deep",
                ejson::MAX_DEPTH
            )));
        }
        match value {
            Value::String(text) if text.starts_with('$') => FieldPath::parse(text).map(Node::Path),
            Value::Array(items) => inner.nodes(items).map(Node::Array),
            Value::Object(object) => inner.object(object),
            literal => Ok(Node::Literal(literal.clone())),
        }
    }

    fn nodes(self, values: &[Value]) -> Result<Vec<Node>> {
        values.iter().map(|value| self.node(value)).collect()
    }

    fn object(self, object: &Object) -> Result<Node> {
        let mut members = object.iter();
        if let (Some((name, argument)), None) = (members.next(), members.next())
            && name.starts_with('$')
        {
            return self.operator(name, argument, object);
        }
        if object.contains("$regex") {
            return Ok(Node::Literal(Value::Object(object.clone())));
        }
        let member = |(name, value): (&SmolStr, &Value)| {
            if name.starts_with('$') || name.contains('.') {
                return Err(malformed(format!(
                    "`{name}` cannot be a member beside others: an operator stands alone, and names have no dots"
                )));
            }
            Ok((name.clone(), self.node(value)?))
        };
        object
            .iter()
            .map(member)
            .collect::<Result<_>>()
            .map(Node::Object)
    }

    /// `whole` is the object of which `name` is the only member.
    fn operator(self, name: &str, argument: &Value, whole: &Object) -> Result<Node> {
        if matches!(name, "$regularExpression" | "$numberDecimal") {
            // A value, not an operator: EJSON for what documents of ours have no type for.
            return Ok(Node::Literal(Value::Object(whole.clone())));
        }
        match form(name)? {
            Form::Literal => Ok(Node::Literal(argument.clone())),
            Form::Cond => self.cond(argument),
            Form::Switch => self.switch(argument),
            Form::Let => self.block(argument),
            Form::GetField => self.get_field(argument),
            Form::Each => Each::parse(self, name, argument).map(|each| Node::Each(Box::new(each))),
            Form::Call(operator) => self.call(operator, argument),
        }
    }

    fn call(self, operator: &'static Operator, argument: &Value) -> Result<Node> {
        let arguments = match operator.parameters {
            Parameters::Listed { min, max } => self.listed(operator.name, argument, min, max),
            Parameters::Named(parameters) => self.named(operator.name, argument, parameters),
            Parameters::FirstOrNamed(parameters) => {
                self.first_or_named(operator.name, argument, parameters)
            }
        };
        Ok(Node::Call(operator, arguments?))
    }

    fn listed(
        self,
        name: &str,
        argument: &Value,
        min: usize,
        max: usize,
    ) -> Result<Vec<Option<Node>>> {
        let arguments = match argument {
            Value::Array(items) => self.nodes(items)?,
            single => vec![self.node(single)?],
        };
        let given = arguments.len();
        if (min..=max).contains(&given) {
            return Ok(arguments.into_iter().map(Some).collect());
        }
        let needed = match max {
            MANY => format!("at least {min}"),
            1 if min == 1 => {
                return Err(malformed(format!("{name} takes 1 argument, not {given}")));
            }
            _ if min == max => min.to_string(),
            _ => format!("{min} to {max}"),
        };
        Err(malformed(format!(
            "{name} takes {needed} arguments, not {given}"
        )))
    }

    /// The arguments in the order of the parameters.
    pub(super) fn named(
        self,
        operator: &str,
        argument: &Value,
        parameters: &[Parameter],
    ) -> Result<Vec<Option<Node>>> {
        let given = members(operator, argument)?;
        let known = |name: &str| parameters.iter().any(|parameter| parameter.name == name);
        if let Some((name, _)) = given.iter().find(|(name, _)| !known(name)) {
            return Err(malformed(format!("{operator} has no argument `{name}`")));
        }
        let argument =
            |parameter: &Parameter| match (given.get(parameter.name), &parameter.presence) {
                (Some(value), _) => self.node(value).map(Some),
                (None, Presence::Or(default)) => Ok(Some(Node::Literal(default.value()))),
                (None, Presence::Optional) => Ok(None),
                (None, Presence::Required) => {
                    let name = parameter.name;
                    Err(malformed(format!("{operator} needs an argument `{name}`")))
                }
            };
        parameters.iter().map(argument).collect()
    }

    fn first_or_named(
        self,
        operator: &str,
        argument: &Value,
        parameters: &[Parameter],
    ) -> Result<Vec<Option<Node>>> {
        let first = match argument {
            Value::Object(object) if !is_expression(object) => {
                return self.named(operator, argument, parameters);
            }
            Value::Array(items) if items.len() == 1 => &items[0],
            Value::Array(items) => {
                let given = items.len();
                return Err(malformed(format!(
                    "{operator} takes 1 argument, not {given}"
                )));
            }
            single => single,
        };
        let mut arguments = vec![Some(self.node(first)?)];
        arguments.extend(
            parameters[1..]
                .iter()
                .map(|parameter| match &parameter.presence {
                    Presence::Or(default) => Some(Node::Literal(default.value())),
                    _ => None,
                }),
        );
        Ok(arguments)
    }

    fn cond(self, argument: &Value) -> Result<Node> {
        const PARAMETERS: &[Parameter] = &[
            Parameter::required("if"),
            Parameter::required("then"),
            Parameter::required("else"),
        ];
        let arguments = match argument {
            Value::Object(_) => self.named("$cond", argument, PARAMETERS)?,
            _ => self.listed("$cond", argument, 3, 3)?,
        };
        let [case, then, default] = three(arguments);
        Ok(Node::Switch(Box::new(Switch {
            branches: vec![Branch { case, then }],
            default: Some(default),
        })))
    }

    fn switch(self, argument: &Value) -> Result<Node> {
        let arguments = only("$switch", argument, &["branches", "default"])?;
        let branches = arguments
            .get("branches")
            .and_then(Value::as_array)
            .unwrap_or_default();
        if branches.is_empty() {
            return Err(malformed(
                "$switch needs an array `branches` of at least one".to_owned(),
            ));
        }
        let default = arguments.get("default").map(|value| self.node(value));
        Ok(Node::Switch(Box::new(Switch {
            branches: branches
                .iter()
                .map(|branch| self.branch(branch))
                .collect::<Result<_>>()?,
            default: default.transpose()?,
        })))
    }

    fn branch(self, branch: &Value) -> Result<Branch> {
        let parts = only("$switch", branch, &["case", "then"])?;
        match (parts.get("case"), parts.get("then")) {
            (Some(case), Some(then)) => Ok(Branch {
                case: self.node(case)?,
                then: self.node(then)?,
            }),
            _ => Err(malformed(
                "a branch of $switch needs a `case` and a `then`".to_owned(),
            )),
        }
    }

    fn block(self, argument: &Value) -> Result<Node> {
        let arguments = only("$let", argument, &["vars", "in"])?;
        let (Some(Value::Object(variables)), Some(body)) =
            (arguments.get("vars"), arguments.get("in"))
        else {
            return Err(malformed(
                "$let needs an object `vars` and an expression `in`".to_owned(),
            ));
        };
        let variable =
            |(name, value): (&SmolStr, &Value)| Ok((variable_name(name)?, self.node(value)?));
        Ok(Node::Let(Box::new(Let {
            variables: variables.iter().map(variable).collect::<Result<_>>()?,
            body: self.node(body)?,
        })))
    }

    /// `{$getField: name}` or `{$getField: {field, input}}`, of the document where no input is given.
    fn get_field(self, argument: &Value) -> Result<Node> {
        let operator = Operator::find("$getField").expect("it is in the table");
        let named = |object: &Object| object.contains("field") || object.contains("input");
        let mut node = match argument {
            Value::Object(object) if named(object) => self.call(operator, argument)?,
            name => Node::Call(operator, vec![Some(self.node(name)?), None]),
        };
        if let Node::Call(_, arguments) = &mut node
            && let Some(input @ None) = arguments.get_mut(1)
        {
            *input = Some(Node::Path(FieldPath::root()));
        }
        Ok(node)
    }
}

fn form(name: &str) -> Result<Form> {
    Ok(match name {
        "$literal" => Form::Literal,
        "$cond" => Form::Cond,
        "$switch" => Form::Switch,
        "$let" => Form::Let,
        "$getField" => Form::GetField,
        "$map" | "$filter" | "$reduce" => Form::Each,
        "$meta" => {
            return Err(malformed(
                "$meta needs a text search, which there is not here".to_owned(),
            ));
        }
        name => {
            Form::Call(Operator::find(name).ok_or_else(|| Error::UnknownOperator(name.to_owned()))?)
        }
    })
}

/// The members of an operator's argument, which may only be some of these.
pub(super) fn only<'a>(operator: &str, argument: &'a Value, names: &[&str]) -> Result<&'a Object> {
    let given = members(operator, argument)?;
    match given
        .iter()
        .find(|(name, _)| !names.contains(&name.as_str()))
    {
        Some((name, _)) => Err(malformed(format!("{operator} has no argument `{name}`"))),
        None => Ok(given),
    }
}

fn members<'a>(operator: &str, argument: &'a Value) -> Result<&'a Object> {
    argument.as_object().ok_or_else(|| {
        malformed(format!(
            "{operator} needs an object of named arguments, not {}",
            argument.kind()
        ))
    })
}

/// Whether an object is an expression rather than named arguments.
fn is_expression(object: &Object) -> bool {
    object
        .iter()
        .next()
        .is_some_and(|(name, _)| name.starts_with('$'))
}

fn three(arguments: Vec<Option<Node>>) -> [Node; 3] {
    let arguments: Vec<Node> = arguments.into_iter().flatten().collect();
    arguments.try_into().expect("three arguments, all required")
}

pub(super) fn malformed(text: String) -> Error {
    Error::Malformed(text)
}
