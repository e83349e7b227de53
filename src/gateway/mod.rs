//! The one door: every path to a document leads through a [`Session`], which
//! joins the caller's decision to every read and every write.
//!
//! - who asks: `roles/` (principal → [`Caller`]), `abilities.rs` (what roles may ever do), `vouch.rs` (whether staff are
//!   still signed in)
//! - how much each may have: `tally.rs` and `quota.rs` (at one time), `rate.rs` (how often)
//! - one operation: `session.rs`; its decisions: `decide.rs`, `oracle.rs`, `mask.rs`
//! - reads: `list.rs`, `get.rs`, `relate.rs`, paging in `page.rs`
//! - live: lists that are followed in `watch/`, commits that touch their relations in `touch.rs`, who may be shown the
//!   same in `sight.rs`, whom a connection speaks for as time passes in `standing.rs`
//! - files that documents name: `files.rs`; proofs for sockets: `ticket.rs`
//! - writes: `create.rs`, `update.rs`, `delete.rs`, `bulk.rs`, each under a `permit.rs` and through `commit.rs`; checks
//!   of inputs: `constraint.rs`, `changes.rs`, `guard.rs`
//! - what the database itself is known to allow, and what is closed until it is known: `mirror.rs`
//! - told afterwards: `trace.rs` (to the caller), `audit.rs` (to the operator); on demand: `explain/` (to the operator and to staff)
//!
//! What it is not: GraphQL (it knows no selection, only [`Select`]) and not the
//! rules themselves ([`crate::access`] decides, purely; the gateway fetches what a
//! decision needs and obeys).

mod abilities;
pub mod audit;
mod bulk;
mod changes;
mod commit;
mod config;
mod constraint;
mod create;
mod decide;
mod delete;
mod error;
mod explain;
mod files;
mod get;
mod guard;
mod list;
mod loader;
mod mask;
mod mirror;
mod oracle;
mod page;
mod permit;
mod quota;
mod rate;
mod reader;
mod relate;
mod request;
mod roles;
mod session;
mod sight;
mod standing;
mod tally;
mod ticket;
mod touch;
mod trace;
mod update;
mod vouch;
mod watch;

use std::sync::Arc;

use tokio_util::task::TaskTracker;

pub use self::abilities::Abilities;
pub use self::config::{Config, UnauthenticatedAccess};
pub use self::error::{Error, InputProblem, Result};
pub use self::explain::{Explained, Part, Permission, Question, Ruling};
pub use self::files::{FileError, Files, MAX_AGE, MIN_AGE};
pub use self::list::List;
pub use self::mask::{Mask, Readable, Verdict, Visible};
pub use self::mirror::{Agreement, Agreements, Closed, Mirror};
pub use self::quota::{Quota, Share};
pub use self::rate::{Rate, Throttle};
pub use self::request::{
    BulkRequest, BulkResult, CreateInput, ListRequest, Lookup, PageRequest, Select, Total,
    UpdateRequest, Written,
};
pub use self::session::Session;
pub use self::sight::Sight;
pub use self::standing::{Credential, Standing};
pub use self::tally::{Held, Tally};
pub use self::ticket::{Ticket, TicketError, Tickets};
pub use self::touch::{Interest, Touches};
pub use self::trace::{Action, AddedFilter, Costs, Step, Trace};
pub use self::vouch::{Proof, Silent, Vouch, Vouched};
pub use self::watch::{View, WatchRequest};
pub use crate::access::Operation;
pub use crate::clock::{Clock, SystemClock};
use crate::data::Caller;
use crate::live::{self, Hub};
pub use crate::live::{Backoff, Missed, Rounds};
use crate::model::Model;
use crate::store::{CollectionSpec, Store};
pub use crate::store::{Upstream, deadline};

/// Model, store and clock joined; shared by all requests.
#[derive(Debug)]
pub struct Gateway {
    model: Arc<Model>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    config: Config,
    hub: Hub,
    roles: roles::Cache,
    /// The version of a collection that there is not: kept so that it never grows instead of coming to an end.
    still: tokio::sync::watch::Sender<u64>,
    audit: Arc<dyn audit::Sink>,
    /// Where files are, if anybody knows.
    files: Option<Arc<dyn Files>>,
    /// Who makes tickets, if anybody does.
    tickets: Option<Arc<dyn Tickets>>,
    /// Who is asked whether staff are still signed in, if anybody is.
    vouch: Option<Arc<dyn Vouch>>,
    mirror: mirror::State,
    /// Writes that are under way: each runs to its end, audit included, whoever stops listening.
    writes: TaskTracker,
}

impl Gateway {
    pub fn new(
        model: Arc<Model>,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        config: Config,
    ) -> Self {
        Self {
            hub: Hub::new(Arc::clone(&store), live::Config::default()),
            roles: roles::Cache::new(store.as_ref(), config.roles_max_age),
            still: tokio::sync::watch::Sender::new(0),
            mirror: mirror::State::new(Mirror::Off, &model),
            model,
            store,
            clock,
            config,
            audit: Arc::new(audit::LogSink),
            files: None,
            tickets: None,
            vouch: None,
            writes: TaskTracker::new(),
        }
    }

    /// Hands committed writes to this sink instead of the log.
    #[must_use]
    pub fn with_audit(mut self, sink: Arc<dyn audit::Sink>) -> Self {
        self.audit = sink;
        self
    }

    /// Asks this storage where files are.
    #[must_use]
    pub fn with_files(mut self, files: Arc<dyn Files>) -> Self {
        self.files = Some(files);
        self
    }

    /// Gives tickets that this makes.
    #[must_use]
    pub fn with_tickets(mut self, tickets: Arc<dyn Tickets>) -> Self {
        self.tickets = Some(tickets);
        self
    }

    /// Who makes tickets, if anybody does.
    pub fn tickets(&self) -> Option<&dyn Tickets> {
        self.tickets.as_deref()
    }

    /// Has this vouch for the logins of staff.
    #[must_use]
    pub fn with_vouch(mut self, vouch: Arc<dyn Vouch>) -> Self {
        self.vouch = Some(vouch);
        self
    }

    /// Keeps watches as this says instead of by default.
    #[must_use]
    pub fn with_live(mut self, config: live::Config) -> Self {
        self.hub = Hub::new(Arc::clone(&self.store), config);
        self
    }

    /// The watches behind all live lists.
    pub fn live(&self) -> &Hub {
        &self.hub
    }

    /// What the store must have before a gateway over this model serves.
    pub fn collection_specs(model: &Model) -> Vec<CollectionSpec> {
        let spec = |collection: &crate::model::Collection| CollectionSpec {
            name: collection.name.clone(),
            indexes: collection.indexes.clone(),
        };
        model.collections.iter().map(spec).collect()
    }

    pub fn model(&self) -> &Arc<Model> {
        &self.model
    }

    /// One operation of this caller.
    pub fn session(self: &Arc<Self>, caller: Arc<Caller>) -> Session {
        let closed = self.mirror.closed();
        Session::new(Arc::clone(self), caller, closed)
    }

    /// The same while these collections are closed, whatever was told since. For what is shown together with something
    /// that was decided then.
    pub fn session_within(self: &Arc<Self>, caller: Arc<Caller>, closed: Closed) -> Session {
        Session::new(Arc::clone(self), caller, closed)
    }

    /// Whether the store can answer now.
    pub async fn ready(&self) -> Result<()> {
        Ok(self.store.ready().await?)
    }

    /// What was asked of wherever documents live; `None` if that is this process.
    pub fn upstream(&self) -> Option<Upstream> {
        self.store.upstream()
    }

    /// How many reads the store answered.
    pub fn reads(&self) -> u64 {
        self.store.reads()
    }

    /// Waits until all writes that are under way are committed and told, then ends all live lists. No new ones of
    /// either may be started.
    pub async fn drain(&self) {
        self.writes.close();
        self.writes.wait().await;
        self.hub.close().await;
    }
}
