//! Selections on documents, embedded objects and connections: what to read of
//! them, which relations to load, what to write.

use super::extent::{LOADS_MAX, too_many_loads};
use super::plan::LoadIdentity;
use super::{
    At, Binder, ConnectionGet, Coordinate, DocumentGet, EdgeGet, Leaf, LoadPlan, Object,
    PageInfoGet, Result, Slot, unexpected,
};
use crate::data::Value;
use crate::gateway::{MAX_AGE, MIN_AGE, Select, Total};
use crate::graphql::api::{Holder, Meaning};
use crate::graphql::coerce::{Arguments, Coerced};
use crate::graphql::skeleton::{Field, Selection, What};
use crate::model::{BaseType, FieldIx, Relation, RelationIx, Scalar, Shape};

impl<'s> Binder<'s, '_> {
    /// A selection on documents below `level` relations; what it reads of them is added to `select`.
    pub(super) fn document(
        &mut self,
        selection: &'s Selection,
        level: usize,
        select: &mut Select,
    ) -> Result<Object<'s, DocumentGet<'s>>> {
        self.pick(selection, |binder, field, what| match what {
            What::Api(Meaning::Field(collection, ix)) => {
                select.fields.insert(ix);
                let shape = &binder.model.collection(collection).shape;
                binder.stored(field, shape, ix, level, select)
            }
            What::Api(Meaning::EmbeddedField(embedded, ix)) => {
                let shape = &binder.model.embedded(embedded).shape;
                binder.stored(field, shape, ix, level, select)
            }
            What::Api(Meaning::Address(holder, ix)) => {
                if let Holder::Collection(_) = holder {
                    select.fields.insert(ix);
                }
                let at = At {
                    ix,
                    field: binder.shape(holder).field(ix),
                };
                let mut arguments = binder.arguments(field)?;
                binder.wants_addresses = true;
                Ok(DocumentGet::Address(
                    at,
                    age(arguments.take("maxAge").as_ref()),
                ))
            }
            What::Api(Meaning::ToOne(holder, ix)) => {
                let relation = binder.relation(holder, ix);
                let at = binder.from(holder, relation, select);
                let slot = binder.load(holder, ix, relation, level, Arguments::default())?;
                let document = binder.target(slot, field, level)?;
                Ok(DocumentGet::ToOne(at, slot, document))
            }
            What::Api(Meaning::ToMany(holder, ix)) => {
                let relation = binder.relation(holder, ix);
                let at = binder.from(holder, relation, select);
                let arguments = binder.arguments(field)?;
                let slot = binder.load(holder, ix, relation, level, arguments.clone())?;
                let connection = binder.targets(slot, field, level, arguments)?;
                Ok(DocumentGet::ToMany(at, slot, connection))
            }
            _ => unexpected(field),
        })
    }

    fn stored(
        &mut self,
        field: &'s Field,
        shape: &'s Shape,
        ix: FieldIx,
        level: usize,
        select: &mut Select,
    ) -> Result<DocumentGet<'s>> {
        let at = At {
            ix,
            field: shape.field(ix),
        };
        Ok(match at.field.ty.base {
            BaseType::Enum(ix) => DocumentGet::Leaf(at, Leaf::Enum(self.model.enum_type(ix))),
            BaseType::Scalar(Scalar::GeoPoint) => {
                let point = self.pick(&field.selection, |_, field, what| match what {
                    What::Api(Meaning::Longitude) => Ok(Coordinate::Longitude),
                    What::Api(Meaning::Latitude) => Ok(Coordinate::Latitude),
                    _ => unexpected(field),
                })?;
                DocumentGet::GeoPoint(at, point)
            }
            BaseType::Scalar(scalar) => DocumentGet::Leaf(at, Leaf::Scalar(scalar)),
            BaseType::Embedded(_) => {
                DocumentGet::Embedded(at, self.document(&field.selection, level, select)?)
            }
        })
    }

    fn relation(&self, holder: Holder, ix: RelationIx) -> &'s Relation {
        self.shape(holder).relation(ix)
    }

    pub(super) fn shape(&self, holder: Holder) -> &'s Shape {
        match holder {
            Holder::Collection(ix) => &self.model.collection(ix).shape,
            Holder::Embedded(ix) => &self.model.embedded(ix).shape,
        }
    }

    /// The field a relation starts from; a document has to come with it, an embedded object has it anyway.
    fn from(&self, holder: Holder, relation: &Relation, select: &mut Select) -> At<'s> {
        if let Holder::Collection(_) = holder {
            select.fields.insert(relation.from);
        }
        At {
            ix: relation.from,
            field: self.shape(holder).field(relation.from),
        }
    }

    /// The load of a relation at this level: one for all selections with equal arguments.
    fn load(
        &mut self,
        holder: Holder,
        ix: RelationIx,
        relation: &Relation,
        level: usize,
        arguments: Arguments,
    ) -> Result<Slot> {
        let identity = LoadIdentity {
            root: self.root,
            level,
            holder,
            relation: ix,
            arguments,
        };
        if let Some(known) = self.loads.iter().position(|load| load.identity == identity) {
            return Ok(Slot(known));
        }
        if self.loads.len() == LOADS_MAX {
            return Err(vec![too_many_loads()]);
        }
        self.loads.push(LoadPlan {
            identity,
            target: relation.target,
            to: relation.to,
            select: Select::default(),
            many: None,
        });
        Ok(Slot(self.loads.len() - 1))
    }

    fn target(
        &mut self,
        slot: Slot,
        field: &'s Field,
        level: usize,
    ) -> Result<Object<'s, DocumentGet<'s>>> {
        let mut select = Select::default();
        let document = self.document(&field.selection, level + 1, &mut select)?;
        self.loads[slot.0].select.fields.append(&mut select.fields);
        Ok(document)
    }

    fn targets(
        &mut self,
        slot: Slot,
        field: &'s Field,
        level: usize,
        arguments: Arguments,
    ) -> Result<Object<'s, ConnectionGet<'s>>> {
        let mut select = Select::default();
        let target = self.loads[slot.0].target;
        let mut request = self.list_request(field, target, arguments)?;
        let size = request.page.size();
        self.extent.page(size);
        let connection = self.connection(&field.selection, level + 1, size, &mut select)?;
        request.total = total(&connection);
        let load = &mut self.loads[slot.0];
        load.select.fields.append(&mut select.fields);
        match &mut load.many {
            // An alias may ask for the total where the first did not.
            Some(known) if request.total == Total::Count => {
                known.total = request.total;
            }
            Some(_) => {}
            None => load.many = Some(request),
        }
        Ok(connection)
    }

    pub(super) fn connection(
        &mut self,
        selection: &'s Selection,
        level: usize,
        size: u64,
        select: &mut Select,
    ) -> Result<Object<'s, ConnectionGet<'s>>> {
        self.pick(selection, |binder, field, what| match what {
            What::Api(Meaning::Nodes) => {
                let outside = binder.extent.enter(size);
                let node = binder.document(&field.selection, level, select);
                binder.extent.leave(outside);
                node.map(ConnectionGet::Nodes)
            }
            What::Api(Meaning::Edges) => {
                let outside = binder.extent.enter(size);
                let edge = binder.edge(&field.selection, level, select);
                binder.extent.leave(outside);
                edge.map(ConnectionGet::Edges)
            }
            What::Api(Meaning::PageInfo) => {
                let info = binder.pick(&field.selection, |_, field, what| match what {
                    What::Api(meaning) => {
                        PageInfoGet::of(meaning).map_or_else(|| unexpected(field), Ok)
                    }
                    _ => unexpected(field),
                })?;
                Ok(ConnectionGet::PageInfo(info))
            }
            What::Api(Meaning::TotalCount) => Ok(ConnectionGet::TotalCount),
            _ => unexpected(field),
        })
    }

    fn edge(
        &mut self,
        selection: &'s Selection,
        level: usize,
        select: &mut Select,
    ) -> Result<Object<'s, EdgeGet<'s>>> {
        self.pick(selection, |binder, field, what| match what {
            What::Api(Meaning::EdgeNode) => binder
                .document(&field.selection, level, select)
                .map(EdgeGet::Node),
            What::Api(Meaning::EdgeCursor) => Ok(EdgeGet::Cursor),
            _ => unexpected(field),
        })
    }
}

/// For how long an address is to be good: as long as it can be rather than refused, and an hour for null.
fn age(given: Option<&Coerced>) -> u32 {
    const DEFAULT: u32 = 3600;
    match given {
        Some(Coerced::Leaf(Value::Int(seconds))) => {
            let seconds = (*seconds).clamp(MIN_AGE.into(), MAX_AGE.into());
            u32::try_from(seconds).unwrap_or(DEFAULT)
        }
        _ => DEFAULT,
    }
}

/// The total is counted only if it is selected.
pub(super) fn total(connection: &Object<'_, ConnectionGet<'_>>) -> Total {
    let selected = connection
        .items
        .iter()
        .any(|item| matches!(item.get, Some(ConnectionGet::TotalCount)));
    if selected { Total::Count } else { Total::Omit }
}
