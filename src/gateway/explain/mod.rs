//! Why a caller may or may not do something.
//!
//! - `question.rs`: one question about one document, for the operator: it tells values of documents
//! - `operation.rs`: the parts of an operation, for staff as well: it looks at no document

mod operation;
mod question;

pub use self::operation::{Part, Permission, Ruling};
pub use self::question::{Explained, Question};
