//! Conditions on documents and on embedded objects.

use super::Builder;
use super::defs::{member, operator};
use crate::gateway::Operation;
use crate::graphql::api::{Holder, InputKind, InputMeaning, InputValueDef, Operator, Type};
use crate::graphql::naming;
use crate::model::{BaseType, CollectionIx, EmbeddedIx, Field, FieldIx, FieldType, ListType};

impl Builder<'_> {
    pub(super) fn collection_filter(&mut self, ix: CollectionIx) {
        let readable = self.fields_for(ix, Operation::Read);
        if readable.is_empty() {
            return;
        }
        let collection = self.model.collection(ix);
        let members = self.filter_members(&collection.type_name, readable);
        self.add_input(
            naming::filter(&collection.type_name),
            InputKind::Filter(Holder::Collection(ix)),
            "All members have to hold.",
            members,
        );
    }

    /// The conditions on one embedded object and on a list of them.
    pub(super) fn embedded_filters(&mut self, ix: EmbeddedIx) {
        let embedded = self.model.embedded(ix);
        let name = naming::filter(&embedded.type_name);
        let fields = embedded.shape.fields.iter().enumerate();
        let fields = fields.map(|(ix, field)| (FieldIx(ix), field));
        let mut members = self.filter_members(&embedded.type_name, fields);
        if embedded.shape.field_named("exists").is_none() {
            members.push(exists());
        }
        self.add_input(
            name.clone(),
            InputKind::Filter(Holder::Embedded(ix)),
            "All members have to hold.",
            members,
        );
        let some = Type::named(name);
        self.add_input(
            naming::list_filter(&embedded.type_name),
            InputKind::Operators(list_of(BaseType::Embedded(ix))),
            "",
            vec![
                operator("some", some, Operator::Some)
                    .describe("At least one element matches all of this."),
                size(),
                exists(),
            ],
        );
    }

    fn filter_members<'f>(
        &self,
        type_name: &str,
        fields: impl IntoIterator<Item = (FieldIx, &'f Field)>,
    ) -> Vec<InputValueDef> {
        let filter = || Type::named(naming::filter(type_name));
        let connectives = [
            member("and", filter().non_null().list(), InputMeaning::And)
                .describe("All of these; an empty list holds."),
            member("or", filter().non_null().list(), InputMeaning::Or)
                .describe("One of these; an empty list never holds."),
            member("not", filter(), InputMeaning::Not),
        ];
        let conditions = fields.into_iter().map(|(ix, field)| {
            let ty = self.condition_type(field.ty);
            member(field.name.clone(), ty, InputMeaning::Field(ix))
        });
        connectives.into_iter().chain(conditions).collect()
    }

    fn condition_type(&self, ty: FieldType) -> Type {
        let name = naming::output(self.model, ty.base);
        Type::named(match ty.list {
            Some(_) => naming::list_filter(&name),
            None => naming::filter(&name),
        })
    }
}

/// A list of this, as [`InputKind::Operators`] has it.
pub(super) fn list_of(base: BaseType) -> FieldType {
    let list = Some(ListType {
        element_required: true,
    });
    FieldType {
        base,
        list,
        required: false,
    }
}

pub(super) fn exists() -> InputValueDef {
    operator("exists", Type::named("Boolean"), Operator::Exists)
        .describe("Whether the document has the field at all, be it null.")
}

pub(super) fn size() -> InputValueDef {
    operator("size", Type::named("Int"), Operator::Size).describe("Exactly so many elements.")
}
