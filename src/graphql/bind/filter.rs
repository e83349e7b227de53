//! `where`, `if` and the filters inside them: objects of conditions become [`Filter`]s.

use smol_str::SmolStr;

use super::{Binder, size, wrong};
use crate::data::{Filter, Path, Test, Value};
use crate::graphql::api::{Holder, InputKind, InputMeaning, Operator};
use crate::graphql::coerce::{Coerced, InputObject, Place};
use crate::graphql::error::Error;
use crate::model::FieldIx;

type Result<T, E = Error> = std::result::Result<T, E>;

impl Binder<'_, '_> {
    /// The condition that an argument is.
    pub(super) fn whole_filter(
        &self,
        holder: Holder,
        object: InputObject,
        place: &Place<'_>,
    ) -> Result<Filter> {
        size::check_condition(&object, place)?;
        self.filter(holder, object, None, place)
    }

    /// All members hold. `inside`: the path of the embedded object that the members are about, `None` at the top of
    /// a document and of an element.
    pub(super) fn filter(
        &self,
        holder: Holder,
        object: InputObject,
        inside: Option<&Path>,
        place: &Place<'_>,
    ) -> Result<Filter> {
        if object.members.is_empty() && (object.omitted || inside.is_some()) {
            // `{status: $status}` without the variable must not become "every document".
            return Err(wrong(place, "has no condition: give one, or leave it out"));
        }
        let mut parts = Vec::with_capacity(object.members.len());
        for member in object.members {
            let place = Place::Member(place, &member.name);
            let part = match member.meaning {
                InputMeaning::And => all_of(self.filters(holder, member.value, inside, &place)?),
                InputMeaning::Or => any_of(self.filters(holder, member.value, inside, &place)?),
                InputMeaning::Not => {
                    let inner = self.inner_filter(holder, member.value, inside, &place)?;
                    Filter::Not(Box::new(inner))
                }
                InputMeaning::Field(ix) => {
                    self.condition(holder, ix, member.value, inside, &place)?
                }
                InputMeaning::Operator(Operator::Exists) => exists(&member.value, inside, &place)?,
                InputMeaning::Operator(_)
                | InputMeaning::Argument
                | InputMeaning::UniqueIndex(_) => {
                    return Err(wrong(&place, "is not a condition"));
                }
            };
            parts.push(part);
        }
        Ok(all_of(parts))
    }

    fn filters(
        &self,
        holder: Holder,
        value: Coerced,
        inside: Option<&Path>,
        place: &Place<'_>,
    ) -> Result<Vec<Filter>> {
        let Coerced::List(parts) = value else {
            return Err(wrong(place, "must not be null"));
        };
        parts
            .into_iter()
            .enumerate()
            .map(|(at, part)| self.inner_filter(holder, part, inside, &Place::Index(place, at)))
            .collect()
    }

    fn inner_filter(
        &self,
        holder: Holder,
        value: Coerced,
        inside: Option<&Path>,
        place: &Place<'_>,
    ) -> Result<Filter> {
        match value {
            Coerced::Object(object) => self.filter(holder, object, inside, place),
            _ => Err(wrong(place, "must not be null")),
        }
    }

    /// The conditions on one field.
    fn condition(
        &self,
        holder: Holder,
        ix: FieldIx,
        value: Coerced,
        inside: Option<&Path>,
        place: &Place<'_>,
    ) -> Result<Filter> {
        let Coerced::Object(object) = value else {
            return Err(wrong(
                place,
                "must not be null: to look for null, write `{eq: null}`",
            ));
        };
        let field = self.shape(holder).field(ix);
        let path = match inside {
            Some(inside) => inside.child(field.stored.clone()),
            None => field.path(),
        };
        if let InputKind::Filter(embedded) = object.kind {
            return self.filter(embedded, object, Some(&path), place);
        }
        let tests = self.tests(field.ty.base, object, place)?;
        let tests = tests.into_iter();
        Ok(all_of(
            tests.map(|test| Filter::field(&path, test)).collect(),
        ))
    }
}

/// All of these. Unlike [`Filter::and`] it drops nothing: who may ask depends on every field that is named, also
/// where the other parts leave it nothing to decide.
fn all_of(parts: Vec<Filter>) -> Filter {
    let mut flat = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            Filter::And(inner) => flat.extend(inner),
            other => flat.push(other),
        }
    }
    match flat.len() {
        1 => flat.swap_remove(0),
        _ => Filter::And(flat),
    }
}

/// One of these; drops nothing either.
fn any_of(parts: Vec<Filter>) -> Filter {
    let mut flat = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            Filter::Or(inner) => flat.extend(inner),
            other => flat.push(other),
        }
    }
    match flat.len() {
        1 => flat.swap_remove(0),
        _ => Filter::Or(flat),
    }
}

/// `exists` of an embedded object.
fn exists(value: &Coerced, inside: Option<&Path>, place: &Place<'_>) -> Result<Filter> {
    match (value, inside) {
        (Coerced::Leaf(Value::Bool(wanted)), Some(path)) => {
            Ok(Filter::field(path, Test::Exists(*wanted)))
        }
        (Coerced::Leaf(_), None) => Err(wrong(place, "has no meaning here: an element exists")),
        _ => Err(wrong(place, "must not be null")),
    }
}

/// The name of a value that is text.
pub(super) fn string(value: Coerced) -> Option<SmolStr> {
    match value {
        Coerced::Leaf(Value::String(text)) => Some(text),
        _ => None,
    }
}
