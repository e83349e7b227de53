//! Who is signed in: each sign-in is a session, which its refresh token keeps
//! alive. Bounded: who has not been seen longest is forgotten first, and has
//! to sign in again.

use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

use lru::LruCache;
use smol_str::SmolStr;

use super::random;
use super::user::User;
use crate::cloudbase::signature::same;
use crate::data::LoginType;

/// Sessions, and devices of anonymous users, that are kept.
const MAX: NonZeroUsize = NonZeroUsize::new(10_000).expect("not zero");

/// What refresh tokens begin with, so that none is ever taken for a key.
pub(super) const REFRESH: &str = "refresh.";

/// Whose a session is.
#[derive(Clone, Debug)]
pub(super) enum Holder {
    /// Signed in with a secret.
    Admin,
    User(User),
}

#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) holder: Holder,
    /// Milliseconds that an access token is good.
    pub(super) access_life: i64,
    /// When the refresh token ends, milliseconds since 1970.
    pub(super) until: i64,
    /// What the refresh token has besides the session's name; changes with every use. `None`: there is none.
    secret: Option<String>,
}

/// Behind one lock, which is held for look-ups only.
#[derive(Debug)]
pub(super) struct Sessions {
    open: Mutex<Open>,
}

#[derive(Debug)]
struct Open {
    sessions: LruCache<String, Session>,
    /// The anonymous user of each device.
    devices: LruCache<String, User>,
}

impl Sessions {
    pub(super) fn new() -> Self {
        let open = Open {
            sessions: LruCache::new(MAX),
            devices: LruCache::new(MAX),
        };
        Self {
            open: Mutex::new(open),
        }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        // A look-up leaves nothing half done, so a panic elsewhere does not spoil the maps.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a session: its name and its refresh token. Administrators get none.
    pub(super) fn begin(
        &self,
        holder: Holder,
        access_life: i64,
        until: i64,
    ) -> (String, Session, Option<String>) {
        let name = random::id();
        let secret = matches!(holder, Holder::User(_)).then(random::id);
        let refresh_token = secret
            .as_ref()
            .map(|secret| format!("{REFRESH}{name}.{secret}"));
        let session = Session {
            holder,
            access_life,
            until,
            secret,
        };
        self.open().sessions.put(name.clone(), session.clone());
        (name, session, refresh_token)
    }

    pub(super) fn get(&self, name: &str) -> Option<Session> {
        self.open().sessions.get(name).cloned()
    }

    /// Takes a refresh token, once: the session with its name and the next refresh token.
    pub(super) fn refresh(&self, token: &str, now: i64) -> Option<(String, Session, String)> {
        let (name, secret) = token.strip_prefix(REFRESH)?.split_once('.')?;
        let mut open = self.open();
        let session = open.sessions.get_mut(name)?;
        if session.until <= now || !same(session.secret.as_ref()?, secret) {
            return None;
        }
        let secret = random::id();
        let token = format!("{REFRESH}{name}.{secret}");
        session.secret = Some(secret);
        Some((name.to_owned(), session.clone(), token))
    }

    pub(super) fn end(&self, name: &str) {
        self.open().sessions.pop(name);
    }

    /// The anonymous user of a device, who is made when the device is first seen.
    pub(super) fn anonymous(&self, device: &str) -> User {
        let make = || User::of_uid(&SmolStr::new(random::id()), LoginType::Anonymous);
        let mut open = self.open();
        open.devices.get_or_insert(device.to_owned(), make).clone()
    }
}
