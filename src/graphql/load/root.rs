//! The root fields of an operation.

use crate::data::{DocId, Value};
use crate::gateway::{
    self, BulkResult, List, Lookup, Session, Ticket, TicketError, Visible, Written,
};
use crate::graphql::bind::{MePlan, RootGet};
use crate::graphql::error::{Code, Error};
use crate::graphql::mutate;

/// What a root field brought.
#[derive(Debug)]
pub(crate) enum RootData {
    Document(Option<Visible>),
    List(List),
    /// The documents of a live list as they are now.
    Live(Vec<Visible>),
    /// The caller's own document, if it is asked for and there is one.
    Me(Option<Visible>),
    Written(Vec<Written>),
    Deleted(DocId),
    Bulk(BulkResult),
    Ticket(Ticket),
    /// Nothing of ours: `__typename`, or the schema library's answer.
    Other,
}

/// A root field's data, or why there is none.
pub(crate) type Brought = Result<RootData, Error>;

/// Reads or writes what one root field asks for, without its relations.
pub(crate) async fn root(session: &Session, get: Option<&RootGet<'_>>) -> Brought {
    match get {
        None | Some(RootGet::Introspection) => Ok(RootData::Other),
        Some(RootGet::Me(plan)) => me(session, plan).await,
        Some(RootGet::Single {
            collection,
            lookup,
            select,
            ..
        }) => {
            let found = session.get(*collection, lookup, select).await?;
            Ok(RootData::Document(found))
        }
        Some(RootGet::List { request, .. }) => Ok(RootData::List(session.list(request).await?)),
        // Live lists are brought by `live/`, not asked for once.
        Some(RootGet::Live { .. }) => Ok(RootData::Other),
        Some(RootGet::Ticket(_)) => ticket(session),
        Some(RootGet::Mutation { mutation, .. }) => mutate::run(session, mutation).await,
    }
}

fn ticket(session: &Session) -> Brought {
    let ticket = session.ticket().map_err(|error| {
        let code = match error {
            TicketError::NotSignedIn => Code::Unauthenticated,
            TicketError::ByToken | TicketError::Unconfigured => Code::Forbidden,
            TicketError::Unavailable => Code::Unavailable,
        };
        Error::new(code, error.to_string())
    })?;
    Ok(RootData::Ticket(ticket))
}

async fn me(session: &Session, plan: &MePlan<'_>) -> Brought {
    if session.caller().signed_in().is_none() {
        return Err(Error::new(Code::Unauthenticated, "sign in first"));
    }
    let Some((collection, select)) = &plan.user else {
        return Ok(RootData::Me(None));
    };
    let Some(owner) = session.caller().owner() else {
        return Ok(RootData::Me(None));
    };
    let shape = &session.gateway().model().collection(*collection).shape;
    let Some(field) = shape.field_stored("_openid") else {
        return Ok(RootData::Me(None));
    };
    let lookup = Lookup::Unique(vec![(field, Value::String(owner.clone()))]);
    match session.get(*collection, &lookup, select).await {
        Ok(found) => Ok(RootData::Me(found)),
        // Whoever may see no user at all does not see themselves either; that must not cost them the rest.
        Err(gateway::Error::Forbidden { .. }) => Ok(RootData::Me(None)),
        Err(error) => Err(error.into()),
    }
}
