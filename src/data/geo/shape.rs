//! GeoJSON geometries of every kind, in what they are made of: points, lines and areas.
//!
//! The caller's conditions of [`super::Geometry`] and [`super::Region`] know fewer kinds; this is for the
//! database's own query language.

use super::planar::Ring;
use super::{Point, Polygon, Value, position, ring};

/// Points, lines and areas.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shape {
    points: Vec<Point>,
    lines: Vec<Vec<Point>>,
    areas: Vec<Area>,
}

/// A polygon with its holes. Its edges belong to it, also those of holes.
#[derive(Clone, Debug, PartialEq)]
struct Area {
    exterior: Vec<Point>,
    holes: Vec<Vec<Point>>,
}

impl Shape {
    /// Reads a GeoJSON geometry; `None` for any other value, for one without positions, and for
    /// more than [`Polygon::MAX_POSITIONS`] of them.
    pub fn from_value(value: &Value) -> Option<Self> {
        let mut shape = Shape::default();
        shape.add(value)?;
        let positions = shape.positions().count();
        (1..=Polygon::MAX_POSITIONS)
            .contains(&positions)
            .then_some(shape)
    }

    /// Goes as deep as collections of geometries are nested.
    fn add(&mut self, value: &Value) -> Option<()> {
        let object = value.as_object()?;
        let kind = object.get("type")?.as_str()?;
        if kind == "GeometryCollection" {
            let parts = object.get("geometries")?.as_array()?;
            return parts.iter().try_for_each(|part| self.add(part));
        }
        let coordinates = object.get("coordinates")?;
        let parts = coordinates.as_array()?;
        match kind {
            "Point" => self.points.push(point(coordinates)?),
            "LineString" => self.lines.push(line(coordinates)?),
            "Polygon" => self.areas.push(area(coordinates)?),
            "MultiPoint" => self.points.extend(all(parts, point)?),
            "MultiLineString" => self.lines.extend(all(parts, line)?),
            "MultiPolygon" => self.areas.extend(all(parts, area)?),
            _ => return None,
        }
        Some(())
    }

    /// Whether it is made of areas and nothing else.
    pub fn is_area(&self) -> bool {
        self.points.is_empty() && self.lines.is_empty() && !self.areas.is_empty()
    }

    /// All positions: points, and corners of lines and areas.
    pub fn positions(&self) -> impl Iterator<Item = Point> {
        let rings = self.areas.iter().flat_map(Area::rings);
        let lines = self.lines.iter().chain(rings).flatten();
        self.points.iter().chain(lines).copied()
    }

    /// Whether the two share a point.
    pub fn intersects(&self, other: &Shape) -> bool {
        let areas = || self.areas.iter().any(|area| area.touches(other));
        let lines = || self.lines.iter().any(|line| line_touches(line, other));
        let points = || self.points.iter().any(|point| other.covers(*point));
        areas() || lines() || points()
    }

    /// Whether each part of the other lies within one of the areas, edges included.
    pub fn contains(&self, other: &Shape) -> bool {
        let within = |is: &dyn Fn(&Area) -> bool| self.areas.iter().any(is);
        other
            .points
            .iter()
            .all(|point| within(&|area| area.covers(*point)))
            && other
                .lines
                .iter()
                .all(|line| within(&|area| area.contains_line(line)))
            && other
                .areas
                .iter()
                .all(|inner| within(&|area| area.contains(inner)))
    }

    fn covers(&self, point: Point) -> bool {
        self.points.contains(&point)
            || self.lines.iter().any(|line| Ring::new(line).passes(point))
            || self.areas.iter().any(|area| area.covers(point))
    }
}

impl Area {
    fn rings(&self) -> impl Iterator<Item = &Vec<Point>> {
        std::iter::once(&self.exterior).chain(&self.holes)
    }

    fn covers(&self, point: Point) -> bool {
        let in_hole = |hole: &Vec<Point>| Ring::new(hole).contains_strictly(point);
        Ring::new(&self.exterior).contains(point) && !self.holes.iter().any(in_hole)
    }

    fn touches(&self, other: &Shape) -> bool {
        other.points.iter().any(|point| self.covers(*point))
            || other.lines.iter().any(|line| self.touches_line(line))
            || other.areas.iter().any(|area| self.touches_area(area))
    }

    /// A line that meets no edge is inside or outside as a whole.
    fn touches_line(&self, line: &[Point]) -> bool {
        self.covers(line[0]) || self.meets(line)
    }

    fn touches_area(&self, other: &Area) -> bool {
        self.covers(other.exterior[0])
            || other.covers(self.exterior[0])
            || other.rings().any(|ring| self.meets(ring))
    }

    /// Whether a line, or a ring, meets an edge.
    fn meets(&self, line: &[Point]) -> bool {
        let line = Ring::new(line);
        self.rings().any(|ring| Ring::new(ring).meets(&line))
    }

    /// Whether a line, or a ring, lies within.
    fn contains_line(&self, line: &[Point]) -> bool {
        let line = Ring::new(line);
        Ring::new(&self.exterior).contains_ring(&line)
            && !self
                .holes
                .iter()
                .any(|hole| Ring::new(hole).is_entered_by(&line))
    }

    fn contains(&self, inner: &Area) -> bool {
        let lost = |point: &Point| {
            let in_hole = |hole: &Vec<Point>| Ring::new(hole).contains(*point);
            Ring::new(&inner.exterior).contains_strictly(*point) && !inner.holes.iter().any(in_hole)
        };
        self.contains_line(&inner.exterior) && !self.holes.iter().flatten().any(lost)
    }
}

fn line_touches(line: &[Point], other: &Shape) -> bool {
    let ring = Ring::new(line);
    other.points.iter().any(|point| ring.passes(*point))
        || other.lines.iter().any(|line| ring.meets(&Ring::new(line)))
        || other.areas.iter().any(|area| area.touches_line(line))
}

fn all<T>(values: &[Value], read: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    values.iter().map(read).collect()
}

fn point(value: &Value) -> Option<Point> {
    position(value.as_array()?)
}

fn line(value: &Value) -> Option<Vec<Point>> {
    all(value.as_array()?, point).filter(|positions| positions.len() > 1)
}

fn area(value: &Value) -> Option<Area> {
    let mut rings = all(value.as_array()?, ring)?.into_iter();
    Some(Area {
        exterior: rings.next()?,
        holes: rings.collect(),
    })
}
