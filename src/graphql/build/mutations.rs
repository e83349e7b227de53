//! The root of mutations and what they answer.

use smol_str::SmolStr;

use super::Builder;
use super::defs::{argument, field};
use crate::gateway::Operation;
use crate::graphql::api::{FieldDef, InputValueDef, Meaning, Type};
use crate::graphql::naming;
use crate::model::{Collection, CollectionIx};

impl Builder<'_> {
    pub(super) fn mutation_type(&mut self) {
        let mut fields = Vec::new();
        for ix in (0..self.model.collections.len()).map(CollectionIx) {
            self.creates(ix, &mut fields);
            self.updates(ix, &mut fields);
            self.deletes(ix, &mut fields);
        }
        self.ticket(&mut fields);
        self.add_object(
            naming::MUTATION.into(),
            "Root fields run one after the other.",
            fields,
        );
        self.add_object(
            naming::BULK_PAYLOAD.into(),
            "What a mutation of many documents did.",
            vec![
                field("matched", Type::named("Int").non_null(), Meaning::Matched),
                field("modified", Type::named("Int").non_null(), Meaning::Modified),
            ],
        );
    }

    fn ticket(&mut self, fields: &mut Vec<FieldDef>) {
        if !self.abilities.may_have_tickets() {
            return;
        }
        let ticket = field(
            naming::GIVE_TICKET,
            Type::named(naming::WS_TICKET),
            Meaning::GiveTicket,
        );
        fields.push(ticket.describe(
            "What proves the caller once, for a socket that comes without the platform's headers: \
             `{\"ticket\": …}` in its `connection_init`.",
        ));
        let (text, moment) = (Type::named("String"), Type::named("DateTime"));
        self.add_object(
            naming::WS_TICKET.into(),
            "A proof of who the caller is, for one socket.",
            vec![
                field("ticket", text.non_null(), Meaning::TicketText),
                field("expiresAt", moment.non_null(), Meaning::TicketExpiresAt),
            ],
        );
    }

    fn creates(&mut self, ix: CollectionIx, fields: &mut Vec<FieldDef>) {
        if !self.may(ix, Operation::Create) {
            return;
        }
        let collection = self.model.collection(ix);
        let input = || Type::named(naming::create(collection)).non_null();

        let one = naming::mutation_of_one("create", collection);
        let payload = self.payload_of_one(ix, &one, true);
        fields.push(field(one, payload, Meaning::CreateOne(ix)).args([argument("input", input())]));

        let many = naming::mutation_of_many("create", collection);
        let payload = self.payload_of_many(ix, &many);
        let inputs = input().list().non_null();
        fields.push(
            field(many, payload, Meaning::CreateMany(ix))
                .args([argument("input", inputs)])
                .describe("All or nothing."),
        );
    }

    fn updates(&mut self, ix: CollectionIx, fields: &mut Vec<FieldDef>) {
        if !self.may(ix, Operation::Update) {
            return;
        }
        let changes = self.change_arguments(ix);
        if changes.is_empty() {
            return;
        }
        let collection = self.model.collection(ix);
        let one = naming::mutation_of_one("update", collection);
        let payload = self.payload_of_one(ix, &one, true);
        let target = self.target_of_one(ix);
        fields.push(
            field(one, payload, Meaning::UpdateOne(ix))
                .args(target.into_iter().chain(changes.clone())),
        );
        if self.may(ix, Operation::Read) {
            let many = naming::mutation_of_many("update", collection);
            let target = bulk_target(collection);
            fields.push(
                field(many, bulk_payload(), Meaning::UpdateMany(ix))
                    .args(target.into_iter().chain(changes)),
            );
        }
    }

    fn deletes(&mut self, ix: CollectionIx, fields: &mut Vec<FieldDef>) {
        if !self.may(ix, Operation::Delete) {
            return;
        }
        let collection = self.model.collection(ix);
        let one = naming::mutation_of_one("delete", collection);
        let payload = self.payload_of_one(ix, &one, false);
        let target = self.target_of_one(ix);
        fields.push(field(one, payload, Meaning::DeleteOne(ix)).args(target));
        if self.may(ix, Operation::Read) {
            let many = naming::mutation_of_many("delete", collection);
            fields.push(
                field(many, bulk_payload(), Meaning::DeleteMany(ix)).args(bulk_target(collection)),
            );
        }
    }

    /// Which one document, and on what condition (which only a reader can state).
    fn target_of_one(&self, ix: CollectionIx) -> Vec<InputValueDef> {
        let mut target = vec![argument("id", Type::named("ID").non_null())];
        if self.may(ix, Operation::Read) {
            let filter = naming::filter(&self.model.collection(ix).type_name);
            target.push(argument("if", Type::named(filter)).describe(
                "Only if the document matches; otherwise nothing happens and the code is CONFLICT.",
            ));
        }
        target
    }

    fn payload_of_one(&mut self, ix: CollectionIx, mutation: &str, remains: bool) -> Type {
        let collection = self.model.collection(ix);
        let mut fields = vec![field(
            "id",
            Type::named("ID").non_null(),
            Meaning::PayloadId,
        )];
        if remains && self.may(ix, Operation::Read) {
            let document = Type::named(collection.type_name.clone());
            fields.push(
                field(
                    collection.single_name.clone(),
                    document,
                    Meaning::PayloadDocument,
                )
                .describe(
                    "Null if the caller may not read it back; the mutation is done all the same.",
                ),
            );
        }
        self.payload(mutation, fields)
    }

    fn payload_of_many(&mut self, ix: CollectionIx, mutation: &str) -> Type {
        let collection = self.model.collection(ix);
        let ids = Type::named("ID").non_null().list().non_null();
        let mut fields = vec![field("ids", ids, Meaning::PayloadIds)];
        if self.may(ix, Operation::Read) {
            let documents = Type::named(collection.type_name.clone()).list().non_null();
            fields.push(
                field(
                    collection.list_name.clone(),
                    documents,
                    Meaning::PayloadDocuments,
                )
                .describe("In the order of the input; null where the caller may not read it back."),
            );
        }
        self.payload(mutation, fields)
    }

    fn payload(&mut self, mutation: &str, fields: Vec<FieldDef>) -> Type {
        let name: SmolStr = naming::payload(mutation);
        self.add_object(name.clone(), "", fields);
        Type::named(name)
    }
}

fn bulk_payload() -> Type {
    Type::named(naming::BULK_PAYLOAD)
}

/// Which documents; the limit is the caller's own guard against a condition that matches too much.
fn bulk_target(collection: &Collection) -> Vec<InputValueDef> {
    let filter = naming::filter(&collection.type_name);
    vec![
        argument("where", Type::named(filter).non_null()),
        argument("all", Type::named("Boolean"))
            .describe("Has to be true if `where` constrains nothing."),
        argument("atMost", Type::named("Int").non_null())
            .describe("If more documents match, nothing happens."),
    ]
}
