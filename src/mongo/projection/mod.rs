//! Which fields of a found document come back.
//!
//! Reading it: `reader.rs`; whole fields: `tree.rs`; parts of arrays: `excerpt.rs`.

mod excerpt;
mod reader;
#[cfg(test)]
mod tests;
mod tree;

use smol_str::SmolStr;

use self::excerpt::{Excerpt, Part};
use self::reader::Reader;
use self::tree::Tree;
use super::{Error, Query, Result};
use crate::data::Object;

/// `{a: 1, "b.c": 1}`, `{a: 0}`, `$slice`, `$elemMatch`, `"a.$": 1`, and computed fields of an aggregation's `$project`
/// are not this but [`super::pipeline`]'s.
#[derive(Clone, Debug)]
pub struct Projection {
    taken: Taken,
    excerpts: Vec<Excerpt>,
}

#[derive(Clone, Debug)]
enum Taken {
    Only(Tree),
    AllBut(Tree),
}

impl Projection {
    /// Reads the projection of a `find`.
    ///
    /// # Errors
    /// A field taken of which a part is left out, or the other way round; operators it does not know.
    pub fn parse(fields: &Object) -> Result<Self> {
        let mut reader = Reader::default();
        for (name, value) in fields.iter() {
            reader.member(name, value)?;
        }
        reader.finish()
    }

    /// The document as it comes back. The condition tells the positional operator which element matched.
    pub fn apply(&self, document: &Object, query: &Query) -> Object {
        let mut projected = match &self.taken {
            Taken::Only(tree) => tree.only(document),
            Taken::AllBut(tree) => tree.all_but(document),
        };
        for excerpt in &self.excerpts {
            excerpt.apply(&mut projected, document, query);
        }
        projected
    }

    /// The top-level fields that are enough to compute it, if not all are needed.
    pub fn fields(&self) -> Option<Vec<SmolStr>> {
        let by_search = |excerpt: &Excerpt| matches!(excerpt.part, Part::Positional);
        match &self.taken {
            Taken::Only(tree) if !self.excerpts.iter().any(by_search) => Some(tree.roots()),
            _ => None,
        }
    }
}

fn malformed(reason: impl Into<String>) -> Error {
    Error::Malformed(reason.into())
}
