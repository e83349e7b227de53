//! Documents that were read for many keys at once, dealt out to the keys that they have.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use crate::data::{Filter, Object, Path, Test, Value, collation, for_each_candidate};

/// Tells which of some keys a document has: whose value at the path equals the key.
#[derive(Debug)]
pub(super) struct Dealer<'a> {
    path: &'a Path,
    keys: &'a [Value],
    /// Where keys stand in the list, by what sorts equal.
    places: HashMap<Vec<u8>, Vec<usize>>,
}

impl<'a> Dealer<'a> {
    pub(super) fn new(path: &'a Path, keys: &'a [Value]) -> Self {
        let mut places: HashMap<Vec<u8>, Vec<usize>> = HashMap::new();
        for (at, key) in keys.iter().enumerate() {
            places
                .entry(collation::key(Some(key)))
                .or_default()
                .push(at);
        }
        Self { path, keys, places }
    }

    /// The filter, restricted to documents that have one of the keys.
    pub(super) fn narrow(&self, filter: &Filter) -> Filter {
        filter
            .clone()
            .and(Filter::field(self.path, Test::In(self.keys.to_vec())))
    }

    /// The places of the keys that equal this value.
    pub(super) fn places_of_key(&self, value: Option<&Value>) -> &[usize] {
        let places = self.places.get(&collation::key(value));
        places.map_or(&[], Vec::as_slice)
    }

    /// The places of the keys that a document has.
    pub(super) fn places_of(&self, fields: &Object) -> Vec<usize> {
        match self.path.sort_value(fields) {
            Some(Value::Array(_)) => self.places_of_many(fields),
            value => self.places_of_key(value).to_vec(),
        }
    }

    /// An array may have several of the keys, each in its own way.
    fn places_of_many(&self, fields: &Object) -> Vec<usize> {
        let found = RefCell::new(BTreeSet::new());
        for_each_candidate(self.path, fields, &|value| {
            found.borrow_mut().extend(self.places_of_key(value));
        });
        found.into_inner().into_iter().collect()
    }
}

/// What one key is dealt of a list: so many are skipped, so many are taken.
#[derive(Clone, Debug)]
pub(super) struct Hand<T> {
    skip: u64,
    room: u64,
    pub(super) dealt: Vec<T>,
}

impl<T> Hand<T> {
    pub(super) fn new(skip: u64, limit: u64) -> Self {
        Self {
            skip,
            room: limit,
            dealt: Vec::new(),
        }
    }

    /// Goes on to the next of the list: whether that is one to take.
    pub(super) fn takes_next(&mut self) -> bool {
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        let takes = self.room > 0;
        self.room -= u64::from(takes);
        takes
    }

    pub(super) fn is_full(&self) -> bool {
        self.room == 0
    }

    /// How many of the list are still to be skipped, and how many to be taken then.
    pub(super) fn missing(&self) -> (u64, u64) {
        (self.skip, self.room)
    }
}
