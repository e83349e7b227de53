//! Filters that mean the same because they differ in the order of their parts
//! only, as one text: the key under which watches are shared.

use super::Filter;

impl Filter {
    /// A text that two filters share only if they mean the same, and do share if they differ in nothing but the order
    /// and the repetition of the parts of an `and` or `or`.
    pub fn canonical(&self) -> String {
        unimplemented!("live helper")
    }
}
