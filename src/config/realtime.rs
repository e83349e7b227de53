//! What an operator says of the cloud's realtime socket. What the cloud does not confirm for servers is a setting.

use std::fs;
use std::num::NonZeroUsize;

use super::cloudbase::{API_KEY, SECRET_ID, bare};
use super::layers::{Layers, Written};
use super::{MAX_COUNT, MAX_LIVE_DOCUMENTS, on_or_off, units};
use crate::cloudbase::Credentials;
use crate::cloudbase::realtime::{Config, Credential, TicketKey};

/// The user of the custom login that a ticket is for, where no other is told.
const DEFAULT_UID: &str = "graphql-gateway";

/// How the credential is spelled that the socket is opened with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    ApiKey,
    ClientCredential,
    Admin,
    Ticket,
}

/// The socket, if there is to be one; what is missing is a problem only if the cloud is `needed`.
pub(super) fn read(layers: &mut Layers, credentials: &Credentials, needed: bool) -> Option<Config> {
    let enabled = layers.read("realtime.enabled", on_or_off, true);
    let number = |text: &str| units::count(text, MAX_COUNT).map(NonZeroUsize::get);
    let documents = |text: &str| Ok(units::count(text, MAX_LIVE_DOCUMENTS)?.get() as u64);
    let default = Config::default();
    let config = Config {
        credential: credential(layers, credentials, needed && enabled),
        max_watches_per_socket: layers.read(
            "realtime.watches_per_socket",
            number,
            default.max_watches_per_socket,
        ),
        max_sockets: layers.read("realtime.sockets", number, default.max_sockets),
        max_limit: layers.read("realtime.max_limit", documents, default.max_limit),
        web_origin: layers.read("realtime.origin", web_origin, default.web_origin),
        ..default
    };
    enabled.then_some(config)
}

/// As told, else what there is. That nothing is there at all is told elsewhere.
fn credential(layers: &mut Layers, credentials: &Credentials, needed: bool) -> Credential {
    let ticket = ticket(layers);
    let (has_key, has_pair) = (
        credentials.api_key.is_some(),
        credentials.key_pair.is_some(),
    );
    let default = match has_pair && !has_key {
        true => Kind::ClientCredential,
        false => Kind::ApiKey,
    };
    let told = layers.written("realtime.credential");
    let kind = layers.read("realtime.credential", kind, default);
    let lacking = match kind {
        Kind::ApiKey if !has_key => Some(API_KEY),
        Kind::ClientCredential if !has_pair => Some(SECRET_ID),
        Kind::Admin if !has_key && !has_pair => Some(API_KEY),
        Kind::Ticket if ticket.is_none() => Some("realtime.ticket_key"),
        _ => None,
    };
    if needed
        && let Some(Written { place, .. }) = told
        && let Some(lacking) = lacking
    {
        let advice = "which this credential is made of: set it, or set `realtime.enabled` to `off`";
        layers.problem(place, format!("`{lacking}` is missing, {advice}"));
    }
    match (kind, ticket) {
        (Kind::ClientCredential, _) => Credential::ClientCredential,
        (Kind::Admin, _) => Credential::Admin,
        (Kind::Ticket, Some((key, uid))) => Credential::Ticket { key, uid },
        (Kind::ApiKey | Kind::Ticket, _) => Credential::ApiKey,
    }
}

fn kind(text: &str) -> Result<Kind, String> {
    match text {
        "api-key" => Ok(Kind::ApiKey),
        "client-credential" => Ok(Kind::ClientCredential),
        "admin" => Ok(Kind::Admin),
        "ticket" => Ok(Kind::Ticket),
        _ => Err("write `api-key`, `client-credential`, `admin` or `ticket`".to_owned()),
    }
}

/// The key of the custom login, and for whom its tickets are.
fn ticket(layers: &mut Layers) -> Option<(TicketKey, String)> {
    let key = |path: &str| {
        let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
        let key = TicketKey::parse_file(&text).map_err(|error| error.to_string())?;
        Ok(Some(key))
    };
    let key = layers.read("realtime.ticket_key", key, None);
    let uid = layers.read("realtime.ticket_uid", uid, DEFAULT_UID.to_owned());
    Some((key?, uid))
}

/// As long as the cloud takes them.
fn uid(text: &str) -> Result<String, String> {
    match text.len() {
        4..=32 if text.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(text.to_owned()),
        _ => Err("write 4 to 32 letters, digits and signs".to_owned()),
    }
}

fn web_origin(text: &str) -> Result<Option<String>, String> {
    bare(text)
        .map(|url| Some(url.origin().ascii_serialization()))
        .ok_or_else(|| "write scheme and host, such as `https://admin.example.com`".to_owned())
}
