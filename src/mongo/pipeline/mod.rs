//! Aggregation: stages, one after the other.
//!
//! A stage takes all documents and gives all of its own to the next; nothing
//! is computed twice or in parallel. What one run holds and how much it does
//! are bounded (`flow.rs`).
//!
//! - `parse.rs`: reading stages; `stage.rs`: what there is, running one
//! - `shape/`: `$project`, `$addFields`, `$unset`; `unwind.rs`; `group.rs`; `bucket.rs`; `lookup.rs`; `near.rs`:
//!   `$geoNear`; `sample.rs`
//! - `flow.rs`: documents on their way

mod bucket;
mod flow;
mod group;
mod lookup;
mod near;
mod parse;
mod sample;
mod shape;
mod stage;
#[cfg(test)]
mod tests;
mod unwind;

use std::cell::Cell;
use std::sync::Arc;

use self::flow::{Item, Run, Work};
use self::stage::Stage;
use super::{Query, Result};
use crate::data::{CollectionName, Document, Object, Value};

/// Stages, read and checked.
#[derive(Clone, Debug)]
pub struct Pipeline {
    stages: Vec<Stage>,
}

/// Documents of the collections that lookups name, whole.
pub trait Foreign: Sync {
    /// Empty for a collection that does not exist.
    fn documents(&self, collection: &CollectionName) -> &[Arc<Document>];
}

impl Pipeline {
    /// Reads stages by name, in order.
    ///
    /// # Errors
    /// Unknown stages, arguments they cannot take, `$geoNear` elsewhere than first.
    pub fn parse(stages: &[(String, Value)]) -> Result<Self> {
        let stages = stages.iter().map(|(name, value)| (name.as_str(), value));
        parse::pipeline(stages)
    }

    /// The condition of a leading `$match` or `$geoNear`: what narrows the documents to read, and proves a rule.
    pub fn first_match(&self) -> Option<&Query> {
        match self.stages.first()? {
            Stage::Match(query) => Some(query),
            Stage::Near(near) => near.query(),
            _ => None,
        }
    }

    /// Whether a `$limit` bounds how many documents come out of it.
    pub fn has_limit(&self) -> bool {
        let mut stages = self.stages.iter();
        stages.any(|stage| matches!(stage, Stage::Limit(_)))
    }

    /// The collections that lookups name, nested ones included, each once.
    pub fn foreign(&self) -> Vec<CollectionName> {
        let mut names = Vec::new();
        self.add_foreign(&mut names);
        names.sort_unstable();
        names.dedup();
        names
    }

    fn add_foreign(&self, names: &mut Vec<CollectionName>) {
        for stage in &self.stages {
            match stage {
                Stage::Lookup(lookup) => {
                    names.push(lookup.from().clone());
                    if let Some(pipeline) = lookup.pipeline() {
                        pipeline.add_foreign(names);
                    }
                }
                Stage::Facet(facets) => {
                    let pipelines = facets.iter().map(|(_, pipeline)| pipeline);
                    pipelines.for_each(|pipeline| pipeline.add_foreign(names));
                }
                _ => {}
            }
        }
    }

    /// Runs all stages (the leading `$match` too) over the documents of the collection. `now` as in
    /// [`super::expression::Scope`]; `seed` is what `$sample` chooses by.
    ///
    /// # Errors
    /// See [`super::Expression::evaluate`]; more than a bound of documents, memory or work under way.
    pub fn run(
        &self,
        documents: Vec<Arc<Document>>,
        foreign: &dyn Foreign,
        now: i64,
        seed: u64,
    ) -> Result<Vec<Object>> {
        let run = Run {
            foreign,
            now,
            variables: &[],
            seed: &Cell::new(seed),
            work: &Work::default(),
        };
        let items = documents.into_iter().map(Item::Stored).collect();
        let items = self.run_on(items, &run)?;
        Ok(items.into_iter().map(Item::into_object).collect())
    }

    fn run_on(&self, items: Vec<Item>, run: &Run<'_>) -> Result<Vec<Item>> {
        let mut stages = self.stages.iter();
        stages.try_fold(items, |items, stage| {
            run.work.spend(items.len())?;
            let items = stage.run(items, run)?;
            // A condition that fails is taken for false: that it was too much must be asked.
            run.work.effort.check()?;
            Ok(items)
        })
    }
}
