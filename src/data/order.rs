//! The order of a list and a position in it.

use super::{DocId, Path, Value};

/// The order of a list: keys by priority. `_id` ascending is always the last,
/// unspoken key (or the direction of an explicit `_id` key), so that every order is total.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Order {
    pub keys: Vec<OrderKey>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OrderKey {
    pub path: Path,
    pub direction: Direction,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    Ascending,
    Descending,
}

/// A place in an ordered list: just after (or before) a document with these
/// key values. `None` = the document has no value there.
#[derive(Clone, Debug, PartialEq)]
pub struct Position {
    /// One entry for each key of the order.
    pub values: Vec<Option<Value>>,
    pub id: DocId,
}
