//! Lists: condition, order and page.

use super::select::total;
use super::{Binder, ConnectionGet, Object, Result, bad_input, text};
use crate::data::{Direction, Filter, Order, OrderKey, Value};
use crate::gateway::{ListRequest, PageRequest, Select, Total};
use crate::graphql::api::{Holder, InputMeaning};
use crate::graphql::coerce::{Arguments, Coerced, Place};
use crate::graphql::error::Error;
use crate::graphql::naming;
use crate::graphql::skeleton::Field;
use crate::model::CollectionIx;

impl<'s> Binder<'s, '_> {
    pub(super) fn list(
        &mut self,
        field: &'s Field,
        collection: CollectionIx,
        arguments: Arguments,
    ) -> Result<(ListRequest, Object<'s, ConnectionGet<'s>>)> {
        let mut request = self.list_request(field, collection, arguments)?;
        let size = request.page.size();
        self.extent.page(size);
        let connection = self.connection(&field.selection, 0, size, &mut request.select)?;
        request.total = total(&connection);
        Ok((request, connection))
    }

    /// Without what depends on the selection.
    pub(super) fn list_request(
        &self,
        field: &Field,
        collection: CollectionIx,
        mut arguments: Arguments,
    ) -> Result<ListRequest> {
        let located = |error: Error| vec![error.at(field.positions())];
        let filter = match arguments.take("where") {
            Some(Coerced::Object(object)) => self
                .whole_filter(
                    Holder::Collection(collection),
                    object,
                    &Place::Argument("where"),
                )
                .map_err(located)?,
            _ => Filter::all(),
        };
        Ok(ListRequest {
            collection,
            filter,
            order: self.order(collection, arguments.take("orderBy")),
            page: page(arguments).map_err(located)?,
            select: Select::default(),
            total: Total::Omit,
        })
    }

    fn order(&self, collection: CollectionIx, given: Option<Coerced>) -> Order {
        let Some(Coerced::List(given)) = given else {
            return Order::default();
        };
        let shape = &self.model.collection(collection).shape;
        let mut keys: Vec<OrderKey> = Vec::with_capacity(given.len());
        for key in given {
            let Coerced::Object(mut key) = key else {
                continue;
            };
            let Some(member) = key.members.pop() else {
                continue;
            };
            let InputMeaning::Field(ix) = member.meaning else {
                continue;
            };
            let path = shape.field(ix).path();
            let descending = text(member.value) == naming::direction(Direction::Descending);
            // A second key on one field cannot change the order.
            if keys.iter().all(|known| known.path != path) {
                keys.push(OrderKey {
                    path,
                    direction: if descending {
                        Direction::Descending
                    } else {
                        Direction::Ascending
                    },
                });
            }
        }
        Order { keys }
    }
}

fn page(mut arguments: Arguments) -> Result<PageRequest, Error> {
    if arguments.has("last") || arguments.has("before") {
        // `first` has a default, which must not stand against what was given.
        arguments.drop_default("first");
    }
    Ok(PageRequest {
        first: amount(&mut arguments, "first")?,
        last: amount(&mut arguments, "last")?,
        after: arguments.take("after").map(|cursor| text(cursor).into()),
        before: arguments.take("before").map(|cursor| text(cursor).into()),
        offset: amount(&mut arguments, "offset")?,
    })
}

/// A number that cannot be negative.
pub(super) fn amount(arguments: &mut Arguments, name: &str) -> Result<Option<u64>, Error> {
    match arguments.take(name) {
        Some(Coerced::Leaf(Value::Int(number))) => match u64::try_from(number) {
            Ok(number) => Ok(Some(number)),
            Err(_) => {
                let message = format!("`{name}` is `{number}`, it must not be negative");
                Err(bad_input(message).with("place", name))
            }
        },
        _ => Ok(None),
    }
}
