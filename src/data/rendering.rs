//! Filters and values as people read them, in plans and explanations:
//! `_openid = "oA" and status in ["PAID"]`. Nothing reads this text back.

use std::fmt::{self, Display, Formatter, Write};

use super::geo::{Geometry, Point, Region};
use super::{Comparison, Filter, Object, Strict, Test, Value, timestamp};

impl Display for Filter {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Filter::And(parts) if parts.is_empty() => f.write_str("true"),
            Filter::Or(parts) if parts.is_empty() => f.write_str("false"),
            Filter::And(parts) => joined(f, parts, " and "),
            Filter::Or(parts) => joined(f, parts, " or "),
            Filter::Not(inner) => write!(f, "not ({inner})"),
            Filter::Field(path, test) => write!(f, "{path} {test}"),
            Filter::Strict(leaf) => leaf.fmt(f),
        }
    }
}

/// Parts that join others themselves stand in parentheses.
fn joined(f: &mut Formatter<'_>, parts: &[Filter], word: &str) -> fmt::Result {
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            f.write_str(word)?;
        }
        if parts.len() > 1 && joins(part) {
            write!(f, "({part})")?;
        } else {
            part.fmt(f)?;
        }
    }
    Ok(())
}

/// Whether the text of a filter has a joining word at its top.
fn joins(filter: &Filter) -> bool {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => match parts.as_slice() {
            [] => false,
            [only] => joins(only),
            _ => true,
        },
        _ => false,
    }
}

impl Display for Test {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Test::Eq(value) => write!(f, "= {value}"),
            Test::Ne(value) => write!(f, "!= {value}"),
            Test::In(values) => write!(f, "in {}", List(values)),
            Test::NotIn(values) => write!(f, "not in {}", List(values)),
            Test::Gt(value) => write!(f, "> {value}"),
            Test::Gte(value) => write!(f, ">= {value}"),
            Test::Lt(value) => write!(f, "< {value}"),
            Test::Lte(value) => write!(f, "<= {value}"),
            Test::Exists(true) => f.write_str("exists"),
            Test::Exists(false) => f.write_str("does not exist"),
            Test::StartsWith(text) => write!(f, "starts with {}", Quoted(text)),
            Test::Contains(text) => write!(f, "contains {}", Quoted(text)),
            Test::EndsWith(text) => write!(f, "ends with {}", Quoted(text)),
            Test::Matches(pattern) => write!(f, "matches /{pattern}/"),
            Test::Has(value) => write!(f, "has {value}"),
            Test::HasEvery(values) => write!(f, "has every of {}", List(values)),
            Test::HasSome(values) => write!(f, "has some of {}", List(values)),
            Test::Size(size) => write!(f, "has {size} elements"),
            Test::Some(filter) => write!(f, "has an element with ({filter})"),
            Test::SomeElement(tests) => some_element(f, tests),
            Test::GeoWithin(region) => write!(f, "is within {region}"),
            Test::GeoIntersects(shape) => write!(f, "intersects {shape}"),
        }
    }
}

fn some_element(f: &mut Formatter<'_>, tests: &[Test]) -> fmt::Result {
    f.write_str("has an element that (")?;
    for (at, test) in tests.iter().enumerate() {
        let word = if at > 0 { " and " } else { "" };
        write!(f, "{word}{test}")?;
    }
    f.write_str(")")
}

impl Display for Strict {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Strict::Compare(path, comparison, value) => write!(f, "{path} {comparison} {value}"),
            Strict::CompareFields(a, comparison, b) => write!(f, "{a} {comparison} {b}"),
            Strict::In(path, values) => write!(f, "{path} in {}", List(values)),
            Strict::NotIn(path, values) => write!(f, "{path} not in {}", List(values)),
            Strict::Contains(path, value) => write!(f, "{value} in {path}"),
            Strict::NotContains(path, value) => write!(f, "{value} not in {path}"),
            Strict::ContainsField {
                array,
                element,
                negated,
            } => {
                let not = if *negated { "not " } else { "" };
                write!(f, "{element} {not}in {array}")
            }
            Strict::Present(path) => write!(f, "{path} is present"),
            Strict::Absent(path) => write!(f, "{path} is absent"),
        }
    }
}

impl Display for Comparison {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Comparison::Eq => "=",
            Comparison::Ne => "!=",
            Comparison::Lt => "<",
            Comparison::Lte => "<=",
            Comparison::Gt => ">",
            Comparison::Gte => ">=",
        })
    }
}

impl Display for Region {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Region::Circle { center, radius_m } => write!(f, "{radius_m} m of {center}"),
            Region::Polygon(polygon) => {
                write!(f, "a polygon of {} positions", polygon.exterior.len())
            }
        }
    }
}

impl Display for Geometry {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Geometry::Point(point) => point.fmt(f),
            Geometry::Polygon(polygon) => {
                write!(f, "a polygon of {} positions", polygon.exterior.len())
            }
        }
    }
}

/// `[longitude, latitude]`.
impl Display for Point {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "[{}, {}]", self.longitude, self.latitude)
    }
}

/// Strings in quotes, numbers and moments bare, the rest named by its kind.
impl Display for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("null"),
            Value::Bool(bool) => bool.fmt(f),
            Value::Int(int) => int.fmt(f),
            Value::Double(double) => write!(f, "{double:?}"),
            Value::String(text) => Quoted(text).fmt(f),
            Value::Date(ms) => match timestamp::format(*ms) {
                Some(text) => f.write_str(&text),
                None => write!(f, "date({ms})"),
            },
            Value::Array(items) => List(items).fmt(f),
            Value::Object(object) => object.fmt(f),
            Value::Binary(binary) => write!(f, "binary({} bytes)", binary.bytes.len()),
            Value::ObjectId(id) => write!(f, "ObjectId({id})"),
        }
    }
}

impl Display for Object {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_char('{')?;
        for (at, (name, value)) in self.iter().enumerate() {
            let comma = if at > 0 { ", " } else { "" };
            write!(f, "{comma}{name}: {value}")?;
        }
        f.write_char('}')
    }
}

struct List<'a>(&'a [Value]);

impl Display for List<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_char('[')?;
        for (at, value) in self.0.iter().enumerate() {
            let comma = if at > 0 { ", " } else { "" };
            write!(f, "{comma}{value}")?;
        }
        f.write_char(']')
    }
}

/// A text in quotes; quotes, backslashes and control characters escaped, all else as it is.
struct Quoted<'a>(&'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for c in self.0.chars() {
            match c {
                '"' | '\\' => write!(f, "\\{c}")?,
                c if c.is_control() => write!(f, "{}", c.escape_default())?,
                c => f.write_char(c)?,
            }
        }
        f.write_char('"')
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Path, Pattern, ejson};

    fn path(text: &str) -> Path {
        Path::parse(text).expect("a path")
    }

    fn values(text: &str) -> Vec<Value> {
        let value = ejson::parse_value(text).expect("valid EJSON");
        value.as_array().expect("a list").to_vec()
    }

    #[test]
    fn reads_like_a_sentence() {
        let field = |at: &str, test| Filter::Field(path(at), test);
        let strict = Filter::Strict;
        let owner = || {
            strict(Strict::Compare(
                path("_openid"),
                Comparison::Eq,
                Value::string("oA"),
            ))
        };
        let paid = || field("status", Test::In(values(r#"["PAID"]"#)));
        let cheap = || field("lines.price", Test::Lt(Value::Int(5)));
        let element = |array: &str, negated| {
            strict(Strict::ContainsField {
                array: path(array),
                element: path("id"),
                negated,
            })
        };
        let cases = [
            (Filter::all(), "true"),
            (Filter::none(), "false"),
            (
                owner().and(paid()),
                r#"_openid = "oA" and status in ["PAID"]"#,
            ),
            (
                owner().and(paid().or(cheap())),
                r#"_openid = "oA" and (status in ["PAID"] or lines.price < 5)"#,
            ),
            (
                Filter::And(vec![Filter::And(vec![paid().or(cheap())]), owner()]),
                r#"(status in ["PAID"] or lines.price < 5) and _openid = "oA""#,
            ),
            (Filter::Not(Box::new(paid())), r#"not (status in ["PAID"])"#),
            (
                Filter::And(vec![cheap()]).or(Filter::none()),
                "lines.price < 5",
            ),
            (
                field("lines", Test::Some(Box::new(cheap()))),
                "lines has an element with (lines.price < 5)",
            ),
            (
                field(
                    "a",
                    Test::SomeElement(vec![Test::Gt(Value::Int(1)), Test::Exists(true)]),
                ),
                "a has an element that (> 1 and exists)",
            ),
            (
                field("a", Test::Matches(Pattern::new("^x").expect("a pattern"))),
                "a matches /^x/",
            ),
            (
                field("a", Test::Contains("中\"\n".to_owned())),
                r#"a contains "中\"\n""#,
            ),
            (field("a", Test::Size(2)), "a has 2 elements"),
            (
                field(
                    "a",
                    Test::Eq(ejson::parse_value(r#"{"d":{"$date":0},"n":1.0}"#).expect("EJSON")),
                ),
                "a = {d: 1970-01-01T00:00:00.000Z, n: 1.0}",
            ),
            (
                strict(Strict::CompareFields(
                    path("a"),
                    Comparison::Gte,
                    path("b.c"),
                )),
                "a >= b.c",
            ),
            (
                strict(Strict::Contains(path("tags"), Value::string("x"))),
                r#""x" in tags"#,
            ),
            (element("ids", true), "id not in ids"),
            (strict(Strict::Present(path("a"))), "a is present"),
        ];
        for (filter, expected) in cases {
            assert_eq!(filter.to_string(), expected);
        }
        let circle = Region::circle(Point::new(116.4, 39.9).expect("a place"), 500.0);
        let within = field("at", Test::GeoWithin(circle.expect("a circle")));
        assert_eq!(within.to_string(), "at is within 500 m of [116.4, 39.9]");
    }
}
