//! `@default`: literals of the model file as stored values.

use async_graphql_value::{ConstValue, Number};

use super::arguments::Directives;
use super::diagnostic::Problems;
use super::lookup::Types;
use super::outline::scalar_name;
use super::{
    BaseType, Constraint, EmbeddedIx, EnumIx, EnumType, Field, FieldType, Scalar, spelling,
};
use crate::data::{Object, Value, geo, timestamp};

/// The default of a field, in its stored form; `None` if there is none, or it was reported.
pub(super) fn read(
    directives: &Directives<'_>,
    field: &Field,
    reader: Reader<'_, '_>,
    problems: &mut Problems,
) -> Option<Value> {
    let literal = directives.one("default")?.value("value")?;
    match reader.value(literal.node, field.ty) {
        Ok(value) => {
            for problem in problems_of(&field.constraint, &value) {
                problems
                    .error(
                        literal.pos,
                        format!("the default breaks the field's constraint: it {problem}"),
                    )
                    .hint("change the default or the `@constraint`");
            }
            Some(value)
        }
        Err(misfit) => {
            problems
                .error(literal.pos, misfit.message)
                .hint_if(misfit.hint);
            None
        }
    }
}

/// How a default breaks the constraint of its field, each way once.
fn problems_of(constraint: &Constraint, value: &Value) -> Vec<String> {
    let Value::Array(items) = value else {
        return constraint.value_problems(value);
    };
    let mut problems = constraint.count_problems(items.len());
    for problem in items
        .iter()
        .flat_map(|item| constraint.value_problems(item))
    {
        let problem = format!("has an item that {problem}");
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }
    problems
}

/// Reads literals by the types of a model.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'d, 'a> {
    pub(super) types: Types<'d, 'a>,
    pub(super) enums: &'d [EnumType],
}

/// Why a literal is not a value of a type.
#[derive(Debug)]
struct Misfit {
    message: String,
    hint: Option<String>,
}

impl Misfit {
    fn new(literal: &ConstValue, expected: &str) -> Self {
        Self {
            message: format!("{literal} is not {expected}"),
            hint: None,
        }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl Reader<'_, '_> {
    fn value(self, literal: &ConstValue, ty: FieldType) -> Result<Value, Misfit> {
        let Some(list) = ty.list else {
            return self.single(literal, ty.base);
        };
        let ConstValue::List(items) = literal else {
            return Err(Misfit::new(literal, "a list").hint("write it in `[` and `]`"));
        };
        let item = |item: &ConstValue| match item {
            ConstValue::Null if !list.element_required => Ok(Value::Null),
            item => self.single(item, ty.base),
        };
        let items: Result<Vec<Value>, Misfit> = items.iter().map(item).collect();
        items.map(Value::Array)
    }

    fn single(self, literal: &ConstValue, base: BaseType) -> Result<Value, Misfit> {
        match base {
            BaseType::Scalar(scalar) => scalar_value(literal, scalar),
            BaseType::Enum(ix) => self.enum_value(literal, ix),
            BaseType::Embedded(ix) => self.object(literal, ix),
        }
    }

    fn enum_value(self, literal: &ConstValue, ix: EnumIx) -> Result<Value, Misfit> {
        let values = &self.enums[ix.0];
        let known = values.values.iter().map(|value| value.name.as_str());
        let name = match literal {
            ConstValue::String(name) => name.as_str(),
            ConstValue::Enum(name) => name.as_str(),
            _ => "",
        };
        if known.clone().any(|value| value == name) {
            return Ok(Value::string(name));
        }
        let mut misfit = Misfit::new(literal, &format!("a value of the enum `{}`", values.name));
        misfit.hint = spelling::hint(name, known);
        Err(misfit)
    }

    /// An embedded document, its members by their document names.
    fn object(self, literal: &ConstValue, ix: EmbeddedIx) -> Result<Value, Misfit> {
        let draft = self.types.embedded(ix);
        let ConstValue::Object(members) = literal else {
            let expected = format!("an object of type `{}`", draft.name);
            return Err(Misfit::new(literal, &expected).hint("write it in `{` and `}`"));
        };
        let fields = &draft.shape.fields;
        let names = fields.iter().map(|field| field.stored.as_str());
        if let Some(name) = members
            .keys()
            .find(|name| !names.clone().any(|known| known == name.as_str()))
        {
            let mut misfit = Misfit::new(
                literal,
                &format!(
                    "an object of type `{}`: there is no stored field `{name}`",
                    draft.name
                ),
            );
            misfit.hint = spelling::hint(name, names);
            return Err(misfit);
        }
        let mut object = Object::new();
        for field in fields {
            match members.get(field.stored.as_str()) {
                Some(ConstValue::Null) | None if field.ty.required => {
                    let expected = format!(
                        "an object of type `{}`: `{}` is missing",
                        draft.name, field.stored
                    );
                    return Err(Misfit::new(literal, &expected).hint("the field is required"));
                }
                None => {}
                Some(ConstValue::Null) => object.insert(field.stored.clone(), Value::Null),
                Some(member) => {
                    let value = self.value(member, field.ty)?;
                    if let Some(problem) = problems_of(&field.constraint, &value).first() {
                        let expected = format!(
                            "an object of type `{}`: `{}` {problem}",
                            draft.name, field.stored
                        );
                        return Err(Misfit::new(literal, &expected));
                    }
                    object.insert(field.stored.clone(), value);
                }
            }
        }
        Ok(Value::Object(object))
    }
}

fn scalar_value(literal: &ConstValue, scalar: Scalar) -> Result<Value, Misfit> {
    let misfit = || {
        Misfit::new(
            literal,
            &format!("a value of type `{}`", scalar_name(scalar)),
        )
    };
    match (scalar, literal) {
        (Scalar::Json, literal) => json(literal).ok_or_else(misfit),
        (Scalar::Boolean, ConstValue::Boolean(flag)) => Ok(Value::Bool(*flag)),
        (Scalar::String | Scalar::Id, ConstValue::String(text)) => Ok(Value::string(text)),
        (Scalar::FileId, ConstValue::String(text)) if text.starts_with("cloud://") => {
            Ok(Value::string(text))
        }
        (Scalar::FileId, _) => Err(misfit().hint("a file's name begins with `cloud://`")),
        (Scalar::Int, ConstValue::Number(number)) => match number.as_i64() {
            Some(number) if i32::try_from(number).is_ok() => Ok(Value::Int(number)),
            Some(_) => Err(misfit().hint("`Int` has 32 bits; the scalar `Long` has 64")),
            None => Err(misfit().hint("`Int` is for whole numbers; `Float` takes any")),
        },
        (Scalar::Long, ConstValue::Number(number)) => {
            number.as_i64().map(Value::Int).ok_or_else(misfit)
        }
        (Scalar::Long, ConstValue::String(text)) => {
            text.parse().map(Value::Int).map_err(|_| misfit())
        }
        (Scalar::Float, ConstValue::Number(number)) => {
            number.as_f64().map(Value::Double).ok_or_else(misfit)
        }
        (Scalar::DateTime, ConstValue::String(text)) => instant(text).map(Value::Date),
        (Scalar::EpochMs, ConstValue::String(text)) => instant(text).map(Value::Int),
        (Scalar::DateTime | Scalar::EpochMs, _) => {
            Err(misfit().hint("write it in quotes: \"2024-01-02T03:04:05+08:00\""))
        }
        (Scalar::GeoPoint, literal) => point(literal).map(geo::Point::to_value).ok_or_else(|| {
            misfit().hint("write `{ longitude: 113.3, latitude: 23.1 }`, in degrees")
        }),
        _ => Err(misfit()),
    }
}

fn instant(text: &str) -> Result<i64, Misfit> {
    timestamp::parse(text).map_err(|error| Misfit {
        message: error.to_string(),
        hint: None,
    })
}

fn point(literal: &ConstValue) -> Option<geo::Point> {
    let ConstValue::Object(members) = literal else {
        return None;
    };
    let degrees = |name: &str, most: f64| match members.get(name)? {
        ConstValue::Number(number) => number.as_f64().filter(|degrees| degrees.abs() <= most),
        _ => None,
    };
    (members.len() == 2).then_some(())?;
    Some(geo::Point {
        longitude: degrees("longitude", 180.0)?,
        latitude: degrees("latitude", 90.0)?,
    })
}

/// A literal as it would be stored if it came as JSON; the source bounds its depth.
fn json(literal: &ConstValue) -> Option<Value> {
    Some(match literal {
        ConstValue::Null => Value::Null,
        ConstValue::Boolean(flag) => Value::Bool(*flag),
        ConstValue::Number(number) => json_number(number)?,
        ConstValue::String(text) => Value::string(text),
        ConstValue::List(items) => Value::Array(items.iter().map(json).collect::<Option<_>>()?),
        ConstValue::Object(members) => {
            let mut object = Object::with_capacity(members.len());
            for (name, member) in members {
                object.insert(name.as_str(), json(member)?);
            }
            Value::Object(object)
        }
        ConstValue::Enum(_) | ConstValue::Binary(_) => return None,
    })
}

fn json_number(number: &Number) -> Option<Value> {
    let int = number.as_i64().map(Value::Int);
    int.or_else(|| number.as_f64().map(Value::Double))
}
