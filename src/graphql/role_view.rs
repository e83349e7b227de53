//! The API as callers with a set of staff roles see it: for introspection and
//! suggestions. Execution always uses the full API.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::dynamic::SchemaError;
use lru::LruCache;

use super::api::Api;
use super::build::MatchesOperator;
use super::introspection::Introspection;
use crate::data::Role;
use crate::gateway::Abilities;
use crate::model::Model;

/// Views that are kept. A model has few role sets that differ; more only cost time.
const KEPT_VIEWS: NonZeroUsize = NonZeroUsize::new(64).expect("64 is not zero");

/// What one set of roles sees.
#[derive(Debug)]
pub struct RoleView {
    pub api: Api,
    pub introspection: Introspection,
}

/// Builds views when they are first asked for.
#[derive(Debug)]
pub struct RoleViews {
    model: Arc<Model>,
    matches: MatchesOperator,
    tickets: bool,
    granted: BTreeSet<Role>,
    views: Mutex<LruCache<Key, Arc<RoleView>>>,
}

/// What of a caller's roles makes a difference: those that grants mention, and whether there are any.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    granted: BTreeSet<Role>,
    staff: bool,
}

impl RoleViews {
    /// `matches` as it was given to [`Api::of`] for the full API.
    pub fn new(model: Arc<Model>, matches: MatchesOperator) -> Self {
        Self {
            granted: Abilities::granted_roles(&model),
            model,
            matches,
            tickets: false,
            views: Mutex::new(LruCache::new(KEPT_VIEWS)),
        }
    }

    /// The same where tickets are given.
    #[must_use]
    pub fn with_tickets(mut self) -> Self {
        self.tickets = true;
        self
    }

    /// The view of callers with these roles, includes already followed.
    ///
    /// # Errors
    ///
    /// The types of the view are inconsistent, which [`Api::of`] rules out for models it takes whole.
    pub fn of(&self, roles: &BTreeSet<Role>) -> Result<Arc<RoleView>, SchemaError> {
        let key = Key {
            granted: roles.intersection(&self.granted).cloned().collect(),
            staff: !roles.is_empty(),
        };
        if let Some(view) = self.lock().get(&key) {
            return Ok(Arc::clone(view));
        }
        // Built without the lock: two callers may build the same view, none waits for another's.
        let view = Arc::new(self.build(roles)?);
        self.lock().put(key, Arc::clone(&view));
        Ok(view)
    }

    fn build(&self, roles: &BTreeSet<Role>) -> Result<RoleView, SchemaError> {
        let mut abilities = Abilities::of_roles(Arc::clone(&self.model), roles.clone());
        if self.tickets {
            abilities = abilities.with_tickets();
        }
        let api = Api::of(&abilities, self.matches)
            .map_err(|clashes| SchemaError(clashes[0].to_string()))?;
        let introspection = Introspection::new(&api)?;
        Ok(RoleView { api, introspection })
    }

    /// A panic elsewhere leaves the cache as good as it was.
    fn lock(&self) -> std::sync::MutexGuard<'_, LruCache<Key, Arc<RoleView>>> {
        self.views.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
