//! `set`, `unset`, `inc`, `push` and `pull` become one [`Update`].

use rustc_hash::FxHashMap;

use super::{Binder, size, wrong};
use crate::data::update::{Elements, Op};
use crate::data::{Update, Value};
use crate::graphql::api::{Holder, InputMeaning};
use crate::graphql::coerce::{Arguments, Coerced, InputMember, Place};
use crate::graphql::error::Error;
use crate::model::{BaseType, CollectionIx, Field, FieldIx, Shape};

type Result<T, E = Error> = std::result::Result<T, E>;

/// The operators collected so far, and which of them has which field.
#[derive(Default)]
struct Changes {
    ops: Vec<Op>,
    taken: FxHashMap<FieldIx, &'static str>,
}

impl Changes {
    /// # Errors
    ///
    /// Two operators on one field: the database would refuse them or choose.
    fn add(&mut self, operator: &'static str, ix: FieldIx, field: &Field, op: Op) -> Result<()> {
        if let Some(other) = self.taken.insert(ix, operator) {
            let place = Place::Argument(operator);
            let place = Place::Member(&place, &field.name);
            let message = format!("is changed by `{other}` too: one operator for one field");
            return Err(wrong(&place, &message));
        }
        self.ops.push(op);
        Ok(())
    }
}

impl Binder<'_, '_> {
    pub(super) fn update(
        &self,
        collection: CollectionIx,
        arguments: &mut Arguments,
    ) -> Result<Update> {
        let shape = &self.model.collection(collection).shape;
        let mut changes = Changes::default();
        for (ix, field, member) in members(shape, "set", arguments.take("set"))? {
            let place = Place::Argument("set");
            let place = Place::Member(&place, &field.name);
            let value = self.field_value(field, member.value, &place)?;
            changes.add("set", ix, field, Op::Set(field.path(), value))?;
        }
        unset(shape, arguments.take("unset"), &mut changes)?;
        self.arithmetic(shape, arguments, &mut changes)?;
        for (ix, field, member) in members(shape, "pull", arguments.take("pull"))? {
            let place = Place::Argument("pull");
            let place = Place::Member(&place, &field.name);
            let elements = self.elements_to_pull(field, member.value, &place)?;
            changes.add("pull", ix, field, Op::Pull(field.path(), elements))?;
        }
        if changes.ops.is_empty() {
            let message =
                "the update changes nothing: give `set`, `unset`, `inc`, `push` or `pull`";
            return Err(super::bad_input(message));
        }
        Ok(Update { ops: changes.ops })
    }

    fn arithmetic(
        &self,
        shape: &Shape,
        arguments: &mut Arguments,
        changes: &mut Changes,
    ) -> Result<()> {
        for (ix, field, member) in members(shape, "inc", arguments.take("inc"))? {
            let place = Place::Argument("inc");
            let place = Place::Member(&place, &field.name);
            let amount = self.element(field.ty.base, member.value, &place)?;
            if amount == Value::Null {
                return Err(wrong(&place, "must not be null"));
            }
            changes.add("inc", ix, field, Op::Inc(field.path(), amount))?;
        }
        for (ix, field, member) in members(shape, "push", arguments.take("push"))? {
            let place = Place::Argument("push");
            let place = Place::Member(&place, &field.name);
            let elements = self.list_of_values(field, member.value, &place)?;
            changes.add("push", ix, field, Op::Push(field.path(), elements))?;
        }
        Ok(())
    }

    fn elements_to_pull(
        &self,
        field: &Field,
        value: Coerced,
        place: &Place<'_>,
    ) -> Result<Elements> {
        match (field.ty.base, value) {
            (BaseType::Embedded(ix), Coerced::Object(object)) => {
                let holder = Holder::Embedded(ix);
                self.whole_filter(holder, object, place)
                    .map(Elements::Matching)
            }
            (_, value) => {
                size::check_values(&value, place)?;
                self.list_of_values(field, value, place)
                    .map(Elements::Equal)
            }
        }
    }

    fn list_of_values(
        &self,
        field: &Field,
        value: Coerced,
        place: &Place<'_>,
    ) -> Result<Vec<Value>> {
        let Coerced::List(items) = value else {
            return Err(wrong(place, "must not be null"));
        };
        items
            .into_iter()
            .enumerate()
            .map(|(at, item)| self.element(field.ty.base, item, &Place::Index(place, at)))
            .collect()
    }
}

fn unset(shape: &Shape, given: Option<Coerced>, changes: &mut Changes) -> Result<()> {
    let Some(Coerced::List(names)) = given else {
        return Ok(());
    };
    for name in names {
        let Coerced::Enum(member) = name else {
            continue;
        };
        let Some(ix) = member.field else { continue };
        let field = shape.field(ix);
        if field.ty.required {
            let place = Place::Argument("unset");
            return Err(wrong(
                &Place::Member(&place, &field.name),
                "cannot be taken away: the field is required",
            ));
        }
        changes.add("unset", ix, field, Op::Unset(field.path()))?;
    }
    Ok(())
}

/// The members of one operator's argument with the fields they mean.
fn members<'m>(
    shape: &'m Shape,
    operator: &'static str,
    given: Option<Coerced>,
) -> Result<Vec<(FieldIx, &'m Field, InputMember)>> {
    let Some(Coerced::Object(object)) = given else {
        return Ok(Vec::new());
    };
    object
        .members
        .into_iter()
        .map(|member| match member.meaning {
            InputMeaning::Field(ix) => Ok((ix, shape.field(ix), member)),
            _ => Err(wrong(
                &Place::Argument(operator),
                "has a member that is no field",
            )),
        })
        .collect()
}
