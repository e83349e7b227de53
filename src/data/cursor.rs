//! The opaque text of a place in a list.
//!
//! Base64 of: a version, the hash of the order, then the position in the form in which documents are stored, so
//! that every type of value survives. Opaque, not secret: it holds values of the fields that the list is
//! ordered by, which whoever got the list may read. Nor is it trusted: any text may be handed in.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::ejson::storage;
use super::{Direction, DocId, Order, Position, Value};

/// A position together with the order it belongs to.
#[derive(Clone, Debug, PartialEq)]
pub struct Cursor {
    pub position: Position,
    /// [`Cursor::order_hash`] of the order the cursor was made for.
    pub order_hash: u64,
}

/// Why a text is not a cursor for a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CursorError {
    #[error("this is not a cursor that this API gave out")]
    Malformed,
    #[error("the cursor belongs to a list in another order; start again without it")]
    OtherOrder,
}

/// The first byte of a cursor; another one means another layout.
const VERSION: u8 = 1;

impl Cursor {
    /// The longest text that is read, in bytes. Room for sort values of 48 KB.
    pub const MAX_LEN: usize = 64 * 1024;

    /// The cursor of a position in an order.
    pub fn new(position: Position, order: &Order) -> Self {
        Self {
            position,
            order_hash: Self::order_hash(order),
        }
    }

    /// A stable hash of an order: the same in every process and version.
    pub fn order_hash(order: &Order) -> u64 {
        let mut hash = Fnv::default();
        for key in &order.keys {
            hash.write(match key.direction {
                Direction::Ascending => b"+",
                Direction::Descending => b"-",
            });
            for segment in key.path.segments() {
                hash.write(&(segment.len() as u64).to_be_bytes());
                hash.write(segment.as_bytes());
            }
        }
        hash.0
    }

    /// The text handed to clients: URL-safe, without padding.
    pub fn encode(&self) -> String {
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&self.order_hash.to_be_bytes());
        bytes.extend_from_slice(storage::encode_value(&to_value(&self.position)).as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a text handed in by a client for a list of this order.
    pub fn decode(text: &str, order: &Order) -> Result<Self, CursorError> {
        let (order_hash, position) = parts(text).ok_or(CursorError::Malformed)?;
        if order_hash != Self::order_hash(order) || position.values.len() != order.keys.len() {
            return Err(CursorError::OtherOrder);
        }
        Ok(Self {
            position,
            order_hash,
        })
    }
}

fn parts(text: &str) -> Option<(u64, Position)> {
    if text.len() > Cursor::MAX_LEN {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (version, rest) = bytes.split_first()?;
    let (hash, position) = rest.split_first_chunk()?;
    if *version != VERSION {
        return None;
    }
    let position = storage::decode_value(std::str::from_utf8(position).ok()?).ok()?;
    Some((u64::from_be_bytes(*hash), from_value(position)?))
}

/// `[id, [value], [], …]`: a missing value is an empty list.
fn to_value(position: &Position) -> Value {
    let values = position.values.iter();
    let values = values.map(|value| Value::Array(value.iter().cloned().collect()));
    Value::Array([position.id.to_value()].into_iter().chain(values).collect())
}

fn from_value(value: Value) -> Option<Position> {
    let Value::Array(items) = value else {
        return None;
    };
    let mut items = items.into_iter();
    let id = DocId::from_value(&items.next()?)?;
    let values = items.map(|item| match item {
        Value::Array(mut value) if value.len() <= 1 => Some(value.pop()),
        _ => None,
    });
    Some(Position {
        values: values.collect::<Option<_>>()?,
        id,
    })
}

/// FNV-1a, because the standard library's hash may change.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::data::arbitrary::{any_object, any_value, order};
    use crate::data::{Document, OrderKey, Path, collation};

    fn newest_first() -> Order {
        Order {
            keys: vec![OrderKey::descending(Path::field("createdAt"))],
        }
    }

    /// A cursor that clients hold must stay readable; a change here needs a new version.
    #[test]
    fn the_text_is_stable() {
        let position = Position {
            values: vec![Some(Value::Date(1_767_323_045_678))],
            id: DocId::string("o1"),
        };
        let cursor = Cursor::new(position, &newest_first());
        let text = cursor.encode();
        insta::assert_snapshot!(text, @"AejmT2lx9KVoWyJvMSIsW3siJGQiOjE3NjczMjMwNDU2Nzh9XV0");
        assert_eq!(Cursor::decode(&text, &newest_first()), Ok(cursor));
    }

    #[test]
    fn what_is_not_a_cursor_for_this_list() {
        let id = DocId::string("a");
        let cursor = Cursor::new(
            Position {
                values: vec![None],
                id,
            },
            &newest_first(),
        );
        let text = cursor.encode();
        let by_id = Order::default();
        assert_eq!(Cursor::decode(&text, &by_id), Err(CursorError::OtherOrder));
        let reversed = newest_first().reversed();
        assert_eq!(
            Cursor::decode(&text, &reversed),
            Err(CursorError::OtherOrder)
        );
        let short = Cursor {
            position: Position {
                values: vec![],
                ..cursor.position.clone()
            },
            ..cursor
        };
        assert_eq!(
            Cursor::decode(&short.encode(), &newest_first()),
            Err(CursorError::OtherOrder)
        );
        let padded = format!("{text}=");
        let huge = "A".repeat(Cursor::MAX_LEN + 1);
        for text in [
            "",
            "!",
            "AA",
            "b2Zmc2V0OjIw",
            &padded,
            &text[..text.len() - 2],
            &huge,
        ] {
            assert_eq!(
                Cursor::decode(text, &newest_first()),
                Err(CursorError::Malformed),
                "{text}"
            );
        }
    }

    #[test]
    fn only_a_position_is_read() {
        for json in [
            "{}",
            "[]",
            "[1.5]",
            "[[1]]",
            r#"["a",1]"#,
            r#"["a",[1,2]]"#,
            r#"["a",[{"$d":""}]]"#,
        ] {
            let mut bytes = vec![VERSION];
            bytes.extend_from_slice(&Cursor::order_hash(&newest_first()).to_be_bytes());
            bytes.extend_from_slice(json.as_bytes());
            let text = URL_SAFE_NO_PAD.encode(bytes);
            let read = Cursor::decode(&text, &newest_first());
            assert_eq!(read, Err(CursorError::Malformed), "{json}");
        }
    }

    proptest! {
        #[test]
        fn positions_round_trip(order in order(), fields in any_object(), number in any::<i64>()) {
            let document = Document::new(DocId::Int(number), 0, fields);
            let position = order.position(&document);
            let text = Cursor::new(position.clone(), &order).encode();
            let read = Cursor::decode(&text, &order).expect("just written").position;
            prop_assert_eq!(read.id, position.id);
            for (read, value) in read.values.iter().zip(&position.values) {
                prop_assert_eq!(read.is_some(), value.is_some());
                prop_assert!(collation::compare_optional(read.as_ref(), value.as_ref()).is_eq());
            }
        }

        #[test]
        fn no_text_panics(text in "[A-Za-z0-9_-]{0,60}|\\PC{0,20}", value in any_value()) {
            let _ = Cursor::decode(&text, &newest_first());
            let mut bytes = vec![VERSION];
            bytes.extend_from_slice(&Cursor::order_hash(&newest_first()).to_be_bytes());
            bytes.extend_from_slice(storage::encode_value(&value).as_bytes());
            let _ = Cursor::decode(&URL_SAFE_NO_PAD.encode(bytes), &newest_first());
        }
    }
}
