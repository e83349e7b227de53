//! By which door a request came in, and from where: what is believed of its headers depends on it.

use std::net::SocketAddr;

use tokio::net::TcpListener;

/// What a listener believes of the platform headers (`x-wx-*`) of requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Trust {
    /// Nothing: whoever can reach it can send them, so they are taken off. Bearer tokens prove who asks.
    #[default]
    BearerOnly,
    /// That the platform set them: nobody but its private link reaches this listener.
    WxPrivate,
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Arrival {
    pub(super) trust: Trust,
    /// The other end of the connection, which may be a proxy; `None` without a connection.
    pub(super) peer: Option<SocketAddr>,
}
