//! Collecting the members of an object that somebody else wrote, in linear time.

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::{Object, Value};

/// From so many members on, a scan for each new name would add up: a hostile
/// object of 100,000 members must not take quadratic time.
const INDEXED_FROM: usize = 32;

/// Members as they come; of equal names the last value wins, at the place of the first.
#[derive(Default)]
pub(crate) struct Members {
    members: Vec<(SmolStr, Value)>,
    index: FxHashMap<SmolStr, usize>,
}

impl Members {
    pub(crate) fn insert(&mut self, name: SmolStr, value: Value) {
        match self.position(&name) {
            Some(at) => self.members[at].1 = value,
            None => {
                if !self.index.is_empty() {
                    self.index.insert(name.clone(), self.members.len());
                }
                self.members.push((name, value));
            }
        }
    }

    fn position(&mut self, name: &SmolStr) -> Option<usize> {
        if self.members.len() < INDEXED_FROM {
            return self.members.iter().position(|(known, _)| known == name);
        }
        if self.index.is_empty() {
            let names = self.members.iter().map(|(name, _)| name.clone());
            self.index = names.zip(0..).collect();
        }
        self.index.get(name).copied()
    }

    pub(crate) fn into_object(self) -> Object {
        Object::from_unique(self.members)
    }
}
