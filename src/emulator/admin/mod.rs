//! `/admin` and `/web`: one address, many actions; what the Node SDKs, the functions' SDK and the web SDK 2.x speak.
//!
//! Whatever is asked, the answer has status 200: `{requestId, data}`, or `{requestId, code, message}` for a refusal.
//! `/admin` is signed or has a key; `/web` has a token. Both know the same actions, in two generations: the newer one
//! sends documents as texts of canonical EJSON, the older one as plain JSON.
//!
//! - `envelope.rs`: requests in, answers out; `sign.rs`: the way to the realtime socket
//! - `asked.rs`: the members of a request
//! - `documents.rs`: the newer generation; `plain.rs`: the older one; `transaction.rs`: the older one's in transactions

mod asked;
mod documents;
mod envelope;
mod plain;
mod sign;
mod transaction;

use std::sync::Arc;

use axum::Router;
use axum::routing::post;

use self::asked::Asked;
use super::app::App;
use super::failure::{Failure, Result};
use crate::cloudbase::Code;
use crate::data::Object;

pub(super) use self::envelope::refusal;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/admin", post(envelope::admin))
        .route("/web", post(envelope::web))
}

/// Does what the action asks; the members of the answer besides the request's id.
async fn act(asked: &Asked<'_>) -> Result<Object> {
    match asked.action()? {
        "database.addCollection" => documents::add_collection(asked).await,
        "database.insertDocument" => documents::insert(asked).await,
        "database.getDocument" => documents::get(asked).await,
        "database.calculateDocument" => documents::count(asked).await,
        "database.modifyDocument" => documents::modify(asked).await,
        "database.modifyAndReturnDoc" => documents::modify_and_return(asked).await,
        "database.removeDocument" => documents::remove(asked).await,
        "database.aggregateDocuments" => documents::aggregate(asked).await,
        "database.addDocument" => plain::add(asked).await,
        "database.queryDocument" => plain::query(asked).await,
        "database.countDocument" => documents::count(asked).await,
        "database.updateDocument" => plain::update(asked).await,
        "database.deleteDocument" => documents::remove(asked).await,
        "database.aggregate" => plain::aggregate(asked).await,
        "database.startTransaction" => transaction::start(asked),
        "database.commitTransaction" => transaction::commit(asked).await,
        "database.abortTransaction" => transaction::abort(asked).await,
        "database.insertDocInTransaction" => transaction::insert(asked).await,
        "database.getInTransaction" => transaction::get(asked).await,
        "database.updateDocInTransaction" => transaction::update(asked).await,
        "database.deleteDocInTransaction" => transaction::delete(asked).await,
        "auth.wsWebSign" => Ok(sign::sign(asked)),
        action if action.starts_with("storage.") => asked.in_storage(action).await,
        action => Err(Failure::new(
            Code::InvalidAction,
            format!("the emulator does not know the action `{action}`"),
        )),
    }
}
