//! A request becomes a socket.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use super::connection::Connection;
use crate::emulator::app::App;

/// The largest message of a client, in bytes.
const MAX_MESSAGE: usize = 1 << 20;

/// The buffer of a socket that reads nothing, in bytes: most messages fit.
const READ_BUFFER: usize = 4096;

/// Shakes hands and hands the connection to a task of its own.
pub(super) async fn open(State(app): State<Arc<App>>, mut request: Request) -> Response {
    let Ok(response) = create_response_with_body(&request, Body::empty) else {
        let text = "this address speaks WebSocket\n";
        let upgrade = [(header::UPGRADE, HeaderValue::from_static("websocket"))];
        return (StatusCode::UPGRADE_REQUIRED, upgrade, text).into_response();
    };
    let realtime = &app.realtime;
    let Ok(slot) = Arc::clone(&realtime.slots).try_acquire_owned() else {
        let text = "there are as many sockets as there may be\n";
        return (StatusCode::SERVICE_UNAVAILABLE, text).into_response();
    };
    let upgrade = hyper::upgrade::on(&mut request);
    let served = Arc::clone(&app);
    // The end of the emulator waits for it.
    realtime.tracker.spawn(async move {
        // Of those that `max_sockets` counts.
        let _held_until_the_end = slot;
        serve(served, upgrade).await;
    });
    response
}

async fn serve(app: Arc<App>, upgrade: OnUpgrade) {
    let closing = &app.realtime.closing;
    let upgraded = match closing.run_until_cancelled(upgrade).await {
        Some(Ok(upgraded)) => TokioIo::new(upgraded),
        Some(Err(error)) => {
            tracing::debug!(%error, "a connection did not become a socket");
            return;
        }
        None => return,
    };
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(Some(MAX_MESSAGE))
        .max_frame_size(Some(MAX_MESSAGE));
    let socket = WebSocketStream::from_raw_socket(upgraded, Role::Server, Some(config)).await;
    Connection::new(app, socket).serve().await;
}
