//! What an operator decides: flags, environment and file become one typed
//! [`Config`], composed of each module's own.
//!
//! The only reader of the environment. Two stages: [`layers`] collects what was
//! written, this file says what it means; every problem is reported at once.
//! `docs/configuration.md` lists the settings.

mod auth;
mod cloudbase;
mod documents;
mod emulator;
mod layers;
mod limits;
mod realtime;
mod trust;
mod units;

use std::ffi::OsString;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use tracing_subscriber::EnvFilter;

pub use self::cloudbase::Cloudbase;
pub use self::documents::{Documents, Invalid};
pub use self::emulator::{Emulator, Flags as EmulatorFlags};
use self::layers::{Layers, Written};
pub use self::layers::{Problem, in_variables};
pub use self::trust::Doors;
use crate::data::{CollectionName, Principal};
use crate::gateway::UnauthenticatedAccess;
use crate::graphql::MatchesOperator;
use crate::identity::TicketKey;
use crate::server::Auth;
use crate::store::sqlite;
use crate::{gateway, graphql, identity, live, server};

/// Everything a server needs to start.
#[derive(Clone, Debug)]
pub struct Config {
    /// The model file.
    pub schema: PathBuf,
    /// Where the server listens, [`listen`](Flags::listen) first.
    pub doors: Doors,
    pub store: Store,
    /// How a store that is a file is opened.
    pub sqlite: sqlite::Options,
    pub log: Log,
    pub server: server::Config,
    /// With what tickets for sockets are authenticated, if there are any.
    pub tickets: Option<TicketKey>,
    /// Whose access tokens are taken; `None`: nobody's.
    pub tokens: Option<identity::Config>,
    pub gateway: gateway::Config,
    pub live: live::Config,
    pub graphql: graphql::Config,
    pub documents: Documents,
    pub emulator: Emulator,
}

/// Where documents live.
#[derive(Clone, Debug)]
pub enum Store {
    Sqlite(PathBuf),
    Cloudbase(Box<Cloudbase>),
}

/// What is logged, and how a line looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// Directives such as `info` or `warn,audit=info`.
    pub filter: String,
    pub format: LogFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One object a line, for log collectors.
    Json,
}

/// What was given on the command line. Development tokens are switched on here and nowhere else.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    pub config: Option<PathBuf>,
    pub schema: Option<String>,
    pub listen: Option<String>,
    pub store: Option<String>,
    /// [`Auth::DevAnywhere`] needs the environment's consent as well.
    pub auth: Auth,
    pub emulator: EmulatorFlags,
}

/// The variable that, besides the flag, lets a server with development tokens listen beyond loopback.
const DEV_AUTH_ANYWHERE: &str = "GATEWAY_DEV_AUTH_ANYWHERE";

const DEFAULT_SCHEMA: &str = "schema.graphql";
const DEFAULT_STORE: &str = "sqlite:data/shop.db";
const DEFAULT_PORT: u16 = 8080;

/// The most threads that read. More than a machine has cores gain nothing, and each takes memory.
const MAX_READERS: usize = 64;

/// The most of anything else that is counted: beyond it a limit is none, and some are refused further down.
const MAX_COUNT: usize = 1_000_000;

/// The shortest time that a watch nobody watches is kept: less would not outlast a page that is loaded anew.
const MIN_LINGER: Duration = Duration::from_millis(100);

/// How often anything is looked at again, at most; at least once in [`MAX_INTERVAL`].
const MIN_INTERVAL: Duration = Duration::from_millis(100);
const MAX_INTERVAL: Duration = Duration::from_secs(3600);

/// The shortest time between two reads of a list of which others' commits are told: words come in quick succession.
const MIN_PACE: Duration = Duration::from_millis(10);

/// The longest that staff roles may be remembered which somebody else may have withdrawn.
const MAX_ROLES_AGE: Duration = Duration::from_secs(60);

/// The most documents of a live list: each is held in memory for as long as somebody watches.
const MAX_LIVE_DOCUMENTS: usize = 100_000;

/// The most events that wait for one subscriber: each may hold a rendered payload.
const MAX_QUEUE: usize = 1024;

impl Config {
    /// Reads the configuration of this process.
    ///
    /// # Errors
    ///
    /// Every problem of flags, environment and file.
    pub fn load(flags: &Flags) -> Result<Self, Vec<Problem>> {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the one reader of the environment"
        )]
        let environment = std::env::vars_os();
        Self::from(flags, environment)
    }

    /// As [`Config::load`], of this environment.
    ///
    /// # Errors
    ///
    /// Every problem of flags, environment and file.
    pub fn from(
        flags: &Flags,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, Vec<Problem>> {
        let mut layers = Layers::default();
        layers.add_environment(environment);
        if let Some(path) = &flags.config {
            match fs::read_to_string(path) {
                Ok(text) => layers.add_file(path, &text),
                Err(error) => layers.problem(format!("`{}`", path.display()), error.to_string()),
            }
        }
        for (name, flag, value) in [
            ("schema", "--schema", &flags.schema),
            ("listen", "--listen", &flags.listen),
            ("store", "--store", &flags.store),
        ] {
            if let Some(text) = value {
                layers.set_flag(name, flag, text.clone());
            }
        }
        for (name, flag, text) in flags.emulator.given() {
            layers.set_flag(name, flag, text);
        }
        let config = check(&mut layers, flags);
        layers.report_unknown();
        if layers.problems.is_empty() {
            Ok(config)
        } else {
            Err(layers.problems)
        }
    }
}

/// Gives every setting its meaning; problems are noted in the layers.
fn check(layers: &mut Layers, flags: &Flags) -> Config {
    let listen = listen(layers, flags.auth);
    let auth = dev_auth(layers, flags.auth, listen);
    let (store, cloud) = store(layers);
    let doors = trust::doors(layers, listen, auth, &cloud);
    let (limits, private_answer) = limits::read(layers, auth);
    let (documents, automatic) = documents::read(layers, limits.ask_for_trust());
    Config {
        schema: layers.read("schema", path, PathBuf::from(DEFAULT_SCHEMA)),
        store,
        sqlite: sqlite(layers),
        log: log(layers),
        server: server::Config {
            private_answer,
            ..server(layers, auth, &doors)
        },
        doors,
        tickets: trust::tickets(layers),
        tokens: auth::read(layers, &cloud),
        gateway: gateway(layers),
        live: live(layers),
        graphql: graphql::Config {
            automatic,
            ..graphql(layers, limits)
        },
        documents,
        emulator: emulator::read(layers, &flags.emulator),
    }
}

/// The address to listen on. A platform that hands out a `PORT` expects it on every interface; development tokens
/// stay on loopback.
fn listen(layers: &mut Layers, auth: Auth) -> SocketAddr {
    let port = layers.read("PORT", units::port, DEFAULT_PORT);
    let told = layers.written("PORT").is_some();
    let interface = if told && auth == Auth::Closed {
        Ipv4Addr::UNSPECIFIED
    } else {
        Ipv4Addr::LOCALHOST
    };
    let default = SocketAddr::new(IpAddr::V4(interface), port);
    layers.read("listen", units::address, default)
}

/// The proofs of identity that are taken. Said once only, `DevAnywhere` is no more than `DevOnLoopback`.
fn dev_auth(layers: &mut Layers, auth: Auth, listen: SocketAddr) -> Auth {
    let confirmed = layers
        .variable(DEV_AUTH_ANYWHERE)
        .is_some_and(|Written { text, .. }| text == "yes");
    let auth = match auth {
        Auth::DevAnywhere if !confirmed => Auth::DevOnLoopback,
        auth => auth,
    };
    if auth == Auth::DevOnLoopback && !listen.ip().is_loopback() {
        layers.problem(
            format!("`{listen}`"),
            format!(
                "a server that takes development tokens believes everybody, so it listens on loopback only, such as `127.0.0.1:8080`; \
                 if everybody who can reach it may do everything, give `--dev-auth-insecure-listen` and set `{DEV_AUTH_ANYWHERE}=yes`"
            ),
        );
    }
    auth
}

/// Where documents live, and what is known of the cloud either way. The settings of the cloud are looked at in any
/// case, so that a mistake is told wherever documents live.
fn store(layers: &mut Layers) -> (Store, crate::cloudbase::Config) {
    let file = |text: &str| match text {
        "cloudbase" => Ok(None),
        text => sqlite_file(text)
            .map(Some)
            .map_err(|advice| format!("{advice}, or `cloudbase`")),
    };
    let default = PathBuf::from(DEFAULT_STORE.trim_start_matches("sqlite:"));
    let file = layers.read("store", file, Some(default));
    let cloudbase = cloudbase::read(layers, file.is_none());
    let cloud = cloudbase.client.clone();
    let store = match file {
        Some(path) => Store::Sqlite(path),
        None => Store::Cloudbase(Box::new(cloudbase)),
    };
    (store, cloud)
}

fn sqlite(layers: &mut Layers) -> sqlite::Options {
    let durability = |text: &str| match text {
        "full" => Ok(sqlite::Durability::Full),
        "off" => Ok(sqlite::Durability::Off),
        _ => Err("write `full` or `off`".to_owned()),
    };
    let readers = |text: &str| units::count(text, MAX_READERS);
    let default = sqlite::Options::default();
    sqlite::Options {
        durability: layers.read("sqlite.durability", durability, default.durability),
        readers: layers.read("sqlite.readers", readers, default.readers),
        ..default
    }
}

/// `sqlite:FILE`
fn sqlite_file(text: &str) -> Result<PathBuf, String> {
    match text.split_once(':') {
        Some(("sqlite", ":memory:")) => {
            Err("a store is a file, which several threads open; give one in `/tmp`".to_owned())
        }
        Some(("sqlite", path)) if !path.is_empty() => Ok(PathBuf::from(path)),
        _ => Err(format!(
            "write `sqlite:` and a file, such as `{DEFAULT_STORE}`"
        )),
    }
}

fn log(layers: &mut Layers) -> Log {
    let directives = |text: &str| match EnvFilter::try_new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => {
            Err("write a level or directives, such as `info` or `warn,audit=info`".to_owned())
        }
    };
    let usual = layers.read("RUST_LOG", directives, "info".to_owned());
    let format = |text: &str| match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err("write `text` or `json`".to_owned()),
    };
    Log {
        filter: layers.read("log", directives, usual),
        format: layers.read("log_format", format, LogFormat::Text),
    }
}

fn server(layers: &mut Layers, auth: Auth, doors: &Doors) -> server::Config {
    let default = server::Config::default();
    let is_local = doors.iter().all(|(address, _)| address.ip().is_loopback());
    let number = |text: &str| units::count(text, MAX_COUNT).map(NonZeroUsize::get);
    server::Config {
        auth,
        tokens: default.tokens,
        tickets: default.tickets,
        client_address: trust::client_address(layers),
        cors_origins: layers.read("server.cors_origins", trust::origins, default.cors_origins),
        max_body: layers.read("server.max_body", units::size, default.max_body),
        max_large_bodies: layers.read("server.max_large_bodies", number, default.max_large_bodies),
        request_timeout: layers.read(
            "server.request_timeout",
            units::duration,
            default.request_timeout,
        ),
        header_timeout: layers.read(
            "server.header_timeout",
            units::duration,
            default.header_timeout,
        ),
        write_timeout: layers.read(
            "server.write_timeout",
            units::duration,
            default.write_timeout,
        ),
        max_requests: layers.read("server.max_requests", number, default.max_requests),
        max_connections: layers.read("server.max_connections", number, default.max_connections),
        shutdown_grace: layers.read(
            "server.shutdown_grace",
            units::duration,
            default.shutdown_grace,
        ),
        max_sockets: layers.read("server.max_sockets", number, default.max_sockets),
        max_sockets_per_caller: layers.read(
            "server.max_sockets_per_caller",
            number,
            default.max_sockets_per_caller,
        ),
        max_operations_per_socket: layers.read(
            "server.max_operations_per_socket",
            number,
            default.max_operations_per_socket,
        ),
        max_message: layers.read("server.max_message", units::size, default.max_message),
        init_timeout: layers.read("server.init_timeout", units::duration, default.init_timeout),
        ping_interval: layers.read(
            "server.ping_interval",
            units::duration,
            default.ping_interval,
        ),
        // What can be reached from elsewhere is, unless somebody sees to it.
        metrics: layers.read("server.metrics", on_or_off, is_local),
        private_answer: default.private_answer,
    }
}

fn on_or_off(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("write `on` or `off`".to_owned()),
    }
}

fn gateway(layers: &mut Layers) -> gateway::Config {
    let owners = |text: &str| {
        units::list(text)
            .iter()
            .map(|principal| Principal::parse(principal).map_err(|error| error.to_string()))
            .collect()
    };
    let unauthenticated = |text: &str| match text {
        "refuse" => Ok(UnauthenticatedAccess::Refuse),
        "custom-rules" => Ok(UnauthenticatedAccess::CustomRulesOnly),
        _ => Err("write `refuse` or `custom-rules`".to_owned()),
    };
    let collections = |text: &str| {
        units::list(text)
            .iter()
            .map(|name| {
                CollectionName::parse(name)
                    .ok_or_else(|| format!("`{name}` is no name of a collection"))
            })
            .collect()
    };
    let age = |text: &str| units::duration_between(text, MIN_INTERVAL, MAX_ROLES_AGE);
    let default = gateway::Config::default();
    gateway::Config {
        owners: layers.read("access.owners", owners, default.owners),
        sensitive: layers.read("access.sensitive", collections, default.sensitive),
        unauthenticated: layers.read(
            "access.unauthenticated",
            unauthenticated,
            default.unauthenticated,
        ),
        roles_max_age: layers.read("access.roles_max_age", age, default.roles_max_age),
        ..default
    }
}

fn live(layers: &mut Layers) -> live::Config {
    let linger = |text: &str| units::duration_between(text, MIN_LINGER, MAX_INTERVAL);
    let interval = |text: &str| units::duration_between(text, MIN_INTERVAL, MAX_INTERVAL);
    let pace = |text: &str| units::duration_between(text, MIN_PACE, MAX_INTERVAL);
    let documents = |text: &str| units::count(text, MAX_LIVE_DOCUMENTS).map(NonZeroUsize::get);
    let queue = |text: &str| units::count(text, MAX_QUEUE).map(NonZeroUsize::get);
    let default = live::Config::default();
    live::Config {
        linger: layers.read("live.linger", linger, default.linger),
        poll_interval: layers.read("live.poll_interval", interval, default.poll_interval),
        notice_pace: layers.read("live.notice_pace", pace, default.notice_pace),
        reconcile_interval: layers.read(
            "live.reconcile_interval",
            interval,
            default.reconcile_interval,
        ),
        recheck_interval: layers.read("live.recheck_interval", interval, default.recheck_interval),
        max_documents: layers.read("live.max_documents", documents, default.max_documents),
        pace: default.pace,
        queue: layers.read("live.queue", queue, default.queue),
    }
}

fn graphql(layers: &mut Layers, limits: graphql::Limits) -> graphql::Config {
    let matching = |text: &str| match text {
        "off" => Ok(MatchesOperator::Off),
        "staff" => Ok(MatchesOperator::Staff),
        _ => Err("write `off` or `staff`".to_owned()),
    };
    let default = graphql::Config::default();
    graphql::Config {
        limits,
        matches: layers.read("graphql.matches", matching, default.matches),
        ..default
    }
}

fn path(text: &str) -> Result<PathBuf, String> {
    Ok(PathBuf::from(text))
}

#[cfg(test)]
mod tests;
