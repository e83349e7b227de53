//! Operators about places on the globe.

use super::super::super::Result;
use super::super::Near;
use super::super::condition::Predicate;
use super::malformed;
use crate::data::geo::{EARTH_RADIUS_M, Geometry, Point, Polygon, Region};
use crate::data::{Object, Path, Test, Value};

pub(super) fn within(operand: &Value) -> Result<Predicate> {
    let needed = || malformed("`$geoWithin` needs a `$geometry` or a `$centerSphere`");
    let members = operand.as_object().ok_or_else(needed)?;
    let region = match (members.get("$geometry"), members.get("$centerSphere")) {
        (Some(geometry), None) => Region::Polygon(polygon("$geoWithin", geometry)?),
        (None, Some(circle)) => center_sphere(circle)?,
        _ => return Err(needed()),
    };
    Ok(Predicate::Test(Test::GeoWithin(region)))
}

pub(super) fn intersects(operand: &Value) -> Result<Predicate> {
    let needed = || malformed("`$geoIntersects` needs a `$geometry`");
    let members = operand.as_object().ok_or_else(needed)?;
    let geometry = members.get("$geometry").ok_or_else(needed)?;
    let geometry = match Point::from_value(geometry) {
        Some(point) => Geometry::Point(point),
        None => Geometry::Polygon(polygon("$geoIntersects", geometry)?),
    };
    Ok(Predicate::Test(Test::GeoIntersects(geometry)))
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

fn metres(members: &Object, name: &str, unsaid: f64) -> Result<f64> {
    let Some(value) = members.get(name) else {
        return Ok(unsaid);
    };
    let metres = value.as_f64().filter(|metres| *metres >= 0.0);
    metres.ok_or_else(|| malformed(format!("`{name}` needs a number of metres from 0 on")))
}

/// `[[longitude, latitude], radians]`.
fn center_sphere(circle: &Value) -> Result<Region> {
    let needed = || malformed("`$centerSphere` needs a list of a position and a radius in radians");
    let Some([center, radius]) = circle.as_array() else {
        return Err(needed());
    };
    let Some([longitude, latitude]) = center.as_array() else {
        return Err(needed());
    };
    let number = |value: &Value| value.as_f64().ok_or_else(needed);
    let center = Point::new(number(longitude)?, number(latitude)?);
    let circle = center
        .and_then(|center| Region::circle(center, number(radius).unwrap_or(-1.0) * EARTH_RADIUS_M));
    circle.map_err(|error| malformed(format!("`$centerSphere`: {error}")))
}

/// A polygon without holes.
fn polygon(operator: &str, geometry: &Value) -> Result<Polygon> {
    let needed = || malformed(format!("`{operator}` needs a polygon without holes"));
    let coordinates = geometry
        .as_object()
        .and_then(|object| object.get("coordinates"));
    let Some([exterior]) = coordinates.and_then(Value::as_array) else {
        return Err(needed());
    };
    let positions = exterior.as_array().ok_or_else(needed)?.iter();
    let point = |position: &Value| match position.as_array() {
        Some([longitude, latitude]) => Point::new(longitude.as_f64()?, latitude.as_f64()?).ok(),
        _ => None,
    };
    let positions: Option<Vec<Point>> = positions.map(point).collect();
    Polygon::new(positions.ok_or_else(needed)?)
        .map_err(|error| malformed(format!("`{operator}`: {error}")))
}
