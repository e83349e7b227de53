//! How much an answer may come to, before anything is read for it: selections
//! times the documents of full pages. A document within all limits can select a
//! thousand aliases of ten thousand documents.

use crate::graphql::admission::Allowance;
use crate::graphql::error::{Code, Error};

/// Fields of an answer, were every page full.
const FIELDS_MAX: u64 = Allowance::MAX_COMPLEXITY;

/// Documents on one level of an answer: pages and relations bring no more, however large the pages.
const DOCUMENTS_MAX: u64 = 10_000;

/// Loads of relations: each is one read or, with a total, two.
pub(super) const LOADS_MAX: usize = 200;

/// What an operation asks for at most, variables known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reach {
    /// Fields of the answer, were every page full.
    pub(crate) fields: u64,
    /// Documents of its largest page.
    pub(crate) page: u64,
    /// Documents that one of its mutations may write.
    pub(crate) batch: u64,
}

/// What the selections so far come to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    page: u64,
    batch: u64,
    fields: u64,
    /// How many documents the selection that is being bound may be about.
    documents: u64,
}

impl Default for Extent {
    fn default() -> Self {
        Self {
            page: 0,
            batch: 0,
            fields: 0,
            documents: 1,
        }
    }
}

impl Extent {
    /// Adds fields that are selected of each document.
    ///
    /// # Errors
    ///
    /// `LIMIT_EXCEEDED` if that is too much.
    pub(super) fn add(&mut self, fields: usize) -> Result<(), Error> {
        let fields = u64::try_from(fields).unwrap_or(u64::MAX);
        self.fields = self
            .fields
            .saturating_add(fields.saturating_mul(self.documents));
        if self.fields <= FIELDS_MAX {
            return Ok(());
        }
        let message = format!(
            "the answer could have more than {FIELDS_MAX} fields, were every page full: select fewer or ask for smaller pages"
        );
        Err(Error::new(Code::LimitExceeded, message))
    }

    /// Goes on to so many documents of each; gives what [`Extent::leave`] goes back to.
    pub(super) fn enter(&mut self, documents: u64) -> u64 {
        let outside = self.documents;
        self.documents = outside.saturating_mul(documents).min(DOCUMENTS_MAX);
        outside
    }

    pub(super) fn leave(&mut self, outside: u64) {
        self.documents = outside;
    }

    /// Notes a page of so many documents.
    pub(super) fn page(&mut self, documents: u64) {
        self.page = self.page.max(documents);
    }

    /// Notes a mutation that may write so many documents.
    pub(super) fn batch(&mut self, documents: u64) {
        self.batch = self.batch.max(documents);
    }

    pub(super) fn reach(self) -> Reach {
        Reach {
            fields: self.fields,
            page: self.page,
            batch: self.batch,
        }
    }
}

/// Why an operation with more loads is refused.
pub(super) fn too_many_loads() -> Error {
    let message = format!(
        "the operation follows relations with more than {LOADS_MAX} different arguments: ask for less at once"
    );
    Error::new(Code::LimitExceeded, message)
}
