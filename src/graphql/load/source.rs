//! Where members are read from: a document behind its mask, or an object embedded in one.

use crate::data::Object;
use crate::gateway::{Readable, Visible};
use crate::graphql::bind::At;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Source<'a> {
    Document(&'a Visible),
    /// Readable as a whole, or it would not have been reached.
    Embedded(&'a Object),
}

impl<'a> Source<'a> {
    pub(crate) fn read(self, at: At<'_>) -> Readable<'a> {
        match self {
            Source::Document(document) => document.read(at.ix),
            Source::Embedded(object) => object
                .get(&at.field.stored)
                .map_or(Readable::Missing, Readable::Value),
        }
    }
}
