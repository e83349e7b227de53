//! Lists: one page of a collection.

use crate::data::Order;

use super::mask::Visible;

/// Documents of one page with what `PageInfo` tells.
#[derive(Clone, Debug)]
pub struct List {
    pub nodes: Vec<Visible>,
    pub has_next_page: bool,
    pub has_previous_page: bool,
    pub total: Option<u64>,
    order: Order,
}

impl List {
    /// The cursor of a node of this list.
    pub fn cursor(&self, _node: usize) -> String {
        let _ = &self.order;
        unimplemented!("gateway")
    }
}
