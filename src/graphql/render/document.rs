//! Documents and the objects embedded in them.

use super::leaf::{self, Unfit};
use super::{Below, Member, Renderer, Written, text};
use crate::data::Value;
use crate::data::geo::Point;
use crate::gateway::{Readable, Visible};
use crate::graphql::bind::{At, Coordinate, DocumentGet, Leaf, Object};
use crate::graphql::error::{Code, Error};
use crate::graphql::load::{Key, Related, Source};
use crate::graphql::skeleton::Field;

/// An object that is being written: the document it belongs to, and where its members are.
#[derive(Clone, Copy)]
pub(super) struct Inside<'a> {
    document: &'a Visible,
    pub(super) source: Source<'a>,
    pub(super) type_name: &'a str,
    pub(super) below: Below<'a>,
}

impl<'a> Renderer<'a> {
    pub(super) fn document(
        &mut self,
        object: &'a Object<'a, DocumentGet<'a>>,
        document: &'a Visible,
        below: Below<'a>,
    ) -> Written {
        let inside = Inside {
            document,
            source: Source::Document(document),
            type_name: object.type_name,
            below,
        };
        self.object(object, |renderer, member| {
            renderer.document_member(inside, member)
        })
    }

    fn document_member(
        &mut self,
        inside: Inside<'a>,
        (field, get): Member<'a, DocumentGet<'a>>,
    ) -> Written {
        match get {
            DocumentGet::Leaf(at, kind) => self.stored(inside, field, *at, |renderer, value| {
                renderer.leaf(inside, field, *kind, value)
            }),
            DocumentGet::Address(at, age) => self.address(inside, field, *at, *age),
            DocumentGet::Embedded(at, object) => {
                self.stored(inside, field, *at, |renderer, value| {
                    renderer.embedded(inside, field, object, value)
                })
            }
            DocumentGet::GeoPoint(at, object) => {
                self.stored(inside, field, *at, |renderer, value| {
                    renderer.point(inside, field, object, value)
                })
            }
            DocumentGet::ToOne(at, slot, object) => {
                let Ok(key) = self.join_key(inside, *at) else {
                    return self.denied(inside.type_name, field);
                };
                match inside.below.0.one(*slot, key.as_ref()) {
                    Related::Found(found) => self.document(object, found, inside.below),
                    Related::Denied => self.denied(inside.type_name, field),
                    Related::Failed(error) if key.is_some() => self.fail(field, (**error).clone()),
                    Related::Nothing | Related::Failed(_) => {
                        text::null(&mut self.out);
                        Ok(())
                    }
                }
            }
            DocumentGet::ToMany(at, slot, connection) => {
                let Ok(key) = self.join_key(inside, *at) else {
                    return self.denied(inside.type_name, field);
                };
                match inside.below.0.many(*slot, key.as_ref()) {
                    Related::Found(list) => self.connection(connection, Some(list), inside.below),
                    Related::Denied => self.denied(inside.type_name, field),
                    Related::Failed(error) if key.is_some() => self.fail(field, (**error).clone()),
                    Related::Nothing | Related::Failed(_) => {
                        self.connection(connection, None, inside.below)
                    }
                }
            }
        }
    }

    /// The key a relation leads on from; `Err` if the caller may not read it here.
    fn join_key(&self, inside: Inside<'a>, at: At<'a>) -> Result<Option<Key>, ()> {
        match inside.source.read(at) {
            Readable::Denied => Err(()),
            Readable::Missing => Ok(None),
            Readable::Value(value) => Ok(Key::of(value)),
        }
    }

    /// A stored field: one value or a list of them, each written by `value`.
    fn stored(
        &mut self,
        inside: Inside<'a>,
        field: &'a Field,
        at: At<'a>,
        mut value: impl FnMut(&mut Self, &'a Value) -> Written,
    ) -> Written {
        let stored = match inside.source.read(at) {
            Readable::Denied => return self.denied(inside.type_name, field),
            Readable::Missing | Readable::Value(Value::Null) => {
                return self.absent(inside, field, at.field.ty.required);
            }
            Readable::Value(stored) => stored,
        };
        let Some(list) = at.field.ty.list else {
            return value(self, stored);
        };
        let Value::Array(items) = stored else {
            return self.unfit(inside, field, stored, "a list");
        };
        self.list(field, items, |renderer, item| match item {
            Value::Null => renderer.absent(inside, field, list.element_required),
            item => value(renderer, item),
        })
    }

    /// Null or missing: fine unless the model says `!`.
    fn absent(&mut self, inside: Inside<'a>, field: &'a Field, required: bool) -> Written {
        if required {
            let message = format!(
                "a stored document does not fit the model: `{}.{}` has no value",
                inside.type_name, field.name
            );
            return self.invalid(inside, field, message);
        }
        text::null(&mut self.out);
        Ok(())
    }

    pub(super) fn unfit(
        &mut self,
        inside: Inside<'a>,
        field: &'a Field,
        value: &Value,
        expected: &str,
    ) -> Written {
        let message = format!(
            "a stored document does not fit the model: `{}.{}` holds {}, expected {expected}",
            inside.type_name,
            field.name,
            value.kind()
        );
        self.invalid(inside, field, message)
    }

    fn invalid(&mut self, inside: Inside<'a>, field: &'a Field, message: String) -> Written {
        let error = Error::new(Code::InvalidDocument, message)
            .with("id", inside.document.id().to_string())
            .with("field", format!("{}.{}", inside.type_name, field.name));
        self.fail(field, error)
    }

    fn leaf(
        &mut self,
        inside: Inside<'a>,
        field: &'a Field,
        kind: Leaf<'a>,
        value: &Value,
    ) -> Written {
        match leaf::leaf(&mut self.out, kind, value) {
            Ok(()) => Ok(()),
            Err(Unfit(expected)) => self.unfit(inside, field, value, expected),
        }
    }

    fn embedded(
        &mut self,
        inside: Inside<'a>,
        field: &'a Field,
        object: &'a Object<'a, DocumentGet<'a>>,
        value: &'a Value,
    ) -> Written {
        let Value::Object(members) = value else {
            return self.unfit(inside, field, value, "an object");
        };
        let inside = Inside {
            source: Source::Embedded(members),
            type_name: object.type_name,
            ..inside
        };
        self.object(object, |renderer, member| {
            renderer.document_member(inside, member)
        })
    }

    fn point(
        &mut self,
        inside: Inside<'a>,
        field: &'a Field,
        object: &'a Object<'a, Coordinate>,
        value: &Value,
    ) -> Written {
        let Some(point) = Point::from_value(value) else {
            return self.unfit(inside, field, value, "a GeoJSON point");
        };
        self.object(object, |renderer, (field, coordinate)| {
            let degrees = match coordinate {
                Coordinate::Longitude => point.longitude,
                Coordinate::Latitude => point.latitude,
            };
            if text::double(&mut renderer.out, degrees) {
                return Ok(());
            }
            renderer.unfit(inside, field, value, "a GeoJSON point")
        })
    }
}
