//! Beginning and ending transactions.

use axum::Json;
use serde::Serialize;
use smol_str::SmolStr;

use super::answer::{Nothing, Result};
use super::call::Call;
use crate::emulator::database::TransactionId;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Begun {
    transaction_id: SmolStr,
}

pub(super) async fn begin(call: Call) -> Result<Begun> {
    let TransactionId(transaction_id) = call.session.begin()?;
    Ok(Json(Begun { transaction_id }))
}

pub(super) async fn commit(call: Call) -> Result<Nothing> {
    call.session.commit(&named(&call)).await?;
    Ok(Json(Nothing::default()))
}

pub(super) async fn roll_back(call: Call) -> Result<Nothing> {
    call.session.abort(&named(&call)).await?;
    Ok(Json(Nothing::default()))
}

fn named(call: &Call) -> TransactionId {
    TransactionId(SmolStr::new(call.part("transaction")))
}
