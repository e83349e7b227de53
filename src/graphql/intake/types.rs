//! Types as documents write them → types of the API.

use async_graphql_parser::types::{BaseType, Type as Written};

use crate::graphql::api::Type;

pub(super) fn of(written: &Written) -> Type {
    let ty = match &written.base {
        BaseType::Named(name) => Type::named(name.as_str()),
        BaseType::List(inner) => of(inner).list(),
    };
    if written.nullable { ty } else { ty.non_null() }
}
