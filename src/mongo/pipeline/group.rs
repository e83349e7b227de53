//! `$group`: one document for all that share a value.

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::flow::{Item, Made, Run};
use super::parse::{malformed, members};
use crate::data::{Object, Value, collation};
use crate::mongo::expression::{Accumulation, Accumulator};
use crate::mongo::{Expression, Result};

#[derive(Clone, Debug)]
pub(super) struct Group {
    id: Expression,
    output: Output,
}

/// What becomes of the documents of a group: a field for each accumulator.
#[derive(Clone, Debug)]
pub(super) struct Output(Vec<(SmolStr, Accumulator)>);

/// The documents of a group so far.
#[derive(Debug)]
pub(super) struct Accumulating<'a> {
    output: &'a Output,
    accumulations: Vec<Accumulation>,
}

impl Group {
    pub(super) fn parse(argument: &Value) -> Result<Self> {
        let fields = members("$group", argument)?;
        let mut id = None;
        let mut output = Vec::new();
        for (name, value) in fields {
            match name.as_str() {
                "_id" => id = Some(Expression::parse(value)?),
                _ => output.push((name, value)),
            }
        }
        Ok(Self {
            id: id.ok_or_else(|| malformed("$group", "needs an `_id` to group by"))?,
            output: Output::parse("$group", output.into_iter())?,
        })
    }

    /// `{_id: by, count: {$sum: 1}}`
    pub(super) fn counting(by: &Value) -> Result<Self> {
        Ok(Self {
            id: Expression::parse(by)?,
            output: Output::counting()?,
        })
    }

    pub(super) fn run(&self, items: &[Item], run: &Run<'_>) -> Result<Vec<Item>> {
        let mut made = Made::default();
        let mut places: FxHashMap<Vec<u8>, usize> = FxHashMap::default();
        let mut groups: Vec<(Value, Accumulating<'_>)> = Vec::new();
        for item in items {
            let id = self.id.evaluate(&run.scope(item.fields()))?;
            let id = id.unwrap_or(Value::Null);
            let key = collation::key(Some(&id));
            let at = match places.get(&key) {
                Some(at) => *at,
                None => {
                    made.count_bytes(2 * key.len())?;
                    places.insert(key, groups.len());
                    groups.push((id, self.output.begin()));
                    groups.len() - 1
                }
            };
            groups[at].1.add(item, run)?;
        }
        for (id, documents) in groups {
            made.push(documents.finish(id))?;
        }
        Ok(made.finish())
    }
}

impl Output {
    pub(super) fn parse<'a>(
        stage: &str,
        fields: impl Iterator<Item = (&'a SmolStr, &'a Value)>,
    ) -> Result<Self> {
        let accumulators = fields.map(|(name, value)| {
            if name.is_empty() || name.starts_with('$') || name.contains('.') || name == "_id" {
                return Err(malformed(stage, &format!("cannot make a field `{name}`")));
            }
            Ok((name.clone(), Accumulator::parse(value)?))
        });
        accumulators.collect::<Result<_>>().map(Self)
    }

    /// `{count: {$sum: 1}}`
    pub(super) fn counting() -> Result<Self> {
        let sum = [("$sum", Value::Int(1))].into_iter().collect();
        let count = Accumulator::parse(&Value::Object(sum))?;
        Ok(Self(vec![(SmolStr::new_static("count"), count)]))
    }

    pub(super) fn begin(&self) -> Accumulating<'_> {
        let accumulators = self.0.iter().map(|(_, accumulator)| accumulator);
        Accumulating {
            output: self,
            accumulations: accumulators.map(Accumulator::begin).collect(),
        }
    }
}

impl Accumulating<'_> {
    pub(super) fn add(&mut self, item: &Item, run: &Run<'_>) -> Result<()> {
        let scope = run.scope(item.fields());
        let accumulators = self.output.0.iter().map(|(_, accumulator)| accumulator);
        for (accumulation, accumulator) in self.accumulations.iter_mut().zip(accumulators) {
            accumulation.add(accumulator, &scope)?;
        }
        Ok(())
    }

    pub(super) fn finish(self, id: Value) -> Object {
        let names = self.output.0.iter().map(|(name, _)| name.clone());
        let results = self.accumulations.into_iter().map(Accumulation::finish);
        let id = (SmolStr::new_static("_id"), id);
        std::iter::once(id).chain(names.zip(results)).collect()
    }
}
