//! What all protocols share.

use std::sync::Arc;

use super::clock::SetClock;
use super::database::Database;
use super::failure::{Failure, Result};
use super::fault::Faults;
use super::identity::{Identities, Identity};
use super::realtime::Realtime;
use super::session::Session;
use super::storage::Files;
use crate::access::Settings;
use crate::clock::Clock;
use crate::cloudbase::Code;

/// The emulator, as the handlers of requests see it.
#[derive(Debug)]
pub(crate) struct App {
    /// The environment's name, if only one is served.
    pub(crate) env: Option<String>,
    pub(crate) database: Arc<Database>,
    pub(crate) identities: Identities,
    pub(crate) files: Files,
    pub(crate) faults: Arc<Faults>,
    pub(crate) clock: Arc<SetClock>,
    pub(crate) settings: Settings,
    pub(crate) realtime: Realtime,
}

impl App {
    /// One sender's requests.
    pub(crate) fn session(&self, identity: Identity) -> Session {
        let clock: Arc<dyn Clock> = Arc::clone(&self.clock) as _;
        Session::new(Arc::clone(&self.database), identity, clock, self.settings)
    }

    /// Whether the environment that a request names is the one that is served; an empty name is the default one.
    pub(crate) fn check_env(&self, name: &str) -> Result<()> {
        match &self.env {
            Some(env) if !name.is_empty() && name != env => Err(Failure::new(
                Code::InvalidEnv,
                format!("this emulator serves the environment `{env}`, not `{name}`"),
            )),
            _ => Ok(()),
        }
    }
}
