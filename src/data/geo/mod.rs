//! Points and regions on the globe, and what lies within what.
//!
//! To [`Region`] and [`Geometry`], stored shapes are GeoJSON objects of type `Point`
//! or `Polygon`, and other values lie nowhere; [`Shape`] knows all types. Distances are along the sphere. Edges of polygons are straight
//! in degrees, going the short way round the globe; what lies on an edge lies
//! within. Not a geodesic library: at the size of a city the difference is
//! below a metre.

mod planar;
mod shape;
#[cfg(test)]
mod tests;

use self::planar::Ring;
pub use self::shape::Shape;
use super::{Object, Value};

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

/// Why numbers are not a place on the globe.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum GeoError {
    #[error("longitude `{0}` is not between -180 and 180")]
    Longitude(f64),
    #[error("latitude `{0}` is not between -90 and 90")]
    Latitude(f64),
    #[error("radius `{0}` is not a positive number of metres")]
    Radius(f64),
    #[error("a polygon has {0} positions, it needs at least 4, the last equal to the first")]
    TooFew(usize),
    #[error("a polygon has {0} positions, at most {max} are allowed", max = Polygon::MAX_POSITIONS)]
    TooMany(usize),
    #[error("the last position of a polygon must equal the first")]
    Open,
}

/// The radius of the sphere that the database measures on, in metres.
pub const EARTH_RADIUS_M: f64 = 6_378_100.0;

impl Point {
    pub fn new(longitude: f64, latitude: f64) -> Result<Self, GeoError> {
        if !(-180.0..=180.0).contains(&longitude) {
            return Err(GeoError::Longitude(longitude));
        }
        if !(-90.0..=90.0).contains(&latitude) {
            return Err(GeoError::Latitude(latitude));
        }
        Ok(Self {
            longitude,
            latitude,
        })
    }

    /// The great-circle distance in metres, by the haversine formula.
    pub fn distance_m(self, other: Point) -> f64 {
        let (a, b) = (self.latitude.to_radians(), other.latitude.to_radians());
        let half_latitude = (b - a) / 2.0;
        let half_longitude = (other.longitude - self.longitude).to_radians() / 2.0;
        let haversine =
            half_latitude.sin().powi(2) + a.cos() * b.cos() * half_longitude.sin().powi(2);
        2.0 * EARTH_RADIUS_M * haversine.sqrt().min(1.0).asin()
    }

    /// The GeoJSON object that stores this point.
    pub fn to_value(self) -> Value {
        let coordinates = [self.longitude, self.latitude].map(Value::Double).to_vec();
        let members = [
            ("type", Value::string("Point")),
            ("coordinates", Value::Array(coordinates)),
        ];
        Value::Object(members.into_iter().collect())
    }

    /// Reads a stored point; `None` for any other value.
    pub fn from_value(value: &Value) -> Option<Self> {
        match Stored::read(value)? {
            Stored::Point(point) => Some(point),
            Stored::Area { .. } => None,
        }
    }
}

impl Polygon {
    /// The most positions a polygon may have: matching takes time with their product.
    pub const MAX_POSITIONS: usize = 1000;

    pub fn new(exterior: Vec<Point>) -> Result<Self, GeoError> {
        if exterior.len() < 4 {
            return Err(GeoError::TooFew(exterior.len()));
        }
        if exterior.len() > Self::MAX_POSITIONS {
            return Err(GeoError::TooMany(exterior.len()));
        }
        if exterior.first() != exterior.last() {
            return Err(GeoError::Open);
        }
        Ok(Self { exterior })
    }
}

impl Region {
    pub fn circle(center: Point, radius_m: f64) -> Result<Self, GeoError> {
        if !(radius_m.is_finite() && radius_m > 0.0) {
            return Err(GeoError::Radius(radius_m));
        }
        Ok(Region::Circle { center, radius_m })
    }

    /// Whether the stored shape lies within, as a whole.
    pub fn contains(&self, value: &Value) -> bool {
        let Some(stored) = Stored::read(value) else {
            return false;
        };
        match self {
            Region::Circle { center, radius_m } => stored
                .positions()
                .iter()
                .all(|position| center.distance_m(*position) <= *radius_m),
            Region::Polygon(polygon) => {
                let area = Ring::new(&polygon.exterior);
                match stored {
                    Stored::Point(point) => area.contains(point),
                    Stored::Area { exterior, .. } => area.contains_ring(&Ring::new(&exterior)),
                }
            }
        }
    }
}

impl Geometry {
    /// Whether the stored shape and this one share a point.
    pub fn intersects(&self, value: &Value) -> bool {
        let Some(stored) = Stored::read(value) else {
            return false;
        };
        match (self, stored) {
            (Geometry::Point(a), Stored::Point(b)) => *a == b,
            (Geometry::Point(point), Stored::Area { exterior, holes }) => {
                let in_hole = |hole: &Vec<Point>| Ring::new(hole).contains_strictly(*point);
                Ring::new(&exterior).contains(*point) && !holes.iter().any(in_hole)
            }
            (Geometry::Polygon(polygon), Stored::Point(point)) => {
                Ring::new(&polygon.exterior).contains(point)
            }
            (Geometry::Polygon(polygon), Stored::Area { exterior, holes }) => {
                let area = Ring::new(&polygon.exterior);
                let in_hole = |hole: &Vec<Point>| Ring::new(hole).contains_ring_strictly(&area);
                area.touches(&Ring::new(&exterior)) && !holes.iter().any(in_hole)
            }
        }
    }
}

/// A shape as a document holds it.
enum Stored {
    Point(Point),
    Area {
        exterior: Vec<Point>,
        holes: Vec<Vec<Point>>,
    },
}

impl Stored {
    fn read(value: &Value) -> Option<Self> {
        let object: &Object = value.as_object()?;
        let coordinates = object.get("coordinates")?.as_array()?;
        match object.get("type")?.as_str()? {
            "Point" => position(coordinates).map(Stored::Point),
            "Polygon" => {
                let rings: Option<Vec<_>> = coordinates.iter().map(ring).collect();
                let mut rings = rings?.into_iter();
                Some(Stored::Area {
                    exterior: rings.next()?,
                    holes: rings.collect(),
                })
            }
            _ => None,
        }
    }

    fn positions(&self) -> &[Point] {
        match self {
            Stored::Point(point) => std::slice::from_ref(point),
            Stored::Area { exterior, .. } => exterior,
        }
    }
}

fn ring(value: &Value) -> Option<Vec<Point>> {
    let positions = value.as_array()?.iter();
    let positions: Option<Vec<Point>> =
        positions.map(|value| position(value.as_array()?)).collect();
    Polygon::new(positions?)
        .ok()
        .map(|polygon| polygon.exterior)
}

/// `[longitude, latitude]`; an altitude may follow.
fn position(coordinates: &[Value]) -> Option<Point> {
    match coordinates {
        [longitude, latitude] | [longitude, latitude, _] => {
            Point::new(longitude.as_f64()?, latitude.as_f64()?).ok()
        }
        _ => None,
    }
}
