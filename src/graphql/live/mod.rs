//! Subscriptions: live lists, rendered once for all who see the same.
//!
//! - `open.rs`: how an operation becomes a subscription, or is answered once
//! - `subscription.rs`: one subscriber: what it was told, what it is told next, whether it may still see it
//! - `operation.rs`: what all of a cohort sent, bound and rendered
//! - `cohort.rs`: subscribers with one operation, one set of variables and one sight share a list and its payloads
//! - `registry.rs`: which cohorts there are; who joins and leaves them
//! - `budget.rs`: how many documents a caller may have watched
//! - `follow.rs`: the task of a cohort, which looks at the list whenever it may look different
//! - `outage.rs`: what they do while the store cannot answer
//! - `shown.rs`: what a cohort showed at one moment: documents with a fingerprint of how each looked
//! - `difference.rs`: what became different between two such moments
//! - `counters.rs`: how many there are and what was done for them
//!
//! Whether anything is sent is decided by what would be *seen*: a document is updated when its text in the
//! subscriber's selection is another one, so that hidden and unselected fields never make an event.

mod budget;
mod cohort;
mod counters;
mod difference;
mod follow;
mod open;
mod operation;
mod outage;
mod registry;
mod shown;
mod subscription;

pub use self::counters::Counts;
pub(crate) use self::difference::{ChangeType, Difference, Look, difference};
pub use self::open::Reply;
pub(crate) use self::registry::Live;
pub use self::subscription::{End, Event, Subscription};
