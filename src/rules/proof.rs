//! The database's own question: does a condition prove a rule?
//!
//! No document is looked at. The condition becomes a disjunction of
//! conjunctions; in each of these branches, what the condition says of a path
//! (allowed values, excluded values, bounds) decides the leaves of the rule.
//! The rule must be True in every branch.
//!
//! Only `eq ne in nin gt gte lt lte`, `and` and `or` say anything; whatever
//! else a condition holds can only narrow it further.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::ast::Expr;
use super::judge::{Leaf, Side, Test, comparable, compare_values, flag_truth, judge, member_truth};
use super::operand::{Missing, Pins, Resolver, Subject};
use super::residual::flipped;
use super::{Context, MAX_DOCUMENTS, Truth};
use crate::data::collation::{equal, strict, strict_compare};
use crate::data::{Comparison, Filter, Path, Test as Condition, Value};

/// A condition with more branches than this proves nothing.
const MAX_BRANCHES: usize = 128;

/// How many pairs of allowed values a comparison of two paths looks at; with more it is Unknown.
const MAX_PAIRS: usize = 1024;

pub(super) fn proved(expr: &Expr, cx: &Context<'_>) -> Result<bool, Missing> {
    let Some(branches) = branches(cx.condition) else {
        return Ok(false);
    };
    let mut missing = Missing::new();
    for branch in &branches {
        let branch = Branch::of(branch);
        match holds(expr, cx, &branch) {
            Ok(true) => {}
            Ok(false) => return Ok(false),
            Err(more) => missing.extend(more),
        }
    }
    missing.sort();
    missing.dedup();
    match missing.len() {
        0 => Ok(true),
        1..=MAX_DOCUMENTS => Err(missing),
        _ => Ok(false),
    }
}

fn holds(expr: &Expr, cx: &Context<'_>, branch: &Branch<'_>) -> Result<bool, Missing> {
    let resolver = Resolver {
        cx,
        subject: Subject::Described(branch),
    };
    let truth = judge(expr, true, &|leaf, wanted| {
        let truth = branch.truth(&Leaf::of(leaf, resolver)?.test);
        Ok(truth.when(wanted))
    })?;
    Ok(truth == Truth::True)
}

type Atom<'a> = (&'a Path, &'a Condition);

/// The branches of a condition, each a conjunction; at least one. `None` if there are too many.
fn branches(filter: &Filter) -> Option<Vec<Vec<Atom<'_>>>> {
    let mut branches = expand(filter)?;
    if branches.is_empty() {
        // A condition that nothing satisfies would prove everything. Let it prove nothing.
        branches.push(Vec::new());
    }
    Some(branches)
}

fn expand(filter: &Filter) -> Option<Vec<Vec<Atom<'_>>>> {
    match filter {
        Filter::And(parts) => {
            let mut branches = vec![Vec::new()];
            for part in parts {
                branches = product(branches, &expand(part)?)?;
            }
            Some(branches)
        }
        Filter::Or(parts) => {
            let mut branches = Vec::new();
            for part in parts {
                branches.extend(expand(part)?);
                if branches.len() > MAX_BRANCHES {
                    return None;
                }
            }
            Some(branches)
        }
        Filter::Field(path, condition) => Some(vec![vec![(path, condition)]]),
        Filter::Not(_) | Filter::Strict(_) => Some(vec![Vec::new()]),
    }
}

fn product<'a>(
    mut left: Vec<Vec<Atom<'a>>>,
    right: &[Vec<Atom<'a>>],
) -> Option<Vec<Vec<Atom<'a>>>> {
    if let [only] = right {
        left.iter_mut().for_each(|branch| branch.extend(only));
        return Some(left);
    }
    if left.len().checked_mul(right.len())? > MAX_BRANCHES {
        return None;
    }
    let pairs = left
        .iter()
        .flat_map(|a| right.iter().map(move |b| [a.as_slice(), b].concat()));
    Some(pairs.collect())
}

/// One conjunction: what it says of each path.
struct Branch<'a> {
    constraints: HashMap<&'a Path, Constraint<'a>>,
}

/// What is said of the value at one path.
#[derive(Default)]
struct Constraint<'a> {
    /// The value is one of these.
    allowed: Option<Vec<&'a Value>>,
    /// The value is none of these.
    excluded: Vec<&'a Value>,
    lower: Option<Bound<'a>>,
    upper: Option<Bound<'a>>,
}

#[derive(Clone, Copy)]
struct Bound<'a> {
    value: &'a Value,
    inclusive: bool,
}

impl Pins for Branch<'_> {
    fn pinned(&self, path: &Path) -> Option<&Value> {
        match self.allowed(path)? {
            [value] => Some(value),
            _ => None,
        }
    }
}

impl<'a> Branch<'a> {
    fn of(atoms: &[Atom<'a>]) -> Self {
        let mut constraints: HashMap<&Path, Constraint<'_>> = HashMap::new();
        for (path, condition) in atoms {
            constraints.entry(path).or_default().add(condition);
        }
        Self { constraints }
    }

    fn allowed(&self, path: &Path) -> Option<&[&'a Value]> {
        self.constraints.get(path)?.allowed.as_deref()
    }

    fn truth(&self, test: &Test<'_>) -> Truth {
        match test {
            Test::Decided(truth) => *truth,
            Test::Flag(path) => {
                let values = self.allowed(path).unwrap_or_default();
                unanimous(values.iter().map(|value| flag_truth(value)))
            }
            Test::Presence { path, there } => self.presence(path).when(*there),
            Test::Compare(left, comparison, right) => self.compare(left, *comparison, right),
            Test::Member { item, list } => self.member(item, list),
        }
    }

    /// Whether there is a value other than null at the path.
    fn presence(&self, path: &Path) -> Truth {
        let Some(constraint) = self.constraints.get(path) else {
            return Truth::Unknown;
        };
        let null = |value: &&Value| matches!(value, Value::Null);
        if let Some(allowed) = &constraint.allowed {
            return unanimous(allowed.iter().map(|value| Truth::from(!null(value))));
        }
        let bounded = [constraint.lower, constraint.upper]
            .into_iter()
            .flatten()
            .any(|bound| comparable(bound.value));
        match bounded || constraint.excluded.iter().any(null) {
            true => Truth::True,
            false => Truth::Unknown,
        }
    }

    fn compare(&self, left: &Side<'_>, comparison: Comparison, right: &Side<'_>) -> Truth {
        if let (Some(left), Some(right)) = (self.possible(left), self.possible(right)) {
            return for_all_pairs(&left, &right, |left, right| {
                compare_values(left, comparison, right)
            });
        }
        match (left, right) {
            (Side::Field(path), Side::Value(value)) => self.bounded(path, comparison, value),
            (Side::Value(value), Side::Field(path)) => {
                self.bounded(path, flipped(comparison), value)
            }
            _ => Truth::Unknown,
        }
    }

    fn member(&self, item: &Side<'_>, list: &Side<'_>) -> Truth {
        if let (Some(item), Some(list)) = (self.possible(item), self.possible(list)) {
            return for_all_pairs(&item, &list, member_truth);
        }
        let (Side::Field(path), Side::Value(list)) = (item, list) else {
            return Truth::Unknown;
        };
        let elements = list.as_array().unwrap_or_default().iter();
        let none = unanimous(elements.map(|value| self.bounded(path, Comparison::Eq, value)));
        match none {
            Truth::False => Truth::False,
            Truth::True | Truth::Unknown => Truth::Unknown,
        }
    }

    /// The values that a side can have, if they are finitely many.
    fn possible<'b>(&'b self, side: &'b Side<'_>) -> Option<Vec<&'b Value>> {
        match side {
            Side::Value(value) => Some(vec![value]),
            Side::Field(path) => self.allowed(path).map(<[_]>::to_vec),
        }
    }

    fn bounded(&self, path: &Path, comparison: Comparison, value: &Value) -> Truth {
        match self.constraints.get(path) {
            // Whatever does not compare so with itself, such as bools by size, compares so with nothing.
            Some(constraint) if strict(value, comparison, value).is_some() => {
                constraint.truth(comparison, value)
            }
            _ => Truth::Unknown,
        }
    }
}

impl<'a> Constraint<'a> {
    fn add(&mut self, condition: &'a Condition) {
        match condition {
            Condition::Eq(value) => self.allow(vec![value]),
            Condition::In(values) => self.allow(values.iter().collect()),
            Condition::Ne(value) => self.excluded.push(value),
            Condition::NotIn(values) => self.excluded.extend(values),
            Condition::Gt(value) => tighten(&mut self.lower, value, false, Ordering::Greater),
            Condition::Gte(value) => tighten(&mut self.lower, value, true, Ordering::Greater),
            Condition::Lt(value) => tighten(&mut self.upper, value, false, Ordering::Less),
            Condition::Lte(value) => tighten(&mut self.upper, value, true, Ordering::Less),
            _ => {}
        }
    }

    fn allow(&mut self, values: Vec<&'a Value>) {
        match &mut self.allowed {
            None => self.allowed = Some(values),
            Some(allowed) => allowed.retain(|old| values.iter().any(|new| equal(old, new))),
        }
    }

    /// `value at the path · comparison · value`, by what is excluded and by the bounds.
    fn truth(&self, comparison: Comparison, value: &Value) -> Truth {
        let lower = self.lower.and_then(|bound| bound.against(value));
        let upper = self.upper.and_then(|bound| bound.against(value));
        // What is known of the value: that it lies above the constant (or not below), or below (or not above).
        let above = matches!(
            lower,
            Some((Ordering::Greater, _) | (Ordering::Equal, false))
        );
        let not_below = above || matches!(lower, Some((Ordering::Equal, true)));
        let below = matches!(upper, Some((Ordering::Less, _) | (Ordering::Equal, false)));
        let not_above = below || matches!(upper, Some((Ordering::Equal, true)));
        let differs = above || below || self.excluded.iter().any(|other| equal(other, value));
        match comparison {
            Comparison::Gt => known(above, not_above),
            Comparison::Gte => known(not_below, below),
            Comparison::Lt => known(below, not_below),
            Comparison::Lte => known(not_above, above),
            Comparison::Eq => known(not_below && not_above, differs),
            Comparison::Ne => known(differs, not_below && not_above),
        }
    }
}

impl Bound<'_> {
    /// How the bound lies to a value of its own type, and whether it is inclusive.
    fn against(self, value: &Value) -> Option<(Ordering, bool)> {
        strict_compare(self.value, value).map(|ordering| (ordering, self.inclusive))
    }
}

/// Keeps the narrower of two bounds; `narrower` is how it compares with the wider one.
fn tighten<'a>(
    bound: &mut Option<Bound<'a>>,
    value: &'a Value,
    inclusive: bool,
    narrower: Ordering,
) {
    let replaces = match bound {
        None => true,
        Some(old) => match strict_compare(value, old.value) {
            Some(Ordering::Equal) => !inclusive,
            Some(ordering) => ordering == narrower,
            None => false,
        },
    };
    if replaces {
        *bound = Some(Bound { value, inclusive });
    }
}

fn known(is_true: bool, is_false: bool) -> Truth {
    match (is_true, is_false) {
        (true, false) => Truth::True,
        (false, true) => Truth::False,
        // Both: the branch contradicts itself. It may as well prove nothing.
        _ => Truth::Unknown,
    }
}

/// What all say; Unknown if they differ or there are none.
fn unanimous(mut truths: impl Iterator<Item = Truth>) -> Truth {
    match truths.next() {
        Some(first) if truths.all(|truth| truth == first) => first,
        _ => Truth::Unknown,
    }
}

fn for_all_pairs(
    left: &[&Value],
    right: &[&Value],
    truth: impl Fn(&Value, &Value) -> Truth,
) -> Truth {
    match left.len().checked_mul(right.len()) {
        Some(pairs) if pairs <= MAX_PAIRS => unanimous(
            left.iter()
                .flat_map(|left| right.iter().map(|right| truth(left, right))),
        ),
        _ => Truth::Unknown,
    }
}
