//! The one algebra of conditions: what a caller asks for, and what is left of
//! a rule once the caller is known.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use super::geo::{Geometry, Region};
use super::{Path, Pattern, Value};

/// A condition on documents. What it means is [`Filter::matches`].
///
/// Two kinds of leaves. A [`Filter::Field`] is a caller's condition and means
/// what the database's query operator means (paths fan out over arrays, null
/// equals missing, comparisons stay within a type). A [`Filter::Strict`] is a
/// residual of a rule: one exact value, one exact type, missing never matches.
/// Residuals contain no [`Filter::Not`].
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// All of these; `And([])` is true of every document.
    And(Vec<Filter>),
    /// One of these; `Or([])` is true of none.
    Or(Vec<Filter>),
    /// True of exactly the documents the inner filter is not true of.
    Not(Box<Filter>),
    Field(Path, Test),
    Strict(Strict),
}

/// A caller's condition on the values at a path, with the meaning of the
/// `MongoDB` operator of that name.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    Eq(Value),
    Ne(Value),
    In(Vec<Value>),
    NotIn(Vec<Value>),
    Gt(Value),
    Gte(Value),
    Lt(Value),
    Lte(Value),
    Exists(bool),
    StartsWith(String),
    Contains(String),
    EndsWith(String),
    /// A string in which the pattern is found.
    Matches(Pattern),
    /// An array with an element equal to this.
    Has(Value),
    /// An array with, for each of these, an equal element; true of every array for no values.
    HasEvery(Vec<Value>),
    /// An array with an element equal to one of these; false for no values.
    HasSome(Vec<Value>),
    Size(u64),
    /// An array with an object element of which the filter is true (`$elemMatch`).
    Some(Box<Filter>),
    /// An array with a scalar element that passes all these tests (`$elemMatch` on scalars).
    SomeElement(Vec<Test>),
    GeoWithin(Region),
    GeoIntersects(Geometry),
}

/// A leaf of a residual. Each is true only of documents in which every path
/// it names leads, without fan-out ([`Path::lookup`]), to a value of the one
/// type that the comparison is about.
#[derive(Clone, Debug, PartialEq)]
pub enum Strict {
    /// The value at the path compared with a bool, number, string or date.
    Compare(Path, Comparison, Value),
    /// Two values of the same document, of one type (int and double are one).
    CompareFields(Path, Comparison, Path),
    /// The value at the path is of the type of, and equals, one of these.
    In(Path, Vec<Value>),
    /// There is a value at the path, each of these is of its type (so a list of mixed types never matches), none equals it.
    NotIn(Path, Vec<Value>),
    /// An array at the path with an element of the value's type equal to it.
    Contains(Path, Value),
    /// An array at the path of which each element is of the value's type and none equals it.
    NotContains(Path, Value),
    /// As the two above, with the value at `element` of the same document.
    ContainsField {
        array: Path,
        element: Path,
        negated: bool,
    },
    /// There is a value at the path and it is not null.
    Present(Path),
    /// There is no value at the path, or it is null.
    Absent(Path),
}

/// How two values of one type compare. Bools know only `Eq` and `Ne`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    Eq,
    Ne,
    Lt,
    Lte,
    Gt,
    Gte,
}

impl Strict {
    /// The paths the leaf looks at: one or two.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        let (first, second) = match self {
            Strict::Compare(path, ..)
            | Strict::In(path, _)
            | Strict::NotIn(path, _)
            | Strict::Contains(path, _)
            | Strict::NotContains(path, _)
            | Strict::Present(path)
            | Strict::Absent(path) => (path, None),
            Strict::CompareFields(left, _, right) => (left, Some(right)),
            Strict::ContainsField { array, element, .. } => (array, Some(element)),
        };
        std::iter::once(first).chain(second)
    }
}

impl Filter {
    /// True of every document.
    pub fn all() -> Self {
        Filter::And(Vec::new())
    }

    /// True of no document.
    pub fn none() -> Self {
        Filter::Or(Vec::new())
    }

    pub fn field(path: &Path, test: Test) -> Self {
        Filter::Field(path.clone(), test)
    }

    /// Documents with this `_id`.
    pub fn id(id: &super::DocId) -> Self {
        Filter::Field(Path::field("_id"), Test::Eq(id.to_value()))
    }

    /// Both; flattens, drops what is always true, collapses to none.
    #[must_use]
    pub fn and(self, other: Filter) -> Self {
        let mut parts = Vec::new();
        for filter in [self, other] {
            match filter {
                Filter::And(inner) => parts.extend(inner),
                other => parts.push(other),
            }
        }
        if parts.iter().any(Filter::is_none) {
            return Filter::none();
        }
        if parts.len() == 1 {
            parts.swap_remove(0)
        } else {
            Filter::And(parts)
        }
    }

    /// Either; flattens, drops what is never true, collapses to all.
    #[must_use]
    pub fn or(self, other: Filter) -> Self {
        let mut parts = Vec::new();
        for filter in [self, other] {
            match filter {
                Filter::Or(inner) => parts.extend(inner),
                other => parts.push(other),
            }
        }
        if parts.iter().any(Filter::is_all) {
            return Filter::all();
        }
        if parts.len() == 1 {
            parts.swap_remove(0)
        } else {
            Filter::Or(parts)
        }
    }

    /// The documents' own fields that the filter looks at.
    pub fn roots(&self) -> BTreeSet<&SmolStr> {
        let mut roots = BTreeSet::new();
        self.collect_roots(&mut roots);
        roots
    }

    fn collect_roots<'a>(&'a self, roots: &mut BTreeSet<&'a SmolStr>) {
        match self {
            Filter::And(parts) | Filter::Or(parts) => {
                for part in parts {
                    part.collect_roots(roots);
                }
            }
            Filter::Not(inner) => inner.collect_roots(roots),
            // Paths inside the test (`some`) begin at the elements of this field.
            Filter::Field(path, _) => {
                roots.insert(path.root());
            }
            Filter::Strict(leaf) => roots.extend(leaf.paths().map(Path::root)),
        }
    }

    /// Whether this is literally "every document".
    pub fn is_all(&self) -> bool {
        matches!(self, Filter::And(parts) if parts.is_empty())
    }

    /// Whether this is literally "no document".
    pub fn is_none(&self) -> bool {
        matches!(self, Filter::Or(parts) if parts.is_empty())
    }
}
