//! A value as it was written, before its type is known to fit: a literal of the
//! document, a default, or the JSON of a variable, seen as one.

use async_graphql_value::{ConstValue, Value};
use serde_json::{Number, Value as Json};

#[derive(Clone, Copy, Debug)]
pub(super) enum Raw<'v> {
    Literal(&'v Value),
    Default(&'v ConstValue),
    Json(&'v Json),
}

/// What a written value is by itself.
pub(super) enum Shape<'v> {
    Null,
    Boolean(bool),
    Number(&'v Number),
    String(&'v str),
    Enum(&'v str),
    List(Vec<Raw<'v>>),
    Object(Vec<(&'v str, Raw<'v>)>),
    Variable(&'v str),
    /// Nothing that a document or JSON can spell.
    Binary,
}

impl<'v> Raw<'v> {
    pub(super) fn shape(self) -> Shape<'v> {
        match self {
            Raw::Literal(value) => literal(value),
            Raw::Default(value) => default(value),
            Raw::Json(value) => json(value),
        }
    }

    /// JSON has no enum values: there, and only there, a string spells one.
    pub(super) fn is_json(self) -> bool {
        matches!(self, Raw::Json(_))
    }
}

fn literal(value: &Value) -> Shape<'_> {
    match value {
        Value::Null => Shape::Null,
        Value::Boolean(value) => Shape::Boolean(*value),
        Value::Number(number) => Shape::Number(number),
        Value::String(text) => Shape::String(text),
        Value::Enum(name) => Shape::Enum(name),
        Value::List(items) => Shape::List(items.iter().map(Raw::Literal).collect()),
        Value::Object(members) => Shape::Object(
            members
                .iter()
                .map(|(name, value)| (name.as_str(), Raw::Literal(value)))
                .collect(),
        ),
        Value::Variable(name) => Shape::Variable(name),
        Value::Binary(_) => Shape::Binary,
    }
}

fn default(value: &ConstValue) -> Shape<'_> {
    match value {
        ConstValue::Null => Shape::Null,
        ConstValue::Boolean(value) => Shape::Boolean(*value),
        ConstValue::Number(number) => Shape::Number(number),
        ConstValue::String(text) => Shape::String(text),
        ConstValue::Enum(name) => Shape::Enum(name),
        ConstValue::List(items) => Shape::List(items.iter().map(Raw::Default).collect()),
        ConstValue::Object(members) => Shape::Object(
            members
                .iter()
                .map(|(name, value)| (name.as_str(), Raw::Default(value)))
                .collect(),
        ),
        ConstValue::Binary(_) => Shape::Binary,
    }
}

fn json(value: &Json) -> Shape<'_> {
    match value {
        Json::Null => Shape::Null,
        Json::Bool(value) => Shape::Boolean(*value),
        Json::Number(number) => Shape::Number(number),
        Json::String(text) => Shape::String(text),
        Json::Array(items) => Shape::List(items.iter().map(Raw::Json).collect()),
        Json::Object(members) => Shape::Object(
            members
                .iter()
                .map(|(name, value)| (name.as_str(), Raw::Json(value)))
                .collect(),
        ),
    }
}

impl Shape<'_> {
    /// In the words of messages.
    pub(super) fn describe(&self) -> String {
        match self {
            Shape::Null => "null".to_owned(),
            Shape::Boolean(value) => format!("`{value}`"),
            Shape::Number(number) => format!("`{number}`"),
            Shape::String(text) => format!("`\"{}\"`", shortened(text)),
            Shape::Enum(name) => format!("`{name}`"),
            Shape::List(_) => "a list".to_owned(),
            Shape::Object(_) => "an object".to_owned(),
            Shape::Variable(name) => format!("`${name}`"),
            Shape::Binary => "binary data".to_owned(),
        }
    }
}

/// The beginning of a text, so that a message stays readable.
fn shortened(text: &str) -> String {
    const SHOWN: usize = 40;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
