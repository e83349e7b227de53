//! Stored text → whole documents.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use smol_str::SmolStr;

use super::super::read::Name;
use super::{Damaged, Object, Value};
use crate::data::{Binary, ObjectId};

pub(super) fn object(text: &str) -> Result<Object, Damaged> {
    match value(text)? {
        Value::Object(object) => Ok(object),
        _ => Err(damaged("not an object")),
    }
}

pub(super) fn value(text: &str) -> Result<Value, Damaged> {
    let mut json = serde_json::Deserializer::from_str(text);
    let value = Seed.deserialize(&mut json)?;
    json.end()?;
    Ok(value)
}

pub(super) fn damaged(reason: &str) -> Damaged {
    Damaged(de::Error::custom(reason))
}

/// Reads one value. Its depth is bounded by `serde_json`, above that of any document.
#[derive(Clone, Copy)]
pub(super) struct Seed;

impl<'de> DeserializeSeed<'de> for Seed {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a stored value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, bool: bool) -> Result<Value, E> {
        Ok(Value::Bool(bool))
    }

    fn visit_i64<E>(self, int: i64) -> Result<Value, E> {
        Ok(Value::Int(int))
    }

    fn visit_u64<E: de::Error>(self, int: u64) -> Result<Value, E> {
        i64::try_from(int)
            .map(Value::Int)
            .map_err(|_| E::custom("a number beyond 64 bits"))
    }

    fn visit_f64<E>(self, double: f64) -> Result<Value, E> {
        Ok(Value::Double(double))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::string(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut json: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = json.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut json: A) -> Result<Value, A::Error> {
        let Some(first) = json.next_key_seed(Name)? else {
            return Ok(Value::Object(Object::new()));
        };
        let value = json.next_value_seed(self)?;
        let name = match first.strip_prefix('$') {
            None => first,
            Some(name) if name.starts_with('$') => SmolStr::new(name),
            Some(kind) => {
                return unwrap(kind, &value).ok_or_else(|| de::Error::custom("a broken wrapper"));
            }
        };
        let mut members = Vec::with_capacity(8);
        members.push((name, value));
        while let Some(name) = json.next_key_seed(Name)? {
            members.push((name, json.next_value_seed(self)?));
        }
        Ok(Value::Object(Object::from_unique(members)))
    }
}

fn unwrap(kind: &str, value: &Value) -> Option<Value> {
    match (kind, value) {
        ("d", Value::Int(ms)) => Some(Value::Date(*ms)),
        ("n", Value::String(text)) => text.parse().ok().map(Value::Double),
        ("o", Value::String(text)) => ObjectId::parse(text).map(Value::ObjectId),
        ("b", Value::String(text)) => {
            let (subtype, base64) = text.split_at_checked(2)?;
            Some(Value::Binary(Binary {
                subtype: u8::from_str_radix(subtype, 16).ok()?,
                bytes: STANDARD_NO_PAD.decode(base64).ok()?,
            }))
        }
        _ => None,
    }
}
