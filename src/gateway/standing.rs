//! Who a connection speaks for, and until when that holds.

use std::sync::Arc;

use tokio::sync::watch;

use crate::data::{Caller, User};

use super::Gateway;
use super::error::Result;

/// What a connection proved: who is signed in, until its token expires.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credential {
    /// `None`: not signed in.
    pub user: Option<User>,
    /// Milliseconds since 1970 from which on the user counts as not signed in.
    pub until: Option<i64>,
}

/// The caller that a credential makes at this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub caller: Arc<Caller>,
    /// Milliseconds since 1970 at which it must be asked for again: the token expires then, or staff roles do.
    pub until: Option<i64>,
}

impl Gateway {
    /// The caller a credential makes now, with the staff roles held now. A credential that has expired makes nobody.
    pub async fn standing(&self, _credential: &Credential) -> Result<Standing> {
        unimplemented!("gateway helper")
    }

    /// A number that grows whenever somebody's staff roles may have changed.
    pub fn roles_version(&self) -> watch::Receiver<u64> {
        unimplemented!("gateway helper")
    }

    /// Milliseconds since 1970, by the gateway's clock.
    pub fn now(&self) -> i64 {
        self.clock.now_ms()
    }
}
