//! Inputs of creates, changes of updates, and which documents are removed.

use std::collections::BTreeMap;

use super::{TRIES, Workshop, document};
use crate::access::{Operation, RequestData, strict};
use crate::data::{Filter, Object, Path};
use crate::mirror::condition::{looked_at, pins};
use crate::mirror::trial::{Act, Change};
use crate::model::Field;

/// Documents that are the same to the rules, and are written all the same.
const ALIKE: usize = 2;

/// Documents that a caller creates.
const CREATES: usize = 12;

impl Workshop<'_, '_> {
    pub(super) fn writes(&mut self, caller: usize, documents: &[Object]) -> Vec<Act> {
        let mut acts = Vec::new();
        for _ in 0..CREATES {
            acts.push(Act::Create(self.allowed_input(caller)));
        }
        for document in self.different(Operation::Update, documents) {
            let changes = self.allowed_changes(caller, &documents[document]);
            if !changes.is_empty() {
                acts.push(Act::Update(document, changes));
            }
        }
        let removed = self.different(Operation::Delete, documents);
        acts.extend(removed.into_iter().map(Act::Delete));
        acts
    }

    /// Documents that differ where the rules of an operation look, and a few that do not.
    fn different(&mut self, operation: Operation, documents: &[Object]) -> Vec<usize> {
        let paths = looked_at(self.policies, operation);
        let mut alike: BTreeMap<String, usize> = BTreeMap::new();
        let mut order: Vec<usize> = (0..documents.len()).collect();
        self.chance.shuffle(&mut order);
        order.retain(|document| {
            let Filter::And(pins) = pins(&paths, &documents[*document]) else {
                return true;
            };
            let seen = alike.entry(format!("{pins:?}")).or_default();
            *seen += 1;
            *seen <= ALIKE
        });
        order
    }

    /// An input that the rule is true of, or one that it is not.
    fn allowed_input(&mut self, caller: usize) -> Object {
        let mut input = self.input();
        let rules = self.rules_of(Operation::Create);
        let Some(rule) = self.chance.pick(&rules).copied() else {
            return input;
        };
        if self.chance.percent(40) {
            return input;
        };
        for _ in 0..TRIES {
            let document = strict::stored(&input, &self.of.cast[caller].caller);
            let data = RequestData {
                values: input.clone(),
                opaque: Vec::new(),
            };
            if self.holds(rule, caller, &document, &data) {
                break;
            }
            input = self.input();
        }
        input
    }

    /// Changes that the rule is true of, or some that it is not.
    fn allowed_changes(&mut self, caller: usize, stored: &Object) -> Vec<Change> {
        let mut changes = self.changes(stored);
        let rules = self.rules_of(Operation::Update);
        let rule = self.chance.pick(&rules).copied();
        let Some(rule) = rule.filter(|it| it.uses_request()) else {
            return changes;
        };
        for _ in 0..TRIES / 4 {
            if self.holds(rule, caller, stored, &Change::sent(&changes)) {
                break;
            }
            changes = self.changes(stored);
        }
        changes
    }

    /// What a caller may name: with values that rules compare with where they look.
    fn input(&mut self) -> Object {
        let collection = self.collection;
        let mut input = Object::new();
        for field in &collection.shape.fields {
            // What must be named is named even where the field has a rule: else nobody would be asked about the document.
            let needed = field.ty.required && field.default.is_none() && !is_managed(field);
            let wanted = is_open(field, Operation::Create) && self.chance.percent(30);
            if needed || wanted {
                let value = document::of_field(self.of.model, field, &mut self.chance, 4);
                input.insert(field.stored.clone(), value);
            }
        }
        let looked = self.edges.document.iter().chain(&self.edges.data);
        for (path, edge) in looked {
            if self.is_open_at(path, Operation::Create)
                && let Some(choice) = self.choice(path, edge)
            {
                document::put(&mut input, path.segments(), choice);
            }
        }
        input
    }

    /// Something that rules look at, or something that they do not.
    fn changes(&mut self, stored: &Object) -> Vec<Change> {
        let looked_at = self.looked_at_in(stored);
        let other = self.other_change();
        match looked_at {
            Some(change) if other.is_none() || self.chance.percent(50) => vec![change],
            // Both at once, now and then.
            Some(change) if self.chance.percent(30) => {
                let apart = |other: &Change| !other.path().overlaps(change.path());
                let other = other.filter(apart);
                [change].into_iter().chain(other).collect()
            }
            _ => other.into_iter().collect(),
        }
    }

    fn looked_at_in(&mut self, stored: &Object) -> Option<Change> {
        let edges: Vec<_> = self.edges.data.iter().chain(&self.edges.document).collect();
        let (path, edge) = self.chance.pick(&edges).copied()?;
        if !self.is_open_at(path, Operation::Update) {
            return None;
        }
        let choice = match self.chance.percent(30) {
            true => path.lookup(stored).cloned(),
            false => self.choice(path, edge)?,
        };
        Some(match choice {
            Some(value) => Change::Set(path.clone(), value),
            None => Change::Unset(path.clone()),
        })
    }

    fn is_open_at(&self, path: &Path, operation: Operation) -> bool {
        let shape = &self.collection.shape;
        let field = shape.field_stored(path.root()).map(|ix| shape.field(ix));
        field.is_some_and(|field| is_open(field, operation))
    }

    fn other_change(&mut self) -> Option<Change> {
        let fields = self.collection.shape.fields.iter();
        let open: Vec<&Field> = fields.filter(|it| is_open(it, Operation::Update)).collect();
        let field = self.chance.pick(&open).copied()?;
        let path = Path::field(field.stored.clone());
        if !field.ty.required && self.chance.percent(20) {
            return Some(Change::Unset(path));
        }
        let value = document::of_field(self.of.model, field, &mut self.chance, 4);
        Some(Change::Set(path, value))
    }
}

/// Whether an input may name the field: it is not managed, and has no rule of its own that might refuse what the
/// database does not. Patterns are not made up.
fn is_open(field: &Field, operation: Operation) -> bool {
    let ruled = field.policy.names(operation);
    !is_managed(field) && !ruled && field.constraint.pattern.is_none()
}

/// Whether the gateway alone writes it.
fn is_managed(field: &Field) -> bool {
    ["_id", "_openid"].contains(&field.stored.as_str()) || field.timestamp.is_some()
}
