//! `$jsonSchema`: draft 4 with `bsonType`, as the database has it.
//!
//! A keyword is about values of one type, and says nothing of others. Reading it: `parse.rs`.

mod parse;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::super::Result;
use super::super::kind::Kind;
use super::condition::Predicate;
use crate::data::{Comparison, Object, Value, collation};

/// A schema: all of its keywords hold.
#[derive(Clone, Debug)]
pub(super) struct Schema {
    keywords: Vec<Keyword>,
}

#[derive(Clone, Debug)]
enum Keyword {
    /// `type`, `bsonType`.
    Kinds(Vec<Kind>),
    Enum(Vec<Value>),
    AllOf(Vec<Schema>),
    AnyOf(Vec<Schema>),
    OneOf(Vec<Schema>),
    Not(Box<Schema>),
    /// `minimum`, `maximum`, exclusive or not.
    Bound(Comparison, Value),
    MultipleOf(f64),
    /// `minLength`, `maxLength`: in characters.
    Length(Count),
    Pattern(Predicate),
    Items(Items),
    /// `minItems`, `maxItems`.
    ItemCount(Count),
    UniqueItems,
    Required(Vec<SmolStr>),
    Properties(Properties),
    /// `minProperties`, `maxProperties`.
    PropertyCount(Count),
    /// `dependencies`: whoever has this member satisfies the schema too.
    Dependency(SmolStr, Schema),
}

#[derive(Clone, Copy, Debug)]
enum Count {
    AtLeast(u64),
    AtMost(u64),
}

/// `items` and `additionalItems`: schemas of the first elements, and of all others.
#[derive(Clone, Debug)]
struct Items {
    first: Vec<Schema>,
    others: Option<Others>,
}

/// `properties`, `patternProperties` and `additionalProperties`.
#[derive(Clone, Debug, Default)]
struct Properties {
    named: FxHashMap<SmolStr, Schema>,
    patterns: Vec<(Predicate, Schema)>,
    others: Option<Others>,
}

/// What is said of those that are not named.
#[derive(Clone, Debug)]
enum Others {
    None,
    Like(Box<Schema>),
}

impl Schema {
    /// Reads a schema.
    ///
    /// # Errors
    /// Keywords it does not know, or with arguments they cannot take.
    pub(super) fn parse(schema: &Value) -> Result<Self> {
        parse::schema(schema)
    }

    /// Whether a document, or another object, is as the schema says.
    pub(super) fn admits(&self, fields: &Object) -> bool {
        let mut keywords = self.keywords.iter();
        keywords.all(|keyword| keyword.admits_object(fields))
    }

    fn admits_value(&self, value: &Value) -> bool {
        let mut keywords = self.keywords.iter();
        match value {
            Value::Object(fields) => self.admits(fields),
            other => keywords.all(|keyword| keyword.admits_other(other)),
        }
    }
}

impl Keyword {
    fn admits_object(&self, fields: &Object) -> bool {
        let admits = |schema: &Schema| schema.admits(fields);
        match self {
            Keyword::Kinds(kinds) => kinds.iter().any(|kind| kind.covers_object(fields)),
            Keyword::Enum(values) => {
                let mut objects = values.iter().filter_map(Value::as_object);
                objects.any(|object| collation::compare_objects(object, fields).is_eq())
            }
            Keyword::Required(names) => names.iter().all(|name| fields.contains(name)),
            Keyword::Properties(properties) => fields
                .iter()
                .all(|(name, value)| properties.admit(name, value)),
            Keyword::PropertyCount(count) => count.admits(fields.len()),
            Keyword::Dependency(name, schema) => !fields.contains(name) || admits(schema),
            other => other.combines(&admits),
        }
    }

    /// Of a value that is no object.
    fn admits_other(&self, value: &Value) -> bool {
        match (self, value) {
            (Keyword::Kinds(kinds), _) => kinds.iter().any(|kind| kind.covers(value)),
            (Keyword::Enum(values), _) => values.iter().any(|one| collation::equal(one, value)),
            (Keyword::Bound(comparison, bound), Value::Int(_) | Value::Double(_)) => {
                comparison.holds(collation::compare(value, bound))
            }
            (Keyword::MultipleOf(divisor), Value::Int(_) | Value::Double(_)) => {
                value.as_f64().is_some_and(|number| number % divisor == 0.0)
            }
            (Keyword::Length(count), Value::String(text)) => count.admits(text.chars().count()),
            (Keyword::Pattern(pattern), Value::String(_)) => pattern.passes(Some(value)),
            (Keyword::Items(items), Value::Array(values)) => items.admit(values),
            (Keyword::ItemCount(count), Value::Array(values)) => count.admits(values.len()),
            (Keyword::UniqueItems, Value::Array(values)) => are_unique(values),
            (other, _) => other.combines(&|schema| schema.admits_value(value)),
        }
    }

    /// Keywords that combine schemas; others say nothing here.
    fn combines(&self, admits: &dyn Fn(&Schema) -> bool) -> bool {
        match self {
            Keyword::AllOf(schemas) => schemas.iter().all(admits),
            Keyword::AnyOf(schemas) => schemas.iter().any(admits),
            Keyword::OneOf(schemas) => schemas.iter().filter(|schema| admits(schema)).count() == 1,
            Keyword::Not(schema) => !admits(schema),
            _ => true,
        }
    }
}

impl Count {
    fn admits(self, count: usize) -> bool {
        match self {
            Count::AtLeast(least) => count as u64 >= least,
            Count::AtMost(most) => count as u64 <= most,
        }
    }
}

impl Items {
    fn admit(&self, values: &[Value]) -> bool {
        let mut first = self.first.iter().zip(values);
        let others = values.get(self.first.len()..).unwrap_or_default();
        first.all(|(schema, value)| schema.admits_value(value))
            && match &self.others {
                None => true,
                Some(others_are) => others.iter().all(|value| others_are.admit(value)),
            }
    }
}

impl Properties {
    fn admit(&self, name: &SmolStr, value: &Value) -> bool {
        let text = Value::String(name.clone());
        let named = self.named.get(name);
        let matching = self.patterns.iter();
        let matching = matching.filter(|(pattern, _)| pattern.passes(Some(&text)));
        let schemas: Vec<&Schema> = named
            .into_iter()
            .chain(matching.map(|(_, schema)| schema))
            .collect();
        match &self.others {
            Some(others) if schemas.is_empty() => others.admit(value),
            _ => schemas.iter().all(|schema| schema.admits_value(value)),
        }
    }
}

impl Others {
    fn admit(&self, value: &Value) -> bool {
        match self {
            Others::None => false,
            Others::Like(schema) => schema.admits_value(value),
        }
    }
}

fn are_unique(values: &[Value]) -> bool {
    let mut seen: FxHashSet<Vec<u8>> = HashSet::default();
    values
        .iter()
        .all(|value| seen.insert(collation::key(Some(value))))
}
