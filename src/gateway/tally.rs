//! How much of something is taken at one time, counted by whoever took it.
//!
//! What is counted, by what name and how much is too much is the affair of whoever keeps the tally.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Debug)]
pub struct Tally<K: Hash + Eq> {
    /// Only who has some is in it, so it is no larger than what is taken. A plain lock: it is held for one look-up, once
    /// when a share is taken and once when it ends.
    taken: Mutex<HashMap<K, usize>>,
}

/// What somebody took, until it is dropped.
#[derive(Debug)]
pub struct Held<K: Hash + Eq> {
    tally: Arc<Tally<K>>,
    who: K,
    amount: usize,
}

impl<K: Hash + Eq> Default for Tally<K> {
    fn default() -> Self {
        Self {
            taken: Mutex::default(),
        }
    }
}

impl<K: Hash + Eq + Clone> Tally<K> {
    /// So much for this one, who then has at most so much; else what they would have had.
    ///
    /// # Errors
    /// They would have more.
    pub fn take(self: &Arc<Self>, who: K, amount: usize, most: usize) -> Result<Held<K>, usize> {
        let mut taken = self.taken();
        let before = taken.get(&who).copied().unwrap_or(0);
        let after = before.saturating_add(amount);
        if after > most {
            return Err(after);
        }
        taken.insert(who.clone(), after);
        drop(taken);
        Ok(Held {
            tally: Arc::clone(self),
            who,
            amount,
        })
    }
}

impl<K: Hash + Eq> Tally<K> {
    fn taken(&self) -> MutexGuard<'_, HashMap<K, usize>> {
        // Nothing panics while it holds the lock.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nobody has anything.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.taken().is_empty()
    }
}

impl<K: Hash + Eq> Held<K> {
    pub fn is_of(&self, who: &K) -> bool {
        self.who == *who
    }
}

impl<K: Hash + Eq> Drop for Held<K> {
    fn drop(&mut self) {
        let mut taken = self.tally.taken();
        if let Some(amount) = taken.get_mut(&self.who) {
            *amount -= self.amount;
            if *amount == 0 {
                taken.remove(&self.who);
            }
        }
    }
}
