//! Places on the globe.
//!
//! The database measures on the same sphere, but its edges are great circles and ours are straight in degrees, its circles
//! hold no areas, and it knows more shapes. So what is asked for is whatever meets a polygon around the place, with a
//! margin: every point that matches is in it, and every area whose edges are shorter than some 500 km. Around places that
//! are near a pole or wider than 1,000 km there is no such polygon, and every document with an object there is asked for.
//! (An area whose edges cross is none to the database: it is not found.)

use super::condition::Condition;
use super::filter::Said;
use super::words::member;
use crate::data::Value;
use crate::data::geo::{EARTH_RADIUS_M, Geometry, Point, Polygon, Region};

/// Corners of a polygon around a circle.
const CORNERS: u16 = 32;

/// How far such a polygon may reach, in metres.
const MAX_RADIUS_M: f64 = 1_000_000.0;

/// How far to the north and south it may reach, in degrees.
const MAX_LATITUDE: f64 = 75.0;

/// What is added to a radius, so that edges may be bent: metres, and the part of it.
const MARGIN_M: f64 = 5_000.0;
const MARGIN: f64 = 1.05;

pub(super) fn within(name: &str, region: &Region) -> Said {
    match region {
        Region::Circle { center, radius_m } => around(name, *center, *radius_m),
        Region::Polygon(polygon) => around_area(name, polygon),
    }
}

pub(super) fn intersects(name: &str, shape: &Geometry) -> Said {
    match shape {
        Geometry::Point(point) => around(name, *point, 0.0),
        Geometry::Polygon(polygon) => around_area(name, polygon),
    }
}

fn around(name: &str, center: Point, radius_m: f64) -> Said {
    let condition = match covering(center, radius_m * MARGIN + MARGIN_M) {
        Some(area) => ("$geoIntersects", member("$geometry", area)),
        None => ("$type", Value::string("object")),
    };
    Said::at_least(Condition::field(name, [condition]))
}

/// Around the box of degrees that an area lies in: nothing in it is further from its middle than half its height
/// and half its width one after the other.
fn around_area(name: &str, area: &Polygon) -> Said {
    let (mut east, mut west, mut north, mut south) = (f64::MIN, f64::MAX, f64::MIN, f64::MAX);
    let mut before = area.exterior[0].longitude;
    for point in &area.exterior {
        // The short way round, also where longitudes start again.
        before += (point.longitude - before + 180.0).rem_euclid(360.0) - 180.0;
        (east, west) = (east.max(before), west.min(before));
        (north, south) = (north.max(point.latitude), south.min(point.latitude));
    }
    let center = Point {
        longitude: normal((east + west) / 2.0),
        latitude: f64::midpoint(north, south),
    };
    let height = ((north - south) / 2.0).to_radians();
    let width = ((east - west) / 2.0).to_radians() * center.latitude.to_radians().cos();
    around(name, center, (height + width) * EARTH_RADIUS_M)
}

/// A polygon around a circle.
fn covering(center: Point, radius_m: f64) -> Option<Value> {
    let angle = radius_m / EARTH_RADIUS_M;
    let furthest = center.latitude.abs() + angle.to_degrees();
    if radius_m > MAX_RADIUS_M || furthest > MAX_LATITUDE {
        return None;
    }
    let half = std::f64::consts::PI / f64::from(CORNERS);
    // Corners stand so far out that edges touch the circle in their middle.
    let out = (angle.tan() / half.cos()).atan();
    let corner = |at: u16| towards(center, 2.0 * half * f64::from(at % CORNERS), out);
    let corners: Vec<Value> = (0..=CORNERS).map(corner).collect();
    let members = [
        ("type", Value::string("Polygon")),
        ("coordinates", Value::Array(vec![Value::Array(corners)])),
    ];
    Some(Value::Object(members.into_iter().collect()))
}

/// The position at this angle from the centre, in a direction counted from the east against the clock.
fn towards(center: Point, direction: f64, angle: f64) -> Value {
    let latitude = center.latitude.to_radians();
    let sine = latitude.sin() * angle.cos() + latitude.cos() * angle.sin() * direction.sin();
    let east = direction.cos() * angle.sin() * latitude.cos();
    let turned = east.atan2(angle.cos() - latitude.sin() * sine);
    let longitude = normal(center.longitude + turned.to_degrees());
    Value::Array(
        [longitude, sine.asin().to_degrees()]
            .map(Value::Double)
            .to_vec(),
    )
}

/// A longitude between -180 and 180.
fn normal(longitude: f64) -> f64 {
    (longitude + 180.0).rem_euclid(360.0) - 180.0
}
