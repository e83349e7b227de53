//! The stages there are, and running one.

use super::bucket::{AutoBuckets, Buckets};
use super::flow::{Item, Made, Run};
use super::group::Group;
use super::lookup::Lookup;
use super::near::Near;
use super::shape::Shape;
use super::unwind::Unwind;
use super::{Pipeline, sample};
use crate::data::{Object, Order, Value};
use crate::mongo::{Error, Expression, Query, Result};

/// A stage with its argument. (`$sortByCount` and the like are several.)
#[derive(Clone, Debug)]
pub(super) enum Stage {
    Match(Query),
    Sort(Order),
    Skip(usize),
    Limit(usize),
    /// The name of the only field.
    Count(String),
    /// `$project`, `$addFields`, `$unset`.
    Shape(Shape),
    Group(Group),
    Unwind(Unwind),
    Lookup(Box<Lookup>),
    Near(Box<Near>),
    /// So many of the documents, by chance.
    Sample(usize),
    ReplaceRoot(Expression),
    Buckets(Box<Buckets>),
    AutoBuckets(AutoBuckets),
    Facet(Vec<(String, Pipeline)>),
}

impl Stage {
    pub(super) fn run(&self, items: Vec<Item>, run: &Run<'_>) -> Result<Vec<Item>> {
        match self {
            Stage::Match(query) => Ok(matching(query, items, run)),
            Stage::Sort(order) => Ok(sorted(order, items)),
            Stage::Skip(count) => Ok(items.into_iter().skip(*count).collect()),
            Stage::Limit(count) => Ok(items.into_iter().take(*count).collect()),
            Stage::Count(name) => Ok(count(name, &items)),
            Stage::Shape(shape) => each(items, |item| shape.of(item.fields(), run)),
            Stage::Group(group) => group.run(&items, run),
            Stage::Unwind(unwind) => unwind.run(items),
            Stage::Lookup(lookup) => lookup.run(items, run),
            Stage::Near(near) => near.run(items, run),
            Stage::Sample(size) => Ok(sample::sample(items, *size, run.seed)),
            Stage::ReplaceRoot(root) => each(items, |item| new_root(root, item, run)),
            Stage::Buckets(buckets) => buckets.run(&items, run),
            Stage::AutoBuckets(buckets) => buckets.run(&items, run),
            Stage::Facet(facets) => facet(facets, &items, run),
        }
    }
}

/// Those of which the condition is true.
pub(super) fn matching(query: &Query, items: Vec<Item>, run: &Run<'_>) -> Vec<Item> {
    let matches = |item: &Item| query.matches_in(&run.scope(item.fields()));
    items.into_iter().filter(matches).collect()
}

pub(super) fn sorted(order: &Order, mut items: Vec<Item>) -> Vec<Item> {
    items.sort_by(|a, b| order.compare(a.fields(), b.fields()));
    items
}

/// No document at all where there is nothing to count.
fn count(name: &str, items: &[Item]) -> Vec<Item> {
    let count = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let counted = |count| Item::Made([(name, Value::Int(count))].into_iter().collect());
    (count > 0).then(|| counted(count)).into_iter().collect()
}

/// Another document for each.
fn each(items: Vec<Item>, made_of: impl Fn(Item) -> Result<Object>) -> Result<Vec<Item>> {
    let mut made = Made::default();
    for item in items {
        made.push(made_of(item)?)?;
    }
    Ok(made.finish())
}

#[expect(clippy::needless_pass_by_value, reason = "as `each` hands it on")]
fn new_root(root: &Expression, item: Item, run: &Run<'_>) -> Result<Object> {
    match root.evaluate(&run.scope(item.fields()))? {
        Some(Value::Object(object)) => Ok(object),
        other => {
            let found = other.as_ref().map_or("nothing", Value::kind);
            Err(Error::Failed(format!(
                "the new root of a document must be an object, found {found}"
            )))
        }
    }
}

fn facet(facets: &[(String, Pipeline)], items: &[Item], run: &Run<'_>) -> Result<Vec<Item>> {
    let mut fields = Object::with_capacity(facets.len());
    // Counted before each is copied: any number of facets may give on every document.
    let mut copied = Made::default();
    for (name, pipeline) in facets {
        let mut found = Vec::new();
        for item in pipeline.run_on(items.to_vec(), run)? {
            copied.count(item.fields())?;
            found.push(Value::Object(item.into_object()));
        }
        fields.insert(name.as_str(), Value::Array(found));
    }
    let mut made = Made::default();
    made.push(fields)?;
    Ok(made.finish())
}
