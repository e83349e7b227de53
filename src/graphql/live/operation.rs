//! A live operation as all of a cohort send it.

use std::sync::Arc;

use bytes::Bytes;
use indexmap::IndexMap;
use serde_json::{Map, Value as Json};

use super::Live;
use super::counters::count;
use crate::data::Caller;
use crate::gateway::WatchRequest;
use crate::graphql::Request;
use crate::graphql::bind::{self, Plan, Reach, RootGet};
use crate::graphql::error::{Code, Error};
use crate::graphql::executor;
use crate::graphql::load::Loads;
use crate::graphql::prepare::Prepared;
use crate::graphql::render::event::Happening;
use crate::graphql::render::{Answer, Renderer, Told};

/// An operation with its variables. It is bound anew for each payload, since what binding gives borrows from it.
#[derive(Debug)]
pub(super) struct Operation {
    identity: Arc<Identity>,
    prepared: Arc<Prepared>,
    variables: Map<String, Json>,
    reach: Reach,
}

/// What makes two operations the same one.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Identity {
    document: String,
    operation_name: Option<String>,
    /// As they were understood, so that a default counts as what it stands for.
    variables: String,
    /// The largest payload, in bytes.
    room: usize,
}

/// One event as it is sent, the same bytes for all.
#[derive(Clone, Debug)]
pub(super) struct Payload {
    pub(super) body: Bytes,
    /// Whether it tells the event. Else it tells why it does not: whoever is told that has lost track of the list.
    pub(super) is_whole: bool,
}

impl Operation {
    /// `room`: the largest payload, in bytes.
    ///
    /// # Errors
    /// Those of binding: inputs that do not fit, operators that are not for this caller.
    pub(super) fn new(
        live: &Live,
        request: Request,
        prepared: Arc<Prepared>,
        caller: &Caller,
        room: usize,
    ) -> Result<Self, Vec<Error>> {
        let variables = request.variables;
        let plan = bound(live, &prepared, &variables, caller)?;
        let identity = Identity {
            document: request.query,
            operation_name: request.operation_name,
            variables: format!("{:?}", plan.variables),
            room,
        };
        let reach = plan.reach;
        Ok(Self {
            identity: Arc::new(identity),
            prepared,
            variables,
            reach,
        })
    }

    /// What it asks for at most.
    pub(super) fn reach(&self) -> Reach {
        self.reach
    }

    pub(super) fn document(&self) -> &str {
        &self.identity.document
    }

    /// The largest payload, in bytes.
    pub(super) fn room(&self) -> usize {
        self.identity.room
    }

    pub(super) fn identity(&self) -> &Arc<Identity> {
        &self.identity
    }

    /// # Errors
    /// As [`Operation::new`].
    pub(super) fn bind<'s>(
        &'s self,
        live: &'s Live,
        caller: &Caller,
    ) -> Result<Plan<'s>, Vec<Error>> {
        bound(live, &self.prepared, &self.variables, caller)
    }

    /// Writes one event. The caller must be one who may bind the operation.
    pub(super) fn render(
        &self,
        live: &Live,
        caller: &Caller,
        happening: Happening<'_>,
        loads: &Loads,
    ) -> Payload {
        count(&live.counters.renders);
        let plan = match self.bind(live, caller) {
            Ok(plan) => plan,
            Err(errors) => {
                return Payload {
                    body: executor::refused(&errors).body,
                    is_whole: false,
                };
            }
        };
        let mut renderer = Renderer::new(caller, IndexMap::new(), self.room());
        renderer.event(&plan, happening, loads);
        let Answer { body, is_whole } = renderer.finish(Told::default());
        Payload { body, is_whole }
    }
}

fn bound<'s>(
    live: &'s Live,
    prepared: &'s Prepared,
    variables: &Map<String, Json>,
    caller: &Caller,
) -> Result<Plan<'s>, Vec<Error>> {
    let model = live.gateway.model();
    bind::bind(&live.api, model, &prepared.skeleton, variables, caller)
}

/// The root of a live operation, and what it watches.
///
/// # Errors
/// Nothing is selected: `@skip` left the one field out.
pub(super) fn root<'p, 's>(
    plan: &'p Plan<'s>,
) -> Result<(&'p RootGet<'s>, &'p WatchRequest), Vec<Error>> {
    let roots = plan.root.items.iter().filter_map(|item| item.get.as_ref());
    let mut live = roots.filter_map(|get| match get {
        RootGet::Live { request, .. } => Some((get, request)),
        _ => None,
    });
    live.next().ok_or_else(|| {
        let message = "a subscription selects exactly one field, and not under a condition";
        vec![Error::new(Code::BadUserInput, message)]
    })
}
