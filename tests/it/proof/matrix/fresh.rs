//! Values that no document has yet, for each type of field.

use cloudbase_graphql::model::{BaseType, Field, Model, Scalar};
use serde_json::{Map, Value as Json, json};

/// A value as a caller gives it, and as it is stored.
pub(super) fn fresh(model: &Model, field: &Field) -> (Json, Json) {
    let (input, stored) = single(model, field);
    match field.ty.list {
        Some(_) => (json!([input]), json!([stored])),
        None => (input, stored),
    }
}

fn single(model: &Model, field: &Field) -> (Json, Json) {
    let same = |value: Json| (value.clone(), value);
    match field.ty.base {
        BaseType::Enum(ix) => {
            let last = model
                .enum_type(ix)
                .values
                .last()
                .expect("an enum has values");
            same(json!(last.name.as_str()))
        }
        BaseType::Embedded(ix) => {
            let fields = &model.embedded(ix).shape.fields;
            let members = fields.iter().map(|field| {
                let (input, stored) = fresh(model, field);
                (
                    (field.name.to_string(), input),
                    (field.stored.to_string(), stored),
                )
            });
            let (input, stored): (Map<_, _>, Map<_, _>) = members.unzip();
            (input.into(), stored.into())
        }
        BaseType::Scalar(scalar) => match scalar {
            Scalar::Id => same(json!("fresh")),
            Scalar::String if field.constraint.pattern.is_some() => same(json!("13999999999")),
            Scalar::String => same(json!("fresh")),
            Scalar::Int => same(json!(41)),
            Scalar::FileId => same(json!("cloud://fresh.bucket/x.png")),
            Scalar::DateTime => (
                json!("2030-01-01T00:00:00Z"),
                json!({"$date": 1_893_456_000_000_i64}),
            ),
            Scalar::GeoPoint => (
                json!({"longitude": 1.5, "latitude": 2.5}),
                json!({"type": "Point", "coordinates": [1.5, 2.5]}),
            ),
            other => panic!("the shop has no {other:?}"),
        },
    }
}
