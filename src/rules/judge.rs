//! Walking a rule down to its leaves.
//!
//! Negation is pushed to the leaves, so a verdict is always about one *wanted*
//! outcome of an expression: that it is true, or that it is false. Kleene's
//! logic makes that exact: `!(a && b)` is `!a || !b` for all three values.

use std::borrow::Cow;

use super::Truth;
use super::ast::{Access, Connective, Expr, Kind, Root};
use super::operand::{Assumptions, Missing, Operand, Resolver};
use crate::data::collation::{strict, strict_compare};
use crate::data::{Comparison, Path, Value};

/// What the leaves are judged to be: a truth, or a filter that is true of some documents.
pub(super) trait Verdict: Sized {
    fn constant(truth: Truth) -> Self;
    /// Whether this settles the junction whatever its other operands are.
    fn settles(&self, connective: Connective) -> bool;
    fn join(self, connective: Connective, other: Self) -> Self;
}

impl Verdict for Truth {
    fn constant(truth: Truth) -> Self {
        truth
    }

    fn settles(&self, connective: Connective) -> bool {
        match connective {
            Connective::And => *self == Truth::False,
            Connective::Or => *self == Truth::True,
        }
    }

    fn join(self, connective: Connective, other: Self) -> Self {
        match connective {
            Connective::And => self.and(other),
            Connective::Or => self.or(other),
        }
    }
}

/// The verdict on `expr` being true (`wanted`) or false (not `wanted`).
///
/// Missing documents are reported only where the verdict depends on them, all of them at once.
pub(super) fn judge<'a, V: Verdict>(
    expr: &'a Expr,
    wanted: bool,
    leaf: &impl Fn(&'a Expr, bool) -> Result<V, Missing>,
) -> Result<V, Missing> {
    match &expr.kind {
        Kind::Not(inner) => judge(inner, !wanted, leaf),
        Kind::Junction(connective, parts) => {
            let connective = if wanted {
                *connective
            } else {
                connective.dual()
            };
            let parts = parts.iter().map(|part| judge(part, wanted, leaf));
            join_all(connective, parts)
        }
        _ => leaf(expr, wanted),
    }
}

fn join_all<V: Verdict>(
    connective: Connective,
    parts: impl Iterator<Item = Result<V, Missing>>,
) -> Result<V, Missing> {
    let mut joined: Option<V> = None;
    let mut missing = Missing::new();
    for part in parts {
        match part {
            Ok(verdict) if verdict.settles(connective) => return Ok(verdict),
            Ok(verdict) => {
                joined = Some(match joined {
                    Some(joined) => joined.join(connective, verdict),
                    None => verdict,
                });
            }
            Err(more) => missing.extend(more),
        }
    }
    match joined {
        _ if !missing.is_empty() => Err(missing),
        Some(verdict) => Ok(verdict),
        // A junction has operands; without any, nothing is known.
        None => Ok(V::constant(Truth::Unknown)),
    }
}

/// A condition without `&&`, `||` and `!`, its operands resolved.
#[derive(Debug)]
pub(super) struct Leaf<'a> {
    pub(super) test: Test<'a>,
    pub(super) assumed: Assumptions,
}

/// What is to be found out. All but `Decided` are about a document that is not at hand.
#[derive(Debug)]
pub(super) enum Test<'a> {
    Decided(Truth),
    /// The field is the bool `true`.
    Flag(Path),
    /// There is a value other than null, or (not `there`) there is none.
    Presence {
        path: Path,
        there: bool,
    },
    Compare(Side<'a>, Comparison, Side<'a>),
    Member {
        item: Side<'a>,
        list: Side<'a>,
    },
}

/// One side of a comparison that is still open.
#[derive(Debug)]
pub(super) enum Side<'a> {
    Value(Cow<'a, Value>),
    Field(Path),
}

impl<'a> Operand<'a> {
    fn side(self) -> Option<Side<'a>> {
        match self {
            Operand::Value(value) => Some(Side::Value(value)),
            Operand::Field(path) => Some(Side::Field(path)),
            Operand::Absent | Operand::Whole | Operand::Unknown => None,
        }
    }
}

impl<'a> Leaf<'a> {
    pub(super) fn of(expr: &'a Expr, resolver: Resolver<'a>) -> Result<Self, Missing> {
        let mut assumed = Assumptions::new();
        let test = match &expr.kind {
            Kind::Compare(left, comparison, right) => {
                compare(left, *comparison, right, resolver, &mut assumed)?
            }
            Kind::In(item, list) => member(item, list, resolver, &mut assumed)?,
            _ => flag(resolver.operand(expr, &mut assumed)?),
        };
        Ok(Self { test, assumed })
    }
}

fn flag(operand: Operand<'_>) -> Test<'_> {
    match operand {
        Operand::Field(path) => Test::Flag(path),
        Operand::Value(value) => Test::Decided(flag_truth(&value)),
        Operand::Absent | Operand::Whole | Operand::Unknown => Test::Decided(Truth::Unknown),
    }
}

pub(super) fn flag_truth(value: &Value) -> Truth {
    match value {
        Value::Bool(bool) => Truth::from(*bool),
        _ => Truth::Unknown,
    }
}

fn compare<'a>(
    left: &'a Expr,
    comparison: Comparison,
    right: &'a Expr,
    resolver: Resolver<'a>,
    assumed: &mut Assumptions,
) -> Result<Test<'a>, Missing> {
    let nothing = |expr: &Expr| matches!(expr.kind, Kind::Null | Kind::Undefined);
    let there = match comparison {
        Comparison::Eq => Some(false),
        Comparison::Ne => Some(true),
        _ => None,
    };
    match there {
        Some(there) if nothing(right) => presence(left, right, there, resolver, assumed),
        Some(there) if nothing(left) => presence(right, left, there, resolver, assumed),
        _ => {
            let left = resolver.operand(left, assumed);
            let right = resolver.operand(right, assumed);
            Ok(match sides(left, right)? {
                Some((Side::Value(left), Side::Value(right))) => {
                    Test::Decided(compare_values(&left, comparison, &right))
                }
                Some((left, right)) => Test::Compare(left, comparison, right),
                None => Test::Decided(Truth::Unknown),
            })
        }
    }
}

/// `operand == null` or, if it should be `there`, `operand != null`.
fn presence<'a>(
    operand: &'a Expr,
    nothing: &'a Expr,
    there: bool,
    resolver: Resolver<'a>,
    assumed: &mut Assumptions,
) -> Result<Test<'a>, Missing> {
    if let (Kind::Undefined, Kind::Access(access)) = (&nothing.kind, &operand.kind)
        && let (Root::Data, false) = (&access.root, access.keys.is_empty())
    {
        return touched(access, there, resolver, assumed).map(Test::Decided);
    }
    Ok(match resolver.operand(operand, assumed)? {
        Operand::Field(path) => Test::Presence { path, there },
        Operand::Value(_) | Operand::Whole => Test::Decided(Truth::from(there)),
        Operand::Absent => Test::Decided(Truth::from(!there)),
        Operand::Unknown => Test::Decided(Truth::Unknown),
    })
}

/// `request.data.p == undefined`: whether the input leaves the path alone.
fn touched<'a>(
    access: &'a Access,
    there: bool,
    resolver: Resolver<'a>,
    assumed: &mut Assumptions,
) -> Result<Truth, Missing> {
    let path = resolver.path(access, assumed)?;
    Ok(match (resolver.cx.request, path) {
        (Some(request), Some(path)) => Truth::from(request.touches(&path) == there),
        _ => Truth::Unknown,
    })
}

fn member<'a>(
    item: &'a Expr,
    list: &'a Expr,
    resolver: Resolver<'a>,
    assumed: &mut Assumptions,
) -> Result<Test<'a>, Missing> {
    let item = resolver.operand(item, assumed);
    let list = resolver.operand(list, assumed);
    Ok(match sides(item, list)? {
        Some((Side::Value(item), Side::Value(list))) => Test::Decided(member_truth(&item, &list)),
        Some((_, Side::Value(list))) if list.as_array().is_none() => Test::Decided(Truth::Unknown),
        Some((item, list)) => Test::Member { item, list },
        None => Test::Decided(Truth::Unknown),
    })
}

/// Both sides, or `None` if one of them is such that there is no answer, whatever the other is.
fn sides<'a>(
    left: Result<Operand<'a>, Missing>,
    right: Result<Operand<'a>, Missing>,
) -> Result<Option<(Side<'a>, Side<'a>)>, Missing> {
    let hopeless =
        |side: &Result<Operand<'a>, Missing>| side.as_ref().is_ok_and(Operand::answers_nothing);
    if hopeless(&left) || hopeless(&right) {
        return Ok(None);
    }
    match (left, right) {
        (Ok(left), Ok(right)) => Ok(left.side().zip(right.side())),
        (Err(mut left), Err(right)) => {
            left.extend(right);
            Err(left)
        }
        (Err(missing), Ok(_)) | (Ok(_), Err(missing)) => Err(missing),
    }
}

/// `left comparison right`, strictly.
pub(super) fn compare_values(left: &Value, comparison: Comparison, right: &Value) -> Truth {
    strict(left, comparison, right).map_or(Truth::Unknown, Truth::from)
}

/// `item in list`: true if an element equals it; else unknown if some element does not compare with it.
pub(super) fn member_truth(item: &Value, list: &Value) -> Truth {
    let (Some(elements), true) = (list.as_array(), comparable(item)) else {
        return Truth::Unknown;
    };
    let mut all_compare = true;
    for element in elements {
        match strict(element, Comparison::Eq, item) {
            Some(true) => return Truth::True,
            Some(false) => {}
            None => all_compare = false,
        }
    }
    if all_compare {
        Truth::False
    } else {
        Truth::Unknown
    }
}

/// Whether a value compares with anything at all.
pub(super) fn comparable(value: &Value) -> bool {
    strict_compare(value, value).is_some()
}
