//! One level of relations after the other.

use std::sync::Arc;

use futures_util::future::{join, join_all};

use super::gather::{Branch, Front, Keys, Level, Target, documents_of};
use super::root::RootData;
use super::{Load, Loads, Outcome};
use crate::data::Value;
use crate::gateway::{self, ListRequest, Session, Visible};
use crate::graphql::api::Holder;
use crate::graphql::bind::{
    ConnectionGet, DocumentGet, LoadPlan, MeGet, Object, PayloadGet, RootGet, Slot,
};
use crate::graphql::error::Error;

/// Loads every relation below these roots, and the addresses of files.
pub(crate) async fn relations<'a>(
    session: &Session,
    plans: &[LoadPlan],
    roots: impl Iterator<Item = (&'a RootGet<'a>, &'a RootData)>,
    loads: &'a Loads,
) {
    let mut fronts = Vec::new();
    for (get, data) in roots {
        root_fronts(get, data, &mut fronts);
    }
    loop {
        let Level {
            asked,
            branches,
            files,
        } = Level::of(&fronts);
        if asked.is_empty() && files.is_empty() {
            return;
        }
        let runs = asked
            .into_iter()
            .map(|(slot, keys)| run(session, &plans[slot.0], slot, keys));
        let files = loads.addresses.load(session, files);
        let (brought, ()) = join(join_all(runs), files).await;
        for (slot, load) in brought {
            // A slot belongs to one level of one root, so this is its only load.
            let _ = loads.slots[slot.0].set(load);
        }
        fronts = next_fronts(branches, loads);
    }
}

async fn run(session: &Session, plan: &LoadPlan, slot: Slot, keys: Keys) -> (Slot, Load) {
    let Keys { index, values } = keys;
    let outcome = match outcome(session, plan, values).await {
        Ok(outcome) => outcome,
        Err(error) => Outcome::Failed(Arc::new(error)),
    };
    (slot, Load { index, outcome })
}

async fn outcome(session: &Session, plan: &LoadPlan, keys: Vec<Value>) -> Result<Outcome, Error> {
    if !allowed(session, plan).await? {
        return Ok(Outcome::Denied);
    }
    match &plan.many {
        None if keys.is_empty() => Ok(Outcome::One(Vec::new())),
        None => {
            let found = session
                .to_one(plan.target, plan.to, keys, &plan.select)
                .await?;
            Ok(Outcome::One(found))
        }
        Some(_) if keys.is_empty() => Ok(Outcome::Many(Vec::new())),
        Some(request) => {
            let request = ListRequest {
                select: plan.select.clone(),
                ..request.clone()
            };
            let found = session.to_many(&request, plan.to, keys).await?;
            Ok(Outcome::Many(found))
        }
    }
}

/// A relation needs read on `from` and on the target's `to`.
async fn allowed(session: &Session, plan: &LoadPlan) -> Result<bool, gateway::Error> {
    match plan.identity.holder {
        Holder::Collection(collection) => {
            session
                .relation_allowed(collection, plan.identity.relation)
                .await
        }
        Holder::Embedded(_) => session.target_allowed(plan.target, plan.to).await,
    }
}

fn next_fronts<'a, 's>(branches: Vec<Branch<'a, 's>>, loads: &'a Loads) -> Vec<Front<'a, 's>> {
    let mut fronts = Vec::new();
    for branch in branches {
        let Some(load) = loads.get(branch.slot) else {
            continue;
        };
        match (branch.target, &load.outcome) {
            (Target::One(selection), Outcome::One(found)) => {
                let documents = branch
                    .keys
                    .iter()
                    .filter_map(|at| found.get(*at)?.as_ref())
                    .collect();
                fronts.push(Front {
                    selection,
                    documents,
                });
            }
            (Target::Many(connection), Outcome::Many(found)) => {
                let lists = branch.keys.iter().filter_map(|at| found.get(*at));
                connection_fronts(connection, lists.flat_map(|list| &list.nodes), &mut fronts);
            }
            _ => {}
        }
    }
    fronts.retain(|front| !front.documents.is_empty());
    fronts
}

fn connection_fronts<'a, 's>(
    connection: &'a Object<'s, ConnectionGet<'s>>,
    nodes: impl Iterator<Item = &'a Visible>,
    fronts: &mut Vec<Front<'a, 's>>,
) {
    let documents: Vec<&'a Visible> = nodes.collect();
    for selection in documents_of(connection) {
        fronts.push(Front {
            selection,
            documents: documents.clone(),
        });
    }
}

/// The documents of a root, with the selections on them.
fn root_fronts<'a>(get: &'a RootGet<'a>, data: &'a RootData, fronts: &mut Vec<Front<'a, 'a>>) {
    match (get, data) {
        (RootGet::Single { document, .. }, RootData::Document(found)) => {
            push(document, found.as_ref(), fronts);
        }
        (RootGet::Me(me), RootData::Me(found)) => {
            for item in &me.object.items {
                if let Some(MeGet::User(selection)) = &item.get {
                    push(selection, found.as_ref(), fronts);
                }
            }
        }
        (RootGet::List { connection, .. }, RootData::List(list)) => {
            connection_fronts(connection, list.nodes.iter(), fronts);
        }
        (RootGet::Live { event, .. }, RootData::Live(documents)) => {
            for selection in event.on_documents() {
                push(selection, documents, fronts);
            }
        }
        (RootGet::Mutation { payload, .. }, RootData::Written(written)) => {
            for item in &payload.items {
                if let Some(PayloadGet::Document(selection) | PayloadGet::Documents(selection)) =
                    &item.get
                {
                    let documents = written.iter().filter_map(|one| one.document.as_ref());
                    push(selection, documents, fronts);
                }
            }
        }
        _ => {}
    }
}

fn push<'a, 's>(
    selection: &'a Object<'s, DocumentGet<'s>>,
    documents: impl IntoIterator<Item = &'a Visible>,
    fronts: &mut Vec<Front<'a, 's>>,
) {
    fronts.push(Front {
        selection,
        documents: documents.into_iter().collect(),
    });
}
