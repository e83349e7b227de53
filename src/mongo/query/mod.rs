//! Conditions on documents.
//!
//! - what a condition is made of and means: `condition.rs`; reading it: `parse/`
//! - what a store can find by itself: `narrowing.rs`; what it says by equality: `equalities.rs`; which element of an
//!   array made it true: `element.rs`
//! - `regex/`: regular expressions; `schema/`: `$jsonSchema`

mod condition;
mod element;
mod equalities;
mod narrowing;
mod parse;
pub(super) mod regex;
mod schema;
#[cfg(test)]
mod tests;

use self::condition::Condition;
use super::Result;
use super::expression::Scope;
use crate::data::geo::Point;
use crate::data::{DocId, Filter, Object, Path};

/// A condition, read and checked.
#[derive(Clone, Debug)]
pub struct Query {
    condition: Condition,
    near: Option<Near>,
}

/// What a store can find by itself.
#[derive(Clone, Debug)]
pub struct Narrowing {
    /// True of every document that the query matches.
    pub filter: Filter,
    /// Whether it is true of no other. Never of a query with a distance.
    pub exact: bool,
}

/// `$nearSphere`: only documents with a point within these distances, the nearest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Near {
    pub path: Path,
    pub center: Point,
    /// Metres.
    pub min: f64,
    /// Metres.
    pub max: f64,
}

impl Query {
    /// Reads a condition: `{}` is every document.
    ///
    /// # Errors
    /// Operators it does not know, or with arguments they cannot take.
    pub fn parse(condition: &Object) -> Result<Self> {
        let (condition, near) = parse::condition(condition)?;
        Ok(Self { condition, near })
    }

    /// Every document.
    pub fn all() -> Self {
        Self {
            condition: Condition::All(Vec::new()),
            near: None,
        }
    }

    /// Whether it is true of a document with these fields. An `$expr` that fails is not, and sees no time.
    pub fn matches(&self, document: &Object) -> bool {
        self.matches_in(&Scope::of(document, 0))
    }

    /// As [`Query::matches`], of the root of what an `$expr` sees.
    pub fn matches_in(&self, scope: &Scope<'_>) -> bool {
        self.condition.matches(scope)
    }

    /// The index of the element of the array at this path that made the condition true.
    pub(super) fn element(&self, array: &Path, document: &Object) -> Option<usize> {
        self.condition.element(array, &Scope::of(document, 0))
    }

    /// The filter for the store; also what the condition proves of a rule (a part that is not said in it proves
    /// nothing).
    pub fn narrowing(&self) -> Narrowing {
        self.condition.narrowing()
    }

    /// The distance to sort by, if the condition asks for one.
    pub fn near(&self) -> Option<&Near> {
        self.near.as_ref()
    }

    /// The `_id` that every match must have, if the condition says `{_id: …, …}`.
    pub fn id(&self) -> Option<DocId> {
        let mut said = self.condition.equalities().into_iter();
        said.find_map(|(path, value)| match path.segments() {
            [only] if only == "_id" => DocId::from_value(value),
            _ => None,
        })
    }

    /// The fields a document begins with that an upsert of this condition inserts: what it says by equality.
    pub fn equalities(&self) -> Object {
        equalities::document(self.condition.equalities())
    }
}
