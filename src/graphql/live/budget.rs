//! How many documents a caller may have watched for them at one time: as many as
//! there were when their cohorts began. Lists that others began and they share cost nothing.

use crate::gateway::Quota;

/// Of one caller who is signed in: twenty of the longest lists. A socket runs a hundred operations and a caller has many
/// sockets; each operation with a condition of its own is a list of its own, and all of them are held in memory.
const DOCUMENTS_MAX: usize = 100_000;

/// Of all together who are not signed in.
const DOCUMENTS_MAX_OF_GUESTS: usize = 1_000_000;

pub(super) fn documents() -> Quota {
    Quota::new(DOCUMENTS_MAX, DOCUMENTS_MAX_OF_GUESTS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Principal;

    #[test]
    fn a_caller_has_so_many_and_guests_have_more() {
        let budget = documents();
        let [ann, bob] = ["ann", "bob"].map(|name| Some(Principal::openid(name)));
        let half = budget.take(ann.clone(), DOCUMENTS_MAX / 2).expect("room");
        let other = budget.take(ann.clone(), DOCUMENTS_MAX / 2).expect("room");
        assert!(budget.take(ann.clone(), 1).is_none());
        assert!(budget.take(bob, DOCUMENTS_MAX).is_some());
        let guests = budget.take(None, DOCUMENTS_MAX_OF_GUESTS);
        assert!(guests.is_some() && budget.take(None, 1).is_none());
        drop((half, other));
        assert!(budget.take(ann, DOCUMENTS_MAX).is_some());
    }
}
