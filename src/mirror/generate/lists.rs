//! Conditions as clients make them: such as prove a rule, such as nearly do, and none at all.

use super::Workshop;
use super::boundary::Edge;
use crate::access::{Context, Decision, Facts, Operation, Settings, rows};
use crate::data::{
    Comparison, Direction, Filter, Object, Order, OrderKey, Path, Strict, Test, Value,
};
use crate::mirror::condition::{looked_at, pins};
use crate::mirror::trial::List;

impl Workshop<'_, '_> {
    pub(super) fn list(&mut self, caller: usize, documents: &[Object]) -> List {
        let id = Path::field("_id");
        let (direction, limit) = (self.chance.percent(50), self.chance.percent(25));
        let direction = match direction {
            true => Direction::Ascending,
            false => Direction::Descending,
        };
        List {
            filter: self.condition(caller, documents),
            order: Order {
                keys: vec![OrderKey {
                    path: id,
                    direction,
                }],
            },
            limit: match limit {
                true => 1 + self.chance.below(documents.len()) as u64,
                false => 500,
            },
        }
    }

    pub(super) fn condition(&mut self, caller: usize, documents: &[Object]) -> Filter {
        match self.chance.below(8) {
            0 => Filter::all(),
            1 => self.owned(caller),
            2 => self.residual(caller),
            3 => self.pinned(documents),
            4 => Filter::Or(vec![self.pinned(documents), self.owned(caller)]),
            5 => Filter::And(vec![self.owned(caller), self.test()]),
            6 => Filter::Or(vec![self.test(), self.test()]),
            _ => self.test(),
        }
    }

    /// Documents of the caller's own.
    fn owned(&self, caller: usize) -> Filter {
        let owner = self.of.cast[caller].caller.owner();
        let owner = owner.map_or(Value::Null, |owner| Value::String(owner.clone()));
        Filter::field(&Path::field("_openid"), Test::Eq(owner))
    }

    /// What a document has where the read rules look.
    fn pinned(&mut self, documents: &[Object]) -> Filter {
        let paths = looked_at(self.policies, Operation::Read);
        match self.chance.pick(documents) {
            Some(document) => pins(&paths, document),
            None => Filter::all(),
        }
    }

    /// What is left of the rule for this caller, as far as a client can say it.
    fn residual(&mut self, caller: usize) -> Filter {
        let cx = Context {
            caller: &self.of.cast[caller].caller,
            now: self.of.now,
            facts: &Facts::default(),
            request: None,
            condition: &Filter::all(),
        };
        let policy = self.policies[self.chance.below(2)];
        match rows(policy, Operation::Read, &cx, Settings::default()) {
            Decision::Where(residual) => said(&residual),
            _ => Filter::all(),
        }
    }

    /// One test on something that rules look at.
    fn test(&mut self) -> Filter {
        let edges: Vec<(&Path, &Edge)> = self.edges.document.iter().collect();
        let Some((path, edge)) = self.chance.pick(&edges).copied() else {
            return Filter::all();
        };
        let mut one = || {
            let choices = match self.chance.percent(70) {
                true => &edge.exact,
                false => &edge.beside,
            };
            let choice = self.chance.pick(choices).cloned().flatten();
            choice.unwrap_or(Value::Null)
        };
        let (value, other) = (one(), one());
        Filter::field(
            path,
            match self.chance.below(8) {
                0..=2 => Test::Eq(value),
                3 => Test::In(vec![value, other]),
                4 => Test::In(vec![value]),
                5 => Test::Ne(value),
                6 => Test::Gt(value),
                _ => Test::Lte(value),
            },
        )
    }
}

/// A residual in a client's words, without what it has none for.
fn said(residual: &Filter) -> Filter {
    match residual {
        Filter::And(parts) => Filter::And(parts.iter().map(said).collect()),
        Filter::Or(parts) if parts.is_empty() => Filter::all(),
        Filter::Or(parts) => Filter::Or(parts.iter().map(said).collect()),
        Filter::Strict(Strict::Compare(path, comparison, value)) => {
            Filter::field(path, compared(*comparison, value.clone()))
        }
        Filter::Strict(Strict::In(path, values)) => Filter::field(path, Test::In(values.clone())),
        Filter::Strict(Strict::NotIn(path, values)) => {
            Filter::field(path, Test::NotIn(values.clone()))
        }
        Filter::Strict(Strict::Absent(path)) => Filter::field(path, Test::Eq(Value::Null)),
        Filter::Strict(Strict::Present(path)) => Filter::field(path, Test::Ne(Value::Null)),
        _ => Filter::all(),
    }
}

fn compared(comparison: Comparison, value: Value) -> Test {
    match comparison {
        Comparison::Eq => Test::Eq(value),
        Comparison::Ne => Test::Ne(value),
        Comparison::Lt => Test::Lt(value),
        Comparison::Lte => Test::Lte(value),
        Comparison::Gt => Test::Gt(value),
        Comparison::Gte => Test::Gte(value),
    }
}
