use proptest::prelude::*;

use super::*;
use crate::data::ejson;

fn value(text: &str) -> Value {
    ejson::parse_value(text).expect("valid EJSON")
}

fn point(longitude: f64, latitude: f64) -> Point {
    Point::new(longitude, latitude).expect("a place on the globe")
}

fn polygon(positions: &[(f64, f64)]) -> Polygon {
    let positions = positions.iter().map(|(x, y)| point(*x, *y)).collect();
    Polygon::new(positions).expect("a closed ring")
}

fn stored_point(longitude: f64, latitude: f64) -> Value {
    point(longitude, latitude).to_value()
}

/// The letter U: its notch is open to the north.
fn u() -> Polygon {
    polygon(&[
        (0.0, 0.0),
        (6.0, 0.0),
        (6.0, 6.0),
        (4.0, 6.0),
        (4.0, 2.0),
        (2.0, 2.0),
        (2.0, 6.0),
        (0.0, 6.0),
        (0.0, 0.0),
    ])
}

fn stored_ring(positions: &[(f64, f64)]) -> Value {
    let list: Vec<String> = positions
        .iter()
        .map(|(x, y)| format!("[{x},{y}]"))
        .collect();
    let ring = list.join(",");
    value(&format!(r#"{{"type":"Polygon","coordinates":[[{ring}]]}}"#))
}

#[test]
fn distances_are_along_the_sphere() {
    let beijing = point(116.4074, 39.9042);
    let shanghai = point(121.4737, 31.2304);
    let distance = beijing.distance_m(shanghai);
    assert!((1_066_000.0..1_070_000.0).contains(&distance), "{distance}");
    assert_eq!(beijing.distance_m(beijing), 0.0);
    let half = point(0.0, 0.0).distance_m(point(180.0, 0.0));
    assert!((half - std::f64::consts::PI * EARTH_RADIUS_M).abs() < 1.0);
}

#[test]
fn a_circle_reaches_across_the_date_line() {
    let circle = Region::circle(point(179.9, 0.0), 50_000.0).expect("a circle");
    assert!(circle.contains(&stored_point(-179.9, 0.0)));
    assert!(!circle.contains(&stored_point(178.0, 0.0)));
    assert!(circle.contains(&stored_ring(&[
        (179.8, 0.0),
        (180.0, 0.1),
        (-179.9, 0.0),
        (179.8, 0.0)
    ])));
    assert!(!circle.contains(&value("[179.9, 0]")));
}

#[test]
fn within_a_polygon() {
    let region = Region::Polygon(u());
    for (longitude, latitude) in [(1.0, 5.0), (5.0, 5.0), (3.0, 1.0), (0.0, 0.0), (3.0, 2.0)] {
        let at = stored_point(longitude, latitude);
        assert!(region.contains(&at), "{longitude} {latitude}");
    }
    for (longitude, latitude) in [(3.0, 5.0), (7.0, 1.0), (-0.1, 0.0), (3.0, 2.1)] {
        let at = stored_point(longitude, latitude);
        assert!(!region.contains(&at), "{longitude} {latitude}");
    }
    let base = [(0.0, 0.0), (6.0, 0.0), (6.0, 2.0), (0.0, 2.0), (0.0, 0.0)];
    assert!(region.contains(&stored_ring(&base)), "shares edges");
    let bridge = [(1.0, 3.0), (5.0, 3.0), (5.0, 4.0), (1.0, 4.0), (1.0, 3.0)];
    assert!(
        !region.contains(&stored_ring(&bridge)),
        "every corner is inside, the edges are not"
    );
    let lid = [(2.0, 6.0), (4.0, 6.0), (3.0, 1.0), (2.0, 6.0)];
    assert!(
        !region.contains(&stored_ring(&lid)),
        "leads along the notch"
    );
    let itself: Vec<(f64, f64)> = u()
        .exterior
        .iter()
        .map(|at| (at.longitude, at.latitude))
        .collect();
    assert!(region.contains(&stored_ring(&itself)));
}

#[test]
fn a_polygon_across_the_date_line() {
    let strip = polygon(&[
        (170.0, -10.0),
        (-170.0, -10.0),
        (-170.0, 10.0),
        (170.0, 10.0),
        (170.0, -10.0),
    ]);
    let region = Region::Polygon(strip.clone());
    assert!(region.contains(&stored_point(175.0, 0.0)));
    assert!(region.contains(&stored_point(-175.0, 0.0)));
    assert!(!region.contains(&stored_point(0.0, 0.0)));
    let east = [(-179.0, 0.0), (-178.0, 0.0), (-178.0, 1.0), (-179.0, 0.0)];
    assert!(region.contains(&stored_ring(&east)));
    assert!(Geometry::Polygon(strip).intersects(&stored_ring(&east)));
}

#[test]
fn intersections() {
    let at = |longitude, latitude| Geometry::Point(point(longitude, latitude));
    assert!(at(1.0, 2.0).intersects(&stored_point(1.0, 2.0)));
    assert!(!at(1.0, 2.0).intersects(&stored_point(1.0, 2.5)));
    let ring = value(
        r#"{"type":"Polygon","coordinates":[
            [[0,0],[10,0],[10,10],[0,10],[0,0]], [[2,2],[8,2],[8,8],[2,8],[2,2]]]}"#,
    );
    assert!(at(1.0, 1.0).intersects(&ring));
    assert!(at(2.0, 5.0).intersects(&ring), "the edge of a hole");
    assert!(!at(5.0, 5.0).intersects(&ring), "in the hole");
    let square = |from: f64, to: f64| {
        Geometry::Polygon(polygon(&[
            (from, from),
            (to, from),
            (to, to),
            (from, to),
            (from, from),
        ]))
    };
    assert!(!square(3.0, 7.0).intersects(&ring), "all in the hole");
    assert!(square(3.0, 9.0).intersects(&ring));
    assert!(square(-1.0, 11.0).intersects(&ring), "around it");
    assert!(square(10.0, 11.0).intersects(&ring), "at a corner");
    assert!(!square(10.5, 11.0).intersects(&ring));
    assert!(square(0.0, 2.0).intersects(&stored_point(2.0, 2.0)));
    let wall = [
        (3.0, -1.0),
        (3.5, -1.0),
        (3.5, 7.0),
        (3.0, 7.0),
        (3.0, -1.0),
    ];
    assert!(Geometry::Polygon(u()).intersects(&stored_ring(&wall)));
}

#[test]
fn only_places_on_the_globe_are_constructed() {
    assert_eq!(Point::new(180.5, 0.0), Err(GeoError::Longitude(180.5)));
    assert_eq!(Point::new(0.0, -91.0), Err(GeoError::Latitude(-91.0)));
    assert!(Point::new(f64::NAN, 0.0).is_err());
    let triangle = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 0.5)];
    let open = triangle.map(|(x, y)| point(x, y)).to_vec();
    assert_eq!(Polygon::new(open.clone()), Err(GeoError::Open));
    assert_eq!(Polygon::new(open[..3].to_vec()), Err(GeoError::TooFew(3)));
    assert!(Region::circle(point(0.0, 0.0), 0.0).is_err());
    assert!(Region::circle(point(0.0, 0.0), f64::INFINITY).is_err());
}

#[test]
fn what_is_stored_otherwise_lies_nowhere() {
    let everywhere = Region::circle(point(0.0, 0.0), 1e9).expect("a circle");
    assert!(everywhere.contains(&stored_point(1.0, 1.0)));
    for text in [
        r#"{"type":"Point","coordinates":[200,0]}"#,
        r#"{"type":"Point","coordinates":["1",0]}"#,
        r#"{"type":"Point","coordinates":[1]}"#,
        r#"{"type":"Polygon","coordinates":[]}"#,
        r#"{"type":"Polygon","coordinates":[[[0,0],[1,1],[0,0]]]}"#,
        r#"{"type":"LineString","coordinates":[[0,0],[1,1]]}"#,
        r#"{"coordinates":[0,0]}"#,
        "null",
    ] {
        assert!(!everywhere.contains(&value(text)), "{text}");
    }
    assert_eq!(
        Point::from_value(&stored_point(1.5, 2.0)),
        Some(point(1.5, 2.0))
    );
}

/// A star around `center`: one corner in each direction, so that it never crosses itself.
fn star(center: (f64, f64), radii: &[i32]) -> Vec<(f64, f64)> {
    let corners = radii.iter().zip(0_i32..).map(|(radius, at)| {
        let angle = std::f64::consts::TAU * f64::from(at) / 8.0;
        let radius = f64::from(*radius);
        (
            center.0 + radius * angle.cos(),
            center.1 + radius * angle.sin(),
        )
    });
    let mut ring: Vec<(f64, f64)> = corners.collect();
    ring.push(ring[0]);
    ring
}

fn any_star() -> impl Strategy<Value = Vec<(f64, f64)>> {
    let center = (-4_i32..=4, -4_i32..=4);
    let radii = prop::collection::vec(1_i32..=5, 8);
    (center, radii).prop_map(|((x, y), radii)| star((f64::from(x), f64::from(y)), &radii))
}

proptest! {
    /// Polygons judged by the points of a grid, also where they lie across the date line.
    #[test]
    fn areas_agree_with_their_points(a in any_star(), b in any_star(), turned in any::<bool>()) {
        let turn = |ring: Vec<(f64, f64)>| -> Vec<(f64, f64)> {
            let shift = if turned { 179.5 } else { 0.0 };
            let wrap = |x: f64| if x + shift > 180.0 { x + shift - 360.0 } else { x + shift };
            ring.into_iter().map(|(x, y)| (wrap(x), y)).collect()
        };
        let (a, b) = (turn(a), turn(b));
        let (region_a, region_b) = (Region::Polygon(polygon(&a)), Region::Polygon(polygon(&b)));
        let grid: Vec<(f64, f64)> = (-18..=18)
            .flat_map(|x| (-18..=18).map(move |y| (f64::from(x) / 2.0, f64::from(y) / 2.0)))
            .collect();
        let (mut shared, mut missed) = (false, false);
        for (x, y) in turn(grid) {
            let at = stored_point(x, y);
            let (in_a, in_b) = (region_a.contains(&at), region_b.contains(&at));
            shared |= in_a && in_b;
            missed |= in_b && !in_a;
        }
        let meet = Geometry::Polygon(polygon(&a)).intersects(&stored_ring(&b));
        let within = region_a.contains(&stored_ring(&b));
        prop_assert!(meet || !shared);
        prop_assert!(!(within && missed));
        prop_assert_eq!(meet, Geometry::Polygon(polygon(&b)).intersects(&stored_ring(&a)));
        prop_assert!(region_a.contains(&stored_ring(&a)));
    }
}
