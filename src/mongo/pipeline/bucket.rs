//! `$bucket`, `$bucketAuto`: groups by ranges of values.

use std::collections::BTreeMap;

use super::flow::{Item, Made, Run};
use super::group::Output;
use super::parse::{count, malformed, members, needs};
use crate::data::collation::Class;
use crate::data::{Object, Value, collation};
use crate::mongo::{Error, Expression, Result};

/// Ranges with given boundaries.
#[derive(Clone, Debug)]
pub(super) struct Buckets {
    by: Expression,
    /// Ascending; a range begins with one and ends before the next.
    boundaries: Vec<Value>,
    /// The group of what is in no range.
    default: Option<Value>,
    output: Output,
}

/// So many ranges, of about as many documents each.
#[derive(Clone, Debug)]
pub(super) struct AutoBuckets {
    by: Expression,
    buckets: usize,
    output: Output,
}

impl Buckets {
    pub(super) fn parse(argument: &Value) -> Result<Self> {
        let stage = "$bucket";
        let (mut by, mut boundaries, mut default) = (None, None, None);
        let mut output = Output::counting()?;
        for (name, value) in members(stage, argument)? {
            match name.as_str() {
                "groupBy" => by = Some(Expression::parse(value)?),
                "boundaries" => boundaries = Some(self::boundaries(value)?),
                "default" => default = Some(value.clone()),
                "output" => output = Output::parse(stage, members(stage, value)?)?,
                _ => return Err(malformed(stage, &format!("does not take `{name}`"))),
            }
        }
        let boundaries = boundaries.ok_or_else(|| malformed(stage, "needs `boundaries`"))?;
        if default
            .as_ref()
            .is_some_and(|value| range(&boundaries, value).is_some())
        {
            return Err(malformed(stage, "needs a `default` outside its boundaries"));
        }
        Ok(Self {
            by: by.ok_or_else(|| malformed(stage, "needs `groupBy`"))?,
            boundaries,
            default,
            output,
        })
    }

    /// Ranges with documents in them, in the order of values.
    pub(super) fn run(&self, items: &[Item], run: &Run<'_>) -> Result<Vec<Item>> {
        let mut groups = BTreeMap::new();
        for item in items {
            let value = self.by.evaluate(&run.scope(item.fields()))?;
            let id = self.bucket(&value.unwrap_or(Value::Null))?;
            let group = groups.entry(collation::key(Some(id)));
            let (_, documents) = group.or_insert_with(|| (id, self.output.begin()));
            documents.add(item, run)?;
        }
        let mut made = Made::default();
        for (id, documents) in groups.into_values() {
            made.push(documents.finish(id.clone()))?;
        }
        Ok(made.finish())
    }

    fn bucket(&self, value: &Value) -> Result<&Value> {
        let range = range(&self.boundaries, value);
        range.or(self.default.as_ref()).ok_or_else(|| {
            Error::Failed(
                "`$bucket` found a value in none of its ranges, and has no `default`".to_owned(),
            )
        })
    }
}

fn boundaries(value: &Value) -> Result<Vec<Value>> {
    let stage = "$bucket";
    let boundaries = value
        .as_array()
        .filter(|values| values.len() > 1)
        .ok_or_else(|| needs(stage, "two `boundaries` at least", value))?;
    let ascend = |pair: &[Value]| {
        Class::of(&pair[0]) == Class::of(&pair[1]) && collation::compare(&pair[0], &pair[1]).is_lt()
    };
    match boundaries.windows(2).all(ascend) {
        true => Ok(boundaries.to_vec()),
        false => Err(malformed(stage, "needs ascending `boundaries` of one type")),
    }
}

/// Where the range begins that a value is in.
fn range<'a>(boundaries: &'a [Value], value: &Value) -> Option<&'a Value> {
    let above = boundaries.partition_point(|boundary| collation::compare(boundary, value).is_le());
    let begin = above.checked_sub(1)?;
    (above < boundaries.len()).then(|| &boundaries[begin])
}

impl AutoBuckets {
    pub(super) fn parse(argument: &Value) -> Result<Self> {
        let stage = "$bucketAuto";
        let (mut by, mut buckets) = (None, None);
        let mut output = Output::counting()?;
        for (name, value) in members(stage, argument)? {
            match name.as_str() {
                "groupBy" => by = Some(Expression::parse(value)?),
                "buckets" => buckets = Some(count(stage, value, 1)?),
                "output" => output = Output::parse(stage, members(stage, value)?)?,
                "granularity" => return Err(malformed(stage, "does not support `granularity`")),
                _ => return Err(malformed(stage, &format!("does not take `{name}`"))),
            }
        }
        Ok(Self {
            by: by.ok_or_else(|| malformed(stage, "needs `groupBy`"))?,
            buckets: buckets.ok_or_else(|| malformed(stage, "needs `buckets`"))?,
            output,
        })
    }

    /// Documents with the same value are never in two ranges; so there may be fewer of them.
    pub(super) fn run(&self, items: &[Item], run: &Run<'_>) -> Result<Vec<Item>> {
        let valued = items.iter().map(|item| {
            let value = self.by.evaluate(&run.scope(item.fields()))?;
            Ok((value.unwrap_or(Value::Null), item))
        });
        let mut valued = valued.collect::<Result<Vec<(Value, &Item)>>>()?;
        valued.sort_by(|(a, _), (b, _)| collation::compare(a, b));
        // As many in each as there are on average, rounded.
        let size = ((2 * valued.len() + self.buckets) / (2 * self.buckets)).max(1);
        let mut rest = valued.as_slice();
        let mut made = Made::default();
        for bucket in 1..=self.buckets {
            let least = match bucket == self.buckets {
                true => rest.len(),
                false => size,
            };
            let (range, after) = rest.split_at(end(rest, least));
            let Some(((min, _), (last, _))) = range.first().zip(range.last()) else {
                break;
            };
            let max = after.first().map_or(last, |(value, _)| value);
            made.push(self.group(range, min, max, run)?)?;
            rest = after;
        }
        Ok(made.finish())
    }

    fn group(
        &self,
        range: &[(Value, &Item)],
        min: &Value,
        max: &Value,
        run: &Run<'_>,
    ) -> Result<Object> {
        let mut documents = self.output.begin();
        for (_, item) in range {
            documents.add(item, run)?;
        }
        let id = [("min", min.clone()), ("max", max.clone())];
        Ok(documents.finish(Value::Object(id.into_iter().collect())))
    }
}

/// Where a range of at least so many ends: not between equal values.
fn end(valued: &[(Value, &Item)], least: usize) -> usize {
    let least = least.min(valued.len());
    let Some((last, _)) = least.checked_sub(1).map(|at| &valued[at]) else {
        return 0;
    };
    let equal = valued[least..].iter();
    least
        + equal
            .take_while(|(value, _)| collation::equal(value, last))
            .count()
}
