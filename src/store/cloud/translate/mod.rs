//! Our filters, updates and orders in the document database's own language. Pure.
//!
//! Exact where the database's operators mean what ours do; strict leaves of rules get guards (`$type`, no array on the
//! way), so that what is matched is what [`Filter::matches`] matches.

use crate::data::{Direction, Filter, Object, Order, Position, Update};

/// The condition that the same documents match.
pub fn query(_filter: &Filter) -> Object {
    unimplemented!("translate helper")
}

/// Operators that do the same to each document that the update fits.
pub fn update(_update: &Update) -> Object {
    unimplemented!("translate helper")
}

/// Keys by priority, `_id` last and written out.
pub fn order(_order: &Order) -> Vec<(String, Direction)> {
    unimplemented!("translate helper")
}

/// The condition that the documents after this position match.
pub fn after(_order: &Order, _position: &Position) -> Object {
    unimplemented!("translate helper")
}
