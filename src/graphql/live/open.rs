//! How an operation becomes a subscription, or is answered once.

use std::sync::Arc;

use tokio::sync::watch;

use super::operation::Operation;
use super::{Counts, Subscription};
use crate::gateway::Credential;
use crate::graphql::error::Error;
use crate::graphql::executor::refused;
use crate::graphql::prepare::Prepared;
use crate::graphql::skeleton::OperationKind;
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
    pub async fn open(&self, request: Request, credential: watch::Receiver<Credential>) -> Reply {
        let name = request.operation_name.as_deref();
        // Over soon, and large: in a box it takes no room in the future of a connection that then waits for long.
        let opened = match self.preparer.prepare(&request.query, name) {
            Ok(prepared) if prepared.skeleton.kind == OperationKind::Subscription => {
                Box::pin(self.subscribe(request, prepared, credential)).await
            }
            _ => Box::pin(self.answer(request, credential)).await,
        };
        opened.unwrap_or_else(|errors| Reply::Once(refused(&errors)))
    }

    async fn answer(
        &self,
        mut request: Request,
        mut credential: watch::Receiver<Credential>,
    ) -> Result<Reply, Vec<Error>> {
        let credential = credential.borrow_and_update().clone();
        let standing = self.gateway().standing(&credential).await;
        let standing = standing.map_err(|error| vec![error.into()])?;
        request.credential = credential;
        Ok(Reply::Once(self.execute(request, standing.caller).await))
    }

    async fn subscribe(
        &self,
        request: Request,
        prepared: Arc<Prepared>,
        mut credential: watch::Receiver<Credential>,
    ) -> Result<Reply, Vec<Error>> {
        let mut roles = self.gateway().roles_version();
        // From here on changes are noticed.
        roles.mark_unchanged();
        let closed = self.gateway().closed();
        let proved = credential.borrow_and_update().clone();
        let standing = self.gateway().standing(&proved).await;
        let standing = standing.map_err(|error| vec![error.into()])?;
        let caller = &standing.caller;
        let operation = Operation::new(&self.live, request, prepared, caller)?;
        let key = self.live.key(&operation, caller).await?;
        let member = self.live.join(key, &Arc::new(operation), caller).await?;
        let subscription = Subscription::new(member, credential, roles, closed, standing);
        Ok(Reply::Live(subscription))
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
