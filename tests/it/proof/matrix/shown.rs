//! What a stored value looks like in an answer, and where it does not fit: by
//! the type that the model declares, over JSON.

use cloudbase_graphql::model::{BaseType, Field, FieldType, Model, Scalar};
use serde_json::{Map, Value as Json, json};

/// The place inside a field where a value does not fit, innermost step first.
pub(super) type Misfit = Vec<Json>;

/// A field as an answer shows it; `Err`: the field has no value, because of that place.
pub(super) fn shown(model: &Model, field: &Field, stored: &Json) -> Result<Json, Misfit> {
    let value = &stored[field.stored.as_str()];
    if value.is_null() {
        return if field.ty.required {
            Err(vec![])
        } else {
            Ok(Json::Null)
        };
    }
    let Some(list) = field.ty.list else {
        return single(model, field.ty, value);
    };
    assert!(list.element_required, "the shop's lists have no holes");
    let items = value.as_array().ok_or_else(Vec::new)?;
    let item = |(at, item): (usize, &Json)| {
        single(model, field.ty, item).map_err(|mut place| {
            place.push(at.into());
            place
        })
    };
    items.iter().enumerate().map(item).collect()
}

fn single(model: &Model, ty: FieldType, value: &Json) -> Result<Json, Misfit> {
    let fits = |fits: bool| if fits { Ok(value.clone()) } else { Err(vec![]) };
    match ty.base {
        BaseType::Enum(ix) => {
            let known = &model.enum_type(ix).values;
            fits(known.iter().any(|known| *value == *known.name))
        }
        BaseType::Embedded(ix) => {
            let members = value.as_object().ok_or_else(Vec::new)?;
            let fields = &model.embedded(ix).shape.fields;
            let member = |field: &Field| match shown(model, field, &json!(members)) {
                Ok(value) => Ok((field.name.to_string(), value)),
                Err(mut place) => {
                    place.push(field.name.as_str().into());
                    Err(place)
                }
            };
            fields
                .iter()
                .map(member)
                .collect::<Result<Map<_, _>, _>>()
                .map(Json::Object)
        }
        BaseType::Scalar(scalar) => match scalar {
            Scalar::Id | Scalar::String => fits(value.is_string()),
            Scalar::FileId => fits(
                value
                    .as_str()
                    .is_some_and(|text| text.starts_with("cloud://")),
            ),
            Scalar::Int => {
                let int = value.as_i64().and_then(|int| i32::try_from(int).ok());
                int.map(Json::from).ok_or_else(Vec::new)
            }
            Scalar::DateTime => {
                let ms = value["$date"].as_i64().ok_or_else(Vec::new)?;
                let moment =
                    time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000);
                let moment = moment.expect("a moment of our time");
                let format = time::macros::format_description!(
                    "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z"
                );
                Ok(moment.format(format).expect("a moment").into())
            }
            Scalar::GeoPoint => match value["coordinates"].as_array().map(Vec::as_slice) {
                Some([longitude, latitude]) => {
                    Ok(json!({"longitude": longitude, "latitude": latitude}))
                }
                _ => Err(vec![]),
            },
            other => panic!("the shop has no {other:?}"),
        },
    }
}

/// What to select of a field.
pub(super) fn selection(model: &Model, field: &Field) -> String {
    match field.ty.base {
        BaseType::Embedded(ix) => {
            let fields = model.embedded(ix).shape.fields.iter();
            let inner: Vec<String> = fields.map(|field| selection(model, field)).collect();
            format!("{} {{ {} }}", field.name, inner.join(" "))
        }
        BaseType::Scalar(Scalar::GeoPoint) => format!("{} {{ longitude latitude }}", field.name),
        _ => field.name.to_string(),
    }
}
