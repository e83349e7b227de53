//! Accumulators: what the documents of a group come to.

use std::borrow::Cow;
use std::collections::BTreeSet;

use indexmap::IndexMap;
use smol_str::SmolStr;

use super::Scope;
use super::evaluate::Environment;
use super::evaluate::Found;
use super::meter::weight;
use super::node::Node;
use super::parse::{malformed, parse};
use super::statistics::{
    Average, Greatest, Least, PopulationSpread, SampleSpread, Statistic, Total,
};
use crate::data::{Object, Value, collation};
use crate::mongo::{Error, Result};

/// What one group may gather, in bytes.
const MAX_BYTES: u64 = 1 << 26;

/// `{$sum: expression}` of a group and its siblings: what it was told, and what comes of it.
#[derive(Clone, Debug)]
pub(in crate::mongo) struct Accumulator {
    kind: Kind,
    of: Node,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    AddToSet,
    Avg,
    First,
    Last,
    Max,
    MergeObjects,
    Min,
    Push,
    StdDevPop,
    StdDevSamp,
    Sum,
}

/// An accumulator under way, for one group.
#[derive(Clone, Debug)]
pub(in crate::mongo) struct Accumulation {
    state: State,
    /// How much it has gathered, in bytes.
    weight: u64,
}

#[derive(Clone, Debug)]
enum State {
    /// The values in their order, and the keys of those that are there.
    AddToSet(Vec<Value>, BTreeSet<Vec<u8>>),
    Avg(Average),
    First(Option<Value>),
    Last(Value),
    Max(Greatest),
    MergeObjects(IndexMap<SmolStr, Value>),
    Min(Least),
    Push(Vec<Value>),
    StdDevPop(PopulationSpread),
    StdDevSamp(SampleSpread),
    Sum(Total),
}

impl Accumulator {
    /// Reads `{$sum: …}`, `$avg $min $max $first $last $push $addToSet $stdDevPop $stdDevSamp $mergeObjects $count`.
    ///
    /// # Errors
    /// It is no accumulator, or one with more than one argument.
    pub(in crate::mongo) fn parse(accumulator: &Value) -> Result<Self> {
        let members = accumulator
            .as_object()
            .map(|object| (object.len(), object.iter().next()));
        let Some((1, Some((name, argument)))) = members else {
            return Err(malformed(
                "a field of a group needs one accumulator, such as `{$sum: 1}`".to_owned(),
            ));
        };
        if name == "$count" {
            return Self::count(argument);
        }
        let kind = Kind::parse(name)?;
        if matches!(argument, Value::Array(_)) {
            return Err(malformed(format!(
                "{name} of a group takes one expression, not an array"
            )));
        }
        let of = parse(argument)?;
        Ok(Self { kind, of })
    }

    /// `{$count: {}}` is `{$sum: 1}`.
    fn count(argument: &Value) -> Result<Self> {
        if argument.as_object().is_none_or(|object| !object.is_empty()) {
            return Err(malformed("$count of a group needs `{}`".to_owned()));
        }
        Ok(Self {
            kind: Kind::Sum,
            of: Node::Literal(Value::Int(1)),
        })
    }

    pub(in crate::mongo) fn begin(&self) -> Accumulation {
        Accumulation {
            state: self.kind.begin(),
            weight: 0,
        }
    }
}

impl Kind {
    fn parse(name: &str) -> Result<Self> {
        Ok(match name {
            "$addToSet" => Kind::AddToSet,
            "$avg" => Kind::Avg,
            "$first" => Kind::First,
            "$last" => Kind::Last,
            "$max" => Kind::Max,
            "$mergeObjects" => Kind::MergeObjects,
            "$min" => Kind::Min,
            "$push" => Kind::Push,
            "$stdDevPop" => Kind::StdDevPop,
            "$stdDevSamp" => Kind::StdDevSamp,
            "$sum" => Kind::Sum,
            other => return Err(Error::UnknownOperator(other.to_owned())),
        })
    }

    fn begin(self) -> State {
        match self {
            Kind::AddToSet => State::AddToSet(Vec::new(), BTreeSet::new()),
            Kind::Avg => State::Avg(Average::default()),
            Kind::First => State::First(None),
            Kind::Last => State::Last(Value::Null),
            Kind::Max => State::Max(Greatest::default()),
            Kind::MergeObjects => State::MergeObjects(IndexMap::new()),
            Kind::Min => State::Min(Least::default()),
            Kind::Push => State::Push(Vec::new()),
            Kind::StdDevPop => State::StdDevPop(PopulationSpread::default()),
            Kind::StdDevSamp => State::StdDevSamp(SampleSpread::default()),
            Kind::Sum => State::Sum(Total::default()),
        }
    }
}

impl Accumulation {
    /// One document more of the group.
    ///
    /// # Errors
    /// See [`super::Expression::evaluate`]; `$mergeObjects` of something else than objects; more values than fit.
    pub(in crate::mongo) fn add(
        &mut self,
        accumulator: &Accumulator,
        scope: &Scope<'_>,
    ) -> Result<()> {
        scope.measured(|meter| {
            let value = accumulator.of.evaluate(Environment::new(scope, meter))?;
            self.take(value)
        })
    }

    /// The value of one document more.
    fn take(&mut self, value: Found<'_>) -> Result<()> {
        if let State::First(first @ None) = &mut self.state {
            *first = Some(value.map_or(Value::Null, Cow::into_owned));
            return Ok(());
        }
        if let State::Last(last) = &mut self.state {
            *last = value.map_or(Value::Null, Cow::into_owned);
            return Ok(());
        }
        match value {
            Some(value) => self.told(value),
            None => Ok(()),
        }
    }

    fn told(&mut self, value: Cow<'_, Value>) -> Result<()> {
        match &mut self.state {
            State::Avg(statistic) => statistic.add(&value),
            State::Max(statistic) => statistic.add(&value),
            State::Min(statistic) => statistic.add(&value),
            State::StdDevPop(statistic) => statistic.add(&value),
            State::StdDevSamp(statistic) => statistic.add(&value),
            State::Sum(statistic) => statistic.add(&value),
            State::First(_) | State::Last(_) => {}
            State::MergeObjects(merged) => {
                gathered(&mut self.weight, &value)?;
                merge(merged, value.into_owned())?;
            }
            State::Push(values) => {
                gathered(&mut self.weight, &value)?;
                values.push(value.into_owned());
            }
            State::AddToSet(values, keys) => {
                if keys.insert(collation::key(Some(&value))) {
                    gathered(&mut self.weight, &value)?;
                    values.push(value.into_owned());
                }
            }
        }
        Ok(())
    }

    /// What the group comes to.
    pub(in crate::mongo) fn finish(self) -> Value {
        match self.state {
            State::AddToSet(values, _) | State::Push(values) => Value::Array(values),
            State::Avg(statistic) => statistic.result(),
            State::First(value) => value.unwrap_or(Value::Null),
            State::Last(value) => value,
            State::Max(statistic) => statistic.result(),
            State::MergeObjects(merged) => {
                Value::Object(Object::from_unique(merged.into_iter().collect()))
            }
            State::Min(statistic) => statistic.result(),
            State::StdDevPop(statistic) => statistic.result(),
            State::StdDevSamp(statistic) => statistic.result(),
            State::Sum(statistic) => statistic.result(),
        }
    }
}

/// Counts what a group gathers.
fn gathered(total: &mut u64, value: &Value) -> Result<()> {
    *total += weight(value)?;
    if *total > MAX_BYTES {
        return Err(Error::Failed(format!(
            "a group may gather {} MiB of values",
            MAX_BYTES >> 20
        )));
    }
    Ok(())
}

/// Of equal names the last counts.
fn merge(merged: &mut IndexMap<SmolStr, Value>, value: Value) -> Result<()> {
    match value {
        Value::Null => Ok(()),
        Value::Object(object) => {
            merged.extend(object);
            Ok(())
        }
        other => Err(Error::Failed(format!(
            "$mergeObjects needs an object, found {}",
            other.kind()
        ))),
    }
}
