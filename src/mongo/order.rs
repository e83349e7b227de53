//! Sort orders.

use super::kind::integer;
use super::path::path;
use super::{Error, Result};
use crate::data::{Direction, Object, Order, OrderKey, Value};

/// Reads `{n: -1, _id: 1}`: keys by priority; a watcher says `"asc"` and `"desc"`. (Elements of arrays are not looked
/// at one by one: an array sorts as a whole, as everywhere in this crate.)
///
/// # Errors
/// Other directions, names that are no path.
pub fn order(keys: &Object) -> Result<Order> {
    let keys = keys.iter().map(|(name, value)| {
        let path = path(name)?;
        let direction = direction(value)
            .ok_or_else(|| Error::Malformed(format!("sort by `{name}` needs 1 or -1")))?;
        Ok(OrderKey { path, direction })
    });
    Ok(Order {
        keys: keys.collect::<Result<_>>()?,
    })
}

fn direction(value: &Value) -> Option<Direction> {
    match (value.as_str(), integer(value)) {
        (Some("asc"), _) | (_, Some(1)) => Some(Direction::Ascending),
        (Some("desc"), _) | (_, Some(-1)) => Some(Direction::Descending),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::ejson;

    #[test]
    fn keys_by_priority() {
        let read = |text| order(&ejson::parse_object(text).expect("EJSON"));
        let said = read(r#"{"n":-1,"a.b":"asc","_id":1.0,"m":"desc"}"#).expect("an order");
        let keys: Vec<_> = said
            .keys
            .iter()
            .map(|key| (key.path.to_string(), key.direction == Direction::Ascending))
            .collect();
        let expected = [("n", false), ("a.b", true), ("_id", true), ("m", false)];
        assert_eq!(keys, expected.map(|(name, up)| (name.to_owned(), up)));
        for text in [
            r#"{"n":0}"#,
            r#"{"n":"up"}"#,
            r#"{"a..b":1}"#,
            r#"{"n":{"$meta":"textScore"}}"#,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
