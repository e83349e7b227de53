//! A variable may stand only where every value of its type may (5.8.5).

use std::collections::{HashMap, HashSet};

use async_graphql_parser::Pos;
use async_graphql_parser::types::{ExecutableDocument, OperationDefinition};
use async_graphql_value::{ConstValue, Value};

use super::Problems;
use super::given::{Given, Scope};
use crate::graphql::api::{Api, InputDef, Type};
use crate::graphql::intake::types;

pub(super) fn check(
    api: &Api,
    document: &ExecutableDocument,
    given: &Given<'_>,
    problems: &mut Problems,
) {
    // INVARIANT: `Given` lists operations in the order in which the document iterates over them.
    for ((_, operation), scope) in document.operations.iter().zip(&given.operations) {
        let variables = variables(&operation.node);
        if variables.is_empty() {
            continue;
        }
        for scope in reachable(scope, given) {
            for argument in &scope.arguments {
                let position = Position {
                    expected: argument.expected.ty(),
                    has_default: argument.expected.has_default(),
                    one_of: None,
                    at: argument.at,
                };
                visit(api, argument.value, &position, &variables, problems);
            }
        }
    }
}

struct Variable {
    ty: Type,
    /// A default other than null: the variable is never null unless null is given for it.
    has_default: bool,
}

struct Position<'a> {
    expected: Type,
    has_default: bool,
    /// The `@oneOf` input whose only member this is.
    one_of: Option<&'a InputDef>,
    at: Pos,
}

fn variables(operation: &OperationDefinition) -> HashMap<&str, Variable> {
    let definitions = operation.variable_definitions.iter();
    definitions
        .map(|definition| {
            let definition = &definition.node;
            let default = definition.default_value.as_ref();
            let variable = Variable {
                ty: types::of(&definition.var_type.node),
                has_default: default.is_some_and(|value| value.node != ConstValue::Null),
            };
            (definition.name.node.as_str(), variable)
        })
        .collect()
}

/// The scope and those of all fragments it leads to.
fn reachable<'g, 'a>(scope: &'g Scope<'a>, given: &'g Given<'a>) -> Vec<&'g Scope<'a>> {
    let mut seen = HashSet::new();
    let mut found = vec![scope];
    let mut next = 0;
    while let Some(scope) = found.get(next) {
        next += 1;
        let spreads = scope.spreads.iter().filter(|name| seen.insert(**name));
        let fragments: Vec<_> = spreads
            .filter_map(|name| given.fragments.get(name))
            .collect();
        found.extend(fragments);
    }
    found
}

fn visit(
    api: &Api,
    value: &Value,
    position: &Position<'_>,
    variables: &HashMap<&str, Variable>,
    problems: &mut Problems,
) {
    match value {
        Value::Variable(name) => {
            if let Some(variable) = variables.get(name.as_str())
                && let Err(message) = allowed(name, variable, position)
            {
                problems.add(position.at, message);
            }
        }
        Value::List(items) => {
            let Type::List(inner) = position.expected.nullable() else {
                return;
            };
            let element = Position {
                expected: (**inner).clone(),
                has_default: false,
                one_of: None,
                at: position.at,
            };
            for item in items {
                visit(api, item, &element, variables, problems);
            }
        }
        Value::Object(members) => {
            let Some(def) = api.input(position.expected.name()) else {
                return;
            };
            for (name, value) in members {
                if let Some(member) = def.fields.get(name.as_str()) {
                    let inner = Position {
                        expected: member.ty.clone(),
                        has_default: member.default.is_some(),
                        one_of: def.one_of.then_some(def),
                        at: position.at,
                    };
                    visit(api, value, &inner, variables, problems);
                }
            }
        }
        _ => {}
    }
}

/// `IsVariableUsageAllowed` of the specification.
fn allowed(name: &str, variable: &Variable, position: &Position<'_>) -> Result<(), String> {
    if let Some(def) = position.one_of
        && !variable.ty.is_non_null()
    {
        return Err(format!(
            "the variable `${name}` has to be of a type with `!`, since `{}` takes exactly one field that is not null",
            def.name
        ));
    }
    let expected = &position.expected;
    let has_default = variable.has_default || position.has_default;
    let fits = if expected.is_non_null() && !variable.ty.is_non_null() {
        has_default && is_subtype(&variable.ty, expected.nullable())
    } else {
        is_subtype(&variable.ty, expected)
    };
    if fits {
        return Ok(());
    }
    Err(format!(
        "the variable `${name}` of type `{}` is used where `{expected}` is expected",
        variable.ty
    ))
}

fn is_subtype(of: &Type, expected: &Type) -> bool {
    match (of, expected) {
        (Type::NonNull(of), Type::NonNull(expected)) => is_subtype(of, expected),
        (Type::NonNull(of), _) => is_subtype(of, expected),
        (Type::List(of), Type::List(expected)) => is_subtype(of, expected),
        (Type::Named(of), Type::Named(expected)) => of == expected,
        _ => false,
    }
}
