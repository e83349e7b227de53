//! What of a condition a store can find by itself, and what a rule can be proved on.
//!
//! A part that [`Filter`] cannot say becomes every document, and is never
//! dropped: in an `$or` one such branch makes the whole every document. Only
//! what is said exactly may be negated.

use super::condition::{Condition, Predicate};
use super::{Narrowing, Near};
use crate::data::geo::{EARTH_RADIUS_M, Region};
use crate::data::{Filter, Path, Test};

impl Condition {
    pub(super) fn narrowing(&self) -> Narrowing {
        match self {
            Condition::All(parts) => all(parts.iter().map(Condition::narrowing)),
            Condition::Any(parts) => any(parts.iter().map(Condition::narrowing)),
            Condition::Not(inner) => not(inner.narrowing()),
            Condition::Field(path, predicate) => predicate.narrowing(path),
            Condition::Expression(_) | Condition::Schema(_) => everything(),
        }
    }
}

impl Predicate {
    fn narrowing(&self, path: &Path) -> Narrowing {
        let said = |test: Test, exact| Narrowing {
            filter: Filter::field(path, test),
            exact,
        };
        match self {
            Predicate::All(parts) => all(parts.iter().map(|part| part.narrowing(path))),
            Predicate::Any(parts) => any(parts.iter().map(|part| part.narrowing(path))),
            Predicate::Not(inner) => not(inner.narrowing(path)),
            Predicate::Test(test) => said(test.clone(), true),
            Predicate::Regex(regex) => match regex.prefix() {
                Some(prefix) => said(Test::StartsWith(prefix.to_owned()), false),
                None => everything(),
            },
            Predicate::ObjectElement(inner) => {
                let inner = inner.narrowing();
                said(Test::Some(Box::new(inner.filter)), inner.exact)
            }
            Predicate::Near(near) => near.narrowing(),
            Predicate::Kinds(_)
            | Predicate::Remainder { .. }
            | Predicate::Element(_)
            | Predicate::Within(_)
            | Predicate::InCircle { .. }
            | Predicate::Intersects(_) => everything(),
        }
    }
}

impl Near {
    /// A circle, a little wider: [`Region`] measures by another formula, which near the far side of the globe is
    /// off by centimetres.
    fn narrowing(&self) -> Narrowing {
        const MARGIN_M: f64 = 1.0;
        let half_around = std::f64::consts::PI * EARTH_RADIUS_M;
        match Region::circle(self.center, self.max + MARGIN_M) {
            Ok(circle) if self.max < half_around => Narrowing {
                filter: Filter::field(&self.path, Test::GeoWithin(circle)),
                exact: false,
            },
            _ => everything(),
        }
    }
}

fn everything() -> Narrowing {
    Narrowing {
        filter: Filter::all(),
        exact: false,
    }
}

fn all(parts: impl Iterator<Item = Narrowing>) -> Narrowing {
    let (mut filters, exact) = unnested(parts, |filter| match filter {
        Filter::And(inner) => inner,
        other => vec![other],
    });
    if filters.iter().any(Filter::is_none) {
        filters = vec![Filter::none()];
    }
    Narrowing {
        filter: only(filters).unwrap_or_else(Filter::And),
        exact,
    }
}

fn any(parts: impl Iterator<Item = Narrowing>) -> Narrowing {
    let (mut filters, exact) = unnested(parts, |filter| match filter {
        Filter::Or(inner) => inner,
        other => vec![other],
    });
    if filters.iter().any(Filter::is_all) {
        filters = vec![Filter::all()];
    }
    Narrowing {
        filter: only(filters).unwrap_or_else(Filter::Or),
        exact,
    }
}

/// The filters of parts, those that are joins of the same kind taken apart; whether all are exact.
fn unnested(
    parts: impl Iterator<Item = Narrowing>,
    take_apart: fn(Filter) -> Vec<Filter>,
) -> (Vec<Filter>, bool) {
    let (mut filters, mut exact) = (Vec::new(), true);
    for part in parts {
        exact &= part.exact;
        filters.extend(take_apart(part.filter));
    }
    (filters, exact)
}

/// The only filter of a list, or the list.
fn only(mut filters: Vec<Filter>) -> Result<Filter, Vec<Filter>> {
    match filters.len() {
        1 => Ok(filters.swap_remove(0)),
        _ => Err(filters),
    }
}

fn not(inner: Narrowing) -> Narrowing {
    if !inner.exact {
        return everything();
    }
    Narrowing {
        filter: Filter::Not(Box::new(inner.filter)),
        exact: true,
    }
}
