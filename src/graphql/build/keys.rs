//! What documents are ordered by and found by.

use super::Builder;
use super::defs::{argument, member};
use crate::data::{Direction, IndexKeys, Order};
use crate::gateway::Operation;
use crate::graphql::api::{EnumValueDef, InputKind, InputMeaning, InputValueDef, Type};
use crate::graphql::naming;
use crate::model::{BaseType, CollectionIx, FieldIx, FieldType, Scalar};

/// A unique index that a lookup may use: its number among the collection's indexes, and its fields.
pub(super) struct UniqueKey {
    index: usize,
    fields: Vec<FieldIx>,
}

impl Builder<'_> {
    pub(super) fn order_input(&mut self, ix: CollectionIx) {
        let fields = self.fields_for(ix, Operation::Read);
        let ordered = fields.into_iter().filter(|(_, field)| is_ordered(field.ty));
        let direction = || Type::named(naming::DIRECTION);
        let members = ordered
            .map(|(ix, field)| member(field.name.clone(), direction(), InputMeaning::Field(ix)))
            .collect();
        self.add_input(
            naming::order(self.model.collection(ix)),
            InputKind::Order(ix),
            "One key of an order. Null and missing values come first when ascending.",
            members,
        );
    }

    /// `ASC` and `DESC`.
    pub(super) fn direction_type(&mut self) {
        let values = [
            (Direction::Ascending, "Null and missing values first."),
            (Direction::Descending, "Null and missing values last."),
        ];
        let values = values.map(|(direction, description)| EnumValueDef {
            name: naming::direction(direction).into(),
            description: Some(description.to_owned()),
            deprecation: None,
            field: None,
        });
        self.add_enum(naming::DIRECTION.into(), None, values.into());
    }

    pub(super) fn key_inputs(&mut self, ix: CollectionIx) {
        let keys = self.unique_keys(ix);
        let members = keys.iter().map(|key| self.key_member(ix, key)).collect();
        for key in keys.iter().filter(|key| key.fields.len() > 1) {
            self.compound_key(ix, key);
        }
        if !keys.is_empty() {
            let name = naming::key(self.model.collection(ix));
            let description = "One of the unique keys.";
            self.add_input(name, InputKind::Key(ix), description, members);
        }
    }

    fn key_member(&self, ix: CollectionIx, key: &UniqueKey) -> InputValueDef {
        let collection = self.model.collection(ix);
        let names = self.field_names(ix, key);
        let ty = match key.fields.as_slice() {
            [only] => naming::input(self.model, collection.shape.field(*only).ty.base),
            _ => naming::compound_key(collection, &names),
        };
        let meaning = InputMeaning::UniqueIndex(key.index);
        member(naming::key_member(&names), Type::named(ty), meaning)
    }

    fn compound_key(&mut self, ix: CollectionIx, key: &UniqueKey) {
        let collection = self.model.collection(ix);
        let name = naming::compound_key(collection, &self.field_names(ix, key));
        let members = key.fields.iter().map(|at| {
            let field = collection.shape.field(*at);
            let ty = Type::named(naming::input(self.model, field.ty.base));
            member(field.name.clone(), ty.non_null(), InputMeaning::Field(*at))
        });
        self.add_input(name, InputKind::CompoundKey(ix), "", members.collect());
    }

    fn field_names(&self, ix: CollectionIx, key: &UniqueKey) -> Vec<&str> {
        let shape = &self.model.collection(ix).shape;
        let fields = key.fields.iter();
        fields.map(|at| shape.field(*at).name.as_str()).collect()
    }

    /// Unique indexes whose fields are all readable values of their own (not inside embedded objects, not lists).
    pub(super) fn unique_keys(&self, ix: CollectionIx) -> Vec<UniqueKey> {
        let indexes = self.model.collection(ix).indexes.iter().enumerate();
        indexes
            .filter(|(_, index)| index.unique)
            .filter_map(|(at, index)| match &index.keys {
                IndexKeys::Ordered(order) => Some(UniqueKey {
                    index: at,
                    fields: self.key_fields(ix, order)?,
                }),
                IndexKeys::Geo(_) => None,
            })
            .collect()
    }

    fn key_fields(&self, ix: CollectionIx, order: &Order) -> Option<Vec<FieldIx>> {
        let shape = &self.model.collection(ix).shape;
        let field = |path: &crate::data::Path| {
            let at = shape.field_stored(path.root())?;
            let usable = path.segments().len() == 1
                && is_ordered(shape.field(at).ty)
                && self.abilities.may_field(ix, at, Operation::Read);
            usable.then_some(at)
        };
        order.keys.iter().map(|key| field(&key.path)).collect()
    }

    /// The parts of geo conditions.
    pub(super) fn geo_inputs(&mut self) {
        let float = || Type::named("Float").non_null();
        let point = || Type::named(naming::GEO_POINT_INPUT);
        let polygon = || {
            let ring = point().non_null().list();
            argument("polygon", ring)
                .describe("A closed ring: at least four positions, the last equal to the first.")
        };
        self.add_input(
            naming::GEO_POINT_INPUT.into(),
            InputKind::GeoPoint,
            "A position on the globe, in degrees.",
            vec![
                argument("longitude", float()),
                argument("latitude", float()),
            ],
        );
        self.add_input(
            naming::GEO_CIRCLE.into(),
            InputKind::GeoCircle,
            "",
            vec![
                argument("center", point().non_null()),
                argument("radius", float()).describe("In metres."),
            ],
        );
        let circle = argument("circle", Type::named(naming::GEO_CIRCLE));
        self.add_input(
            naming::GEO_WITHIN.into(),
            InputKind::GeoWithin,
            "A region.",
            vec![circle, polygon()],
        );
        self.add_input(
            naming::GEO_INTERSECTS.into(),
            InputKind::GeoIntersects,
            "A shape.",
            vec![argument("point", point()), polygon()],
        );
    }
}

/// Whether values of this type have an order that pages can follow.
fn is_ordered(ty: FieldType) -> bool {
    let ordered = match ty.base {
        BaseType::Scalar(scalar) => !matches!(scalar, Scalar::Json | Scalar::GeoPoint),
        BaseType::Enum(_) => true,
        BaseType::Embedded(_) => false,
    };
    ordered && ty.list.is_none()
}
