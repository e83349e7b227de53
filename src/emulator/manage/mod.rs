//! The cloud API (`X-TC-Action`): collections, indexes and permissions, as the manager SDK asks for them.
//!
//! One address, `POST /`, one action a request, signed by the standard TC3. The answer is always
//! `{"Response": {"RequestId": …}}` with status 200; a refusal has `Error: {Code, Message}` in it. All of it is for
//! administrators.
//!
//! - `tables.rs`: collections and their indexes; `permissions.rs`: who may do what with them
//! - `commands.rs`: native commands; `environment.rs`: the rest

mod commands;
mod environment;
mod permissions;
mod tables;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::app::App;
use super::database::Database;
use super::failure::{Failure, Result};
use super::identity::{Identity, Signed};
use super::unique;
use crate::clock::Clock;
use crate::cloudbase::Code;
use crate::data::CollectionName;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new().route("/", post(answer))
}

async fn answer(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let signed = Signed {
        path: "/",
        query: query.as_deref().unwrap_or_default(),
        headers: &headers,
        body: &body,
    };
    let outcome = act(&app, signed).await;
    respond(outcome.unwrap_or_else(|failure| refused(&failure)))
}

/// A refusal of a request that was not looked at.
pub(super) fn refusal(failure: &Failure) -> Response {
    respond(refused(failure))
}

fn respond(mut members: Members) -> Response {
    members.insert("RequestId".to_owned(), Value::String(request_id()));
    let text = json!({ "Response": members }).to_string();
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// The members of an answer.
type Members = Map<String, Value>;

async fn act(app: &App, signed: Signed<'_>) -> Result<Members> {
    app.identities.of_cloud_api(signed)?;
    let header = signed.headers.get("x-tc-action");
    let action = header
        .and_then(|action| action.to_str().ok())
        .unwrap_or_default();
    let common: Environment = read(signed.body)?;
    app.check_env(common.env_id.as_deref().unwrap_or_default())?;
    let (database, body) = (&app.database, signed.body);
    match action {
        "DescribeEnvInfo" => Ok(environment::describe(common.env_id.or(app.env.clone()))),
        "CreateTable" => tables::create(database, read(body)?).await,
        "DeleteTable" => tables::delete(database, &read(body)?).await,
        "DescribeTable" => tables::describe(database, &read(body)?),
        "ListTables" => tables::list(database, &read(body)?).await,
        "UpdateTable" => tables::update(database, read(body)?).await,
        "RunCommands" => {
            commands::run(
                &app.session(Identity::Admin),
                app.clock.now_ms(),
                read(body)?,
            )
            .await
        }
        "DescribeDatabaseACL" | "DescribeSafeRule" => permissions::describe(database, &read(body)?),
        "ModifyDatabaseACL" => permissions::set_tag(database, &read(body)?).await,
        "ModifySafeRule" => permissions::set_rule(database, &read(body)?).await,
        "DescribeResourcePermission" => permissions::describe_resources(database, &read(body)?),
        "ModifyResourcePermission" => permissions::set_resource(database, &read(body)?).await,
        _ => Err(Failure::new(
            Code::InvalidAction,
            format!("the emulator does not know the action `{action}`"),
        )),
    }
}

/// What every request may name.
#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Environment {
    env_id: Option<String>,
}

/// The body of an action. Members that an action does not know are left alone, as the cloud does.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    serde_json::from_slice(body).map_err(|error| Failure::invalid(format!("the body: {error}")))
}

/// Members without an answer of their own.
fn done() -> Members {
    Members::new()
}

/// The members of a JSON object.
fn members(object: Value) -> Members {
    match object {
        Value::Object(members) => members,
        _ => Members::new(),
    }
}

/// Names a request in the answer, in the form of a UUID as the cloud API does.
fn request_id() -> String {
    let number = unique::number();
    let (high, low) = (number >> 32, number & 0xffff_ffff);
    format!("{high:08x}-0000-4000-8000-{low:012x}")
}

/// A collection that must be there.
fn existing(database: &Database, name: &str) -> Result<CollectionName> {
    let known = CollectionName::parse(name).filter(|name| database.access(name).is_ok());
    known.ok_or_else(|| Failure::no_collection(name))
}

/// The cloud API has codes of its own. Only `ResourceNotFound` was seen from the real one; the others are the cloud
/// API's general words.
fn refused(failure: &Failure) -> Members {
    let code = match failure.code {
        Code::DatabaseCollectionNotExist => "ResourceNotFound",
        Code::DatabaseCollectionAlreadyExist => "ResourceInUse",
        Code::InvalidParam => "InvalidParameter",
        Code::InvalidEnv => "ResourceNotFound.EnvNotFound",
        Code::InvalidAction => "InvalidAction",
        Code::SignParamInvalid | Code::InvalidCredentials => "AuthFailure.SignatureFailure",
        Code::MissingCredentials => "AuthFailure",
        Code::ExceedRequestLimit | Code::ExceedRateLimit => "RequestLimitExceeded",
        Code::SysErr | Code::ServerTimeout => "InternalError",
        _ => "FailedOperation",
    };
    members(json!({ "Error": { "Code": code, "Message": failure.message } }))
}
