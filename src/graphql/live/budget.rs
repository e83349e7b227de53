//! How many documents a caller may have watched for them at one time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::data::{Caller, Principal};

/// Of one caller who is signed in: twenty of the longest lists. A socket runs a hundred operations and a caller has many
/// sockets; each operation with a condition of its own is a list of its own, and all of them are held in memory.
const DOCUMENTS_MAX: usize = 100_000;

/// Of all together who are not signed in: they have no names to tell them apart by.
const DOCUMENTS_MAX_OF_GUESTS: usize = 1_000_000;

/// What is watched, by whom it was begun; `None`: not signed in. Lists that others share with them cost nothing more.
/// The lock covers one look-up.
#[derive(Debug, Default)]
pub(super) struct Budget(Mutex<HashMap<Option<Principal>, usize>>);

/// The documents of one cohort, as many as there were when it began, until it ends.
#[derive(Debug)]
pub(super) struct Charge {
    budget: Arc<Budget>,
    who: Option<Principal>,
    documents: usize,
}

impl Budget {
    /// Takes so many documents upon this caller, if there is room.
    pub(super) fn charge(self: &Arc<Self>, caller: &Caller, documents: usize) -> Option<Charge> {
        let who = caller.signed_in().map(|user| user.principal.clone());
        let max = match who {
            Some(_) => DOCUMENTS_MAX,
            None => DOCUMENTS_MAX_OF_GUESTS,
        };
        let mut charged = self.charged();
        let before = charged.get(&who).copied().unwrap_or(0);
        if before + documents > max {
            return None;
        }
        charged.insert(who.clone(), before + documents);
        Some(Charge {
            budget: Arc::clone(self),
            who,
            documents,
        })
    }

    fn charged(&self) -> MutexGuard<'_, HashMap<Option<Principal>, usize>> {
        // Nothing panics under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        let mut charged = self.budget.charged();
        if let Some(documents) = charged.get_mut(&self.who) {
            *documents -= self.documents;
            if *documents == 0 {
                charged.remove(&self.who);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_has_so_much_and_gives_it_back() {
        let budget = Arc::new(Budget::default());
        let [ann, bob] = ["ann", "bob"].map(|name| Caller::user(Principal::openid(name).to_user()));
        let half = budget.charge(&ann, DOCUMENTS_MAX / 2).expect("room");
        let other = budget.charge(&ann, DOCUMENTS_MAX / 2).expect("room");
        assert!(budget.charge(&ann, 1).is_none());
        assert!(budget.charge(&ann, 0).is_some());
        assert!(budget.charge(&bob, DOCUMENTS_MAX).is_some());
        let guests = budget.charge(&Caller::none(), DOCUMENTS_MAX_OF_GUESTS);
        assert!(guests.is_some() && budget.charge(&Caller::none(), 1).is_none());
        drop(half);
        assert!(budget.charge(&ann, 1).is_some());
        drop((other, guests));
        assert!(budget.charged().is_empty());
    }
}
