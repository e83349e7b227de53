//! Conditions on documents.

use super::Result;
use crate::data::geo::Point;
use crate::data::{Filter, Object, Path};

/// A condition, read and checked.
#[derive(Clone, Debug)]
pub struct Query {
    _todo: (),
}

/// What a store can find by itself.
#[derive(Clone, Debug)]
pub struct Narrowing {
    /// True of every document that the query matches.
    pub filter: Filter,
    /// Whether it is true of no other.
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
    pub fn parse(_condition: &Object) -> Result<Self> {
        unimplemented!("query helper")
    }

    /// Every document.
    pub fn all() -> Self {
        unimplemented!("query helper")
    }

    /// Whether it is true of a document with these fields.
    pub fn matches(&self, _document: &Object) -> bool {
        unimplemented!("query helper")
    }

    /// The filter for the store; also what the condition proves of a rule (a part that is not said in it proves
    /// nothing).
    pub fn narrowing(&self) -> Narrowing {
        unimplemented!("query helper")
    }

    /// The distance to sort by, if the condition asks for one.
    pub fn near(&self) -> Option<&Near> {
        unimplemented!("query helper")
    }

    /// The `_id` that every match must have, if the condition says `{_id: …, …}`.
    pub fn id(&self) -> Option<crate::data::DocId> {
        unimplemented!("query helper")
    }

    /// The fields a document begins with that an upsert of this condition inserts: what it says by equality.
    pub fn equalities(&self) -> Object {
        unimplemented!("query helper")
    }
}
