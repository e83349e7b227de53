//! Runs operations: take in → bind → load → render.

use std::net::IpAddr;
use std::sync::Arc;

use async_graphql::dynamic::SchemaError;
use async_graphql_value::{ConstValue, Name};
use bytes::Bytes;
use futures_util::future::join_all;
use indexmap::IndexMap;
use serde_json::{Map, Value as Json};

use super::admission::{Admission, Entry, Limits};
use super::api::Api;
use super::bind::{self, Plan, RootGet};
use super::build::{MatchesOperator, NameClash};
use super::error::{self, Code, Error};
use super::intake::Intake;
use super::live::Live;
use super::load::{self, Brought, Loads};
use super::permissions;
use super::plan::{self, Phases};
use super::prepare::{Prepared, Preparer};
use super::render::{Answer, Renderer, Told};
use super::role_view::RoleViews;
use super::skeleton::OperationKind;
use super::support::Support;
use super::trusted::{DocumentId, Documents, Trusted};
use crate::data::Caller;
use crate::gateway::{Abilities, Credential, Gateway, Permission, Session, Standing};

/// What of running operations can be set.
#[derive(Clone, Debug, Default)]
pub struct Config {
    pub limits: Limits,
    pub matches: MatchesOperator,
    /// The documents that operators registered.
    pub trusted: Trusted,
    /// Whether what comes with its hash is remembered, for callers who may send anything.
    pub automatic: bool,
}

/// One operation as a client sent it.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The document; empty where only its id is known.
    pub query: String,
    pub document_id: Option<DocumentId>,
    pub operation_name: Option<String>,
    pub variables: Map<String, Json>,
    pub allowed: Allowed,
    /// Whether the answer tells how it came about. Only for who may know: it names the filters that decisions added.
    pub explain: bool,
    /// Whether it tells what decided about it. For the same.
    pub permissions: bool,
    /// What proved the caller, where a ticket may be made of it.
    pub credential: Credential,
    /// Where it comes from, if those who come from there are to be counted together.
    pub address: Option<IpAddr>,
    /// The largest answer that the transport carries, in bytes.
    pub max_answer: Option<usize>,
    /// What made the caller who they are: looked at again before anything is handed out. `None`: the caller is taken as
    /// they are.
    pub standing: Option<Standing>,
}

/// Which operations a transport may carry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Allowed {
    #[default]
    All,
    /// `GET` must change nothing.
    Queries,
}

/// The answer to one operation.
#[derive(Clone, Debug)]
pub struct Response {
    /// A JSON object with `data`, `errors` and `extensions` as the specification has them.
    pub body: Bytes,
    pub outcome: Outcome,
}

/// What a transport has to know of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There is `data`, perhaps with errors.
    Ran,
    /// There is no `data`: nothing ran.
    Refused,
    /// As `Refused`: a mutation where only queries are allowed.
    NotAllowed,
    /// As `Refused`: the caller asks too often, or too much at one time. In so many seconds it may be otherwise.
    Throttled { retry_after: u64 },
    /// There is no `data`: it took too long and was given up. A mutation may have been carried out.
    TimedOut,
}

/// Why a model cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Names(Vec<NameClash>),
    /// The schema library finds the types inconsistent.
    #[error("the schema is inconsistent: {0}")]
    Schema(#[from] SchemaError),
}

/// Answers operations over one gateway.
#[derive(Debug)]
pub struct Executor {
    gateway: Arc<Gateway>,
    api: Arc<Api>,
    pub(super) preparer: Preparer,
    pub(super) admission: Admission,
    pub(super) documents: Documents,
    views: RoleViews,
    /// The largest answer to anybody, in bytes.
    pub(super) max_answer: usize,
    pub(super) live: Arc<Live>,
    pub(super) support: Support,
}

impl Executor {
    /// # Errors
    ///
    /// The model gives two things one name.
    pub fn new(gateway: Arc<Gateway>, config: Config) -> Result<Self, BuildError> {
        let model = gateway.model();
        let mut abilities = Abilities::of_anyone(Arc::clone(model));
        let mut views = RoleViews::new(Arc::clone(model), config.matches);
        if gateway.tickets().is_some() {
            abilities = abilities.with_tickets();
            views = views.with_tickets();
        }
        let api = Api::of(&abilities, config.matches).map_err(BuildError::Names)?;
        let api = Arc::new(api);
        let live = Live::new(Arc::clone(&gateway), Arc::clone(&api));
        let most = config.limits.ceiling();
        Ok(Self {
            live: Arc::new(live),
            views,
            preparer: Preparer::new(Intake::new(Arc::clone(&api), most.into())?),
            api,
            gateway,
            max_answer: most.answer,
            admission: Admission::new(config.limits),
            support: Support::default(),
            documents: Documents::new(config.trusted, config.automatic),
        })
    }

    /// The whole served API.
    pub fn api(&self) -> &Arc<Api> {
        &self.api
    }

    pub fn gateway(&self) -> &Arc<Gateway> {
        &self.gateway
    }

    /// Who is let in.
    pub fn admission(&self) -> &Admission {
        &self.admission
    }

    /// Answers one operation. Dropping the future stops reading; a write that has begun is completed.
    pub async fn execute(&self, mut request: Request, caller: Arc<Caller>) -> Response {
        let entry = match self.enter(&request, &caller) {
            Ok(entry) => entry,
            Err(refused) => return refused,
        };
        let phases = Phases::begin();
        match self.take_in(&mut request, &entry) {
            Ok(prepared) => {
                self.answer(&request, &prepared, &caller, &entry, phases)
                    .await
            }
            Err(errors) => self.refuse(errors, (&request).into(), &caller),
        }
    }

    /// What decides about each part of an operation, which is not run.
    ///
    /// # Errors
    /// What is wrong with the document or its variables.
    pub fn permissions(
        &self,
        request: &Request,
        caller: &Arc<Caller>,
    ) -> Result<Vec<Permission>, Vec<Error>> {
        let operation = request.operation_name.as_deref();
        let prepared = self.preparer.prepare(&request.query, operation);
        let prepared = prepared.map_err(|errors| errors.to_vec())?;
        let model = self.gateway.model();
        let plan = bind::bind(
            &self.api,
            model,
            &prepared.skeleton,
            &request.variables,
            caller,
        )?;
        let session = self.gateway.session(Arc::clone(caller));
        Ok(permissions::permissions(&session, &plan))
    }

    /// Takes an operation in that was let in, and tells whether its caller may run it. From then on the request has the
    /// document's text.
    pub(super) fn take_in(
        &self,
        request: &mut Request,
        entry: &Entry,
    ) -> Result<Arc<Prepared>, Vec<Error>> {
        let fresh = self.resolve(entry, request).map_err(|error| vec![error])?;
        let operation = request.operation_name.as_deref();
        let prepared = self.preparer.prepare(&request.query, operation);
        let prepared = prepared.map_err(|errors| entry.tellable(errors.to_vec()))?;
        self.admit(entry, request, &prepared)?;
        if let Some(id) = fresh {
            self.documents.remember(id, &request.query);
        }
        Ok(prepared)
    }

    /// Whether a document fits the API, with each of its operations.
    ///
    /// # Errors
    /// Every reason why it does not, as far as the first step that fails.
    pub fn check(&self, document: &str) -> Result<(), Vec<Error>> {
        self.preparer.check(document)
    }

    /// Answers a query or a mutation that was taken in.
    pub(super) async fn answer(
        &self,
        request: &Request,
        prepared: &Prepared,
        caller: &Arc<Caller>,
        entry: &Entry,
        mut phases: Phases,
    ) -> Response {
        let skeleton = &prepared.skeleton;
        if skeleton.kind == OperationKind::Subscription {
            let message = "a subscription is answered over WebSocket or as an event stream";
            return refused(&[Error::new(Code::BadUserInput, message)]);
        }
        if skeleton.kind != OperationKind::Query && request.allowed == Allowed::Queries {
            let error = Error::new(Code::BadUserInput, "only queries are answered here");
            return Response {
                outcome: Outcome::NotAllowed,
                ..refused(&[error])
            };
        }
        phases.end("takeIn");
        let run = self.run(request, prepared, caller, entry, phases);
        match self.in_time(entry, &request.query, run).await {
            Ok(Ok(response)) | Err(response) => response,
            Ok(Err(errors)) => self.refuse(errors, request.into(), caller),
        }
    }

    /// Bind, load, render.
    async fn run(
        &self,
        request: &Request,
        prepared: &Prepared,
        caller: &Arc<Caller>,
        entry: &Entry,
        mut phases: Phases,
    ) -> Result<Response, Vec<Error>> {
        let (model, skeleton) = (self.gateway.model(), &prepared.skeleton);
        let plan = bind::bind(&self.api, model, skeleton, &request.variables, caller)
            .map_err(|errors| entry.tellable(errors))?;
        self.admit_reach(entry, &request.query, plan.reach)?;
        phases.end("bind");
        let introspection = self.introspect(prepared, &plan, caller).await?;
        let session = self.gateway.session(Arc::clone(caller));
        let session = session.proven_by(request.credential.clone());
        let loads = Loads::new(plan.loads.len());
        let brought = if skeleton.kind == OperationKind::Mutation {
            one_by_one(&session, request.standing.as_ref(), &plan, &loads).await
        } else {
            let brought = all_at_once(&session, &plan, &loads).await;
            // Of what was read with roles that are gone nothing is shown. Nothing is read after this.
            confirm(&session, request.standing.as_ref())
                .await
                .map_err(|error| vec![error])?;
            brought
        };
        phases.end("load");
        let room = self.room(entry, request);
        let mut renderer = Renderer::new(caller, introspection, room);
        renderer.data(&plan, &brought, &loads);
        self.note_refusals(renderer.errors_mut(), request.into(), caller);
        phases.end("render");
        let told = Told {
            plan: request.explain.then(|| plan::describe(&session, &phases)),
            permissions: request
                .permissions
                .then(|| permissions::to_json(&permissions::permissions(&session, &plan))),
        };
        let Answer { body, is_whole } = renderer.finish(told);
        let written = if is_whole { body.len() } else { room + 1 };
        self.answered(entry, &request.query, written);
        Ok(Response {
            body,
            outcome: Outcome::Ran,
        })
    }

    /// The schema library's part of the answer, as the caller's roles see the schema.
    async fn introspect(
        &self,
        prepared: &Prepared,
        plan: &Plan<'_>,
        caller: &Caller,
    ) -> Result<IndexMap<Name, ConstValue>, Vec<Error>> {
        let Some(taken) = &prepared.taken else {
            return Ok(IndexMap::new());
        };
        let view = self
            .views
            .of(&caller.roles)
            .map_err(|error| vec![error::internal(&error)])?;
        let variables = plan.variables.to_const();
        view.introspection
            .answer(taken, variables)
            .await
            .map_err(|errors| {
                let refused = |error: async_graphql::ServerError| {
                    Error::new(Code::BadUserInput, error.message).at(error.locations)
                };
                errors.into_iter().map(refused).collect()
            })
    }
}

/// Subscriptions may be kept longer than what answers them; they are told that it is gone.
impl Drop for Executor {
    fn drop(&mut self) {
        self.live.end();
    }
}

/// The roots of a query in parallel, then the relations of all of them together.
async fn all_at_once(session: &Session, plan: &Plan<'_>, loads: &Loads) -> Vec<Brought> {
    let items = &plan.root.items;
    let brought = join_all(
        items
            .iter()
            .map(|item| load::root(session, item.get.as_ref())),
    )
    .await;
    let roots = items.iter().zip(&brought);
    let roots =
        roots.filter_map(|(item, brought)| Some((item.get.as_ref()?, brought.as_ref().ok()?)));
    load::relations(session, &plan.loads, roots, loads).await;
    brought
}

/// Whether the caller is still who they were when the operation was let in.
async fn confirm(session: &Session, standing: Option<&Standing>) -> Result<(), Error> {
    match standing {
        Some(standing) => Ok(session.gateway().confirm(standing).await?),
        None => Ok(()),
    }
}

/// The roots of a mutation in order: each is done, and what it answers read, before the next begins. Each is done by
/// somebody who still is who they were, and once it is done the caller is told so.
async fn one_by_one(
    session: &Session,
    standing: Option<&Standing>,
    plan: &Plan<'_>,
    loads: &Loads,
) -> Vec<Brought> {
    let mut all = Vec::with_capacity(plan.root.items.len());
    for item in &plan.root.items {
        let get: Option<&RootGet<'_>> = item.get.as_ref();
        let brought = match confirm(session, standing).await {
            Ok(()) => load::root(session, get).await,
            Err(error) => Err(error),
        };
        let root = get.zip(brought.as_ref().ok());
        load::relations(session, &plan.loads, root.into_iter(), loads).await;
        all.push(brought);
    }
    all
}

/// An answer that says why there is none.
pub(super) fn refused(errors: &[Error]) -> Response {
    let errors: Json = errors.iter().map(Error::to_json).collect();
    let body = serde_json::json!({ "errors": errors }).to_string();
    Response {
        body: body.into(),
        outcome: Outcome::Refused,
    }
}
