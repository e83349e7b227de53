//! Subscriptions: live lists, rendered once for all who see the same.
//!
//! - `subscription.rs`: one subscriber: what it was told, what it is told next, whether it may still see it
//! - `cohort.rs`: subscribers with one operation, one set of variables and one sight share its task and its payloads
//! - `shown.rs`: what a cohort showed at one moment: documents with a fingerprint of how each looked
//! - `difference.rs`: what became different between two such moments
//! - `counters.rs`: how many there are and what was done for them
//!
//! Whether anything is sent is decided by what would be *seen*: a document is updated when its text in the
//! subscriber's selection is another one, so that hidden and unselected fields never make an event.

mod counters;
mod difference;
mod subscription;

pub use self::counters::{Counters, Counts};
pub(crate) use self::difference::{ChangeType, Difference, difference};
pub use self::subscription::{End, Event, Reply, Subscription};
