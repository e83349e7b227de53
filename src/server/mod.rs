//! HTTP in front of the API: bytes become requests, headers become callers,
//! answers become bytes with a status.
//!
//! The only module that knows HTTP status codes. It decides nothing about
//! documents: it hands a [`crate::graphql`] request and a caller on, and keeps
//! the limits that must hold before one exists (size, time, number).
//!
//! - `listen.rs`: connections and shutdown; `patience.rs`: with slow readers; `observe.rs`: id, log line and panic of a request
//! - `endpoint.rs`: `/graphql`; `request.rs` in, `negotiate.rs`, `refusal.rs` and `sse.rs` out
//! - `socket/`: `/graphql` as a socket, many operations on one connection
//! - `arrival.rs`: by which door a request came, `address.rs`: and from where; `source.rs`: whose limits count; `origin.rs`: which pages may ask, `protect.rs`: what browsers may do with answers; `auth/`: who asks; `metrics.rs`: what is counted; `support.rs`: `/support/<code>`; `health.rs`: everything else that is not `/graphql`

mod address;
mod arrival;
mod auth;
mod endpoint;
mod health;
mod listen;
mod metrics;
mod negotiate;
mod observe;
mod origin;
mod patience;
mod protect;
mod refusal;
mod request;
mod socket;
mod source;
mod sse;
mod support;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::routing::{any, get};
use axum::{Router, middleware};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use self::socket::Sockets;
use crate::gateway::deadline;
use crate::graphql::Executor;
use crate::identity::{Tickets, Tokens};

pub use address::ClientAddress;
pub use arrival::{Door, Trust};
pub use auth::{Auth, Platform, dev_user};
pub use listen::End;

/// What a server takes in, and for how long.
#[derive(Clone, Debug)]
pub struct Config {
    pub auth: Auth,
    /// Who judges access tokens of the cloud; without it none is taken.
    pub tokens: Option<Arc<Tokens>>,
    /// Who takes tickets on sockets; without it none is taken.
    pub tickets: Option<Arc<Tickets>>,
    /// What clients are told apart by who are not signed in.
    pub client_address: ClientAddress,
    /// Origins of other sites whose pages may ask, as browsers write them.
    pub cors_origins: BTreeSet<String>,
    /// The largest request body, in bytes.
    pub max_body: usize,
    /// Bodies above 16 KiB that are read at one time; the next is refused. Of smaller ones there may be one for each
    /// connection: who is slow to send one must neither keep others out nor fill the memory.
    pub max_large_bodies: usize,
    /// From the head of a request to its answer.
    pub request_timeout: Duration,
    /// From the opening of a connection, or the last answer on it, to the next request's head.
    pub header_timeout: Duration,
    /// How long a client may take next to nothing of an answer that waits for it.
    pub write_timeout: Duration,
    /// Operations that run at one time; the next is refused.
    pub max_requests: usize,
    /// Connections that are open at one time; the next waits.
    pub max_connections: usize,
    /// How long requests may take to finish once the server shuts down.
    pub shutdown_grace: Duration,
    /// Sockets and event streams of subscriptions that are open at one time; the next is refused. Half of them at most
    /// may be of callers who are not signed in, so that these keep nobody out who is.
    pub max_sockets: usize,
    /// The same of one caller who is signed in; the next socket is closed, the next stream refused.
    pub max_sockets_per_caller: usize,
    /// Operations of one socket that run at one time; the next is answered with an error.
    pub max_operations_per_socket: usize,
    /// The largest message that a socket takes, in bytes; it is closed at a larger one.
    pub max_message: usize,
    /// How long a socket may be open before it says who it speaks for.
    pub init_timeout: Duration,
    /// How often a socket's client is asked for a sign of life; who gives none twice is cut off.
    pub ping_interval: Duration,
    /// Whether `/metrics` is served: to whoever asks, so only where strangers cannot. Its numbers name nothing, but that
    /// they grow tells that somebody's list changed just now.
    pub metrics: bool,
    /// The largest answer that goes back by a door of the platform's, in bytes: it drops larger ones.
    pub private_answer: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            auth: Auth::Closed,
            tokens: None,
            tickets: None,
            client_address: ClientAddress::Peer,
            cors_origins: BTreeSet::new(),
            max_body: 1 << 20,
            max_large_bodies: 256,
            // Below the 15 s after which a mini program gives up, so that it sees our error and not its own.
            request_timeout: Duration::from_secs(12),
            header_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            max_requests: 512,
            max_connections: 8192,
            shutdown_grace: Duration::from_secs(10),
            max_sockets: 16_384,
            max_sockets_per_caller: 64,
            max_operations_per_socket: 100,
            // A document of an operation may be as large.
            max_message: 256 << 10,
            init_timeout: Duration::from_secs(10),
            ping_interval: Duration::from_secs(30),
            metrics: true,
            private_answer: 1_000 << 10,
        }
    }
}

/// What all requests share.
#[derive(Debug)]
struct App {
    executor: Arc<Executor>,
    config: Config,
    slots: Semaphore,
    large_bodies: Semaphore,
    /// Told once the server shuts down: what would go on for ever ends.
    closing: CancellationToken,
    /// Told when the time for that is up: all that is left ends at once.
    cut: CancellationToken,
    sockets: Sockets,
}

impl App {
    fn new(executor: Arc<Executor>, config: Config) -> Arc<Self> {
        Arc::new(Self {
            executor,
            slots: Semaphore::new(config.max_requests),
            large_bodies: Semaphore::new(config.max_large_bodies),
            closing: CancellationToken::new(),
            cut: CancellationToken::new(),
            sockets: Sockets::new(&config),
            config,
        })
    }

    /// Runs an operation that is given up at `deadline`. The store is told an earlier one, so that what it has to say of
    /// running out of time is still heard.
    async fn within<F: Future>(&self, deadline: Instant, operation: F) -> F::Output {
        let margin = self.config.request_timeout / 20;
        deadline::within(deadline - margin, operation).await
    }
}

/// The routes of a server, as a service without sockets.
pub fn router(executor: Arc<Executor>, config: Config) -> Router {
    routes(App::new(executor, config))
}

fn routes(app: Arc<App>) -> Router {
    let guard = middleware::from_fn_with_state(Arc::clone(&app), origin::guard);
    let mut routes = Router::new()
        .route("/graphql", any(endpoint::graphql).layer(guard.clone()))
        .route("/support/{code}", get(support::case).layer(guard))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/", get(health::index));
    if app.config.metrics {
        routes = routes.route("/metrics", get(metrics::metrics));
    }
    routes
        .fallback(health::not_found)
        .layer(middleware::from_fn(observe::request))
        .layer(middleware::from_fn(protect::answer))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&app),
            arrival::receive,
        ))
        .with_state(app)
}

/// Serves those who come by any of the doors until `shutdown` resolves and what had begun by then is answered, or cut off
/// after [`Config::shutdown_grace`]. The executor is let go before this returns.
pub async fn serve(
    doors: Vec<Door>,
    executor: Arc<Executor>,
    config: Config,
    shutdown: impl Future<Output = ()>,
) -> End {
    let app = App::new(executor, config);
    listen::run(doors, routes(Arc::clone(&app)), app, shutdown).await
}
