//! How many sockets and event streams a caller may have at one time.
//!
//! The total is kept by a semaphore before anybody has said who they are; here
//! are the seats of those who have.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::data::Principal;

#[derive(Debug)]
pub(super) struct Seats {
    /// Of one caller who is signed in.
    most: usize,
    /// Of all who are not: they have no names to tell them apart by.
    most_of_guests: usize,
    /// Those that are taken, by caller; `None`: not signed in. Only callers with a seat are in it. A plain lock: it is
    /// held for one look-up, once when one is opened and once when it ends.
    taken: Mutex<HashMap<Option<Principal>, usize>>,
}

/// One socket or stream of one caller, until it is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    seats: Arc<Seats>,
    who: Option<Principal>,
}

impl Seats {
    pub(super) fn new(most: usize, most_of_guests: usize) -> Self {
        Self {
            most,
            most_of_guests,
            taken: Mutex::default(),
        }
    }

    /// A seat for this caller, if there is one more.
    pub(super) fn take(self: &Arc<Self>, who: Option<Principal>) -> Option<Seat> {
        let most = match who {
            Some(_) => self.most,
            None => self.most_of_guests,
        };
        let mut taken = self.taken();
        let count = taken.get(&who).copied().unwrap_or(0);
        if count >= most {
            return None;
        }
        taken.insert(who.clone(), count + 1);
        Some(Seat {
            seats: Arc::clone(self),
            who,
        })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<Option<Principal>, usize>> {
        // Nothing panics while it holds the lock.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    pub(super) fn is_of(&self, who: Option<&Principal>) -> bool {
        self.who.as_ref() == who
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken();
        if let Some(count) = taken.get_mut(&self.who) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.who);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_are_counted_by_caller_and_given_back() {
        let seats = Arc::new(Seats::new(1, 2));
        let alice = || seats.take(Some(Principal::openid("alice")));
        let first = alice().expect("a seat");
        assert!(alice().is_none());
        let bob = seats.take(Some(Principal::openid("bob")));
        assert!(bob.is_some());
        drop(first);
        assert!(alice().is_some());

        let guests = [seats.take(None), seats.take(None)];
        assert!(guests.iter().all(Option::is_some));
        assert!(seats.take(None).is_none());
        drop((bob, guests));
        assert!(seats.taken().is_empty());
    }
}
