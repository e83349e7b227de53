//! Points and regions on the globe, and what lies within what.

/// A position in degrees, WGS 84 as `GeoJSON` has it (GCJ-02 data compares just as well).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    pub longitude: f64,
    pub latitude: f64,
}

/// The region of a `within` condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Region {
    /// All points at most so many metres from the centre, along the sphere.
    Circle {
        center: Point,
        radius_m: f64,
    },
    Polygon(Polygon),
}

/// A closed ring: first and last position are equal, at least four positions.
#[derive(Clone, Debug, PartialEq)]
pub struct Polygon {
    pub exterior: Vec<Point>,
}

/// What an `intersects` condition compares with.
#[derive(Clone, Debug, PartialEq)]
pub enum Geometry {
    Point(Point),
    Polygon(Polygon),
}
