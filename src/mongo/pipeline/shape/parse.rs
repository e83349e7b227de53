//! Reading `$project`, `$addFields`, `$unset`.

use super::super::parse::{malformed, members, needs, plain_path};
use super::{Field, Fields, Others, Shape};
use crate::data::{Object, Path, Value, ejson};
use crate::mongo::{Expression, Result};

/// A field of the argument, by its whole path, with what becomes of it.
type Named = (Path, Field);

impl Shape {
    /// `{a: 1, "b.c": 1, d: expression, _id: 0}` or `{a: 0, "b.c": 0}`.
    ///
    /// # Errors
    /// Fields both taken and left out (other than `_id`), one of them inside another, no field at all.
    pub(in super::super) fn project(argument: &Value) -> Result<Self> {
        let stage = "$project";
        let mut named = Vec::new();
        read(stage, argument, None, projected, &mut named)?;
        let is_id = |path: &Path| matches!(path.segments(), [only] if only == "_id");
        let others = named.iter().filter(|(path, _)| !is_id(path));
        let drops = |field: &Field| matches!(field, Field::Drop);
        let dropped = others.clone().filter(|(_, field)| drops(field)).count();
        let total = others.count();
        if dropped != 0 && dropped != total {
            return Err(malformed(
                stage,
                "cannot both take fields and leave fields out",
            ));
        }
        let only_id = total == 0;
        let first_drops = named.first().is_some_and(|(_, field)| drops(field));
        let leaves_out = dropped > 0 || (only_id && first_drops);
        if named.is_empty() {
            return Err(malformed(stage, "needs at least one field"));
        }
        if !leaves_out && !named.iter().any(|(path, _)| is_id(path)) {
            named.insert(0, (Path::field("_id"), Field::Keep));
        }
        Self::of_named(stage, leaves_out, named)
    }

    /// `{a: expression, "b.c": expression}`.
    pub(in super::super) fn add_fields(stage: &str, argument: &Value) -> Result<Self> {
        let mut named = Vec::new();
        read(stage, argument, None, computed, &mut named)?;
        Self::of_named(stage, true, named)
    }

    /// `"a"` or `["a", "b.c"]`.
    pub(in super::super) fn unset(argument: &Value) -> Result<Self> {
        let names = match argument {
            Value::Array(names) => names.as_slice(),
            one => std::slice::from_ref(one),
        };
        let named = names
            .iter()
            .map(|name| Ok((plain_path("$unset", name)?, Field::Drop)));
        Self::of_named("$unset", true, named.collect::<Result<_>>()?)
    }

    fn of_named(stage: &str, keeps_others: bool, named: Vec<Named>) -> Result<Self> {
        let others = match keeps_others {
            true => Others::Keep,
            false => Others::Drop,
        };
        let mut fields = Fields::new(others);
        for (path, field) in named {
            if !insert(&mut fields, &path, field) {
                return Err(malformed(
                    stage,
                    &format!("names `{path}` and something in or around it"),
                ));
            }
        }
        Ok(Self(fields))
    }
}

/// Whether there was room for it: nothing named there yet.
fn insert(fields: &mut Fields, path: &Path, field: Field) -> bool {
    let (last, on_the_way) = path.segments().split_last().expect("a path is not empty");
    let mut fields = fields;
    for name in on_the_way {
        let others = fields.others;
        let next = match fields.get_mut(name).is_some() {
            true => fields.get_mut(name).expect("it is there"),
            false => fields.push(name.clone(), Field::Nested(Fields::new(others))),
        };
        let Field::Nested(nested) = next else {
            return false;
        };
        fields = nested;
    }
    if fields.get_mut(last).is_some() {
        return false;
    }
    fields.push(last.clone(), field);
    true
}

/// Reads the members of the argument, those of nested objects too.
fn read(
    stage: &str,
    argument: &Value,
    parent: Option<&Path>,
    field: ReadField,
    named: &mut Vec<Named>,
) -> Result<()> {
    for (path, value) in paths(stage, argument, parent)? {
        match value {
            Value::Object(object) if is_nested(object) => {
                read(stage, value, Some(&path), field, named)?;
            }
            _ => {
                let field = field(stage, &path, value)?;
                named.push((path, field));
            }
        }
    }
    Ok(())
}

/// What a stage does with a field, by what stands at its path.
type ReadField = fn(&str, &Path, &Value) -> Result<Field>;

fn projected(stage: &str, path: &Path, value: &Value) -> Result<Field> {
    let taken = |take: bool| match take {
        true => Field::Keep,
        false => Field::Drop,
    };
    match value {
        Value::Bool(take) => Ok(taken(*take)),
        Value::Int(int) => Ok(taken(*int != 0)),
        Value::Double(double) => Ok(taken(*double != 0.0)),
        Value::Object(object) if object.is_empty() => {
            Err(malformed(stage, &format!("says nothing about `{path}`")))
        }
        _ => computed(stage, path, value),
    }
}

/// Also of a literal.
fn computed(_: &str, _: &Path, value: &Value) -> Result<Field> {
    Expression::parse(value).map(Field::Computed)
}

/// An object of fields, not an operator with its argument.
fn is_nested(object: &Object) -> bool {
    let first = object.iter().next();
    first.is_some_and(|(name, _)| !name.starts_with('$'))
}

fn paths<'a>(
    stage: &str,
    argument: &'a Value,
    parent: Option<&Path>,
) -> Result<Vec<(Path, &'a Value)>> {
    let members = members(stage, argument)?.map(|(name, value)| {
        let path = plain_path(stage, &Value::String(name.clone()))?;
        let path = parent.map_or_else(|| path.clone(), |parent| path.under(parent));
        match path.segments().len() > ejson::MAX_DEPTH {
            true => Err(needs(stage, "fewer levels", argument)),
            false => Ok((path, value)),
        }
    });
    members.collect()
}
