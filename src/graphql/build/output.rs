//! What documents and embedded objects look like in answers.

use super::Builder;
use super::defs::{argument, field};
use crate::gateway::Operation;
use crate::graphql::api::{FieldDef, Holder, InputValueDef, Meaning, Type};
use crate::graphql::naming;
use crate::model::{
    BaseType, CollectionIx, EmbeddedIx, Field, FieldIx, FieldType, Member, Relation, RelationIx,
    Scalar, Shape,
};

/// How long an address is good for, in seconds.
const DEFAULT_AGE: i32 = 3600;

/// Documents of a list without `first` and `last`.
pub(super) const DEFAULT_FIRST: i32 = 20;

impl Builder<'_> {
    /// The type of a collection's documents with its connection and edge.
    pub(super) fn collection_output(&mut self, ix: CollectionIx) {
        if !self.may(ix, Operation::Read) {
            return;
        }
        let collection = self.model.collection(ix);
        let fields = self.shape_fields(Holder::Collection(ix), &collection.shape);
        let description = collection.description.as_deref().unwrap_or_default();
        self.add_object(collection.type_name.clone(), description, fields);
        self.connection(ix);
    }

    pub(super) fn embedded_output(&mut self, ix: EmbeddedIx) {
        let embedded = self.model.embedded(ix);
        let fields = self.shape_fields(Holder::Embedded(ix), &embedded.shape);
        let description = embedded.description.as_deref().unwrap_or_default();
        self.add_object(embedded.type_name.clone(), description, fields);
    }

    fn connection(&mut self, ix: CollectionIx) {
        let collection = self.model.collection(ix);
        let document = || Type::named(collection.type_name.clone());
        let edge = naming::edge(collection);
        self.add_object(
            naming::connection(collection),
            &format!("One page of a list of `{}`.", collection.type_name),
            vec![
                field("nodes", document().list().non_null(), Meaning::Nodes),
                field(
                    "edges",
                    Type::named(edge.clone()).list().non_null(),
                    Meaning::Edges,
                ),
                field(
                    "pageInfo",
                    Type::named(naming::PAGE_INFO).non_null(),
                    Meaning::PageInfo,
                ),
                field(
                    "totalCount",
                    Type::named("Int").non_null(),
                    Meaning::TotalCount,
                )
                .describe("How many there are on all pages; counted only if selected."),
            ],
        );
        self.add_object(
            edge,
            "",
            vec![
                field("node", document(), Meaning::EdgeNode),
                field(
                    "cursor",
                    Type::named("String").non_null(),
                    Meaning::EdgeCursor,
                ),
            ],
        );
    }

    fn shape_fields(&self, holder: Holder, shape: &Shape) -> Vec<FieldDef> {
        let members = shape.members.iter();
        members
            .flat_map(|member| match *member {
                Member::Field(ix) => {
                    let stored = self.stored_field(holder, ix, shape.field(ix));
                    let address = stored
                        .as_ref()
                        .and_then(|_| address(holder, ix, shape.field(ix)));
                    [stored, address]
                }
                Member::Relation(ix) => [self.relation(holder, ix, shape.relation(ix)), None],
            })
            .flatten()
            .collect()
    }

    fn stored_field(&self, holder: Holder, ix: FieldIx, stored: &Field) -> Option<FieldDef> {
        let (meaning, always) = match holder {
            Holder::Collection(collection) => {
                if !self.abilities.may_field(collection, ix, Operation::Read) {
                    return None;
                }
                let always = self.abilities.always_readable(collection, ix);
                (Meaning::Field(collection, ix), always)
            }
            Holder::Embedded(embedded) => (Meaning::EmbeddedField(embedded, ix), true),
        };
        let ty = self.output_type(stored.ty);
        // A caller who may not read the field gets null, which must not cost them the document.
        let ty = if always { ty } else { ty.nullable().clone() };
        let def = field(stored.name.clone(), ty, meaning);
        Some(def.documented(stored.description.as_ref(), stored.deprecation.as_ref()))
    }

    fn output_type(&self, ty: FieldType) -> Type {
        let base = Type::named(naming::output(self.model, ty.base));
        let value = match ty.list {
            None => base,
            Some(list) if list.element_required => base.non_null().list(),
            Some(_) => base.list(),
        };
        if ty.required { value.non_null() } else { value }
    }

    /// Relations are nullable, to-many ones too: a caller who may not follow one still gets its siblings.
    fn relation(&self, holder: Holder, ix: RelationIx, relation: &Relation) -> Option<FieldDef> {
        let from = match holder {
            Holder::Collection(collection) => Some((collection, relation.from)),
            Holder::Embedded(_) => None,
        };
        if !self.may_follow(from, (relation.target, relation.to)) {
            return None;
        }
        let target = self.model.collection(relation.target);
        let def = if relation.many {
            let connection = Type::named(naming::connection(target));
            field(
                relation.name.clone(),
                connection,
                Meaning::ToMany(holder, ix),
            )
            .args(self.list_arguments(relation.target))
        } else {
            let document = Type::named(target.type_name.clone());
            field(relation.name.clone(), document, Meaning::ToOne(holder, ix))
        };
        Some(def.documented(relation.description.as_ref(), relation.deprecation.as_ref()))
    }

    /// The arguments of every list of a collection's documents.
    pub(super) fn list_arguments(&self, ix: CollectionIx) -> Vec<InputValueDef> {
        let collection = self.model.collection(ix);
        let filter = Type::named(naming::filter(&collection.type_name));
        let order = Type::named(naming::order(collection)).non_null().list();
        vec![
            argument("where", filter),
            argument("orderBy", order).describe("Earlier keys first; `id` breaks ties."),
            argument("first", Type::named("Int")).default(DEFAULT_FIRST),
            argument("after", Type::named("String"))
                .describe("A cursor: only what comes after it."),
            argument("last", Type::named("Int"))
                .describe("From the end of the list; not with `first`."),
            argument("before", Type::named("String"))
                .describe("A cursor: only what comes before it."),
            argument("offset", Type::named("Int"))
                .describe("How many to leave out at the beginning; not with cursors."),
        ]
    }
}

/// Beside a field that names a file, where that file is. Nullable, whatever the field is: the storage may not know.
fn address(holder: Holder, ix: FieldIx, stored: &Field) -> Option<FieldDef> {
    if stored.ty.base != BaseType::Scalar(Scalar::FileId) {
        return None;
    }
    let text = Type::named("String");
    let ty = if stored.ty.list.is_some() {
        text.list()
    } else {
        text
    };
    let age = argument("maxAge", Type::named("Int")).default(DEFAULT_AGE);
    let def = field(
        naming::address(&stored.name),
        ty,
        Meaning::Address(holder, ix),
    )
    .args([age.describe("For how many seconds it is good, from a minute to a day.")])
    .describe(&format!(
        "Where the file of `{}` is: a temporary address.",
        stored.name
    ));
    Some(FieldDef {
        deprecation: stored.deprecation.clone(),
        ..def
    })
}
