//! The roots of mutations.

use super::{
    Binder, Mutation, Object, PayloadGet, Result, RootGet, TicketGet, bad_input, list::amount,
    misplaced, text, unexpected,
};
use crate::data::{Filter, Value};
use crate::gateway::{BulkRequest, CreateInput, Select, UpdateRequest};
use crate::graphql::api::{Holder, Meaning};
use crate::graphql::coerce::{Arguments, Coerced, Place};
use crate::graphql::error::Error;
use crate::graphql::skeleton::{Field, What};
use crate::model::CollectionIx;

impl<'s> Binder<'s, '_> {
    pub(super) fn mutation(&mut self, field: &'s Field, meaning: Meaning) -> Result<RootGet<'s>> {
        if meaning == Meaning::GiveTicket {
            return self.ticket(field).map(RootGet::Ticket);
        }
        let arguments = self.arguments(field)?;
        let mutation = self
            .requested(meaning, arguments)
            .ok_or_else(|| vec![misplaced(field)])?
            .map_err(|error| vec![error.at(field.positions())])?;
        self.extent.batch(mutation.documents());
        let payload = self.payload(field, &mutation)?;
        Ok(RootGet::Mutation { mutation, payload })
    }

    fn ticket(&mut self, field: &'s Field) -> Result<Object<'s, TicketGet>> {
        self.pick(&field.selection, |_, field, what| match what {
            What::Api(Meaning::TicketText) => Ok(TicketGet::Text),
            What::Api(Meaning::TicketExpiresAt) => Ok(TicketGet::ExpiresAt),
            _ => unexpected(field),
        })
    }

    /// `None` if the meaning is not a mutation's.
    fn requested(
        &self,
        meaning: Meaning,
        mut arguments: Arguments,
    ) -> Option<Result<Mutation, Error>> {
        let arguments = &mut arguments;
        Some(match meaning {
            Meaning::CreateOne(collection) => self
                .inputs(collection, arguments)
                .and_then(|mut inputs| {
                    inputs
                        .pop()
                        .ok_or_else(|| bad_input("`input` must not be null"))
                })
                .map(|input| Mutation::CreateOne(collection, input)),
            Meaning::CreateMany(collection) => self
                .inputs(collection, arguments)
                .map(|inputs| Mutation::CreateMany(collection, inputs)),
            Meaning::UpdateOne(collection) => self
                .update_one(collection, arguments)
                .map(Mutation::UpdateOne),
            Meaning::UpdateMany(collection) => self.bulk(collection, arguments).and_then(|bulk| {
                Ok(Mutation::UpdateMany(
                    bulk,
                    self.update(collection, arguments)?,
                ))
            }),
            Meaning::DeleteOne(collection) => {
                self.condition_of(collection, "if", arguments)
                    .map(|condition| Mutation::DeleteOne {
                        collection,
                        id: arguments.take("id").map(text).unwrap_or_default(),
                        condition,
                    })
            }
            Meaning::DeleteMany(collection) => {
                self.bulk(collection, arguments).map(Mutation::DeleteMany)
            }
            _ => return None,
        })
    }

    fn inputs(
        &self,
        collection: CollectionIx,
        arguments: &mut Arguments,
    ) -> Result<Vec<CreateInput>, Error> {
        let place = Place::Argument("input");
        match arguments.take("input") {
            Some(Coerced::Object(object)) => {
                Ok(vec![self.create_input(collection, object, &place)?])
            }
            Some(Coerced::List(inputs)) => inputs
                .into_iter()
                .enumerate()
                .map(|(at, input)| match input {
                    Coerced::Object(object) => {
                        self.create_input(collection, object, &Place::Index(&place, at))
                    }
                    _ => Err(bad_input("`input` must not have null in it")),
                })
                .collect(),
            _ => Ok(Vec::new()),
        }
    }

    fn update_one(
        &self,
        collection: CollectionIx,
        arguments: &mut Arguments,
    ) -> Result<UpdateRequest, Error> {
        Ok(UpdateRequest {
            collection,
            id: arguments.take("id").map(text).unwrap_or_default(),
            condition: self.condition_of(collection, "if", arguments)?,
            update: self.update(collection, arguments)?,
        })
    }

    fn bulk(
        &self,
        collection: CollectionIx,
        arguments: &mut Arguments,
    ) -> Result<BulkRequest, Error> {
        let filter = self.condition_of(collection, "where", arguments)?;
        Ok(BulkRequest {
            collection,
            filter: filter.unwrap_or_else(Filter::all),
            all: arguments.take("all") == Some(Coerced::Leaf(Value::Bool(true))),
            at_most: amount(arguments, "atMost")?.unwrap_or_default(),
        })
    }

    fn condition_of(
        &self,
        collection: CollectionIx,
        name: &'static str,
        arguments: &mut Arguments,
    ) -> Result<Option<Filter>, Error> {
        match arguments.take(name) {
            Some(Coerced::Object(object)) => self
                .whole_filter(
                    Holder::Collection(collection),
                    object,
                    &Place::Argument(name),
                )
                .map(Some),
            _ => Ok(None),
        }
    }

    fn payload(
        &mut self,
        field: &'s Field,
        mutation: &Mutation,
    ) -> Result<Object<'s, PayloadGet<'s>>> {
        let created = match mutation {
            Mutation::CreateMany(_, inputs) => inputs.len() as u64,
            _ => 1,
        };
        // A write brings back the whole document.
        let select = &mut Select::default();
        self.pick(&field.selection, |binder, field, what| match what {
            What::Api(Meaning::PayloadId) => Ok(PayloadGet::Id),
            What::Api(Meaning::PayloadIds) => Ok(PayloadGet::Ids),
            What::Api(Meaning::PayloadDocument) => binder
                .document(&field.selection, 0, select)
                .map(PayloadGet::Document),
            What::Api(Meaning::PayloadDocuments) => {
                let outside = binder.extent.enter(created);
                let document = binder.document(&field.selection, 0, select);
                binder.extent.leave(outside);
                document.map(PayloadGet::Documents)
            }
            What::Api(Meaning::Matched) => Ok(PayloadGet::Matched),
            What::Api(Meaning::Modified) => Ok(PayloadGet::Modified),
            _ => unexpected(field),
        })
    }
}

impl Mutation {
    /// How many documents it may write.
    fn documents(&self) -> u64 {
        match self {
            Mutation::CreateMany(_, inputs) => inputs.len() as u64,
            Mutation::UpdateMany(bulk, _) | Mutation::DeleteMany(bulk) => bulk.at_most,
            Mutation::CreateOne(..) | Mutation::UpdateOne(_) | Mutation::DeleteOne { .. } => 1,
        }
    }
}
