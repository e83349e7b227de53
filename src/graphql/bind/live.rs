//! Live lists and documents: what is watched, and what is told of it.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use super::{Binder, ChangeGet, EventGet, LoadPlan, Object, Result, RootGet, text, unexpected};
use crate::gateway::{Select, WatchRequest};
use crate::graphql::api::Meaning;
use crate::graphql::skeleton::{Field, Selection, What};
use crate::model::CollectionIx;

/// How many documents a live list without `first` is reckoned to have. It may have ten times as many; were they all
/// reckoned with, hardly a selection would be small enough. The bytes of an event are limited when it is written.
const RECKONED: u64 = 500;

impl<'s> Binder<'s, '_> {
    pub(super) fn live_list(
        &mut self,
        field: &'s Field,
        collection: CollectionIx,
    ) -> Result<RootGet<'s>> {
        let arguments = self.arguments(field)?;
        let list = self.list_request(field, collection, arguments)?;
        let first = list.page.first;
        self.extent.page(first.unwrap_or(RECKONED));
        let (event, select) = self.event(&field.selection, first.unwrap_or(RECKONED))?;
        let request = WatchRequest::List {
            collection,
            filter: list.filter,
            order: list.order,
            first,
            select,
            also: Vec::new(),
        };
        Ok(RootGet::Live { request, event })
    }

    pub(super) fn live_single(
        &mut self,
        field: &'s Field,
        collection: CollectionIx,
    ) -> Result<RootGet<'s>> {
        let mut arguments = self.arguments(field)?;
        let id = arguments.take("id").map(text).unwrap_or_default();
        let (event, select) = self.event(&field.selection, 1)?;
        let request = WatchRequest::Single {
            collection,
            id,
            select,
            also: Vec::new(),
        };
        Ok(RootGet::Live { request, event })
    }

    /// A selection on events of a list of so many documents, and what it reads of each.
    fn event(
        &mut self,
        selection: &'s Selection,
        documents: u64,
    ) -> Result<(Object<'s, EventGet<'s>>, Select)> {
        let mut select = Select::default();
        let event = self.pick(selection, |binder, field, what| match what {
            What::Api(Meaning::EventSequence) => Ok(EventGet::Sequence),
            What::Api(Meaning::EventKind) => Ok(EventGet::Kind),
            What::Api(Meaning::EventNodes) => {
                let outside = binder.extent.enter(documents);
                let node = binder.document(&field.selection, 0, &mut select);
                binder.extent.leave(outside);
                node.map(EventGet::Nodes)
            }
            What::Api(Meaning::EventNode) => binder
                .document(&field.selection, 0, &mut select)
                .map(EventGet::Node),
            What::Api(Meaning::EventChanges) => {
                let outside = binder.extent.enter(documents);
                let change = binder.change(&field.selection, &mut select);
                binder.extent.leave(outside);
                change.map(EventGet::Changes)
            }
            _ => unexpected(field),
        })?;
        Ok((event, select))
    }

    fn change(
        &mut self,
        selection: &'s Selection,
        select: &mut Select,
    ) -> Result<Object<'s, ChangeGet<'s>>> {
        self.pick(selection, |binder, field, what| match what {
            What::Api(Meaning::ChangeType) => Ok(ChangeGet::Type),
            What::Api(Meaning::ChangeId) => Ok(ChangeGet::Id),
            What::Api(Meaning::ChangeIndex) => Ok(ChangeGet::Index),
            What::Api(Meaning::ChangeNode) => binder
                .document(&field.selection, 0, select)
                .map(ChangeGet::Node),
            _ => unexpected(field),
        })
    }
}

/// Fills in what is known once all selections are bound.
pub(super) fn tell_where_relations_lead(root: &mut Object<'_, RootGet<'_>>, loads: &[LoadPlan]) {
    let targets: BTreeSet<CollectionIx> = loads.iter().map(|load| load.target).collect();
    for item in &mut root.items {
        if let Some(RootGet::Live { request, .. }) = &mut item.get {
            let (WatchRequest::List { also, .. } | WatchRequest::Single { also, .. }) = request;
            *also = targets.iter().copied().collect();
        }
    }
}
