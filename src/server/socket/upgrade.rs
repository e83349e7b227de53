//! A request becomes a socket.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use hyper::upgrade::{OnUpgrade, Parts};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;

use super::connection::{Client, Connection};
use super::protocol::{self, Close, Phase};
use super::wire::Wire;
use crate::graphql::admission::Lobby;
use crate::server::arrival::{Arrival, Trust};
use crate::server::observe::RequestId;
use crate::server::patience::Patient;
use crate::server::refusal::Refusal;
use crate::server::source::Source;
use crate::server::{App, auth};

/// Whether a request asks for a socket.
pub(in crate::server) fn is_asked_for(headers: &HeaderMap) -> bool {
    headers
        .get(header::UPGRADE)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// Shakes hands and hands the connection to a task of its own.
pub(in crate::server) fn open(
    app: &Arc<App>,
    mut request: Request,
    source: Source,
) -> Result<Response, Refusal> {
    let arrival = Arrival::of(request.extensions());
    let named = auth::platform_user(request.headers(), &arrival.trust);
    let by_platform = named.map_err(Refusal::Unauthenticated)?.is_some();
    if app.closing.is_cancelled() {
        return Err(Refusal::Closing);
    }
    let mut response = create_response_with_body(&request, Body::empty).map_err(|error| {
        Refusal::Malformed(format!("the request for a WebSocket is malformed: {error}"))
    })?;
    let slot = Arc::clone(&app.sockets.slots)
        .try_acquire_owned()
        .map_err(|_| Refusal::Crowded)?;
    let lobby = app.executor.admission().lobby(source.address);
    let lobby = lobby.map_err(Refusal::Failed)?;
    let offer = Offer::of(request.headers());
    if offer == Offer::Ours {
        let name = HeaderValue::from_static(protocol::NAME);
        response
            .headers_mut()
            .insert(header::SEC_WEBSOCKET_PROTOCOL, name);
    }
    let socket = Socket {
        offer,
        headers: request.headers().clone(),
        trust: arrival.trust,
        by_platform,
        source,
        lobby,
        request_id: RequestId::of_request(&request),
        app: Arc::clone(app),
    };
    let upgrade = hyper::upgrade::on(&mut request);
    let cut = app.cut.clone();
    app.sockets.tracker.spawn(async move {
        // Of those that `max_sockets` counts.
        let _held_until_the_end = slot;
        cut.run_until_cancelled_owned(socket.serve(upgrade)).await;
    });
    Ok(response)
}

/// Which sub-protocols a client offers to speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Offer {
    Ours,
    /// None at all.
    Any,
    Others,
}

impl Offer {
    fn of(headers: &HeaderMap) -> Self {
        let mut offers = headers
            .get_all(header::SEC_WEBSOCKET_PROTOCOL)
            .iter()
            .flat_map(|value| value.as_bytes().split(|&byte| byte == b','))
            .map(<[u8]>::trim_ascii)
            .filter(|name| !name.is_empty())
            .peekable();
        if offers.peek().is_none() {
            return Self::Any;
        }
        match offers.any(|name| name == protocol::NAME.as_bytes()) {
            true => Self::Ours,
            false => Self::Others,
        }
    }
}

/// A socket whose hand was shaken.
struct Socket {
    app: Arc<App>,
    request_id: RequestId,
    offer: Offer,
    /// The request's, which may prove who asks.
    headers: HeaderMap,
    trust: Trust,
    /// Whether the platform does.
    by_platform: bool,
    source: Source,
    lobby: Option<Lobby>,
}

impl Socket {
    async fn serve(self, upgrade: OnUpgrade) {
        // In boxes, here and below: a task is as large as its largest moment, and this one waits most of its life.
        let wire = match Box::pin(connect(upgrade, self.app.config.max_message)).await {
            Ok(wire) => wire,
            Err(error) => {
                tracing::debug!(%error, "a connection did not become a socket");
                return;
            }
        };
        let phase = match self.offer {
            Offer::Ours => Phase::Opening,
            Offer::Any => Phase::Unknown,
            // Only an open socket can be told its code.
            Offer::Others => return Box::pin(wire.close(&Close::FOREIGN_PROTOCOL)).await,
        };
        let now = self.app.executor.gateway().now();
        let proven = auth::credential(&self.headers, &self.trust, &self.app.config, now);
        let proven = Box::pin(proven).await;
        drop(self.headers);
        let client = Client {
            proven,
            by_platform: self.by_platform,
            source: self.source,
            lobby: self.lobby,
        };
        let connection = Connection::new(self.app, self.request_id, wire, phase, client);
        Box::new(connection).serve().await;
    }
}

/// The connection, once HTTP has let go of it.
async fn connect(
    upgrade: OnUpgrade,
    max_message: usize,
) -> hyper::Result<Box<Wire<Patient<TcpStream>>>> {
    let Parts { io, read_buf, .. } = upgrade
        .await?
        .downcast::<TokioIo<Patient<TcpStream>>>()
        .expect("all connections are accepted in one place, as this type");
    let wire = Wire::new(io.into_inner(), &read_buf, max_message).await;
    Ok(Box::new(wire))
}
