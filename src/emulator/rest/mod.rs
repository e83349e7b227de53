//! `/v1/database`: the database over REST; what the web SDK 3.x speaks.
//!
//! Values are EJSON in place, canonical in answers; numbers and flags of the protocol itself are plain JSON. A refusal
//! is a status with `{code, message, requestId}`.
//!
//! - `call.rs`: a request, its sender known and its body read; `members.rs`: the body; `answer.rs`: answers and refusals
//! - `documents.rs`, `lists.rs`, `transactions.rs`: what is done; `commands/`: the database's native commands

mod answer;
mod call;
mod commands;
mod documents;
mod lists;
mod members;
mod transactions;

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};

use self::answer::{Nothing, Refused, Result};
use self::call::Call;
pub(super) use self::commands::{check_number as check_commands, run_one as run_command};
use super::app::App;
use super::failure::Failure;
use crate::data::CollectionName;

/// A refusal of a request that was not looked at.
pub(super) fn refusal(failure: Failure) -> Response {
    Refused::from(failure).into_response()
}

const DATABASE: &str = "/v1/database/instances/{instance}/databases/{database}";

pub(super) fn routes() -> Router<Arc<App>> {
    let at = |path: &str| format!("{DATABASE}{path}");
    let all = get(lists::read)
        .post(documents::insert)
        .patch(documents::update);
    let one = get(documents::read)
        .patch(documents::update_one)
        .delete(documents::remove_one);
    Router::new()
        .route(&at("/collections"), post(create_collection))
        .route(&at("/collections/{collection}/documents"), all)
        .route(&at("/collections/{collection}/documents/{id}"), one)
        .route(
            &at("/collections/{collection}/documents/remove"),
            post(documents::remove),
        )
        .route(
            &at("/collections/{collection}/documents/aggregations"),
            post(lists::aggregate),
        )
        .route(&at("/transactions"), post(transactions::begin))
        .route(
            &at("/transactions/{transaction}/commit"),
            post(transactions::commit),
        )
        .route(
            &at("/transactions/{transaction}/rollback"),
            post(transactions::roll_back),
        )
        .route(&at("/commands"), post(commands::run))
}

async fn create_collection(call: Call) -> Result<Nothing> {
    let database = call.session.administer()?;
    let text = call.body.required_text("collectionName")?;
    let name = CollectionName::parse(text).ok_or_else(|| {
        Failure::invalid("`collectionName` needs a letter, then letters, digits, `_` or `-`")
    })?;
    database.create_collection(&name).await?;
    Ok(Json(Nothing::default()))
}
