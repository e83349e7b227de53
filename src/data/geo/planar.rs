//! Rings in the plane of degrees.

use super::Point;

/// Degrees within which a point counts as on an edge: a tenth of a millimetre.
const TOLERANCE: f64 = 1e-9;

type Position = [f64; 2];
type Edge = (Position, Position);

/// A closed ring whose longitudes run on past 180 where it crosses that line,
/// so that neighbouring positions are less than half the globe apart.
pub(super) struct Ring {
    positions: Vec<Position>,
    bounds: Bounds,
}

/// The box around a ring: what is outside of it needs no closer look.
#[derive(Clone, Copy)]
struct Bounds {
    least: Position,
    most: Position,
}

impl Bounds {
    fn of(positions: &[Position]) -> Self {
        let mut bounds = Self {
            least: [f64::INFINITY; 2],
            most: [f64::NEG_INFINITY; 2],
        };
        for position in positions {
            for (axis, at) in position.iter().enumerate() {
                bounds.least[axis] = bounds.least[axis].min(at - TOLERANCE);
                bounds.most[axis] = bounds.most[axis].max(at + TOLERANCE);
            }
        }
        bounds
    }

    fn overlaps(self, other: Bounds) -> bool {
        (0..2).all(|axis| {
            self.least[axis] <= other.most[axis] && other.least[axis] <= self.most[axis]
        })
    }
}

impl Ring {
    pub(super) fn new(points: &[Point]) -> Self {
        let mut positions: Vec<Position> = Vec::with_capacity(points.len());
        for point in points {
            let near = positions.last().map_or(point.longitude, |last| last[0]);
            positions.push([nearest_turn(point.longitude, near), point.latitude]);
        }
        Self::of(positions)
    }

    fn of(positions: Vec<Position>) -> Self {
        let bounds = Bounds::of(&positions);
        Self { positions, bounds }
    }

    pub(super) fn contains(&self, point: Point) -> bool {
        self.turns(point).any(|position| self.covers(position))
    }

    pub(super) fn contains_strictly(&self, point: Point) -> bool {
        self.turns(point)
            .any(|position| self.covers(position) && !self.on_edge(position))
    }

    /// Whether the other ring lies within, edges included.
    pub(super) fn contains_ring(&self, other: &Ring) -> bool {
        self.shifted(other)
            .any(|other| other.edges().all(|edge| self.covers_edge(edge)))
    }

    /// Whether the other ring lies within and touches no edge.
    pub(super) fn contains_ring_strictly(&self, other: &Ring) -> bool {
        self.shifted(other).any(|other| {
            other.positions.iter().all(|&at| self.covers(at))
                && !other
                    .edges()
                    .any(|edge| self.edges().any(|own| meet(own, edge)))
        })
    }

    /// Whether the areas of the two rings share a point.
    pub(super) fn touches(&self, other: &Ring) -> bool {
        self.shifted(other).any(|other| {
            other.positions.iter().any(|&at| self.covers(at))
                || self.positions.iter().any(|&at| other.covers(at))
                || other
                    .edges()
                    .any(|edge| self.edges().any(|own| meet(own, edge)))
        })
    }

    /// Whether an edge of the other ring, or of a line, meets an edge of this one.
    pub(super) fn meets(&self, other: &Ring) -> bool {
        self.shifted(other).any(|other| {
            let mut edges = other.edges();
            edges.any(|edge| self.edges().any(|own| meet(own, edge)))
        })
    }

    /// Whether the point is on an edge.
    pub(super) fn passes(&self, point: Point) -> bool {
        self.turns(point).any(|position| self.on_edge(position))
    }

    /// Whether a part of the other ring, or of a line, is inside and not only on an edge.
    pub(super) fn is_entered_by(&self, other: &Ring) -> bool {
        let inside = |at: Position| self.covers(at) && !self.on_edge(at);
        self.shifted(other).any(|other| {
            other
                .edges()
                .any(|edge| self.pieces(edge).into_iter().any(inside))
        })
    }

    fn edges(&self) -> impl Iterator<Item = Edge> {
        self.positions.windows(2).map(|pair| (pair[0], pair[1]))
    }

    /// The same point, counted from each turn of the globe that the ring may reach.
    fn turns(&self, point: Point) -> impl Iterator<Item = Position> {
        [0.0, -360.0, 360.0]
            .map(|turn| [point.longitude + turn, point.latitude])
            .into_iter()
    }

    /// The other ring, counted from each turn of the globe where the two are near each other.
    fn shifted(&self, other: &Ring) -> impl Iterator<Item = Ring> {
        let shift = |turn: f64| {
            let positions = other.positions.iter();
            Ring::of(positions.map(|[x, y]| [x + turn, *y]).collect())
        };
        let near = |ring: &Ring| self.bounds.overlaps(ring.bounds);
        [0.0, -360.0, 360.0].map(shift).into_iter().filter(near)
    }

    /// Inside or on an edge.
    fn covers(&self, at: Position) -> bool {
        if !self.bounds.overlaps(Bounds::of(&[at])) {
            return false;
        }
        // A ray towards the east crosses the edges an odd number of times.
        let crossed = |(a, b): Edge| {
            (a[1] > at[1]) != (b[1] > at[1])
                && at[0] < a[0] + (at[1] - a[1]) / (b[1] - a[1]) * (b[0] - a[0])
        };
        self.edges().filter(|edge| crossed(*edge)).count() % 2 == 1 || self.on_edge(at)
    }

    fn on_edge(&self, at: Position) -> bool {
        self.edges().any(|edge| distance(edge, at) <= TOLERANCE)
    }

    fn covers_edge(&self, edge: Edge) -> bool {
        self.pieces(edge).into_iter().all(|at| self.covers(at))
    }

    /// The ends and the middles of the pieces of an edge, cut where it meets an edge of the ring: each piece is inside
    /// or outside as a whole.
    fn pieces(&self, edge: Edge) -> Vec<Position> {
        let mut cuts: Vec<f64> = self.edges().flat_map(|own| cuts(edge, own)).collect();
        cuts.extend([0.0, 1.0]);
        cuts.sort_by(f64::total_cmp);
        let middles = cuts.windows(2).map(|pair| f64::midpoint(pair[0], pair[1]));
        let shares = cuts.iter().copied().chain(middles);
        shares.map(|share| along(edge, share)).collect()
    }
}

/// The longitude, a number of full turns away, that is nearest to another.
fn nearest_turn(longitude: f64, near: f64) -> f64 {
    longitude - ((longitude - near) / 360.0).round() * 360.0
}

fn along((a, b): Edge, share: f64) -> Position {
    [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share]
}

fn minus(a: Position, b: Position) -> Position {
    [a[0] - b[0], a[1] - b[1]]
}

fn cross(a: Position, b: Position) -> f64 {
    a[0] * b[1] - a[1] * b[0]
}

fn dot(a: Position, b: Position) -> f64 {
    a[0] * b[0] + a[1] * b[1]
}

/// How far along an edge the point nearest to a position is, from 0 to 1.
fn projection((a, b): Edge, at: Position) -> f64 {
    let along = minus(b, a);
    let length = dot(along, along);
    if length == 0.0 {
        return 0.0;
    }
    (dot(minus(at, a), along) / length).clamp(0.0, 1.0)
}

fn distance(edge: Edge, at: Position) -> f64 {
    let off = minus(at, along(edge, projection(edge, at)));
    off[0].hypot(off[1])
}

/// Where, from 0 to 1, an edge meets another.
fn cuts(edge: Edge, other: Edge) -> Vec<f64> {
    let mut cuts: Vec<f64> = [other.0, other.1]
        .into_iter()
        .filter(|end| distance(edge, *end) <= TOLERANCE)
        .map(|end| projection(edge, end))
        .collect();
    let (direction, across) = (minus(edge.1, edge.0), minus(other.1, other.0));
    let denominator = cross(direction, across);
    if denominator != 0.0 {
        let from = minus(other.0, edge.0);
        let (here, there) = (
            cross(from, across) / denominator,
            cross(from, direction) / denominator,
        );
        if (0.0..=1.0).contains(&here) && (0.0..=1.0).contains(&there) {
            cuts.push(here);
        }
    }
    cuts
}

fn meet(a: Edge, b: Edge) -> bool {
    !cuts(a, b).is_empty() || !cuts(b, a).is_empty()
}
