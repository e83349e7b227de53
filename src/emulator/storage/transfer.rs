//! The bytes of files, in and out.

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Multipart, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;

use super::address::{PATH, Purpose};
use crate::clock::Clock;
use crate::cloudbase::{Code, FileKey};
use crate::emulator::app::App;
use crate::emulator::failure::{Failure, Result};

pub(crate) fn routes() -> Router<Arc<App>> {
    // HEAD is answered by the handler of GET.
    Router::new().route(
        &format!("{PATH}{{*key}}"),
        get(load).put(upload).post(upload_form),
    )
}

#[derive(Deserialize)]
struct Signature {
    #[serde(default)]
    sign: String,
    /// The second until which it is good.
    #[serde(default)]
    t: i64,
}

async fn load(
    State(app): State<Arc<App>>,
    Path(key): Path<String>,
    Query(signature): Query<Signature>,
) -> Response {
    let Ok(key) = FileKey::parse(&key) else {
        return no_path();
    };
    let (until, now) = (signature.t, app.clock.now_ms());
    if !app
        .files
        .verify(Purpose::Load, &key, until, &signature.sign, now)
    {
        return denied();
    }
    let name = key.clone();
    match blocking(app, move |app| app.files.folder.read(&name)).await {
        Ok(Some(bytes)) => {
            let kind = mime_guess::from_path(key.as_str()).first_or_octet_stream();
            let headers = [
                (header::CONTENT_TYPE, kind.to_string()),
                // A page of somebody's making must not act in the name of this server.
                (header::CONTENT_SECURITY_POLICY, "sandbox".to_owned()),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
            ];
            (headers, bytes).into_response()
        }
        Ok(None) => refusal(StatusCode::NOT_FOUND, "NoSuchKey", "there is no such file"),
        Err(failure) => broken(&failure),
    }
}

/// As the object store of the cloud: an empty answer, or an error in XML.
async fn upload(
    State(app): State<Arc<App>>,
    Path(key): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    let Ok(key) = FileKey::parse(&key) else {
        return no_path();
    };
    let authorization = headers.get(header::AUTHORIZATION);
    let authorization = authorization.and_then(|value| value.to_str().ok());
    store(app, key, authorization.unwrap_or_default(), bytes).await
}

/// As older clients upload: a form, whose part `file` comes after the `Signature`.
async fn upload_form(
    State(app): State<Arc<App>>,
    Path(key): Path<String>,
    mut form: Multipart,
) -> Response {
    let Ok(key) = FileKey::parse(&key) else {
        return no_path();
    };
    let mut authorization = String::new();
    loop {
        let part = match form.next_field().await {
            Ok(Some(part)) => part,
            Ok(None) => return bad_form("the form has no part `file`"),
            Err(_) => return bad_form("the form cannot be read"),
        };
        match part.name() {
            Some("Signature") => authorization = part.text().await.unwrap_or_default(),
            Some("file") => {
                return match part.bytes().await {
                    Ok(bytes) => store(app, key, &authorization, bytes).await,
                    Err(_) => bad_form("the file cannot be read, or has more than 50 MiB"),
                };
            }
            _ => {}
        }
    }
}

async fn store(app: Arc<App>, key: FileKey, authorization: &str, bytes: Bytes) -> Response {
    let Some(replace) = may_replace(&app, &key, authorization) else {
        return denied();
    };
    match blocking(app, move |app| {
        app.files.folder.write(&key, &bytes, replace)
    })
    .await
    {
        Ok(true) => StatusCode::OK.into_response(),
        Ok(false) => refusal(
            StatusCode::FORBIDDEN,
            "AccessDenied",
            "there is a file of this name already, and it is not yours to replace",
        ),
        Err(failure) => broken(&failure),
    }
}

/// Whether the upload may take the place of a file; `None` if it may not happen at all.
fn may_replace(app: &App, key: &FileKey, authorization: &str) -> Option<bool> {
    let (until, sign) = authorization.split_once('.')?;
    let until = until.parse().ok()?;
    let now = app.clock.now_ms();
    let good = |purpose| app.files.verify(purpose, key, until, sign, now);
    if good(Purpose::Replace) {
        Some(true)
    } else {
        good(Purpose::Create).then_some(false)
    }
}

/// Runs work on files where it may block.
pub(super) async fn blocking<T: Send + 'static>(
    app: Arc<App>,
    work: impl FnOnce(&App) -> io::Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(move || work(&app)).await;
    let done = done.unwrap_or_else(|panic| Err(io::Error::other(panic)));
    done.map_err(|error| Failure::new(Code::SysErr, format!("the folder of files: {error}")))
}

fn no_path() -> Response {
    refusal(
        StatusCode::BAD_REQUEST,
        "InvalidURI",
        "this is no path of a file",
    )
}

fn bad_form(message: &str) -> Response {
    refusal(StatusCode::BAD_REQUEST, "MalformedPOSTRequest", message)
}

fn denied() -> Response {
    refusal(
        StatusCode::FORBIDDEN,
        "SignatureDoesNotMatch",
        "the address is not signed, is for something else, or its time is over",
    )
}

fn broken(failure: &Failure) -> Response {
    tracing::error!(%failure, "a file could not be handled");
    refusal(
        StatusCode::INTERNAL_SERVER_ERROR,
        "InternalError",
        &failure.message,
    )
}

/// `message` is one of ours: it has nothing in it that XML would mind.
fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    let body = format!(
        "<?xml version='1.0' encoding='utf-8' ?>\n<Error><Code>{code}</Code><Message>{message}</Message>\
         <RequestId>emulator</RequestId><TraceId>emulator</TraceId></Error>"
    );
    (status, [(header::CONTENT_TYPE, "application/xml")], body).into_response()
}
