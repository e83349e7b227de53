//! Guards: `@constraint` on operators whose result depends on what is stored.
//! They join the conditional write, so that no write in between can break them.

use crate::data::{Comparison, Document, Filter, Path, Strict, Test, Value};
use crate::model::{BaseType, Field, Scalar};

use super::error::InputProblem;

/// A condition on the stored document, and what is wrong with the input where it does not hold.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    pub(super) filter: Filter,
    pub(super) problem: InputProblem,
}

/// The bounds that adding this to a number field must keep: `@constraint(min, max)`, and the range of `Int`.
pub(super) fn on_inc(place: &str, field: &Field, path: &Path, delta: &Value) -> Vec<Guard> {
    let int = field.ty.base == BaseType::Scalar(Scalar::Int);
    let tighter = |bound: Option<f64>, range: i32, choose: fn(f64, f64) -> f64| {
        let range = int.then_some(f64::from(range));
        bound.into_iter().chain(range).reduce(choose)
    };
    let min = tighter(field.constraint.min, i32::MIN, f64::max);
    let max = tighter(field.constraint.max, i32::MAX, f64::min);
    let below = min.map(|min| Guard {
        filter: bounded(
            path,
            Comparison::Lt,
            difference(min, delta),
            number(delta) >= min,
        ),
        problem: InputProblem::new(place, format!("would fall below {min}")),
    });
    let above = max.map(|max| Guard {
        filter: bounded(
            path,
            Comparison::Gt,
            difference(max, delta),
            number(delta) <= max,
        ),
        problem: InputProblem::new(place, format!("would rise above {max}")),
    });
    below.into_iter().chain(above).collect()
}

/// No number that is beyond this. A missing one counts as 0: whether that is within the bound is known beforehand. What
/// is no number breaks no bound either: that nothing can be added to it is what the store will say.
fn bounded(path: &Path, beyond: Comparison, bound: Value, zero_fits: bool) -> Filter {
    let beyond = Strict::Compare(path.clone(), beyond, bound);
    let within = Filter::Not(Box::new(Filter::Strict(beyond)));
    if zero_fits {
        within
    } else {
        within.and(Filter::field(path, Test::Exists(true)))
    }
}

/// Nothing can be added to null or taken from it: it is neither 0 nor an empty list, as a missing value is.
pub(super) fn on_null(place: &str, path: &Path) -> Guard {
    let value = Filter::Strict(Strict::Present(path.clone()));
    Guard {
        filter: value.or(Filter::field(path, Test::Exists(false))),
        problem: InputProblem::new(place, "is null: `set` it"),
    }
}

/// The room that `max_items` leaves for so many more elements; `None` if the field is not limited.
pub(super) fn on_push(place: &str, field: &Field, path: &Path, added: usize) -> Option<Guard> {
    let max = field.constraint.max_items?;
    let filter = match max.checked_sub(added as u64) {
        // A list with at most `room` elements has none at that index.
        Some(room) => Filter::field(&path.child(room.to_string()), Test::Exists(false)),
        None => Filter::none(),
    };
    Some(Guard {
        filter,
        problem: InputProblem::new(place, format!("would have more than {max} items")),
    })
}

/// What `min_items` demands of removing elements from this document's list: the list must still be the one that was
/// looked at, and enough of it must stay.
pub(super) fn on_pull(
    place: &str,
    field: &Field,
    path: &Path,
    current: &Document,
    remaining: usize,
) -> Option<Guard> {
    let min = field.constraint.min_items?;
    let stored = current.lookup(path)?.clone();
    let filter = if remaining as u64 >= min {
        Filter::field(path, Test::Eq(stored))
    } else {
        Filter::none()
    };
    Some(Guard {
        filter,
        problem: InputProblem::new(place, format!("would have fewer than {min} items")),
    })
}

/// `bound - delta`, exact where both are whole numbers.
fn difference(bound: f64, delta: &Value) -> Value {
    match delta {
        Value::Int(delta) if whole(bound) => {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a whole number below 2^63 in size is an i128"
            )]
            let exact = bound as i128 - i128::from(*delta);
            i64::try_from(exact)
                .map_or_else(|_| Value::Double(bound - number_of(*delta)), Value::Int)
        }
        delta => Value::Double(bound - number(delta)),
    }
}

fn whole(bound: f64) -> bool {
    bound.fract() == 0.0 && bound.abs() < 9.2e18
}

fn number(value: &Value) -> f64 {
    match value {
        Value::Int(number) => number_of(*number),
        Value::Double(number) => *number,
        _ => f64::NAN,
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "only compared with bounds, which are doubles themselves"
)]
fn number_of(number: i64) -> f64 {
    number as f64
}
