//! Looking values up in a list: fast also where both are long.

use std::cell::{Cell, OnceCell};

use rustc_hash::FxHashSet;

use super::super::{Value, collation};

/// So many look-ups in so long a list are done by comparing one by one, which is faster than hashing all of it.
const FEW: usize = 16;

/// A list that values are looked up in, as the database calls them equal.
pub(crate) struct Among<'a> {
    list: &'a [Value],
    asked: Cell<usize>,
    /// The collation keys of the list, made once they pay: 10,000 values looked up among 100,000 must not be a billion
    /// comparisons.
    keys: OnceCell<FxHashSet<Vec<u8>>>,
}

impl<'a> Among<'a> {
    pub(crate) fn new(list: &'a [Value]) -> Self {
        Self {
            list,
            asked: Cell::new(0),
            keys: OnceCell::new(),
        }
    }

    pub(crate) fn contains(&self, value: &Value) -> bool {
        let asked = self.asked.get();
        if self.list.len() <= FEW || asked < FEW {
            self.asked.set(asked + 1);
            return self.list.iter().any(|other| collation::equal(other, value));
        }
        let keys = || self.list.iter().map(|other| collation::key(Some(other)));
        self.keys
            .get_or_init(|| keys().collect())
            .contains(&collation::key(Some(value)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::data::arbitrary::any_value;

    proptest! {
        #[test]
        fn hashing_finds_what_comparing_finds(
            list in prop::collection::vec(any_value(), 0..40),
            asked in prop::collection::vec(any_value(), 0..40),
        ) {
            let among = Among::new(&list);
            for value in list.iter().chain(&asked).chain(&list) {
                let compared = list.iter().any(|other| collation::equal(other, value));
                prop_assert_eq!(among.contains(value), compared);
            }
        }
    }
}
