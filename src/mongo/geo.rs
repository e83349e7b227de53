//! Distances on the globe as the database computes them, to the last bit.
//!
//! [`Point::distance_m`] is the same distance by another formula: it differs
//! in the last digits, which clients compare.

use crate::data::geo::{EARTH_RADIUS_M, Point};

/// The angle between two places seen from the centre of the globe, in radians.
pub(super) fn angle(a: Point, b: Point) -> f64 {
    let (a, b) = (unit_vector(a), unit_vector(b));
    let across = cross(a, b);
    dot(across, across).sqrt().atan2(dot(a, b))
}

/// The distance along the sphere, in metres.
pub(super) fn distance(a: Point, b: Point) -> f64 {
    angle(a, b) * EARTH_RADIUS_M
}

type Vector = [f64; 3];

fn unit_vector(point: Point) -> Vector {
    let radians = |degrees: f64| degrees * (std::f64::consts::PI / 180.0);
    let (latitude, longitude) = (radians(point.latitude), radians(point.longitude));
    [
        longitude.cos() * latitude.cos(),
        longitude.sin() * latitude.cos(),
        latitude.sin(),
    ]
}

fn cross(a: Vector, b: Vector) -> Vector {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(longitude: f64, latitude: f64) -> Point {
        Point::new(longitude, latitude).expect("a place")
    }

    #[test]
    fn distances_are_exact() {
        let (here, mountain) = (
            point(113.308_950_6, 23.096_825_1),
            point(113.306_789, 23.156_472_1),
        );
        assert_eq!(distance(here, mountain), 6_643.521_654_040_738);
        assert_eq!(distance(here, here), 0.0);
        let half = std::f64::consts::PI * EARTH_RADIUS_M;
        assert_eq!(distance(point(0.0, 0.0), point(180.0, 0.0)), half);
    }
}
