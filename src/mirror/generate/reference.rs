//! Documents that rules ask for: made when a rule asks, so that there are those that matter.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::data::{Caller, CollectionName, Document, Filter, Object};
use crate::model::Model;
use crate::rules::{Context, Facts, Need, Reference, RequestData, Rule, Truth};

use super::boundary::Edges;
use super::chance::Chance;
use super::document;

/// How many are made for one round; those asked for beyond it are not there.
const MAX: usize = 64;

/// How often a rule may ask: for documents, and for those that these name.
const ROUNDS: usize = 3;

/// What rules find when they ask.
#[derive(Debug)]
pub(super) struct References<'a> {
    model: &'a Model,
    edges: &'a Edges,
    facts: Facts,
    made: BTreeMap<Reference, Object>,
}

impl<'a> References<'a> {
    pub(super) fn new(model: &'a Model, edges: &'a Edges) -> Self {
        Self {
            model,
            edges,
            facts: Facts::default(),
            made: BTreeMap::new(),
        }
    }

    /// Whether a rule is true of a document. What it asks for is made.
    pub(super) fn holds(
        &mut self,
        rule: &Rule,
        caller: &Caller,
        now: i64,
        document: &Object,
        data: &RequestData,
        chance: &mut Chance,
    ) -> bool {
        for _ in 0..ROUNDS {
            let cx = Context {
                caller,
                now,
                facts: &self.facts,
                request: Some(data),
                condition: &Filter::all(),
            };
            match rule.eval(&cx, document) {
                Ok(truth) => return truth == Truth::True,
                Err(Need(asked)) => asked
                    .into_iter()
                    .for_each(|reference| self.make(reference, chance)),
            }
        }
        false
    }

    /// Most of them are there.
    fn make(&mut self, reference: Reference, chance: &mut Chance) {
        let mut made = None;
        if self.made.len() < MAX && chance.percent(80) {
            let object = self.object(&reference, chance);
            made = Document::from_object(object.clone()).map(Arc::new);
            self.made.insert(reference.clone(), object);
        }
        self.facts.documents.insert(reference, made);
    }

    fn object(&self, reference: &Reference, chance: &mut Chance) -> Object {
        let collections = &self.model.collections;
        let known = collections
            .iter()
            .find(|it| it.name == reference.collection);
        let mut fields = known.map_or_else(Object::new, |collection| {
            document::valid(self.model, collection, chance)
        });
        for ((collection, path), edge) in &self.edges.got {
            if *collection != reference.collection {
                continue;
            }
            let choices = match chance.percent(70) {
                true => &edge.exact,
                false => &edge.beside,
            };
            if let Some(choice) = chance.pick(choices) {
                document::put(&mut fields, path.segments(), choice.clone());
            }
        }
        let id = ("_id".into(), reference.id.to_value());
        [id].into_iter().chain(fields).collect()
    }

    /// All that were made.
    pub(super) fn into_made(self) -> Vec<(CollectionName, Object)> {
        let made = self.made.into_iter();
        made.map(|(reference, object)| (reference.collection, object))
            .collect()
    }
}
