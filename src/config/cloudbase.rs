//! What an operator says of the cloud: which environment, with which credentials, and how much is asked of it.
//!
//! Credentials come from the environment alone, by the names that the cloud's own programs know them by, and are never
//! repeated in a problem.

use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::time::Duration;

use reqwest::Url;

use super::layers::{Layers, Written};
use super::{MAX_COUNT, on_or_off, realtime as socket, units};
use crate::cloudbase::database::{MAX_IN, MAX_ROWS};
use crate::cloudbase::realtime;
use crate::cloudbase::{Config, Credentials, KeyPair, Limits, Protocol, Secret};
use crate::gateway::Mirror;
use crate::store::cloud::{Options, Writes};

/// Documents of an environment of the cloud.
#[derive(Clone, Debug)]
pub struct Cloudbase {
    pub client: Config,
    pub store: Options,
    /// `None`: only looking again and again tells what others wrote.
    pub realtime: Option<realtime::Config>,
    /// What follows where the cloud is not known to be what the schema says, and how often that is looked at.
    pub mirror: Mirror,
    pub mirror_interval: Duration,
    /// Whether all of it is this machine, so an emulator.
    pub is_local: bool,
}

const DEFAULT_REGION: &str = "ap-shanghai";

pub(super) const API_KEY: &str = "CLOUDBASE_APIKEY";
pub(super) const SECRET_ID: &str = "TENCENTCLOUD_SECRETID";
const SECRET_KEY: &str = "TENCENTCLOUD_SECRETKEY";
const SESSION_TOKEN: &str = "TENCENTCLOUD_SESSIONTOKEN";

/// The variables that name the environment, the first one first. The second is set by the platform that runs containers
/// of mini programs.
const ENV_IDS: [&str; 2] = ["CLOUDBASE_ENV_ID", "CBR_ENV_ID"];

/// More than an environment's plan can bear is not asked for by mistake.
const MAX_CONCURRENT: usize = 1_000;

/// Attempts after the first: with the pauses between them, more do not fit into any deadline.
const MAX_RETRIES: usize = 10;

/// How often the cloud is compared with the schema: permissions take up to five minutes to be seen everywhere.
const MIRROR_INTERVAL: Duration = Duration::from_secs(10 * 60);
const MIN_MIRROR_INTERVAL: Duration = Duration::from_secs(1);
const MAX_MIRROR_INTERVAL: Duration = Duration::from_secs(24 * 60 * 60);

/// Reads all of it; what is missing is a problem only if it is `needed`.
pub(super) fn read(layers: &mut Layers, needed: bool) -> Cloudbase {
    let env = env(layers, needed);
    let protocol = layers.read("cloudbase.protocol", protocol, Protocol::default());
    let region = layers.read("cloudbase.region", name, DEFAULT_REGION.to_owned());
    let (origin, is_local) = origin(layers);
    let credentials = credentials(layers, protocol, needed);
    let realtime = socket::read(layers, &credentials, needed);
    Cloudbase {
        client: Config {
            env,
            protocol,
            region,
            wx_app_id: layers.read("cloudbase.wx_app_id", |text| name(text).map(Some), None),
            origin,
            credentials,
            limits: limits(layers),
        },
        store: options(layers),
        realtime,
        mirror: layers.read("cloudbase.mirror", mirror, Mirror::Warn),
        mirror_interval: layers.read(
            "cloudbase.mirror_interval",
            |text| units::duration_between(text, MIN_MIRROR_INTERVAL, MAX_MIRROR_INTERVAL),
            MIRROR_INTERVAL,
        ),
        is_local,
    }
}

fn mirror(text: &str) -> Result<Mirror, String> {
    match text {
        "off" => Ok(Mirror::Off),
        "warn" => Ok(Mirror::Warn),
        "fail-closed" => Ok(Mirror::FailClosed),
        _ => Err("write `warn`, `fail-closed` or `off`".to_owned()),
    }
}

fn env(layers: &mut Layers, needed: bool) -> String {
    let told = ENV_IDS.map(|variable| layers.variable(variable));
    let told = [layers.written("cloudbase.env")].into_iter().chain(told);
    let Some(Written { text, place }) = told.flatten().next() else {
        if needed {
            layers.problem(
                format!("`{}`", ENV_IDS[0]),
                "is missing: the id of the cloud's environment, such as `prod-1a2b3c`, which its console shows",
            );
        }
        return String::new();
    };
    name(&text).unwrap_or_else(|advice| {
        layers.problem(place, format!("`{text}` cannot be read: {advice}"));
        String::new()
    })
}

/// What becomes part of a host's name.
pub(super) fn name(text: &str) -> Result<String, String> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    match text.trim() {
        name if !name.is_empty() && name.bytes().all(fits) => Ok(name.to_owned()),
        _ => Err("write letters, digits and `-`".to_owned()),
    }
}

fn protocol(text: &str) -> Result<Protocol, String> {
    match text {
        "rest" => Ok(Protocol::Rest),
        "admin" => Ok(Protocol::Admin),
        _ => Err("write `rest` or `admin`".to_owned()),
    }
}

/// The one server that serves everything, and whether it is this machine. The text is not repeated: it may hold a
/// password.
fn origin(layers: &mut Layers) -> (Option<String>, bool) {
    let plain_http = layers.read("cloudbase.plain_http", on_or_off, false);
    let Some(Written { text, place }) = layers.written("cloudbase.url") else {
        return (None, false);
    };
    let Some(url) = bare(&text) else {
        layers.problem(
            place,
            "cannot be read: write scheme and host and no more, such as `http://127.0.0.1:9000`",
        );
        return (None, false);
    };
    let is_local = is_local(&url);
    if url.scheme() == "http" && !is_local && !plain_http {
        layers.problem(
            place,
            "by `http`, everybody on the way can read keys and documents: write `https://…`; if all of the network may \
             know them, set `cloudbase.plain_http` to `on`",
        );
    }
    (Some(url.origin().ascii_serialization()), is_local)
}

/// An address of a whole server.
pub(super) fn bare(text: &str) -> Option<Url> {
    let url = Url::parse(text.trim()).ok()?;
    let bare = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none();
    bare.then_some(url)
}

pub(super) fn is_local(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let number = host.trim_start_matches('[').trim_end_matches(']');
    let number = number.parse::<IpAddr>();
    host == "localhost" || number.is_ok_and(|address| address.is_loopback())
}

fn credentials(layers: &mut Layers, protocol: Protocol, needed: bool) -> Credentials {
    let api_key = secret(layers, API_KEY);
    let [id, key, session_token] =
        [SECRET_ID, SECRET_KEY, SESSION_TOKEN].map(|variable| secret(layers, variable));
    let half = id.is_some() != key.is_some();
    let credentials = Credentials {
        api_key: api_key.map(Secret::new),
        key_pair: id.zip(key).map(|(id, key)| KeyPair {
            id,
            key: Secret::new(key),
            session_token: session_token.map(Secret::new),
        }),
    };
    if needed && half {
        layers.problem(
            format!("`{SECRET_ID}`, `{SECRET_KEY}`"),
            "are a pair: set both or neither",
        );
    }
    if needed && let Some((place, advice)) = lacking(&credentials, protocol, half) {
        layers.problem(place, advice);
    }
    credentials
}

/// The credential that the protocol needs and that is not there, and what to do. `half`: of a pair, which is told already.
fn lacking(credentials: &Credentials, protocol: Protocol, half: bool) -> Option<(String, String)> {
    let place = format!("`{API_KEY}`");
    match protocol {
        Protocol::Rest if credentials.api_key.is_none() => Some((
            place,
            format!(
                "is missing: the protocol `rest` needs a server API key of the environment, which its console makes; \
                 if you have a key pair of the account instead, set `cloudbase.protocol` to `admin`, `{SECRET_ID}` and `{SECRET_KEY}`"
            ),
        )),
        Protocol::Admin
            if !half && credentials.api_key.is_none() && credentials.key_pair.is_none() =>
        {
            Some((
                place,
                format!(
                    "is missing: the protocol `admin` needs a server API key of the environment, which its console makes, \
                 or a key pair of the account in `{SECRET_ID}` and `{SECRET_KEY}`"
                ),
            ))
        }
        Protocol::Rest | Protocol::Admin => None,
    }
}

/// A credential from the environment, without the line break that files of secrets end with.
fn secret(layers: &mut Layers, variable: &'static str) -> Option<String> {
    let Written { text, place } = layers.variable(variable)?;
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        layers.problem(
            place,
            "has signs in it that no key has: copy it again from the console",
        );
        return None;
    }
    Some(text.to_owned())
}

fn limits(layers: &mut Layers) -> Limits {
    let concurrent = |text: &str| units::count(text, MAX_CONCURRENT).map(NonZeroUsize::get);
    let number = |text: &str| units::count(text, MAX_COUNT).map(NonZeroUsize::get);
    let per_second =
        |text: &str| number(text).map(|number| u32::try_from(number).unwrap_or(u32::MAX));
    let default = Limits::default();
    Limits {
        max_concurrent: layers.read(
            "cloudbase.max_concurrent",
            concurrent,
            default.max_concurrent,
        ),
        per_second: layers.read("cloudbase.per_second", per_second, default.per_second),
        max_queue: layers.read("cloudbase.max_queue", number, default.max_queue),
        connect_timeout: layers.read(
            "cloudbase.connect_timeout",
            units::duration,
            default.connect_timeout,
        ),
        attempt_timeout: layers.read(
            "cloudbase.attempt_timeout",
            units::duration,
            default.attempt_timeout,
        ),
        deadline: layers.read("cloudbase.deadline", units::duration, default.deadline),
        max_retries: layers.read("cloudbase.max_retries", retries, default.max_retries),
        max_answer: layers.read("cloudbase.max_answer", units::size, default.max_answer),
    }
}

fn retries(text: &str) -> Result<u32, String> {
    let number = text.parse::<u32>().ok();
    number
        .filter(|&number| usize::try_from(number).is_ok_and(|number| number <= MAX_RETRIES))
        .ok_or_else(|| format!("write a whole number from 0 to {MAX_RETRIES}"))
}

fn options(layers: &mut Layers) -> Options {
    let writes = |text: &str| match text {
        "native" => Ok(Writes::Native),
        "transaction" => Ok(Writes::Transaction),
        _ => Err("write `native` or `transaction`".to_owned()),
    };
    let most = usize::try_from(MAX_ROWS).unwrap_or(usize::MAX);
    let page = |text: &str| Ok(units::count(text, most)?.get() as u64);
    let in_list = |text: &str| units::count(text, MAX_IN).map(NonZeroUsize::get);
    let default = Options::default();
    Options {
        writes: layers.read("cloudbase.writes", writes, default.writes),
        page: layers.read("cloudbase.page", page, default.page),
        in_list: layers.read("cloudbase.in_list", in_list, default.in_list),
        ..default
    }
}

#[cfg(test)]
mod tests;
