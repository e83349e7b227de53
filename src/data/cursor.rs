//! The opaque text of a place in a list.

use super::{Order, Position};

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

impl Cursor {
    /// A stable hash of an order.
    pub fn order_hash(_order: &Order) -> u64 {
        unimplemented!("data helper")
    }

    /// The text handed to clients: URL-safe, without padding.
    pub fn encode(&self) -> String {
        unimplemented!("data helper")
    }

    /// Reads a text handed in by a client for a list of this order.
    pub fn decode(_text: &str, _order: &Order) -> Result<Self, CursorError> {
        unimplemented!("data helper")
    }
}
