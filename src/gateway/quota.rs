//! How much of something each caller may have at one time.
//!
//! What is counted (sockets, watched documents) and how much of it is too much is
//! the affair of whoever makes the quota.

use std::sync::Arc;

use super::tally::{Held, Tally};
use crate::data::Principal;

#[derive(Debug)]
pub struct Quota {
    /// Of one caller who is signed in.
    most: usize,
    /// Of all together who are not: they have no names to tell them apart by.
    most_of_guests: usize,
    /// By caller; `None`: not signed in.
    tally: Arc<Tally<Option<Principal>>>,
}

/// What one caller took, until it is dropped.
pub type Share = Held<Option<Principal>>;

impl Quota {
    pub fn new(most: usize, most_of_guests: usize) -> Self {
        Self {
            most,
            most_of_guests,
            tally: Arc::default(),
        }
    }

    /// So much for this caller (`None`: not signed in), if there is as much left.
    pub fn take(&self, who: Option<Principal>, amount: usize) -> Option<Share> {
        let most = match who {
            Some(_) => self.most,
            None => self.most_of_guests,
        };
        self.tally.take(who, amount, most).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_counted_by_caller_and_given_back() {
        let quota = Quota::new(1, 2);
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
        assert!(quota.tally.is_empty());
    }

    #[test]
    fn a_caller_has_so_much_and_gives_it_back() {
        let quota = Quota::new(10, 100);
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
        assert!(quota.tally.is_empty());
    }
}
