//! Transactions: begun and ended by actions whose answers have their members beside the request's id.

use serde::Serialize;

use super::envelope::Call;
use crate::cloudbase::answer::{Members, malformed};
use crate::cloudbase::client::{Answer, Label};
use crate::cloudbase::database::TransactionId;
use crate::cloudbase::error::Result;

#[derive(Debug, Serialize)]
pub(super) struct Begun {}

/// One that is begun twice harms nobody: it ends by itself.
pub(super) fn begin() -> Call<Begun> {
    Call {
        action: "database.startTransaction",
        members: Begun {},
        repeatable: true,
        label: label("begin"),
    }
}

pub(super) fn read_begun(answer: &Answer) -> Result<TransactionId> {
    let id = Members::of(answer)?.text("transactionId");
    let id = id.filter(|id| !id.is_empty());
    id.map(TransactionId)
        .ok_or_else(|| malformed("transactionId", "a text"))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Ended<'a> {
    transaction_id: &'a str,
}

/// Not repeatable: that a transaction is over is told of those that were committed as of those that were not.
pub(super) fn commit(transaction: &TransactionId) -> Call<Ended<'_>> {
    Call {
        action: "database.commitTransaction",
        members: Ended {
            transaction_id: &transaction.0,
        },
        repeatable: false,
        label: label("commit"),
    }
}

/// A second time it is refused, and has happened all the same.
pub(super) fn abort(transaction: &TransactionId) -> Call<Ended<'_>> {
    Call {
        action: "database.abortTransaction",
        members: Ended {
            transaction_id: &transaction.0,
        },
        repeatable: true,
        label: label("abort"),
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
