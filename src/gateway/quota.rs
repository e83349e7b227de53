//! How much of something each caller may have at one time.
//!
//! What is counted (sockets, watched documents) and how much of it is too much is
//! the affair of whoever makes the quota.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::data::Principal;

#[derive(Debug)]
pub struct Quota {
    /// Of one caller who is signed in.
    most: usize,
    /// Of all together who are not: they have no names to tell them apart by.
    most_of_guests: usize,
    /// What is taken, by caller; `None`: not signed in. Only callers who have some are in it. A plain lock: it is held
    /// for one look-up, once when a share is taken and once when it ends.
    taken: Mutex<HashMap<Option<Principal>, usize>>,
}

/// What one caller took, until it is dropped.
#[derive(Debug)]
pub struct Share {
    quota: Arc<Quota>,
    who: Option<Principal>,
    amount: usize,
}

impl Quota {
    pub fn new(most: usize, most_of_guests: usize) -> Self {
        Self {
            most,
            most_of_guests,
            taken: Mutex::default(),
        }
    }

    /// So much for this caller (`None`: not signed in), if there is as much left.
    pub fn take(self: &Arc<Self>, who: Option<Principal>, amount: usize) -> Option<Share> {
        let most = match who {
            Some(_) => self.most,
            None => self.most_of_guests,
        };
        let mut taken = self.taken();
        let before = taken.get(&who).copied().unwrap_or(0);
        let after = before.checked_add(amount).filter(|after| *after <= most)?;
        taken.insert(who.clone(), after);
        Some(Share {
            quota: Arc::clone(self),
            who,
            amount,
        })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<Option<Principal>, usize>> {
        // Nothing panics while it holds the lock.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Share {
    pub fn is_of(&self, who: Option<&Principal>) -> bool {
        self.who.as_ref() == who
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut taken = self.quota.taken();
        if let Some(amount) = taken.get_mut(&self.who) {
            *amount -= self.amount;
            if *amount == 0 {
                taken.remove(&self.who);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_counted_by_caller_and_given_back() {
        let quota = Arc::new(Quota::new(1, 2));
        let alice = || quota.take(Some(Principal::openid("alice")), 1);
        let first = alice().expect("a share");
        assert!(alice().is_none());
        let bob = quota.take(Some(Principal::openid("bob")), 1);
        assert!(bob.is_some());
        drop(first);
        assert!(alice().is_some());

        let guests = [quota.take(None, 1), quota.take(None, 1)];
        assert!(guests.iter().all(Option::is_some));
        assert!(quota.take(None, 1).is_none());
        drop((bob, guests));
        assert!(quota.taken().is_empty());
    }

    #[test]
    fn a_caller_has_so_much_and_gives_it_back() {
        let quota = Arc::new(Quota::new(10, 100));
        let [ann, bob] = ["ann", "bob"].map(|name| Some(Principal::openid(name)));
        let half = quota.take(ann.clone(), 5).expect("room");
        let other = quota.take(ann.clone(), 5).expect("room");
        assert!(quota.take(ann.clone(), 1).is_none());
        assert!(quota.take(ann.clone(), 0).is_some());
        assert!(quota.take(bob, 10).is_some());
        let guests = quota.take(None, 100);
        assert!(guests.is_some() && quota.take(None, 1).is_none());
        drop(half);
        assert!(quota.take(ann, 1).is_some());
        drop((other, guests));
        assert!(quota.taken().is_empty());
    }
}
