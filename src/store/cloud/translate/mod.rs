//! Our filters, updates and orders in the document database's own language. Pure.
//!
//! # Filters
//!
//! A condition is **exact** (true of the same documents as the filter) or **wider** (true of more, never of fewer), and
//! [`Translated::exact`] tells which. Who reads documents checks them again with [`Filter::matches`]; who only counts
//! cannot, and has to read instead where the condition is wider. What is wider is never negated: it becomes "every
//! document".
//!
//! A caller's test ([`Filter::Field`]) means what the database's operator of that name means, so it is that operator:
//! `status = 'PAID'` is `{status: "PAID"}`. A leaf of a rule ([`Filter::Strict`]) is about one value of one type. The
//! database's operators look into arrays on the way and at the end, and into null and missing values, so such a leaf is
//! an operator that an index can use, and guards beside it:
//!
//! | leaf | condition |
//! |---|---|
//! | `doc._openid == "o"` | `{_openid: {$eq: "o", $not: {$type: "array"}}}` |
//! | `doc.a.n > 1` | `{a: {$not: {$type: "array"}}, "a.n": {$gt: 1, $not: {$type: "array"}}}` |
//! | `doc.status != "X"` | `{status: {$type: "string", $ne: "X", $not: {$type: "array"}}}` |
//! | `doc.n != 1` | `{$or: [{n: {$lt: 1}}, {n: {$gt: 1}}], n: {$not: {$type: "array"}}}` (NaN is neither) |
//! | `doc.x == null` | `{x: {$eq: null, $not: {$type: "array"}}}` |
//! | `"a" in doc.tags` | `{tags: {$elemMatch: {$eq: "a"}}}` |
//! | `doc.a == doc.b` | `$expr`, and for each type that compares: both are of it |
//!
//! `_id` is never an array, so it needs no guard.
//!
//! Wider are, and only these are:
//! - `matches`: the syntaxes of regular expressions differ. Every document with a text there.
//! - `within`, `intersects`: the database's edges are great circles, ours are straight in degrees. See `geo.rs`.
//! - `hasEvery` of several values at the end of a dotted path: an array on the way may have one each in several arrays.
//! - `some` with a condition that is true of an object without any fields (such as `ne`), or that is about indexes: the
//!   database takes an array among the elements for an object, too.
//! - a strict leaf with an index in its path, or that compares two fields of an *element*; one test twice on an element.
//! - what the database has no words for: names that begin with `$` or contain dots, here and in values; nesting beyond
//!   what it takes.
//!
//! Values of types that this program has no [`crate::data::Value`] for (decimals, timestamps, regular expressions, keys at the
//! ends of the order) are objects to it and what they are to the database: documents that hold them where a filter looks
//! may be counted though they do not match.
//!
//! # Orders
//!
//! [`after()`] is exact, whatever documents hold. But the database puts a document with an array in a sort key where its least
//! element (descending: its greatest) belongs, and [`Order`] puts all of them behind the objects. So **pages of a list that
//! is ordered by a field with arrays are not exact in the cloud**: documents may be left out. None comes twice, and no
//! walk goes on for ever: each page is strictly behind, in our order, what the one before ended with, if the rows that come
//! back are checked with [`Order::is_after`]. The same goes for values of the types above; behind a position that is one, a page
//! goes on with the next class of values.

mod after;
mod condition;
mod element;
mod field;
mod filter;
mod geo;
mod place;
mod strict;
#[cfg(test)]
mod tests;
mod text;
mod update;
mod words;

pub use self::after::after;
pub use self::update::{Inexpressible, update};
use self::words::is_storable;
use self::words::name;
use crate::data::ejson::MAX_DEPTH;
use crate::data::{Direction, Filter, Object, Order, Value};
use smol_str::SmolStr;

/// A filter in the database's words.
#[derive(Clone, Debug, PartialEq)]
pub struct Translated {
    /// True of every document that the filter is true of.
    pub query: Object,
    /// Whether it is true of no other.
    pub exact: bool,
}

/// The condition that documents of this filter match. Those that come back must be checked again, see [`translate`].
pub fn query(filter: &Filter) -> Object {
    translate(filter).query
}

/// The condition that documents of this filter match, and whether others do.
pub fn translate(filter: &Filter) -> Translated {
    let said = filter::document(filter);
    let query = said.condition.into_object();
    if query.depth() > MAX_DEPTH {
        return Translated {
            query: Object::new(),
            exact: false,
        };
    }
    Translated {
        query,
        exact: said.exact,
    }
}

/// Whether the database would store these fields as they are: names that begin with `$` are operators to it, or types, so
/// that an object would become a date or an id.
pub fn can_hold<'a>(values: impl IntoIterator<Item = (&'a SmolStr, &'a Value)>) -> bool {
    let mut values = values.into_iter();
    values.all(|(name, value)| !name.starts_with('$') && is_storable(value))
}

/// Keys by priority, `_id` last and written out. A key that the database has no name for is left out, as in [`after()`].
pub fn order(order: &Order) -> Vec<(String, Direction)> {
    let mut keys: Vec<(String, Direction)> = Vec::new();
    for key in order.keys_before_id() {
        if let Some(name) = name(&key.path)
            && keys.iter().all(|(known, _)| *known != name)
        {
            keys.push((name, key.direction));
        }
    }
    keys.push(("_id".to_owned(), order.id_direction()));
    keys
}
