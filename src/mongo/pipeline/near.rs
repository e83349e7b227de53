//! `$geoNear`: documents by their distance from a place.

use std::cell::Cell;

use super::flow::{Item, Made, Run};
use super::parse::{condition, count, malformed, members, needs, plain_path};
use super::stage::matching;
use crate::data::geo::Point;
use crate::data::update::place;
use crate::data::{Object, Path, Value, for_each_candidate};
use crate::mongo::{Error, Query, Result, geo};

#[derive(Clone, Debug)]
pub(super) struct Near {
    center: Point,
    unit: Unit,
    /// In the unit.
    min: f64,
    /// In the unit.
    max: f64,
    multiplier: f64,
    /// Where the distance goes.
    distance: Path,
    /// Where the place goes that it was measured to.
    location: Option<Path>,
    /// Where documents hold their place; else it is their first field that is one.
    key: Option<Path>,
    query: Option<Query>,
    limit: Option<usize>,
}

/// What distances are said in.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Unit {
    /// The centre is `GeoJSON`.
    Metres,
    /// The centre is a pair of coordinates.
    Radians,
}

impl Near {
    pub(super) fn parse(argument: &Value) -> Result<Self> {
        let stage = "$geoNear";
        let (mut center, mut distance) = (None, None);
        let mut near = Options::default();
        for (name, value) in members(stage, argument)? {
            match name.as_str() {
                "near" => center = Some(self::center(value)?),
                "distanceField" => distance = Some(plain_path(stage, value)?),
                "minDistance" => near.min = number(value)?,
                "maxDistance" => near.max = number(value)?,
                "distanceMultiplier" => near.multiplier = number(value)?,
                "includeLocs" => near.location = Some(plain_path(stage, value)?),
                "key" => near.key = Some(plain_path(stage, value)?),
                "query" => near.query = Some(condition(stage, value)?),
                "limit" | "num" => near.limit = Some(count(stage, value, 1)?),
                // Distances are always along the sphere, and every document comes once.
                "spherical" | "uniqueDocs" => {}
                _ => return Err(malformed(stage, &format!("does not take `{name}`"))),
            }
        }
        let (center, unit) = center.ok_or_else(|| malformed(stage, "needs `near`"))?;
        let distance = distance.ok_or_else(|| malformed(stage, "needs a `distanceField`"))?;
        Ok(near.measured(center, unit, distance))
    }

    pub(super) fn query(&self) -> Option<&Query> {
        self.query.as_ref()
    }

    pub(super) fn run(&self, items: Vec<Item>, run: &Run<'_>) -> Result<Vec<Item>> {
        let items = match &self.query {
            None => items,
            Some(query) => matching(query, items, run),
        };
        let measured = items.into_iter().filter_map(|item| {
            let (distance, place) = self.nearest(item.fields())?;
            let within = distance >= self.min && distance <= self.max;
            within.then_some((distance, place, item))
        });
        let mut measured: Vec<(f64, Value, Item)> = measured.collect();
        measured.sort_by(|(a, ..), (b, ..)| a.total_cmp(b));
        measured.truncate(self.limit.unwrap_or(usize::MAX));
        let mut made = Made::default();
        for (distance, place, item) in measured {
            made.push(self.with_distance(item.into_object(), distance, place)?)?;
        }
        Ok(made.finish())
    }

    /// The nearest place of a document.
    fn nearest(&self, fields: &Object) -> Option<(f64, Value)> {
        let nearest = Cell::new(None);
        let consider = |value: Option<&Value>| {
            if let Some(point) = value.and_then(stored) {
                let distance = self.measure(point);
                let before: Option<(f64, Value)> = nearest.take();
                let nearer = before.as_ref().is_none_or(|(before, _)| distance < *before);
                nearest.set(match nearer {
                    true => value.map(|value| (distance, value.clone())),
                    false => before,
                });
            }
        };
        match &self.key {
            Some(key) => for_each_candidate(key, fields, &consider),
            None => {
                let mut values = fields.iter().map(|(_, value)| value);
                consider(values.find(|value| Point::from_value(value).is_some()));
            }
        }
        nearest.into_inner()
    }

    fn measure(&self, point: Point) -> f64 {
        match self.unit {
            Unit::Metres => geo::distance(self.center, point),
            Unit::Radians => geo::angle(self.center, point),
        }
    }

    fn with_distance(&self, mut fields: Object, distance: f64, location: Value) -> Result<Object> {
        let distance = Value::Double(distance * self.multiplier);
        put(&mut fields, &self.distance, distance)?;
        if let Some(path) = &self.location {
            put(&mut fields, path, location)?;
        }
        Ok(fields)
    }
}

fn put(fields: &mut Object, path: &Path, value: Value) -> Result<()> {
    let slot = place(fields, path, "$geoNear", &mut 0);
    *slot.map_err(|error| Error::Failed(error.to_string()))? = value;
    Ok(())
}

/// What may be left out.
struct Options {
    min: f64,
    max: f64,
    multiplier: f64,
    location: Option<Path>,
    key: Option<Path>,
    query: Option<Query>,
    limit: Option<usize>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            min: 0.0,
            max: f64::INFINITY,
            multiplier: 1.0,
            location: None,
            key: None,
            query: None,
            limit: None,
        }
    }
}

impl Options {
    fn measured(self, center: Point, unit: Unit, distance: Path) -> Near {
        Near {
            center,
            unit,
            min: self.min,
            max: self.max,
            multiplier: self.multiplier,
            distance,
            location: self.location,
            key: self.key,
            query: self.query,
            limit: self.limit,
        }
    }
}

/// A `GeoJSON` point, `[longitude, latitude]` or `{longitude, latitude}`.
fn center(value: &Value) -> Result<(Point, Unit)> {
    if let Some(point) = Point::from_value(value) {
        return Ok((point, Unit::Metres));
    }
    let pair = pair(value).or_else(|| {
        let object = value.as_object()?;
        Some((object.get("longitude")?, object.get("latitude")?))
    });
    let point = pair
        .and_then(|(longitude, latitude)| Point::new(longitude.as_f64()?, latitude.as_f64()?).ok());
    let point =
        point.ok_or_else(|| malformed("$geoNear", "needs a place on the globe in `near`"))?;
    Ok((point, Unit::Radians))
}

/// The place that a document holds, as a `GeoJSON` point or as `[longitude, latitude]`.
fn stored(value: &Value) -> Option<Point> {
    Point::from_value(value).or_else(|| {
        let (longitude, latitude) = pair(value)?;
        Point::new(longitude.as_f64()?, latitude.as_f64()?).ok()
    })
}

fn pair(value: &Value) -> Option<(&Value, &Value)> {
    match value {
        Value::Array(items) => match items.as_slice() {
            [longitude, latitude] => Some((longitude, latitude)),
            _ => None,
        },
        _ => None,
    }
}

fn number(value: &Value) -> Result<f64> {
    let number = value.as_f64().filter(|number| *number >= 0.0);
    number.ok_or_else(|| needs("$geoNear", "distances that are not negative", value))
}
