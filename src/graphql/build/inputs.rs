//! What callers give to create and change documents.
//!
//! Fields the gateway sets itself (`_openid`, timestamps) are in none of these inputs, `id` only in the one for create.

use super::Builder;
use super::defs::{argument, member};
use crate::gateway::Operation;
use crate::graphql::api::{EnumValueDef, Holder, InputKind, InputMeaning, InputValueDef, Type};
use crate::graphql::naming;
use crate::model::{BaseType, CollectionIx, EmbeddedIx, Field, FieldIx, FieldType, Scalar};

impl<'a> Builder<'a> {
    pub(super) fn write_inputs(&mut self, ix: CollectionIx) {
        if self.may(ix, Operation::Create) {
            self.create_input(ix);
        }
        if self.may(ix, Operation::Update) {
            self.set_input(ix);
            self.inc_input(ix);
            self.push_input(ix);
            self.pull_input(ix);
            self.field_enum(ix);
        }
    }

    fn create_input(&mut self, ix: CollectionIx) {
        let collection = self.model.collection(ix);
        let id = collection.shape.field_stored("_id").map(|at| {
            member("id", Type::named("ID"), InputMeaning::Field(at))
                .describe("Chosen by the gateway unless given.")
        });
        let given = self.settable(ix, Operation::Create).into_iter();
        let given = given.map(|(at, field)| self.value_member(at, field));
        let members = id.into_iter().chain(given).collect();
        let kind = InputKind::Create(Holder::Collection(ix));
        self.add_input(naming::create(collection), kind, "", members);
    }

    fn set_input(&mut self, ix: CollectionIx) {
        let settable = self.settable(ix, Operation::Update).into_iter();
        let members = settable.map(|(at, field)| {
            let ty = self.value_type(field.ty);
            member(
                field.name.clone(),
                ty.nullable().clone(),
                InputMeaning::Field(at),
            )
        });
        self.add_input(
            naming::set(self.model.collection(ix)),
            InputKind::Set(Holder::Collection(ix)),
            "Whole values: an embedded object replaces the old one.",
            members.collect(),
        );
    }

    fn inc_input(&mut self, ix: CollectionIx) {
        let numeric = self.changeable(ix).into_iter();
        let members = numeric
            .filter(|(_, field)| is_numeric(field.ty))
            .map(|(at, field)| {
                let ty = Type::named(naming::input(self.model, field.ty.base));
                member(field.name.clone(), ty, InputMeaning::Field(at))
            });
        self.add_input(
            naming::inc(self.model.collection(ix)),
            InputKind::Inc(Holder::Collection(ix)),
            "What is added to numbers; may be negative.",
            members.collect(),
        );
    }

    fn push_input(&mut self, ix: CollectionIx) {
        let lists = self.changeable(ix).into_iter();
        let members = lists
            .filter(|(_, field)| field.ty.list.is_some())
            .map(|(at, field)| {
                let element = Type::named(naming::input(self.model, field.ty.base));
                let ty = element.non_null().list();
                member(field.name.clone(), ty, InputMeaning::Field(at))
            });
        self.add_input(
            naming::push(self.model.collection(ix)),
            InputKind::Push(Holder::Collection(ix)),
            "Elements added to the end of lists.",
            members.collect(),
        );
    }

    fn pull_input(&mut self, ix: CollectionIx) {
        let lists = self.changeable(ix).into_iter();
        let members = lists
            .filter(|(_, field)| field.ty.list.is_some())
            .map(|(at, field)| {
                let ty = match field.ty.base {
                    BaseType::Embedded(embedded) => {
                        let name = &self.model.embedded(embedded).type_name;
                        Type::named(naming::filter(name))
                    }
                    base => Type::named(naming::input(self.model, base))
                        .non_null()
                        .list(),
                };
                member(field.name.clone(), ty, InputMeaning::Field(at))
            });
        self.add_input(
            naming::pull(self.model.collection(ix)),
            InputKind::Pull(Holder::Collection(ix)),
            "Elements taken out of lists: equal values, or the objects that match.",
            members.collect(),
        );
    }

    fn field_enum(&mut self, ix: CollectionIx) {
        let optional = self.settable(ix, Operation::Update).into_iter();
        let values = optional
            .filter(|(_, field)| !field.ty.required)
            .map(|(at, field)| EnumValueDef {
                name: field.name.clone(),
                description: None,
                deprecation: field.deprecation.clone(),
                field: Some(at),
            });
        let description = "Fields that a document can be without.".to_owned();
        let name = naming::field_enum(self.model.collection(ix));
        self.add_enum(name, Some(description), values.collect());
    }

    pub(super) fn embedded_input(&mut self, ix: EmbeddedIx) {
        let embedded = self.model.embedded(ix);
        let fields = embedded.shape.fields.iter().enumerate();
        let members = fields
            .filter(|(_, field)| field.timestamp.is_none())
            .map(|(at, field)| self.value_member(FieldIx(at), field));
        let description = embedded.description.as_deref().unwrap_or_default();
        self.add_input(
            naming::embedded_input(&embedded.type_name),
            InputKind::Create(Holder::Embedded(ix)),
            description,
            members.collect(),
        );
    }

    /// The arguments of an update that say what to change; those without a single field are left out.
    pub(super) fn change_arguments(&self, ix: CollectionIx) -> Vec<InputValueDef> {
        let collection = self.model.collection(ix);
        let settable = self.settable(ix, Operation::Update);
        let changeable = self.changeable(ix);
        let any = |test: fn(&Field) -> bool, fields: &[(FieldIx, &Field)]| {
            fields.iter().any(|(_, field)| test(field))
        };
        let unset = Type::named(naming::field_enum(collection))
            .non_null()
            .list();
        let list: fn(&Field) -> bool = |field| field.ty.list.is_some();
        let arguments = [
            (!settable.is_empty()).then(|| ("set", Type::named(naming::set(collection)))),
            any(|field| !field.ty.required, &settable).then_some(("unset", unset)),
            any(|field| is_numeric(field.ty), &changeable)
                .then(|| ("inc", Type::named(naming::inc(collection)))),
            any(list, &changeable).then(|| ("push", Type::named(naming::push(collection)))),
            any(list, &changeable).then(|| ("pull", Type::named(naming::pull(collection)))),
        ];
        let given = arguments.into_iter().flatten();
        given.map(|(name, ty)| argument(name, ty)).collect()
    }

    /// Fields that a caller may give a value.
    fn settable(&self, ix: CollectionIx, operation: Operation) -> Vec<(FieldIx, &'a Field)> {
        let mut fields = self.fields_for(ix, operation);
        fields.retain(|(_, field)| {
            field.timestamp.is_none() && !["_id", "_openid"].contains(&field.stored.as_str())
        });
        fields
    }

    /// Fields whose new value may be made from the old one, which needs reading it.
    fn changeable(&self, ix: CollectionIx) -> Vec<(FieldIx, &'a Field)> {
        let mut fields = self.settable(ix, Operation::Update);
        fields.retain(|(at, _)| self.abilities.may_field(ix, *at, Operation::Read));
        fields
    }

    /// A member of a complete object: what is required and has no default has to be given.
    fn value_member(&self, at: FieldIx, field: &Field) -> InputValueDef {
        let ty = self.value_type(field.ty);
        let ty = if field.default.is_some() {
            ty.nullable().clone()
        } else {
            ty
        };
        let mut def = member(field.name.clone(), ty, InputMeaning::Field(at));
        def.description.clone_from(&field.description);
        def
    }

    fn value_type(&self, ty: FieldType) -> Type {
        let base = Type::named(naming::input(self.model, ty.base));
        let value = match ty.list {
            None => base,
            Some(list) if list.element_required => base.non_null().list(),
            Some(_) => base.list(),
        };
        if ty.required { value.non_null() } else { value }
    }
}

fn is_numeric(ty: FieldType) -> bool {
    let number = matches!(
        ty.base,
        BaseType::Scalar(Scalar::Int | Scalar::Float | Scalar::Long)
    );
    number && ty.list.is_none()
}
