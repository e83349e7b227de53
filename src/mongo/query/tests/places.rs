//! Conditions about places on the globe.

use super::{check, query};
use crate::mongo::geo::distance;

/// A document with a geometry.
fn at(kind: &str, coordinates: &str) -> String {
    format!(r#"{{"at":{{"type":"{kind}","coordinates":{coordinates}}}}}"#)
}

/// A square from one corner to the other, as rings of a polygon.
fn square(from: i32, to: i32) -> String {
    format!("[[{from},{from}],[{to},{from}],[{to},{to}],[{from},{to}],[{from},{from}]]")
}

#[track_caller]
fn check_all(condition: &str, matching: &[String], others: &[String]) {
    let texts = |list: &[String]| -> Vec<&'static str> {
        list.iter().map(|text| &*text.clone().leak()).collect()
    };
    check(condition, &texts(matching), &texts(others));
}

#[test]
fn within_areas() {
    let ring = format!("[{},{}]", square(-2, 2), square(-1, 1));
    let condition = |kind: &str, rings: &str| {
        format!(
            r#"{{"at":{{"$geoWithin":{{"$geometry":{{"type":"{kind}","coordinates":{rings}}}}}}}}}"#
        )
    };
    let matching = [
        at("Point", "[1.5,0]"),
        at("Point", "[1,1]"),
        at("MultiPoint", "[[1.5,0],[-1.5,0]]"),
        at("LineString", "[[-1.5,-1.5],[1.5,-1.5]]"),
        at("LineString", "[[-1,-1],[1,-1]]"),
        at("Polygon", &ring),
        r#"{"at":[{"type":"Point","coordinates":[9,9]},{"type":"Point","coordinates":[2,2]}]}"#
            .to_owned(),
    ];
    let others = [
        at("Point", "[0,0]"),
        at("Point", "[3,0]"),
        at("MultiPoint", "[[1.5,0],[0,0]]"),
        at("LineString", "[[-1.5,0],[1.5,0]]"),
        at("Polygon", &format!("[{}]", square(-2, 2))),
        at("MultiPoint", "[]"),
        r#"{"at":[1.5,0]}"#.to_owned(),
        "{}".to_owned(),
    ];
    check_all(&condition("Polygon", &ring), &matching, &others);
    let two = format!("[[{}],[{}]]", square(-2, 0), square(5, 6));
    check_all(
        &condition("MultiPolygon", &two),
        &[
            at("MultiLineString", "[[[-2,-2],[0,0]],[[5,5],[6,6]]]"),
            at("Point", "[5.5,5.5]"),
        ],
        &[
            at("LineString", "[[-1,-1],[5.5,5.5]]"),
            at("Point", "[3,3]"),
        ],
    );
}

#[test]
fn within_a_circle() {
    let degree = std::f64::consts::PI / 180.0;
    let circle = format!(r#"{{"at":{{"$geoWithin":{{"$centerSphere":[[0,0],{degree}]}}}}}}"#);
    check_all(
        &circle,
        &[
            at("Point", "[0,0]"),
            at("Point", "[0.9,0]"),
            at("LineString", "[[0,0.9],[0,-0.9]]"),
        ],
        &[
            at("Point", "[0.9,0.9]"),
            at("LineString", "[[0,0],[0,2]]"),
            "{}".to_owned(),
        ],
    );
    let zero = r#"{"at":{"$geoWithin":{"$centerSphere":[[1,2],0]}}}"#;
    check_all(zero, &[at("Point", "[1,2]")], &[at("Point", "[1,2.0001]")]);
}

#[test]
fn geometries_that_share_a_point() {
    let condition =
        |geometry: &str| format!(r#"{{"at":{{"$geoIntersects":{{"$geometry":{geometry}}}}}}}"#);
    let kinds = |kind: &str, coordinates: &str| {
        format!(r#"{{"type":"{kind}","coordinates":{coordinates}}}"#)
    };
    let ring = format!("[{},{}]", square(-2, 2), square(-1, 1));
    let (inside, hole, crossing) = ("[1.5,0]", "[0,0]", "[[-9,0.5],[9,0.5]]");
    let together = [
        (kinds("Point", "[1,2]"), at("Point", "[1,2]")),
        (kinds("Point", "[1,1]"), at("LineString", "[[0,0],[2,2]]")),
        (kinds("Point", inside), at("Polygon", &ring)),
        (kinds("LineString", crossing), at("Polygon", &ring)),
        (
            kinds("LineString", "[[1.2,0],[1.4,0]]"),
            at("Polygon", &ring),
        ),
        (
            kinds("LineString", "[[0,0],[2,2]]"),
            at("LineString", "[[0,2],[2,0]]"),
        ),
        (
            kinds("MultiPoint", "[[8,8],[1.5,0]]"),
            at("MultiPolygon", &format!("[{ring}]")),
        ),
        (
            kinds("Polygon", &ring),
            at("Polygon", &format!("[{}]", square(-1, 1))),
        ),
        (
            kinds("Polygon", &ring),
            at("Polygon", &format!("[{}]", square(-9, 9))),
        ),
        (
            r#"{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]}]}"#
                .to_owned(),
            at("Point", "[1,2]"),
        ),
    ];
    for (geometry, document) in together {
        check_all(&condition(&geometry), &[document], &["{}".to_owned()]);
    }
    let apart = [
        (kinds("Point", hole), at("Polygon", &ring)),
        (
            kinds("LineString", "[[-0.5,0],[0.5,0]]"),
            at("Polygon", &ring),
        ),
        (
            kinds("LineString", "[[0,0],[1,1]]"),
            at("LineString", "[[0,2],[1,3]]"),
        ),
        (
            kinds("Polygon", &ring),
            at(
                "Polygon",
                "[[[-0.5,-0.5],[0.5,-0.5],[0.5,0.5],[-0.5,-0.5]]]",
            ),
        ),
        (kinds("Polygon", &ring), at("Point", "[3,3]")),
    ];
    for (geometry, document) in apart {
        check_all(&condition(&geometry), &[], &[document]);
    }
}

#[test]
fn near_a_point() {
    let near = |bounds: &str| {
        format!(
            r#"{{"$and":[{{"at":{{"$nearSphere":{{"$geometry":{{"type":"Point","coordinates":[22,33]}}{bounds}}}}}}}],"a":null}}"#
        )
    };
    let (here, far) = (at("Point", "[22,33]"), at("Point", "[22,34]"));
    check_all(
        &near(r#","$maxDistance":1,"$minDistance":0"#),
        std::slice::from_ref(&here),
        &[
            far.clone(),
            "{}".to_owned(),
            at("LineString", "[[22,33],[22,34]]"),
        ],
    );
    check_all(
        &near(r#","$minDistance":1"#),
        std::slice::from_ref(&far),
        std::slice::from_ref(&here),
    );
    for unsaid in ["", r#","$maxDistance":null,"$minDistance":null"#] {
        check_all(
            &near(unsaid),
            &[here.clone(), far.clone()],
            &["{}".to_owned()],
        );
    }

    let query = query(&near(r#","$maxDistance":500"#));
    let said = query.near().expect("a distance to sort by");
    assert_eq!(
        (said.path.to_string().as_str(), said.min, said.max),
        ("at", 0.0, 500.0)
    );

    // Bounds are exact, and inclusive, to the last bit.
    let point = |text: &str| {
        crate::data::geo::Point::from_value(super::object(text).get("at").expect("a point"))
            .expect("a point")
    };
    let exactly = distance(point(&here), point(&far));
    check_all(
        &near(&format!(
            r#","$maxDistance":{exactly:?},"$minDistance":{exactly:?}"#
        )),
        &[far],
        &[here],
    );
}
