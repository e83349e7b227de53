//! The database's own wire protocols, served from the embedded store, so that
//! the cloud's official clients work against a laptop.
//!
//! A request is taken off the wire by one of the protocols, its sender is
//! known by [`identity`], and what it asks for is done by a [`session`]: judged
//! by the collection's permission in the database's own strict way, then run
//! by the [`database`]. Nothing here is used by the gateway.
//!
//! - `http/`: connections and routes; `fault/`: what goes wrong on purpose; `failure.rs`: refusals; `clock.rs`: time
//! - `admin/`: `/admin` and `/web`, actions of the Node SDKs; `rest/`: `/v1/database`; `manage/`: the cloud API
//! - `identity/`: keys, signatures, users and tokens; `sign_in/`: `/auth/v1`; `realtime/`: watches on a socket; `storage/`: files
//! - `config.rs`: what it begins with; `permissions.rs`: a file of permissions
//! - `session/`: permissions; `database/`: collections, documents, transactions, commits; `wire.rs`: values

mod admin;
mod app;
mod clock;
mod config;
mod database;
mod failure;
mod fault;
mod http;
mod identity;
mod manage;
mod permissions;
mod realtime;
mod rest;
mod session;
mod sign_in;
mod storage;
mod unique;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use self::app::App;
use self::clock::SetClock;
use self::database::Database;
use self::identity::Identities;
use self::realtime::Realtime;
use self::storage::Files;
use crate::access::Settings;
use crate::clock::Clock;
use crate::cloudbase::Code;
use crate::store::sqlite::SqliteStore;

pub use self::config::Config;
pub use self::database::TransactionLimits;
pub use self::failure::{Failure, Result};
pub use self::fault::Fault;
pub use self::http::{OriginError, Origins};
pub use self::identity::{Config as Credentials, TicketKey, User};
pub use self::permissions::Permissions;
pub use self::realtime::Limits as RealtimeLimits;

/// One environment, ready to be served.
#[derive(Debug)]
pub struct Emulator {
    app: Arc<App>,
    origins: Origins,
    shutdown_grace: Duration,
}

impl Emulator {
    /// The environment whose documents are in a store.
    ///
    /// # Errors
    /// A store that does not fit the model, credentials that cannot be read, no folder for files.
    pub async fn open(
        store: Arc<SqliteStore>,
        clock: Arc<dyn Clock>,
        config: Config,
    ) -> Result<Self> {
        let clock = Arc::new(SetClock::new(clock));
        let shared: Arc<dyn Clock> = Arc::clone(&clock) as _;
        let model = config.model.as_deref();
        let database =
            Database::open(store, Arc::clone(&shared), model, config.transactions).await?;
        config.permissions.apply(&database).await?;
        let files = Files::open(config.files)
            .map_err(|error| Failure::new(Code::SysErr, format!("the folder of files: {error}")))?;
        Ok(Self {
            app: Arc::new(App {
                env: config.env.clone(),
                database,
                identities: Identities::new(config.identity, config.env, shared),
                files,
                faults: Arc::new(fault::Faults::new(config.faults)),
                clock,
                settings: Settings::default(),
                realtime: Realtime::new(config.realtime),
            }),
            origins: config.origins,
            shutdown_grace: config.shutdown_grace,
        })
    }

    /// Serves until `shutdown` resolves and what had begun by then is answered, or cut off after
    /// [`Config::shutdown_grace`].
    pub async fn serve(self, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        let routes = http::routes(Arc::clone(&self.app), self.origins);
        // Sockets end before connections are waited for: nothing else would end them.
        let stop = CancellationToken::new();
        let closing = async {
            stop.cancelled().await;
            self.app.realtime.close().await;
        };
        let serving = http::run(
            listener,
            routes,
            stop.clone(),
            self.shutdown_grace,
            shutdown,
        );
        tokio::join!(serving, closing);
        self.app.database.close().await;
    }
}
