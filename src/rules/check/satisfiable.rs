//! Whether a rule may ever be true, whoever asks about whatever document.
//! Finds the plain contradictions, not all of them.

use super::super::Truth;
use super::super::ast::{Access, Connective, Expr, Kind};
use super::super::judge::{compare_values, flag_truth, member_truth};
use crate::data::collation::equal;
use crate::data::{Comparison, Value};

pub(in super::super) fn satisfiable(expr: &Expr) -> bool {
    can_be(expr, true)
}

/// Whether the expression may be true (`wanted`) or false (not `wanted`).
fn can_be(expr: &Expr, wanted: bool) -> bool {
    match &expr.kind {
        Kind::Not(inner) => can_be(inner, !wanted),
        Kind::Junction(connective, parts) => {
            let all = (*connective == Connective::And) == wanted;
            if all {
                parts.iter().all(|part| can_be(part, wanted)) && (!wanted || consistent(parts))
            } else {
                parts.iter().any(|part| can_be(part, wanted))
            }
        }
        Kind::Compare(left, comparison, right) => compare(left, *comparison, right, wanted),
        Kind::In(item, list) => member(item, list, wanted),
        Kind::Literal(value) => flag_truth(value).when(wanted) == Truth::True,
        Kind::Null | Kind::Undefined | Kind::Text(_) => false,
        Kind::Access(_) => true,
    }
}

fn compare(left: &Expr, comparison: Comparison, right: &Expr, wanted: bool) -> bool {
    let truth = match (constant(left), constant(right)) {
        (Some(Value::Null), Some(other)) | (Some(other), Some(Value::Null)) => {
            let absent = Truth::from(other == Value::Null);
            match comparison {
                Comparison::Eq => absent,
                Comparison::Ne => !absent,
                _ => Truth::Unknown,
            }
        }
        (Some(left), Some(right)) => compare_values(&left, comparison, &right),
        _ if left == right => Truth::from(matches!(
            comparison,
            Comparison::Eq | Comparison::Lte | Comparison::Gte
        )),
        _ => return true,
    };
    truth.when(wanted) == Truth::True
}

fn member(item: &Expr, list: &Expr, wanted: bool) -> bool {
    let Kind::Literal(list @ Value::Array(elements)) = &list.kind else {
        return true;
    };
    match constant(item) {
        Some(item) => member_truth(&item, list).when(wanted) == Truth::True,
        None => !wanted || !elements.is_empty(),
    }
}

/// The value of a literal; `undefined` counts as null.
fn constant(expr: &Expr) -> Option<Value> {
    match &expr.kind {
        Kind::Null | Kind::Undefined => Some(Value::Null),
        Kind::Literal(value) => Some(value.clone()),
        _ => None,
    }
}

/// Whether no two conditions demand different constants of the same variable.
fn consistent(parts: &[Expr]) -> bool {
    let mut demands: Vec<(&Access, Vec<Value>)> = Vec::new();
    for (access, values) in parts.iter().filter_map(demand) {
        match demands.iter_mut().find(|(other, _)| *other == access) {
            None => demands.push((access, values)),
            Some((_, allowed)) => {
                allowed.retain(|old| values.iter().any(|new| equal(old, new)));
                if allowed.is_empty() {
                    return false;
                }
            }
        }
    }
    true
}

/// The values one of which a condition demands of a variable.
fn demand(condition: &Expr) -> Option<(&Access, Vec<Value>)> {
    match &condition.kind {
        Kind::Compare(left, Comparison::Eq, right) => match (&left.kind, &right.kind) {
            (Kind::Access(access), _) => Some((access, vec![constant(right)?])),
            (_, Kind::Access(access)) => Some((access, vec![constant(left)?])),
            _ => None,
        },
        Kind::In(item, list) => match (&item.kind, &list.kind) {
            (Kind::Access(access), Kind::Literal(Value::Array(values))) => {
                Some((access, values.clone()))
            }
            _ => None,
        },
        _ => None,
    }
}
