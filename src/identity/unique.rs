//! JSON in which no object has a member twice: whoever reads the first and whoever reads the last would believe
//! different things of the same token.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::{Map, Value};

use super::TokenError;

/// The object that a text is.
///
/// # Errors
/// It is none, or has a member twice, at whatever depth.
pub(super) fn object(text: &[u8]) -> Result<Map<String, Value>, TokenError> {
    match serde_json::from_slice(text) {
        Ok(Unique(Value::Object(members))) => Ok(members),
        Err(error) if error.classify() == Category::Data => Err(TokenError::Duplicate),
        _ => Err(TokenError::Malformed),
    }
}

struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue).map(Self)
    }
}

/// Takes every value: what it refuses is a member that is there twice, and nothing else.
struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Unique(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((name, Unique(value))) = members.next_entry::<String, Unique>()? {
            if object.insert(name, value).is_some() {
                return Err(de::Error::custom("a member is there twice"));
            }
        }
        Ok(object.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_member_is_there_twice() {
        for (text, wrong) in [
            (r"{}", None),
            (
                r#"{"a":[1,-1,1.5,true,null,"x"],"b":{"a":1},"c":{"a":2}}"#,
                None,
            ),
            (r#"{"a":1,"a":1}"#, Some(TokenError::Duplicate)),
            (r#"{"a":1,"\u0061":2}"#, Some(TokenError::Duplicate)),
            (r#"{"b":[{"a":1,"a":2}]}"#, Some(TokenError::Duplicate)),
            (r#"{"a":1"#, Some(TokenError::Malformed)),
            (r#"{"a":1} x"#, Some(TokenError::Malformed)),
            ("[]", Some(TokenError::Malformed)),
            ("", Some(TokenError::Malformed)),
        ] {
            assert_eq!(object(text.as_bytes()).err(), wrong, "{text}");
        }
        let same = br#"{"a":[1,-1,1.5,true,null,"x"],"b":{"a":1}}"#;
        let plain: Value = serde_json::from_slice(same).expect("JSON");
        assert_eq!(object(same).map(Value::Object), Ok(plain));
        let deep = "[".repeat(200) + &"]".repeat(200);
        let deep = format!(r#"{{"a":{deep}}}"#);
        assert_eq!(object(deep.as_bytes()), Err(TokenError::Malformed));
        assert_eq!(object(b"{\"\xff\":1}"), Err(TokenError::Malformed));
    }
}
