//! Literals are of the type that is expected (5.6.1 to 5.6.4): those of
//! arguments and those that are defaults of variables. Whether the text of a
//! `DateTime` or `Long` can be read is found when the operation is bound.

use async_graphql_parser::types::ExecutableDocument;
use async_graphql_value::{ConstValue, Name, Number, Value};
use indexmap::IndexMap;

use super::Problems;
use super::given::Given;
use crate::graphql::api::{Api, InputDef, InputScalar, Type, TypeDef};
use crate::graphql::intake::types;

pub(super) fn check(
    api: &Api,
    document: &ExecutableDocument,
    given: &Given<'_>,
    problems: &mut Problems,
) {
    for argument in given.scopes().flat_map(|scope| &scope.arguments) {
        let place = argument.name.to_string();
        if let Err(message) = check_value(api, &argument.expected.ty(), argument.value, &place) {
            problems.add(argument.at, message);
        }
    }
    for (_, operation) in document.operations.iter() {
        for definition in &operation.node.variable_definitions {
            let definition = &definition.node;
            let Some(default) = &definition.default_value else {
                continue;
            };
            let ty = types::of(&definition.var_type.node);
            let place = format!("${}", definition.name.node);
            let value = ConstValue::into_value(default.node.clone());
            if let Err(message) = check_value(api, &ty, &value, &place) {
                problems.add(default.pos, message);
            }
        }
    }
}

/// The first problem of the value at a place (`where.status`), told in a sentence.
fn check_value(api: &Api, ty: &Type, value: &Value, place: &str) -> Result<(), String> {
    match (ty, value) {
        (_, Value::Variable(_)) => Ok(()),
        (Type::NonNull(_), Value::Null) => Err(format!("{place}: expected `{ty}`, found null")),
        (Type::NonNull(inner), _) => check_value(api, inner, value, place),
        (_, Value::Null) => Ok(()),
        (Type::List(inner), Value::List(items)) => items
            .iter()
            .enumerate()
            .try_for_each(|(at, item)| check_value(api, inner, item, &format!("{place}[{at}]"))),
        // One value stands for a list of it.
        (Type::List(inner), _) => check_value(api, inner, value, place),
        (Type::Named(name), _) => match (api.types.get(name), value) {
            (Some(TypeDef::Input(def)), Value::Object(members)) => {
                check_object(api, def, members, place)
            }
            (Some(def), _) if is_leaf_of(def, value) => Ok(()),
            (None | Some(TypeDef::Object(_)), _) => Ok(()),
            (Some(_), _) => Err(format!("{place}: expected `{ty}`, found `{value}`")),
        },
    }
}

fn check_object(
    api: &Api,
    def: &InputDef,
    members: &IndexMap<Name, Value>,
    place: &str,
) -> Result<(), String> {
    for (name, value) in members {
        let Some(member) = def.fields.get(name.as_str()) else {
            return Err(format!("{place}: `{}` has no field `{name}`", def.name));
        };
        check_value(api, &member.ty, value, &format!("{place}.{name}"))?;
    }
    let mut required = def.fields.values().filter(|member| member.is_required());
    if let Some(missing) = required.find(|member| !members.contains_key(member.name.as_str())) {
        return Err(format!("{place}: the field `{}` is required", missing.name));
    }
    let exactly_one = members.len() == 1 && !matches!(members.values().next(), Some(Value::Null));
    if def.one_of && !exactly_one {
        return Err(format!(
            "{place}: give exactly one field of `{}`, and not null",
            def.name
        ));
    }
    Ok(())
}

fn is_leaf_of(def: &TypeDef, value: &Value) -> bool {
    match def {
        TypeDef::Enum(def) => match value {
            Value::Enum(name) => def.values.iter().any(|value| value.name == name.as_str()),
            _ => false,
        },
        TypeDef::Scalar(def) => is_of_scalar(def.scalar, value),
        TypeDef::Input(_) | TypeDef::Object(_) => false,
    }
}

fn is_of_scalar(scalar: InputScalar, value: &Value) -> bool {
    let integer = |number: &Number| number.is_i64() || number.is_u64();
    match (scalar, value) {
        (InputScalar::Json, _)
        | (InputScalar::Float, Value::Number(_))
        | (InputScalar::Boolean, Value::Boolean(_))
        | (
            InputScalar::Id
            | InputScalar::String
            | InputScalar::DateTime
            | InputScalar::FileId
            | InputScalar::Long,
            Value::String(_),
        ) => true,
        (InputScalar::Int, Value::Number(number)) => number
            .as_i64()
            .is_some_and(|number| i32::try_from(number).is_ok()),
        (InputScalar::Id | InputScalar::Long, Value::Number(number)) => integer(number),
        _ => false,
    }
}
