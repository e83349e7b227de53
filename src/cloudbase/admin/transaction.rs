//! Transactions: begun and ended by actions whose answers have their members beside the request's id.

use serde::Serialize;

use super::envelope::Call;
use crate::cloudbase::client::Label;
use crate::cloudbase::database::TransactionId;

#[derive(Debug, Serialize)]
pub(super) struct Begun {}

/// One that is begun twice harms nobody: it ends by itself.
pub(super) fn begin() -> Call<Begun> {
    Call {
        action: "database.startTransaction",
        members: Begun {},
        repeatable: true,
        label: Label::of("begin"),
    }
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
        label: Label::of("commit"),
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
        label: Label::of("abort"),
    }
}
