//! Reading schemas.

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::super::super::kind::{Kind, integer};
use super::super::super::{Error, Result};
use super::super::regex::Regex;
use super::{Count, Items, Keyword, Others, Properties, Schema};
use crate::data::{Comparison, Object, Value};

/// As deep as the condition that holds it, which is bounded.
pub(super) fn schema(schema: &Value) -> Result<Schema> {
    let members = object("$jsonSchema", schema)?;
    let mut keywords = Vec::new();
    for (name, value) in members.iter() {
        keywords.extend(keyword(name, value, members)?);
    }
    keywords.extend(properties(members)?.map(Keyword::Properties));
    keywords.extend(items(members)?.map(Keyword::Items));
    Ok(Schema { keywords })
}

/// What one member says; some are read with others, and some say nothing.
fn keyword(name: &str, value: &Value, members: &Object) -> Result<Option<Keyword>> {
    Ok(Some(match name {
        "bsonType" => Keyword::Kinds(kinds(name, value, bson_type)?),
        "type" => Keyword::Kinds(kinds(name, value, json_type)?),
        "enum" => Keyword::Enum(list(name, value)?.to_vec()),
        "allOf" => Keyword::AllOf(schemas(name, value)?),
        "anyOf" => Keyword::AnyOf(schemas(name, value)?),
        "oneOf" => Keyword::OneOf(schemas(name, value)?),
        "not" => Keyword::Not(Box::new(schema(value)?)),
        "minimum" => bound(name, value, members, [Comparison::Gte, Comparison::Gt])?,
        "maximum" => bound(name, value, members, [Comparison::Lte, Comparison::Lt])?,
        "multipleOf" => Keyword::MultipleOf(divisor(value)?),
        "minLength" => Keyword::Length(Count::AtLeast(count(name, value)?)),
        "maxLength" => Keyword::Length(Count::AtMost(count(name, value)?)),
        "pattern" => Keyword::Pattern(Regex::operator(value, None)?),
        "minItems" => Keyword::ItemCount(Count::AtLeast(count(name, value)?)),
        "maxItems" => Keyword::ItemCount(Count::AtMost(count(name, value)?)),
        "uniqueItems" if flag(name, value)? => Keyword::UniqueItems,
        "uniqueItems" => return Ok(None),
        "required" => Keyword::Required(names(name, value)?),
        "minProperties" => Keyword::PropertyCount(Count::AtLeast(count(name, value)?)),
        "maxProperties" => Keyword::PropertyCount(Count::AtMost(count(name, value)?)),
        "dependencies" => Keyword::AllOf(vec![dependencies(object(name, value)?)?]),
        "exclusiveMinimum" | "exclusiveMaximum" => {
            flag(name, value)?;
            return Ok(None);
        }
        "properties"
        | "patternProperties"
        | "additionalProperties"
        | "items"
        | "additionalItems"
        | "title"
        | "description" => return Ok(None),
        _ => return Err(Error::UnknownOperator(format!("{name} in $jsonSchema"))),
    }))
}

fn kinds(name: &str, value: &Value, read: fn(&Value) -> Result<Kind>) -> Result<Vec<Kind>> {
    match value {
        Value::Array(items) if items.is_empty() => Err(needs(name, "at least one type")),
        Value::Array(items) => items.iter().map(read).collect(),
        one => Ok(vec![read(one)?]),
    }
}

fn bson_type(name: &Value) -> Result<Kind> {
    match name {
        Value::String(_) => Kind::parse(name),
        _ => Err(needs("bsonType", "the name of a type")),
    }
}

/// Types of JSON have names of their own. (It has no integers here: the database asks for a `bsonType`.)
fn json_type(name: &Value) -> Result<Kind> {
    match name.as_str() {
        Some("boolean") => Kind::parse(&Value::string("bool")),
        Some("object" | "array" | "number" | "string" | "null") => Kind::parse(name),
        _ => Err(needs(
            "type",
            "object, array, number, boolean, string or null",
        )),
    }
}

/// A bound, which is exclusive if a member beside it says so.
fn bound(
    name: &str,
    value: &Value,
    members: &Object,
    [inclusive, exclusive]: [Comparison; 2],
) -> Result<Keyword> {
    if value.as_f64().is_none() {
        return Err(needs(name, "a number"));
    }
    let beside = match name {
        "minimum" => "exclusiveMinimum",
        _ => "exclusiveMaximum",
    };
    let is_exclusive = matches!(members.get(beside), Some(Value::Bool(true)));
    let comparison = if is_exclusive { exclusive } else { inclusive };
    Ok(Keyword::Bound(comparison, value.clone()))
}

fn divisor(value: &Value) -> Result<f64> {
    let divisor = value.as_f64().filter(|divisor| *divisor > 0.0);
    divisor.ok_or_else(|| needs("multipleOf", "a number above 0"))
}

fn dependencies(members: &Object) -> Result<Schema> {
    let keywords = members.iter().map(|(name, value)| {
        let schema = match value {
            Value::Array(_) => Schema {
                keywords: vec![Keyword::Required(names("dependencies", value)?)],
            },
            other => schema(other)?,
        };
        Ok(Keyword::Dependency(name.clone(), schema))
    });
    Ok(Schema {
        keywords: keywords.collect::<Result<_>>()?,
    })
}

fn properties(members: &Object) -> Result<Option<Properties>> {
    let said = |name| {
        members
            .get(name)
            .map(|value| object(name, value))
            .transpose()
    };
    let mut properties = Properties {
        others: others(members, "additionalProperties")?,
        ..Properties::default()
    };
    if let Some(named) = said("properties")? {
        let named = named
            .iter()
            .map(|(name, value)| Ok((name.clone(), schema(value)?)));
        properties.named = named.collect::<Result<FxHashMap<_, _>>>()?;
    }
    if let Some(patterns) = said("patternProperties")? {
        let patterns = patterns.iter().map(|(pattern, value)| {
            let pattern = Value::String(pattern.clone());
            Ok((Regex::operator(&pattern, None)?, schema(value)?))
        });
        properties.patterns = patterns.collect::<Result<_>>()?;
    }
    let says_nothing = properties.named.is_empty()
        && properties.patterns.is_empty()
        && properties.others.is_none();
    Ok((!says_nothing).then_some(properties))
}

/// `items` is one schema for all elements, or a list of them for the first elements; `additionalItems` is about the
/// elements after these.
fn items(members: &Object) -> Result<Option<Items>> {
    let additional = others(members, "additionalItems")?;
    Ok(match members.get("items") {
        None => None,
        Some(Value::Array(first)) => Some(Items {
            first: first.iter().map(schema).collect::<Result<_>>()?,
            others: additional,
        }),
        Some(all) => Some(Items {
            first: Vec::new(),
            others: Some(Others::Like(Box::new(schema(all)?))),
        }),
    })
}

fn others(members: &Object, name: &str) -> Result<Option<Others>> {
    Ok(match members.get(name) {
        None | Some(Value::Bool(true)) => None,
        Some(Value::Bool(false)) => Some(Others::None),
        Some(other) => Some(Others::Like(Box::new(schema(other)?))),
    })
}

fn object<'a>(name: &str, value: &'a Value) -> Result<&'a Object> {
    value.as_object().ok_or_else(|| needs(name, "an object"))
}

/// At least one.
fn list<'a>(name: &str, value: &'a Value) -> Result<&'a [Value]> {
    let items = value.as_array().filter(|items| !items.is_empty());
    items.ok_or_else(|| needs(name, "a list that is not empty"))
}

fn schemas(name: &str, value: &Value) -> Result<Vec<Schema>> {
    list(name, value)?.iter().map(schema).collect()
}

fn names(name: &str, value: &Value) -> Result<Vec<SmolStr>> {
    let items = list(name, value)?.iter().map(|item| match item {
        Value::String(text) => Ok(text.clone()),
        _ => Err(needs(name, "a list of names")),
    });
    items.collect()
}

fn count(name: &str, value: &Value) -> Result<u64> {
    let count = integer(value).and_then(|count| u64::try_from(count).ok());
    count.ok_or_else(|| needs(name, "a whole number from 0 on"))
}

fn flag(name: &str, value: &Value) -> Result<bool> {
    match value {
        Value::Bool(flag) => Ok(*flag),
        _ => Err(needs(name, "true or false")),
    }
}

fn needs(keyword: &str, needed: &str) -> Error {
    match keyword {
        "$jsonSchema" => Error::Malformed(format!("`$jsonSchema` needs {needed}")),
        _ => Error::Malformed(format!("`{keyword}` in `$jsonSchema` needs {needed}")),
    }
}
