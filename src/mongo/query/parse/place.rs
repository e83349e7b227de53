//! Operators about places on the globe.

use super::super::super::{Error, Result};
use super::super::Near;
use super::super::condition::Predicate;
use super::malformed;
use crate::data::geo::{Point, Polygon, Shape};
use crate::data::{Object, Path, Value};

pub(super) fn within(operand: &Value) -> Result<Predicate> {
    let needed = || malformed("`$geoWithin` needs a `$geometry` or a `$centerSphere`");
    let members = operand.as_object().ok_or_else(needed)?;
    match (
        members.get("$geometry"),
        members.get("$centerSphere"),
        members.len(),
    ) {
        (Some(geometry), None, 1) => Shape::from_value(geometry)
            .filter(Shape::is_area)
            .map(Predicate::Within)
            .ok_or_else(|| unreadable("$geoWithin", "a Polygon or MultiPolygon")),
        (None, Some(circle), 1) => center_sphere(circle),
        _ => Err(needed()),
    }
}

pub(super) fn intersects(operand: &Value) -> Result<Predicate> {
    let members = operand.as_object().filter(|members| members.len() == 1);
    let geometry = members
        .and_then(|members| members.get("$geometry"))
        .ok_or_else(|| malformed("`$geoIntersects` needs a `$geometry`"))?;
    Shape::from_value(geometry)
        .map(Predicate::Intersects)
        .ok_or_else(|| unreadable("$geoIntersects", "a geometry"))
}

fn unreadable(operator: &str, geometry: &str) -> Error {
    let most = Polygon::MAX_POSITIONS;
    malformed(format!(
        "`{operator}` needs {geometry} in GeoJSON of at most {most} positions [longitude, latitude], rings closed"
    ))
}

/// `{$geometry: point, $minDistance?, $maxDistance?}`, distances in metres.
pub(super) fn near(path: &Path, name: &str, operand: &Value) -> Result<Near> {
    let needed = || malformed(format!("`{name}` needs a `$geometry` that is a point"));
    let members = operand.as_object().ok_or_else(needed)?;
    let known = |member: &str| matches!(member, "$geometry" | "$minDistance" | "$maxDistance");
    if let Some((other, _)) = members.iter().find(|(member, _)| !known(member)) {
        return Err(malformed(format!("`{name}` knows no `{other}`")));
    }
    let center = members.get("$geometry").and_then(Point::from_value);
    Ok(Near {
        path: path.clone(),
        center: center.ok_or_else(needed)?,
        min: metres(members, "$minDistance", 0.0)?,
        max: metres(members, "$maxDistance", f64::INFINITY)?,
    })
}

/// The web SDK 3.x sends null for a distance that its user did not name.
fn metres(members: &Object, name: &str, unsaid: f64) -> Result<f64> {
    let value = match members.get(name) {
        None | Some(Value::Null) => return Ok(unsaid),
        Some(value) => value,
    };
    let metres = value.as_f64().filter(|metres| *metres >= 0.0);
    metres.ok_or_else(|| malformed(format!("`{name}` needs a number of metres from 0 on")))
}

/// `[[longitude, latitude], radians]`.
fn center_sphere(circle: &Value) -> Result<Predicate> {
    let needed = || malformed("`$centerSphere` needs [[longitude, latitude], radius in radians]");
    let [center, radius] = circle.as_array().ok_or_else(needed)? else {
        return Err(needed());
    };
    let [longitude, latitude] = center.as_array().ok_or_else(needed)? else {
        return Err(needed());
    };
    let number = |value: &Value| value.as_f64().ok_or_else(needed);
    let center = Point::new(number(longitude)?, number(latitude)?)
        .map_err(|error| malformed(format!("`$centerSphere`: {error}")))?;
    let radius = Some(number(radius)?).filter(|radius| *radius >= 0.0);
    Ok(Predicate::InCircle {
        center,
        radius: radius.ok_or_else(needed)?,
    })
}
