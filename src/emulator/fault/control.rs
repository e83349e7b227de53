//! `/_emulator/`: faults, the clock and sockets, set while the emulator runs.
//!
//! Not of the cloud, and for whoever can start the emulator: pages in a browser are refused.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::written::close_code;
use super::{Fault, SocketOrder};
use crate::clock::Clock;
use crate::emulator::app::App;

pub(in crate::emulator) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/_emulator/faults", get(list).post(add).delete(remove))
        .route("/_emulator/clock", get(tell_time).post(set_clock))
        .route("/_emulator/sockets", post(order))
        .layer(middleware::from_fn(refuse_pages))
}

/// A page may send requests to any address: it must not change what others see.
async fn refuse_pages(request: Request, next: Next) -> Response {
    if request.headers().contains_key(header::ORIGIN) {
        let text = "pages of a browser may not change the emulator";
        return answer(StatusCode::FORBIDDEN, json!({ "message": text }));
    }
    next.run(request).await
}

async fn list(State(app): State<Arc<App>>) -> Response {
    answer(StatusCode::OK, json!({ "faults": app.faults.list() }))
}

async fn add(State(app): State<Arc<App>>, body: Bytes) -> Response {
    let fault = read(&body)
        .and_then(|json: Value| Fault::from_json(json).map_err(|error| error.to_string()));
    match fault.and_then(|fault| app.faults.add(fault).map_err(|full| full.message)) {
        Ok(id) => answer(StatusCode::CREATED, json!({ "id": id })),
        Err(message) => refusal(&message),
    }
}

/// Which fault.
#[derive(Deserialize)]
struct Which {
    id: Option<u64>,
}

async fn remove(State(app): State<Arc<App>>, Query(which): Query<Which>) -> Response {
    if app.faults.remove(which.id) || which.id.is_none() {
        StatusCode::NO_CONTENT.into_response()
    } else {
        answer(
            StatusCode::NOT_FOUND,
            json!({ "message": "there is no such fault" }),
        )
    }
}

/// What the clock is set to; null: it goes with the machine's again.
#[derive(Deserialize)]
struct Set {
    at: Option<i64>,
}

async fn set_clock(State(app): State<Arc<App>>, body: Bytes) -> Response {
    match read::<Set>(&body) {
        Ok(Set { at }) => {
            app.clock.set(at);
            tell_time(State(app)).await
        }
        Err(message) => refusal(&message),
    }
}

/// Milliseconds since 1970.
async fn tell_time(State(app): State<Arc<App>>) -> Response {
    answer(StatusCode::OK, json!({ "now": app.clock.now_ms() }))
}

/// What is done to all open sockets.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum Order {
    Drop(bool),
    Close(u16),
}

async fn order(State(app): State<Arc<App>>, body: Bytes) -> Response {
    let needed = "write `{\"drop\": true}` or `{\"close\": 3050}`";
    let order = read(&body).map_err(|_| needed.to_owned());
    let order = order.and_then(|order| match order {
        Order::Drop(true) => Ok(SocketOrder::Drop),
        Order::Drop(false) => Err(needed.to_owned()),
        Order::Close(code) => close_code(code)
            .map(SocketOrder::Close)
            .map_err(|error| error.to_string()),
    });
    match order {
        Ok(order) => answer(
            StatusCode::OK,
            json!({ "sockets": app.faults.order(order) }),
        ),
        Err(message) => refusal(&message),
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| error.to_string())
}

fn refusal(message: &str) -> Response {
    answer(StatusCode::BAD_REQUEST, json!({ "message": message }))
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "an answer is made on the spot"
)]
fn answer(status: StatusCode, body: Value) -> Response {
    let json = [(header::CONTENT_TYPE, "application/json")];
    (status, json, body.to_string()).into_response()
}
