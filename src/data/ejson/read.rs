//! EJSON text → values, straight into ours: `serde_json`'s own value type
//! would lose the order of members.

use std::cell::RefCell;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use smol_str::SmolStr;

use super::{Error, MAX_DEPTH, Value, wrapper};
use crate::data::members::Members;

pub(super) fn value(text: &str) -> Result<Value, Error> {
    let path = RefCell::new(Vec::new());
    let mut json = serde_json::Deserializer::from_str(text);
    let seed = Seed {
        path: &path,
        depth: 0,
    };
    seed.deserialize(&mut json)
        .and_then(|value| json.end().map(|()| value))
        .map_err(|error| Error {
            path: path.borrow().join("."),
            reason: error.to_string(),
        })
}

/// Reads the value at `path`. After an error, `path` is where it happened.
#[derive(Clone, Copy)]
struct Seed<'a> {
    path: &'a RefCell<Vec<SmolStr>>,
    depth: usize,
}

impl Seed<'_> {
    /// A wrapper may go deeper than a document: two levels for `{"$date":{"$numberLong":"0"}}`.
    fn deeper<E: de::Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH + 2 {
            return Err(too_deep());
        }
        Ok(Self {
            depth: self.depth + 1,
            ..self
        })
    }

    fn enter(self, segment: SmolStr) {
        self.path.borrow_mut().push(segment);
    }

    fn leave(self) {
        self.path.borrow_mut().pop();
    }
}

fn too_deep<E: de::Error>() -> E {
    E::custom(format!("nested more than {MAX_DEPTH} levels deep"))
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an EJSON value")
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

    /// A bare whole number beyond 64 bits is a double, as in JavaScript.
    #[expect(
        clippy::cast_precision_loss,
        reason = "the nearest double is what the text means"
    )]
    fn visit_u64<E>(self, int: u64) -> Result<Value, E> {
        Ok(i64::try_from(int).map_or(Value::Double(int as f64), Value::Int))
    }

    fn visit_f64<E>(self, double: f64) -> Result<Value, E> {
        Ok(Value::Double(double))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::string(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut json: A) -> Result<Value, A::Error> {
        let element = self.deeper()?;
        if element.depth > MAX_DEPTH {
            return Err(too_deep());
        }
        let mut items = Vec::new();
        loop {
            self.enter(smol_str::format_smolstr!("{}", items.len()));
            let Some(item) = json.next_element_seed(element)? else {
                break;
            };
            items.push(item);
            self.leave();
        }
        self.leave();
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut json: A) -> Result<Value, A::Error> {
        let member = self.deeper()?;
        let mut members = Members::default();
        while let Some(name) = json.next_key_seed(Name)? {
            self.enter(name.clone());
            members.insert(name, json.next_value_seed(member)?);
            self.leave();
        }
        let object = members.into_object();
        match wrapper::unwrap(&object).map_err(de::Error::custom)? {
            Some(value) => Ok(value),
            None if member.depth > MAX_DEPTH => Err(too_deep()),
            None => Ok(Value::Object(object)),
        }
    }
}

/// The name of a member.
pub(super) struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = SmolStr;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<SmolStr, D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = SmolStr;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_str<E>(self, name: &str) -> Result<SmolStr, E> {
        Ok(SmolStr::new(name))
    }
}
