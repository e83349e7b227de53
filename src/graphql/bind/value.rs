//! Input values in the form in which documents keep them.

use super::{Binder, bad_input, geo, wrong};
use crate::data::{DocId, IndexKeys, Object, Value};
use crate::gateway::{CreateInput, Lookup};
use crate::graphql::api::{Holder, InputKind, InputMeaning};
use crate::graphql::coerce::{Coerced, InputObject, Place};
use crate::graphql::error::Error;
use crate::model::{BaseType, CollectionIx, Field, FieldIx, Scalar};

type Result<T, E = Error> = std::result::Result<T, E>;

impl Binder<'_, '_> {
    /// What is given for a new document.
    pub(super) fn create_input(
        &self,
        collection: CollectionIx,
        object: InputObject,
        place: &Place<'_>,
    ) -> Result<CreateInput> {
        let holder = Holder::Collection(collection);
        let mut values = self.stored_members(holder, object, place)?;
        let id = match values.remove("_id") {
            Some(Value::String(id)) => Some(id),
            _ => None,
        };
        Ok(CreateInput { id, values })
    }

    /// The members of an input object by their stored names.
    fn stored_members(
        &self,
        holder: Holder,
        object: InputObject,
        place: &Place<'_>,
    ) -> Result<Object> {
        let mut values = Object::with_capacity(object.members.len());
        for member in object.members {
            let place = Place::Member(place, &member.name);
            let InputMeaning::Field(ix) = member.meaning else {
                return Err(wrong(&place, "is not a field"));
            };
            let field = self.shape(holder).field(ix);
            let value = self.field_value(field, member.value, &place)?;
            values.insert(field.stored.clone(), value);
        }
        Ok(values)
    }

    /// The whole value of a field; null is none where the field has `!`.
    pub(super) fn field_value(
        &self,
        field: &Field,
        value: Coerced,
        place: &Place<'_>,
    ) -> Result<Value> {
        if value == Coerced::Null && field.ty.required && field.stored != "_id" {
            return Err(wrong(place, "must not be null: the field is required"));
        }
        match value {
            Coerced::List(items) => items
                .into_iter()
                .enumerate()
                .map(|(at, item)| self.element(field.ty.base, item, &Place::Index(place, at)))
                .collect::<Result<_>>()
                .map(Value::Array),
            single => self.element(field.ty.base, single, place),
        }
    }

    /// One value of this type, not a list.
    pub(super) fn element(
        &self,
        base: BaseType,
        value: Coerced,
        place: &Place<'_>,
    ) -> Result<Value> {
        Ok(match value {
            Coerced::Null => Value::Null,
            Coerced::Leaf(Value::Date(ms)) if base == BaseType::Scalar(Scalar::EpochMs) => {
                Value::Int(ms)
            }
            Coerced::Leaf(value) => value,
            Coerced::Enum(member) => Value::String(member.name),
            Coerced::Object(object) => match object.kind {
                InputKind::Create(holder) | InputKind::Set(holder) => {
                    Value::Object(self.stored_members(holder, object, place)?)
                }
                InputKind::GeoPoint => geo::point(Coerced::Object(object), place)?.to_value(),
                _ => return Err(wrong(place, "is not a value")),
            },
            Coerced::List(_) => return Err(wrong(place, "must not be a list")),
        })
    }

    /// `by`: the values of one unique index.
    pub(super) fn unique_key(&self, collection: CollectionIx, key: Coerced) -> Result<Lookup> {
        let place = Place::Argument("by");
        let Coerced::Object(mut key) = key else {
            return Err(wrong(&place, "must not be null"));
        };
        let Some(member) = key.members.pop() else {
            return Err(wrong(&place, "must have exactly one member"));
        };
        let shape = &self.model.collection(collection).shape;
        if let Coerced::Object(parts) = member.value {
            let mut values = Vec::with_capacity(parts.members.len());
            for part in parts.members {
                let InputMeaning::Field(ix) = part.meaning else {
                    return Err(wrong(&place, "has a member that is not a field"));
                };
                values.push((ix, self.field_value(shape.field(ix), part.value, &place)?));
            }
            return Ok(Lookup::Unique(values));
        }
        let InputMeaning::UniqueIndex(index) = member.meaning else {
            return Err(wrong(&place, "is not a unique key"));
        };
        let ix = self
            .key_field(collection, index)
            .ok_or_else(|| bad_input("`by` names an index that the model does not have"))?;
        let value = self.element(shape.field(ix).ty.base, member.value, &place)?;
        Ok(Lookup::Unique(vec![(ix, value)]))
    }

    /// The field of a unique index of one field.
    fn key_field(&self, collection: CollectionIx, index: usize) -> Option<FieldIx> {
        let collection = self.model.collection(collection);
        match &collection.indexes.get(index)?.keys {
            IndexKeys::Ordered(order) => {
                let key = order.keys.first()?;
                collection.shape.field_stored(key.path.root())
            }
            IndexKeys::Geo(_) => None,
        }
    }
}

/// The values an ID may be stored as.
pub(super) fn id_forms(text: &str) -> Vec<Value> {
    DocId::spelled_by(text)
        .iter()
        .map(DocId::to_value)
        .collect()
}
