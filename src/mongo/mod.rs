//! The document database's own language, as the cloud's clients send it:
//! conditions, updates, projections, aggregation. Pure; documents come in as
//! [`crate::data::Object`]s and go out as such.
//!
//! What the operators mean is `MongoDB`'s; where its manual and the cloud
//! differ, the cloud's official clients decide. Values are parsed EJSON
//! ([`crate::data::ejson`]); a regular expression in a condition is still an
//! object here: `{$regularExpression: {pattern, options}}` or `{$regex, $options}`.
//!
//! - `query/`: conditions; `projection/`: which fields come back; `order.rs`: sorting
//! - `kind.rs`: names of types; `path.rs`: paths; `geo.rs`: distances
//! - `update/`: update operators
//! - `expression/`: aggregation expressions and accumulators; `pipeline/`: aggregation stages

pub mod expression;
mod geo;
mod kind;
pub mod pipeline;
mod projection;
pub mod query;
mod update;

mod order;
mod path;

use self::expression::Expression;
pub use self::order::order;
pub use self::pipeline::Pipeline;
pub use self::projection::Projection;
pub use self::query::Query;
pub use self::update::Update;

/// Why something is not understood, or cannot be done to these documents. The text is for the client: lower case,
/// names the operator, says what is needed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No operator of that name, or not in this place.
    #[error("unknown operator: {0}")]
    UnknownOperator(String),
    /// An operator with arguments it cannot take.
    #[error("{0}")]
    Malformed(String),
    /// What is well-formed cannot be done to the values found.
    #[error("{0}")]
    Failed(String),
}

pub type Result<T, E = Error> = std::result::Result<T, E>;
