//! Brings the documents an operation selects: the roots, then relations level
//! by level, one call of the session for each distinct (relation, arguments),
//! however many parents ask. With each level, the addresses of the files that its documents name: `files.rs`.

mod files;
mod gather;
mod key;
mod relation;
mod root;
mod source;

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

pub(crate) use key::Key;
pub(crate) use relation::relations;
pub(crate) use root::{Brought, RootData, root};
pub(crate) use source::Source;

use self::files::Addresses;
use super::bind::{LoadPlan, Slot};
use super::error::{Code, Error};
use crate::gateway::{Interest, List, Visible};

/// All that was loaded of relations, by slot; filled level by level.
#[derive(Debug)]
pub(crate) struct Loads {
    slots: Vec<OnceLock<Load>>,
    addresses: Addresses,
}

/// What one load brought.
#[derive(Debug)]
pub(crate) struct Load {
    index: FxHashMap<Key, usize>,
    outcome: Outcome,
}

#[derive(Debug)]
enum Outcome {
    One(Vec<Option<Visible>>),
    Many(Vec<List>),
    /// The caller may not follow the relation at all.
    Denied,
    Failed(Arc<Error>),
}

/// What a relation leads to from one parent.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Related<'a, T> {
    Found(&'a T),
    Nothing,
    Denied,
    Failed(&'a Arc<Error>),
}

impl Loads {
    pub(crate) fn new(slots: usize) -> Self {
        Self {
            slots: (0..slots).map(|_| OnceLock::new()).collect(),
            addresses: Addresses::default(),
        }
    }

    /// What was asked for: all keys, also those that found nothing.
    pub(crate) fn interests(&self, plans: &[LoadPlan]) -> Vec<Interest> {
        let loads = self.slots.iter().zip(plans);
        let asked = loads.filter_map(|(load, plan)| Some((load.get()?, plan)));
        let interest = |(load, plan): (&Load, &LoadPlan)| Interest {
            target: plan.target,
            to: plan.to,
            keys: load.index.keys().map(Key::to_value).collect(),
        };
        asked.map(interest).collect()
    }

    /// Why not all of it is known, if the store could not answer: it may later.
    pub(crate) fn unavailable(&self) -> Option<&Arc<Error>> {
        let mut loads = self.slots.iter().filter_map(OnceLock::get);
        loads.find_map(|load| match &load.outcome {
            Outcome::Failed(error) if error.code == Code::Unavailable => Some(error),
            _ => None,
        })
    }

    fn get(&self, slot: Slot) -> Option<&Load> {
        self.slots[slot.0].get()
    }

    /// Whether addresses of files were loaded: they end.
    pub(crate) fn has_addresses(&self) -> bool {
        !self.addresses.is_empty()
    }

    /// The address of a file that was loaded for so many seconds.
    pub(crate) fn address(&self, file: &SmolStr, age: u32) -> Result<Arc<str>, Error> {
        self.addresses.get(file, age)
    }

    pub(crate) fn one(&self, slot: Slot, key: Option<&Key>) -> Related<'_, Visible> {
        let Some(load) = self.get(slot) else {
            return Related::Nothing;
        };
        match &load.outcome {
            Outcome::One(found) => key
                .and_then(|key| load.index.get(key))
                .and_then(|at| found.get(*at)?.as_ref())
                .map_or(Related::Nothing, Related::Found),
            Outcome::Denied => Related::Denied,
            Outcome::Failed(error) => Related::Failed(error),
            Outcome::Many(_) => Related::Nothing,
        }
    }

    pub(crate) fn many(&self, slot: Slot, key: Option<&Key>) -> Related<'_, List> {
        let Some(load) = self.get(slot) else {
            return Related::Nothing;
        };
        match &load.outcome {
            Outcome::Many(found) => key
                .and_then(|key| load.index.get(key))
                .and_then(|at| found.get(*at))
                .map_or(Related::Nothing, Related::Found),
            Outcome::Denied => Related::Denied,
            Outcome::Failed(error) => Related::Failed(error),
            Outcome::One(_) => Related::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Value;
    use crate::graphql::sample::Sample;

    #[test]
    fn keys_that_found_nothing_are_of_interest_too() {
        let sample = Sample::of(
            "subscription { orders { nodes { user { orders { nodes { id } } } lines { item { id } } } } }",
        );
        let plan = sample.plan();
        let loads = Loads::new(plan.loads.len());
        assert!(loads.interests(&plan.loads).is_empty());
        let keys = [Value::String("u1".into()), Value::Double(2.0)];
        let load = Load {
            index: keys.iter().filter_map(Key::of).zip(0..).collect(),
            outcome: Outcome::One(vec![None, None]),
        };
        loads.slots[0].set(load).expect("it is loaded once");
        let interests = loads.interests(&plan.loads);
        let [interest] = interests.as_slice() else {
            panic!("one load has run: {interests:?}")
        };
        assert_eq!(interest.target, plan.loads[0].target);
        assert_eq!(interest.to, plan.loads[0].to);
        assert_eq!(interest.keys.len(), 2);
        for key in [Value::String("u1".into()), Value::Int(2)] {
            assert!(interest.keys.contains(&key), "{key:?}");
        }
    }
}
