//! [`Api`] → the schema of async-graphql that prints SDL, answers
//! introspection and validates. A mechanical translation: its resolvers never
//! run, operations are executed by ourselves.

use async_graphql::dynamic::{
    Enum, EnumItem, Field, FieldFuture, FieldValue, InputObject, InputValue, Object, Scalar,
    Schema, SchemaBuilder, Subscription, SubscriptionField, SubscriptionFieldFuture, TypeRef,
};
use futures_util::stream::Empty;

use super::api::{
    Api, EnumDef, FieldDef, InputDef, InputValueDef, ObjectDef, ScalarDef, Type, TypeDef,
};

/// A builder that holds all types of the API, to be given extensions and limits.
pub(super) fn builder(api: &Api) -> SchemaBuilder {
    let subscription_root = api.subscription.as_deref();
    let mut builder = Schema::build(&api.query, api.mutation.as_deref(), subscription_root);
    for def in api.types.values() {
        builder = match def {
            TypeDef::Scalar(def) if def.built_in => builder,
            TypeDef::Scalar(def) => builder.register(scalar(def)),
            TypeDef::Enum(def) => builder.register(enumeration(def)),
            TypeDef::Object(def) if subscription_root == Some(&*def.name) => {
                builder.register(subscription(def))
            }
            TypeDef::Object(def) => builder.register(object(def)),
            TypeDef::Input(def) => builder.register(input_object(def)),
        };
    }
    builder
}

fn scalar(def: &ScalarDef) -> Scalar {
    let scalar = Scalar::new(def.name.as_str()).description(def.description);
    match def.specified_by {
        Some(url) => scalar.specified_by_url(url),
        None => scalar,
    }
}

fn enumeration(def: &EnumDef) -> Enum {
    let mut result = Enum::new(def.name.as_str());
    if let Some(description) = &def.description {
        result = result.description(description);
    }
    for value in &def.values {
        let mut item = EnumItem::new(value.name.as_str());
        if let Some(description) = &value.description {
            item = item.description(description);
        }
        if let Some(reason) = &value.deprecation {
            item = item.deprecation(Some(reason));
        }
        result = result.item(item);
    }
    result
}

fn object(def: &ObjectDef) -> Object {
    let mut result = Object::new(def.name.as_str());
    if let Some(description) = &def.description {
        result = result.description(description);
    }
    def.fields
        .values()
        .fold(result, |result, def| result.field(field(def)))
}

fn field(def: &FieldDef) -> Field {
    let mut result = Field::new(def.name.as_str(), type_ref(&def.ty), |_| {
        FieldFuture::new(async { Err::<Option<async_graphql::Value>, _>(not_executed()) })
    });
    if let Some(description) = &def.description {
        result = result.description(description);
    }
    if let Some(reason) = &def.deprecation {
        result = result.deprecation(Some(reason));
    }
    def.args
        .values()
        .fold(result, |result, def| result.argument(input_value(def)))
}

fn subscription(def: &ObjectDef) -> Subscription {
    let mut result = Subscription::new(def.name.as_str());
    if let Some(description) = &def.description {
        result = result.description(description);
    }
    def.fields
        .values()
        .fold(result, |result, def| result.field(subscription_field(def)))
}

fn subscription_field(def: &FieldDef) -> SubscriptionField {
    type Events = Empty<async_graphql::Result<FieldValue<'static>>>;
    let mut result = SubscriptionField::new(def.name.as_str(), type_ref(&def.ty), |_| {
        SubscriptionFieldFuture::new(async { Err::<Events, _>(not_executed()) })
    });
    if let Some(description) = &def.description {
        result = result.description(description);
    }
    def.args
        .values()
        .fold(result, |result, def| result.argument(input_value(def)))
}

fn not_executed() -> async_graphql::Error {
    async_graphql::Error::new("this schema describes and does not execute")
}

fn input_object(def: &InputDef) -> InputObject {
    let mut result = InputObject::new(def.name.as_str());
    if let Some(description) = &def.description {
        result = result.description(description);
    }
    if def.one_of {
        result = result.oneof();
    }
    def.fields
        .values()
        .fold(result, |result, def| result.field(input_value(def)))
}

fn input_value(def: &InputValueDef) -> InputValue {
    let mut result = InputValue::new(def.name.as_str(), type_ref(&def.ty));
    if let Some(description) = &def.description {
        result = result.description(description);
    }
    match &def.default {
        Some(default) => result.default_value(default.clone()),
        None => result,
    }
}

fn type_ref(ty: &Type) -> TypeRef {
    match ty {
        Type::Named(name) => TypeRef::named(name.as_str()),
        Type::List(inner) => TypeRef::List(Box::new(type_ref(inner))),
        Type::NonNull(inner) => TypeRef::NonNull(Box::new(type_ref(inner))),
    }
}
