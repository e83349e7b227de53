//! Paging: what a caller may ask for, and what becomes of it in a store's read.

use std::sync::Arc;

use crate::data::{Cursor, Document, Order, Position};

use super::error::{Error, Result};
use super::request::PageRequest;

/// The most documents of one page.
pub(super) const MAX_SIZE: u64 = 500;
/// The size of a page whose size nobody named.
pub(super) const DEFAULT_SIZE: u64 = 20;
/// The largest offset: beyond it a cursor is the way.
const MAX_OFFSET: u64 = 10_000;

/// A checked page.
#[derive(Clone, Debug)]
pub(super) struct Page {
    pub(super) size: u64,
    pub(super) skip: u64,
    /// The order in which the store reads: reversed for the last documents.
    pub(super) order: Order,
    pub(super) after: Option<Position>,
    backwards: bool,
}

impl Page {
    /// Checks a page of a list in this order.
    pub(super) fn check(request: &PageRequest, order: &Order) -> Result<Self> {
        let backwards = request.last.is_some() || request.before.is_some();
        refuse_contradictions(request)?;
        let size = match (request.first, request.last) {
            (Some(first), _) => within("first", first, MAX_SIZE)?,
            (_, Some(last)) => within("last", last, MAX_SIZE)?,
            (None, None) => DEFAULT_SIZE,
        };
        let skip = within("offset", request.offset.unwrap_or(0), MAX_OFFSET)?;
        let after = position("after", request.after.as_deref(), order)?;
        let before = position("before", request.before.as_deref(), order)?;
        // A position of an order is one of its reversal too.
        Ok(Self {
            size,
            skip,
            order: if backwards {
                order.reversed()
            } else {
                order.clone()
            },
            after: if backwards { before } else { after },
            backwards,
        })
    }

    /// The documents from the beginning on, however many the limits of pages are.
    pub(super) fn leading(size: u64, order: &Order) -> Self {
        Self {
            size,
            skip: 0,
            order: order.clone(),
            after: None,
            backwards: false,
        }
    }

    /// What to read: one more than the page, to know whether there is more.
    pub(super) fn limit(&self) -> u64 {
        self.size.saturating_add(1)
    }

    pub(super) fn has_cursor(&self) -> bool {
        self.after.is_some()
    }

    /// The page's documents in the caller's order, and whether there are more beyond it.
    pub(super) fn cut(&self, mut found: Vec<Arc<Document>>) -> (Vec<Arc<Document>>, bool) {
        let size = usize::try_from(self.size).unwrap_or(usize::MAX);
        let more = found.len() > size;
        found.truncate(size);
        if self.backwards {
            found.reverse();
        }
        (found, more)
    }

    /// `(has_next_page, has_previous_page)`. Beyond a cursor or an offset there is something, by the caller's own word.
    pub(super) fn neighbours(&self, more: bool) -> (bool, bool) {
        let behind = self.after.is_some() || self.skip > 0;
        if self.backwards {
            (behind, more)
        } else {
            (more, behind)
        }
    }
}

fn refuse_contradictions(request: &PageRequest) -> Result<()> {
    let refuse = |place, message| Err(Error::bad_input(place, message));
    if request.first.is_some() && request.last.is_some() {
        return refuse("last", "`first` and `last` exclude each other");
    }
    if request.offset.is_some() && (request.after.is_some() || request.before.is_some()) {
        return refuse("offset", "an offset and a cursor exclude each other");
    }
    if request.offset.is_some() && request.last.is_some() {
        return refuse("offset", "an offset goes with `first`, not with `last`");
    }
    if request.after.is_some() && (request.last.is_some() || request.before.is_some()) {
        return refuse("after", "`after` goes with `first`, `before` with `last`");
    }
    if request.before.is_some() && request.first.is_some() {
        return refuse("before", "`after` goes with `first`, `before` with `last`");
    }
    Ok(())
}

fn within(place: &str, value: u64, max: u64) -> Result<u64> {
    if value > max {
        return Err(Error::bad_input(place, format!("at most {max}")));
    }
    Ok(value)
}

fn position(place: &str, text: Option<&str>, order: &Order) -> Result<Option<Position>> {
    text.map(|text| Cursor::decode(text, order).map(|cursor| cursor.position))
        .transpose()
        .map_err(|error| Error::bad_input(place, error.to_string()))
}
