//! The root of subscriptions and the events they tell.

use smol_str::SmolStr;

use super::Builder;
use super::defs::{argument, field};
use crate::gateway::Operation;
use crate::graphql::api::{EnumValueDef, FieldDef, InputValueDef, Meaning, Type};
use crate::graphql::live::ChangeType;
use crate::graphql::naming;
use crate::graphql::render::event::EventKind;
use crate::model::{Collection, CollectionIx};

const KINDS: [(EventKind, &str); 3] = [
    (
        EventKind::Snapshot,
        "The first event of a subscription: everything there is.",
    ),
    (
        EventKind::Change,
        "Something became different since the event before.",
    ),
    (
        EventKind::Resync,
        "Events were left out, since they came faster than they were read: everything there is, once more.",
    ),
];

const CHANGE_TYPES: [(ChangeType, &str); 3] = [
    (ChangeType::Added, "The document was not there before."),
    (
        ChangeType::Updated,
        "Something that is selected of the document is different, or it stands elsewhere in the list.",
    ),
    (
        ChangeType::Removed,
        "The document is there no more: deleted, no longer matching, or no longer for the caller to see.",
    ),
];

impl Builder<'_> {
    pub(super) fn subscription_type(&mut self) {
        let collections = (0..self.model.collections.len()).map(CollectionIx);
        let readable = collections.filter(|ix| self.may(*ix, Operation::Read));
        let fields = readable.flat_map(|ix| [self.live_single(ix), self.live_list(ix)]);
        let fields = fields.collect();
        self.add_object(
            naming::SUBSCRIPTION.into(),
            "Live lists and documents: told as they are, then whenever something that is selected becomes different.",
            fields,
        );
        self.words_of_events();
    }

    fn words_of_events(&mut self) {
        let kinds = KINDS.map(|(kind, meaning)| word(naming::event_kind(kind), meaning));
        let why = "Why an event is told.".to_owned();
        self.add_enum(naming::EVENT_KIND.into(), Some(why), kinds.into());
        let types = CHANGE_TYPES.map(|(kind, meaning)| word(naming::change_type(kind), meaning));
        let what = "What became of a document.".to_owned();
        self.add_enum(naming::CHANGE_TYPE.into(), Some(what), types.into());
    }

    fn live_single(&self, ix: CollectionIx) -> FieldDef {
        let collection = self.model.collection(ix);
        let event = Type::named(naming::single_event(collection)).non_null();
        field(
            collection.single_name.clone(),
            event,
            Meaning::LiveSingle(ix),
        )
        .args([argument("id", Type::named("ID").non_null())])
        .describe("The document of this id, whether it is there yet or not.")
    }

    fn live_list(&self, ix: CollectionIx) -> FieldDef {
        let collection = self.model.collection(ix);
        let event = Type::named(naming::list_event(collection)).non_null();
        field(collection.list_name.clone(), event, Meaning::LiveList(ix))
            .args(self.live_list_arguments(collection))
    }

    fn live_list_arguments(&self, collection: &Collection) -> Vec<InputValueDef> {
        let filter = Type::named(naming::filter(&collection.type_name));
        let order = Type::named(naming::order(collection)).non_null().list();
        vec![
            argument("where", filter),
            argument("orderBy", order).describe("Earlier keys first; `id` breaks ties."),
            argument("first", Type::named("Int"))
                .describe("Only so many from the beginning of the list; without it, all of them."),
        ]
    }

    /// The events of a collection's list and documents.
    pub(super) fn collection_events(&mut self, ix: CollectionIx) {
        if !self.may(ix, Operation::Read) {
            return;
        }
        let collection = self.model.collection(ix);
        let type_name = &collection.type_name;
        let document = Type::named(type_name.clone());
        self.event(
            naming::list_event(collection),
            &format!("What a live list of `{type_name}` tells."),
            field(
                "nodes",
                document.clone().list().non_null(),
                Meaning::EventNodes,
            )
            .describe("The list as it is now, in every kind of event."),
            "What makes the list as it is now out of that of the event before: take out every document that is named, then put those with an index in, in this order. A SNAPSHOT and a RESYNC begin with an empty list.",
            collection,
        );
        self.event(
            naming::single_event(collection),
            &format!("What a live `{type_name}` tells."),
            field("node", document, Meaning::EventNode).describe(
                "The document as it is now, in every kind of event; null if there is none that the caller may see.",
            ),
            "What became of the document since the event before, as in a list of at most one.",
            collection,
        );
        self.change(collection);
    }

    fn event(
        &mut self,
        name: SmolStr,
        description: &str,
        documents: FieldDef,
        changes: &str,
        collection: &Collection,
    ) {
        let change = Type::named(naming::change(collection)).non_null();
        let changes =
            field("changes", change.list().non_null(), Meaning::EventChanges).describe(changes);
        let fields = vec![
            field(
                "sequence",
                Type::named("Int").non_null(),
                Meaning::EventSequence,
            )
            .describe("Grows with every event of a subscription; numbers may be left out."),
            field(
                "kind",
                Type::named(naming::EVENT_KIND).non_null(),
                Meaning::EventKind,
            ),
            documents,
            changes,
        ];
        self.add_object(name, description, fields);
    }

    fn change(&mut self, collection: &Collection) {
        let type_name = &collection.type_name;
        let fields = vec![
            field(
                "type",
                Type::named(naming::CHANGE_TYPE).non_null(),
                Meaning::ChangeType,
            ),
            field("id", Type::named("ID").non_null(), Meaning::ChangeId),
            field("index", Type::named("Int"), Meaning::ChangeIndex)
                .describe("Where it stands in the list now, counted from 0; null if REMOVED."),
            field("node", Type::named(type_name.clone()), Meaning::ChangeNode)
                .describe("The document as it is now; null if REMOVED."),
        ];
        self.add_object(
            naming::change(collection),
            &format!("One `{type_name}` that became different."),
            fields,
        );
    }
}

fn word(name: &'static str, meaning: &str) -> EnumValueDef {
    EnumValueDef {
        name: name.into(),
        description: Some(meaning.to_owned()),
        deprecation: None,
        field: None,
    }
}
