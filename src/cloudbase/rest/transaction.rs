//! Transactions: begun and ended by addresses of their own.

use super::call::{address, post};
use crate::cloudbase::answer::{Members, malformed};
use crate::cloudbase::client::{Answer, Label, Request};
use crate::cloudbase::database::TransactionId;
use crate::cloudbase::error::Result;
use crate::cloudbase::signature::encoded;

/// One that is begun twice harms nobody: it ends by itself.
pub(super) fn begin() -> Request {
    Request {
        repeatable: true,
        ..post(address("/transactions"), label("begin"))
    }
}

pub(super) fn read_begun(answer: &Answer) -> Result<TransactionId> {
    let id = Members::of(answer)?.text("transactionId");
    let id = id.filter(|id| !id.is_empty());
    id.map(TransactionId)
        .ok_or_else(|| malformed("transactionId", "a text"))
}

/// Not repeatable: that a transaction is over is told of those that were committed as of those that were not.
pub(super) fn commit(transaction: &TransactionId) -> Request {
    let target = address(&format!("/transactions/{}/commit", encoded(&transaction.0)));
    post(target, label("commit"))
}

/// A second time it is refused, and has happened all the same.
pub(super) fn abort(transaction: &TransactionId) -> Request {
    let target = address(&format!(
        "/transactions/{}/rollback",
        encoded(&transaction.0)
    ));
    Request {
        repeatable: true,
        ..post(target, label("abort"))
    }
}

pub(super) fn read_ended(answer: &Answer) -> Result<()> {
    Members::of(answer).map(drop)
}

fn label(operation: &'static str) -> Label {
    Label {
        operation,
        subject: String::new(),
    }
}
