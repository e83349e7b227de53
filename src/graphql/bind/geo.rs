//! Points, circles and polygons of inputs.

use super::wrong;
use crate::data::Value;
use crate::data::geo::{GeoError, Geometry, Point, Polygon, Region};
use crate::graphql::coerce::{Coerced, InputObject, Place};
use crate::graphql::error::Error;

type Result<T, E = Error> = std::result::Result<T, E>;

/// `{circle: …}` or `{polygon: …}`.
pub(super) fn region(value: Coerced, place: &Place<'_>) -> Result<Region> {
    let (name, value) = only_member(value, place)?;
    let place = Place::Member(place, &name);
    match name.as_str() {
        "circle" => {
            let mut circle = members(value, &place)?;
            let center = point(
                take(&mut circle, "center"),
                &Place::Member(&place, "center"),
            )?;
            let radius = number(&take(&mut circle, "radius"));
            Region::circle(center, radius).map_err(|error| refused(&place, error))
        }
        _ => polygon(value, &place).map(Region::Polygon),
    }
}

/// `{point: …}` or `{polygon: …}`.
pub(super) fn geometry(value: Coerced, place: &Place<'_>) -> Result<Geometry> {
    let (name, value) = only_member(value, place)?;
    let place = Place::Member(place, &name);
    match name.as_str() {
        "point" => point(value, &place).map(Geometry::Point),
        _ => polygon(value, &place).map(Geometry::Polygon),
    }
}

pub(super) fn point(value: Coerced, place: &Place<'_>) -> Result<Point> {
    let mut point = members(value, place)?;
    let longitude = number(&take(&mut point, "longitude"));
    let latitude = number(&take(&mut point, "latitude"));
    Point::new(longitude, latitude).map_err(|error| refused(place, error))
}

fn polygon(value: Coerced, place: &Place<'_>) -> Result<Polygon> {
    let Coerced::List(positions) = value else {
        return Err(wrong(place, "must not be null"));
    };
    let positions = positions
        .into_iter()
        .enumerate()
        .map(|(at, position)| point(position, &Place::Index(place, at)))
        .collect::<Result<_>>()?;
    Polygon::new(positions).map_err(|error| refused(place, error))
}

fn refused(place: &Place<'_>, error: GeoError) -> Error {
    wrong(place, &format!("is not on the globe: {error}"))
}

fn members(value: Coerced, place: &Place<'_>) -> Result<InputObject> {
    match value {
        Coerced::Object(object) => Ok(object),
        _ => Err(wrong(place, "must not be null")),
    }
}

/// The one member of a `@oneOf`.
fn only_member(value: Coerced, place: &Place<'_>) -> Result<(smol_str::SmolStr, Coerced)> {
    members(value, place)?
        .members
        .pop()
        .map(|member| (member.name, member.value))
        .ok_or_else(|| wrong(place, "must have exactly one member"))
}

fn take(object: &mut InputObject, name: &str) -> Coerced {
    let at = object.members.iter().position(|member| member.name == name);
    at.map_or(Coerced::Null, |at| object.members.swap_remove(at).value)
}

/// A `Float!`; what is none lies nowhere on the globe.
fn number(value: &Coerced) -> f64 {
    match value {
        Coerced::Leaf(Value::Double(number)) => *number,
        _ => f64::NAN,
    }
}
