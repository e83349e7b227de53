//! Filters: joins of leaves, and what is negated.

use super::condition::Condition;
use super::{field, strict};
use crate::data::Filter;

/// A condition that a filter implies.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Said {
    pub(super) condition: Condition,
    /// Whether it implies the filter, too.
    pub(super) exact: bool,
}

/// What a filter is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    Document,
    /// An object in an array. It may have any `_id`, and the database takes no `$expr` about it.
    Element,
}

impl Said {
    pub(super) fn exactly(condition: Condition) -> Self {
        Self {
            condition,
            exact: true,
        }
    }

    pub(super) fn at_least(condition: Condition) -> Self {
        Self {
            // What implies nothing but falsehood is said exactly.
            exact: condition == Condition::Nothing,
            condition,
        }
    }

    /// Every document, since there are no better words.
    pub(super) fn nothing_better() -> Self {
        Self::at_least(Condition::Everything)
    }

    fn joined(parts: Vec<Self>, join: fn(Vec<Condition>) -> Condition) -> Self {
        let exact = parts.iter().all(|part| part.exact);
        let condition = join(parts.into_iter().map(|part| part.condition).collect());
        match exact {
            true => Self::exactly(condition),
            false => Self::at_least(condition),
        }
    }

    fn negated(self) -> Self {
        match self.exact {
            true => Self::exactly(self.condition.not()),
            false => Self::nothing_better(),
        }
    }
}

pub(super) fn document(filter: &Filter) -> Said {
    say(filter, About::Document, true)
}

pub(super) fn element(filter: &Filter) -> Said {
    say(filter, About::Element, true)
}

/// That a filter is, or is not, true. Negations are taken to the leaves: there they cost the least.
fn say(filter: &Filter, about: About, truth: bool) -> Said {
    let each = |parts: &[Filter]| -> Vec<Said> {
        let parts = parts.iter();
        parts.map(|part| say(part, about, truth)).collect()
    };
    let leaf = |said: Said| if truth { said } else { said.negated() };
    match (filter, truth) {
        (Filter::And(parts), true) | (Filter::Or(parts), false) => {
            Said::joined(each(parts), Condition::all)
        }
        (Filter::Or(parts), true) | (Filter::And(parts), false) => {
            Said::joined(each(parts), Condition::any)
        }
        (Filter::Not(inner), _) => say(inner, about, !truth),
        (Filter::Field(path, test), _) => leaf(field::say(path, test)),
        (Filter::Strict(strict), _) => leaf(strict::say(strict, about)),
    }
}
