//! `$lookup`: documents of another collection.

use std::cell::RefCell;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::Pipeline;
use super::flow::{Item, Made, Run};
use super::parse::{malformed, members, nested, plain_path};
use crate::data::update::place;
use crate::data::{CollectionName, Document, Object, Path, Value, collation, for_each_candidate};
use crate::mongo::expression::Variable;
use crate::mongo::{Error, Expression, Result};

#[derive(Clone, Debug)]
pub(super) struct Lookup {
    from: CollectionName,
    /// Where the documents go.
    to: Path,
    equal: Option<Equal>,
    /// The variables of the pipeline.
    variables: Vec<(String, Expression)>,
    pipeline: Option<Pipeline>,
}

/// Which fields must have a value in common.
#[derive(Clone, Debug)]
struct Equal {
    local: Path,
    foreign: Path,
}

impl Lookup {
    /// Reads `{from, localField, foreignField, let, pipeline, as}`.
    pub(super) fn parse(argument: &Value) -> Result<Self> {
        let stage = "$lookup";
        let (mut from, mut to, mut local, mut foreign) = (None, None, None, None);
        let (mut variables, mut pipeline) = (Vec::new(), None);
        for (name, value) in members(stage, argument)? {
            match name.as_str() {
                "from" => from = Some(collection(value)?),
                "as" => to = Some(plain_path(stage, value)?),
                "localField" => local = Some(plain_path(stage, value)?),
                "foreignField" => foreign = Some(plain_path(stage, value)?),
                "let" => variables = self::variables(value)?,
                "pipeline" => pipeline = Some(nested(stage, value)?),
                _ => return Err(malformed(stage, &format!("does not take `{name}`"))),
            }
        }
        let equal = match (local, foreign) {
            (Some(local), Some(foreign)) => Some(Equal { local, foreign }),
            (None, None) if pipeline.is_some() => None,
            _ => {
                let reason = "needs `localField` and `foreignField`, or a `pipeline`";
                return Err(malformed(stage, reason));
            }
        };
        Ok(Self {
            from: from.ok_or_else(|| malformed(stage, "needs `from`"))?,
            to: to.ok_or_else(|| malformed(stage, "needs `as`"))?,
            equal,
            variables,
            pipeline,
        })
    }

    pub(super) fn from(&self) -> &CollectionName {
        &self.from
    }

    pub(super) fn pipeline(&self) -> Option<&Pipeline> {
        self.pipeline.as_ref()
    }

    pub(super) fn run(&self, items: Vec<Item>, run: &Run<'_>) -> Result<Vec<Item>> {
        let documents = run.foreign.documents(&self.from);
        run.work.spend(documents.len())?;
        let index = self
            .equal
            .as_ref()
            .map(|equal| Index::new(documents, &equal.foreign));
        let mut same_for_all = None;
        let mut made = Made::default();
        for item in items {
            let found = match &index {
                Some(index) => index.equal(documents, item.fields(), self.equal.as_ref()),
                None => documents.iter().cloned().map(Item::Stored).collect(),
            };
            let found = match (&same_for_all, self.is_same_for_all()) {
                (Some(found), _) => Value::clone(found),
                (None, true) => same_for_all.insert(self.joined(found, &item, run)?).clone(),
                (None, false) => self.joined(found, &item, run)?,
            };
            let mut fields = item.into_object();
            *place(&mut fields, &self.to, "$lookup", &mut 0)
                .map_err(|error| Error::Failed(error.to_string()))? = found;
            made.push(fields)?;
        }
        Ok(made.finish())
    }

    /// Whether nothing about the document says which others it is joined with.
    fn is_same_for_all(&self) -> bool {
        self.equal.is_none() && self.variables.is_empty()
    }

    /// What becomes of the documents found for one.
    fn joined(&self, found: Vec<Item>, item: &Item, run: &Run<'_>) -> Result<Value> {
        run.work.spend(found.len())?;
        let found = match &self.pipeline {
            None => found,
            Some(pipeline) => {
                let variables = self.bind(item, run)?;
                let run = Run {
                    variables: &variables,
                    ..*run
                };
                pipeline.run_on(found, &run)?
            }
        };
        let objects = found.into_iter().map(Item::into_object);
        Ok(Value::Array(objects.map(Value::Object).collect()))
    }

    /// The variables around, and those of this lookup for one document.
    fn bind(&self, item: &Item, run: &Run<'_>) -> Result<Vec<Variable>> {
        let mut variables = run.variables.to_vec();
        let scope = run.scope(item.fields());
        for (name, value) in &self.variables {
            variables.push(Variable {
                name: name.into(),
                value: value.evaluate(&scope)?,
            });
        }
        Ok(variables)
    }
}

fn collection(value: &Value) -> Result<CollectionName> {
    let name = value.as_str().and_then(CollectionName::parse);
    name.ok_or_else(|| malformed("$lookup", "needs the name of a collection in `from`"))
}

fn variables(value: &Value) -> Result<Vec<(String, Expression)>> {
    let variables = members("$lookup", value)?.map(|(name, value)| {
        let first = name.chars().next();
        if !first.is_some_and(|first| first.is_lowercase() || !first.is_ascii()) {
            let reason = format!("cannot name a variable `{name}`: it needs a small letter first");
            return Err(malformed("$lookup", &reason));
        }
        Ok((name.to_string(), Expression::parse(value)?))
    });
    variables.collect()
}

/// Documents by the values at a path. A list stands for its elements and for itself, missing for null.
struct Index(FxHashMap<Vec<u8>, Vec<usize>>);

impl Index {
    fn new(documents: &[Arc<Document>], path: &Path) -> Self {
        let mut places: FxHashMap<Vec<u8>, Vec<usize>> = FxHashMap::default();
        for (at, document) in documents.iter().enumerate() {
            for key in keys(path, document.fields()) {
                places.entry(key).or_default().push(at);
            }
        }
        Self(places)
    }

    /// The documents, in their order, that have a value in common with one.
    fn equal(&self, documents: &[Arc<Document>], local: &Object, by: Option<&Equal>) -> Vec<Item> {
        let Some(equal) = by else {
            return Vec::new();
        };
        let keys = keys(&equal.local, local);
        let lists = keys.iter().filter_map(|key| self.0.get(key));
        let mut places: Vec<usize> = lists.flatten().copied().collect();
        places.sort_unstable();
        places.dedup();
        let found = places.into_iter().map(|at| documents[at].clone());
        found.map(Item::Stored).collect()
    }
}

/// The keys of the values at a path, each once. An empty list has nothing in common with anything.
fn keys(path: &Path, fields: &Object) -> Vec<Vec<u8>> {
    let keys = RefCell::new(Vec::new());
    for_each_candidate(path, fields, &|value| {
        if !matches!(value, Some(Value::Array(items)) if items.is_empty()) {
            keys.borrow_mut().push(collation::key(value));
        }
    });
    let mut keys = keys.into_inner();
    keys.sort_unstable();
    keys.dedup();
    keys
}
