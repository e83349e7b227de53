//! Sort orders.

use super::Result;
use crate::data::{Object, Order};

/// Reads `{n: -1, _id: 1}`: keys by priority. (Elements of arrays are not looked at one by one: an array sorts as a
/// whole, as everywhere in this crate.)
pub fn order(_keys: &Object) -> Result<Order> {
    unimplemented!("query helper")
}
