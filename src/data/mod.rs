//! The vocabulary: what a document is, how it is compared, filtered, ordered
//! and changed, and who asks. Pure: no IO, no async, no clock, no other module
//! of ours.
//!
//! - [`Value`], [`Object`]: `value.rs`; EJSON text both ways: `ejson.rs`
//! - [`Path`]: `path.rs`; [`Document`], [`DocId`]: `document.rs`
//! - total order of values and its byte form: `collation.rs`
//! - [`Filter`]: `filter.rs` (what it says), `matching/` (what it means), `geo.rs`,
//!   [`Pattern`]: `pattern.rs`; as text: `rendering.rs`
//! - [`Update`]: `update.rs`; [`Order`], [`Position`]: `order.rs`; [`Cursor`]: `cursor.rs`
//! - [`Caller`]: `caller.rs`; [`Change`]: `change.rs`

#[cfg(test)]
pub(crate) mod arbitrary;
mod caller;
mod canonical;
mod change;
pub mod collation;
mod cursor;
mod document;
pub mod ejson;
mod filter;
pub mod geo;
mod index;
mod matching;
mod members;
mod name;
mod order;
mod path;
mod pattern;
mod rendering;
pub mod timestamp;
pub mod update;
mod value;

pub use caller::{Caller, Identity, LoginType, Principal, PrincipalError, Role, User};
pub use change::Change;
pub use cursor::{Cursor, CursorError};
pub use document::{DocId, Document};
pub use filter::{Comparison, Filter, Strict, Test};
pub use index::{Index, IndexKeys};
pub(crate) use matching::{Leaf, any_candidate, for_each_candidate};
pub use name::CollectionName;
pub use order::{Direction, Order, OrderKey, Position};
pub use path::Path;
pub use pattern::{Pattern, PatternError};
pub use update::Update;
pub use value::{Binary, Object, ObjectId, Value};
