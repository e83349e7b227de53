//! What an emulator begins with.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::database::TransactionLimits;
use super::fault::Fault;
use super::http::Origins;
use super::permissions::Permissions;
use super::{identity, realtime};
use crate::model::Model;

/// See the fields. The default is an emulator that knows nothing yet and believes everybody.
#[derive(Clone, Debug)]
pub struct Config {
    /// The environment's name; without one, every name is taken.
    pub env: Option<String>,
    /// Keys, secrets and users.
    pub identity: identity::Config,
    /// Collections with their indexes and permissions.
    pub model: Option<Arc<Model>>,
    /// Permissions that are set at the start; they win over the model's.
    pub permissions: Permissions,
    /// Where cloud files lie; without one, in a folder that goes with the emulator.
    pub files: Option<PathBuf>,
    /// Pages of a browser that may use it, besides those of this machine.
    pub origins: Origins,
    /// What goes wrong from the beginning.
    pub faults: Vec<Fault>,
    pub transactions: TransactionLimits,
    pub realtime: realtime::Limits,
    /// How long requests may take to finish at the end.
    pub shutdown_grace: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            env: None,
            identity: identity::Config::default(),
            model: None,
            permissions: Permissions::default(),
            files: None,
            origins: Origins::default(),
            faults: Vec::new(),
            transactions: TransactionLimits {
                life: Duration::from_secs(30),
                busy_wait: Duration::from_secs(5),
            },
            realtime: realtime::Limits::default(),
            shutdown_grace: Duration::from_secs(10),
        }
    }
}
