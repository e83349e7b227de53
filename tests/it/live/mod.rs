//! Subscriptions, in this process: who is told what of a list, and when.

/// Collections that are closed, and open again.
mod closed;
/// After random writes everybody has been told what a query gives.
mod differential;
/// What is told after faults of the store.
mod faults;
/// What is true at the moment of a call is what it shows.
mod moment;
/// What others write to the same store.
mod others;
/// Beginnings that are refused.
mod refused;
/// What relations lead to.
mod related;
/// Roles that are taken while they are made use of.
mod revoked;
/// How many see the same, how much waits for them, how they come and go.
mod shared;
/// What a caller may see, as that changes.
mod sight;
/// A subscriber that checks what it is told; for other areas too.
pub(crate) mod subscriber;
/// What becomes of a list.
mod told;
