//! Transactions: begun and ended by addresses of their own.

use super::call::{address, post};
use crate::cloudbase::client::{Label, Request};
use crate::cloudbase::database::TransactionId;
use crate::cloudbase::signature::encoded;

/// One that is begun twice harms nobody: it ends by itself.
pub(super) fn begin() -> Request {
    Request {
        repeatable: true,
        ..post(address("/transactions"), Label::of("begin"))
    }
}

/// Not repeatable: that a transaction is over is told of those that were committed as of those that were not.
pub(super) fn commit(transaction: &TransactionId) -> Request {
    let target = address(&format!("/transactions/{}/commit", encoded(&transaction.0)));
    post(target, Label::of("commit"))
}

/// A second time it is refused, and has happened all the same.
pub(super) fn abort(transaction: &TransactionId) -> Request {
    let target = address(&format!(
        "/transactions/{}/rollback",
        encoded(&transaction.0)
    ));
    Request {
        repeatable: true,
        ..post(target, Label::of("abort"))
    }
}
