//! By which door a request came in, and from where: what is believed of its headers depends on it.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{Extensions, HeaderMap, HeaderName};
use axum::middleware::Next;
use axum::response::Response;
use tokio::net::TcpListener;

use super::App;
use super::auth::Platform;

/// What a listener believes of the platform headers (`x-wx-*`) of requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// Nothing: whoever can reach it can send them, so they are taken off. Bearer tokens prove who asks.
    #[default]
    BearerOnly,
    /// That the platform set them: nobody but its private link reaches this listener.
    WxPrivate(Arc<Platform>),
}

/// A listener, and what is believed of those who come by it.
#[derive(Debug)]
pub struct Door {
    pub listener: TcpListener,
    pub trust: Trust,
}

impl Door {
    /// One that anybody may come by.
    pub fn bearer_only(listener: TcpListener) -> Self {
        Self {
            listener,
            trust: Trust::BearerOnly,
        }
    }
}

/// How a request came in; among its extensions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Arrival {
    pub(super) trust: Trust,
    /// The other end of the connection, which may be a proxy; `None` without a connection.
    pub(super) peer: Option<SocketAddr>,
    /// What the client is counted under: an address, of IPv6 a network ([`super::ClientAddress`]); `None` without a
    /// connection.
    pub(super) client: Option<IpAddr>,
}

impl Arrival {
    /// That of the request which has these extensions.
    pub(super) fn of(extensions: &Extensions) -> Self {
        extensions.get::<Self>().cloned().unwrap_or_default()
    }
}

/// What the platform's headers begin with.
const PLATFORM: &str = "x-wx-";

/// Headers of the platform that hold credentials. Nothing here needs them, so nothing here has them.
const CREDENTIALS: [HeaderName; 2] = [
    HeaderName::from_static("x-cloudbase-context"),
    HeaderName::from_static("x-wx-cloudbase-access-token"),
];

/// Outermost: takes off a request what its door does not believe, before anybody reads it, and notes where it is from.
pub(super) async fn receive(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Response {
    let mut arrival = Arrival::of(request.extensions());
    let headers = request.headers_mut();
    arrival.client = app.config.client_address.of(headers, arrival.peer);
    strip(headers, &arrival.trust);
    request.extensions_mut().insert(arrival);
    next.run(request).await
}

fn strip(headers: &mut HeaderMap, trust: &Trust) {
    for name in CREDENTIALS {
        headers.remove(name);
    }
    if *trust == Trust::BearerOnly {
        let names = headers.keys();
        let forged = names.filter(|name| name.as_str().starts_with(PLATFORM));
        let forged: Vec<HeaderName> = forged.cloned().collect();
        for name in forged {
            headers.remove(name);
        }
    }
}
