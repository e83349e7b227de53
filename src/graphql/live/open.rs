//! How an operation becomes a subscription, or is answered once.

use std::sync::Arc;

use tokio::sync::watch;

use super::operation::Operation;
use super::registry::Member;
use super::{Counts, Subscription};
use crate::data::Caller;
use crate::gateway::Credential;
use crate::graphql::admission::Entry;
use crate::graphql::error::{Code, Error};
use crate::graphql::executor::refused;
use crate::graphql::plan::Phases;
use crate::graphql::prepare::Prepared;
use crate::graphql::skeleton::OperationKind;
use crate::graphql::support::Asked;
use crate::graphql::{Executor, Request, Response};

/// How an operation is answered.
#[derive(Debug)]
pub enum Reply {
    /// A query or a mutation, or anything that was refused: one answer.
    Once(Response),
    Live(Subscription),
}

impl Executor {
    /// Answers one operation of whoever the credential says, a live one for as long as the subscription is kept. A new
    /// credential (a token was refreshed) makes what is shown follow it. To subscribe changes nothing, so it is allowed
    /// wherever queries are.
    pub async fn open(
        &self,
        mut request: Request,
        mut credential: watch::Receiver<Credential>,
    ) -> Reply {
        let mut roles = self.gateway().roles_version();
        // From here on changes are noticed.
        roles.mark_unchanged();
        let closed = self.gateway().closed();
        let proved = credential.borrow_and_update().clone();
        let standing = match self.gateway().standing(&proved).await {
            Ok(standing) => standing,
            Err(error) => return Reply::Once(refused(&[error.into()])),
        };
        if standing.is_of_lost_login(&proved) {
            let over = Error::new(Code::Unauthenticated, "the login is over: sign in again");
            return Reply::Once(refused(&[over]));
        }
        let entry = match self.enter(&request, &standing.caller) {
            Ok(entry) => entry,
            Err(refused) => return Reply::Once(refused),
        };
        let phases = Phases::begin();
        let prepared = match self.take_in(&mut request, &entry) {
            Ok(prepared) => prepared,
            Err(errors) => {
                let refused = self.refuse(errors, (&request).into(), &standing.caller);
                return Reply::Once(refused);
            }
        };
        // Over soon, and large: in a box it takes no room in the future of a connection that then waits for long.
        if prepared.skeleton.kind != OperationKind::Subscription {
            request.credential = proved;
            let caller = Arc::clone(&standing.caller);
            request.standing = Some(standing);
            let answer = Box::pin(self.answer(&request, &prepared, &caller, &entry, phases));
            return Reply::Once(answer.await);
        }
        let (document, name) = (request.query.clone(), request.operation_name.clone());
        let asked = Asked {
            document: &document,
            name: name.as_deref(),
        };
        let join = self.join(request, prepared, &standing.caller, &entry);
        match self.in_time(&entry, &document, Box::pin(join)).await {
            Ok(Ok(member)) => {
                let subscription = Subscription::new(member, credential, roles, closed, standing);
                Reply::Live(subscription)
            }
            Ok(Err(errors)) => Reply::Once(self.refuse(errors, asked, &standing.caller)),
            Err(timed_out) => Reply::Once(timed_out),
        }
    }

    /// Takes a place among those who are shown the same.
    async fn join(
        &self,
        request: Request,
        prepared: Arc<Prepared>,
        caller: &Arc<Caller>,
        entry: &Entry,
    ) -> Result<Member, Vec<Error>> {
        let room = self.room(entry, &request);
        let operation = Operation::new(&self.live, request, prepared, caller, room)
            .map_err(|errors| entry.tellable(errors))?;
        self.admit_reach(entry, operation.document(), operation.reach())?;
        let key = self.live.key(&operation, caller).await?;
        self.live.join(key, &Arc::new(operation), caller).await
    }

    /// How many live operations there are, and what was done for them.
    pub fn live_counts(&self) -> Counts {
        self.live.counts()
    }

    /// Ends all live operations and waits for their tasks.
    pub async fn close(&self) {
        self.live.end();
        self.live.ended().await;
    }
}
