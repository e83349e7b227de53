//! Writing several documents at once, each only if nobody else has written it
//! since it was read; and collections that go as a whole.

use std::sync::Arc;

use rusqlite::{OptionalExtension, params};

use super::table::Table;
use super::writer::Batch;
use super::{error, row, schema};
use crate::data::{CollectionName, DocId, Document};
use crate::store::{Projection, Result};

/// One document to write.
#[derive(Clone, Debug)]
pub struct Replacement {
    pub collection: CollectionName,
    pub id: DocId,
    /// What must be stored still: this revision, or no document of this id.
    pub before: Option<Arc<Document>>,
    /// What is stored afterwards; `None` removes the document.
    pub after: Option<Document>,
}

/// What came of a commit.
#[derive(Clone, Debug)]
pub enum Committed {
    All {
        /// [`crate::data::Change::sequence`] of the last change.
        sequence: u64,
        /// What is stored now, in the order of the request; `None` where a document was removed.
        documents: Vec<Option<Arc<Document>>>,
    },
    /// This document is not what it was expected to be. Nothing was written.
    Conflict {
        collection: CollectionName,
        id: DocId,
    },
}

/// A collection that is no more.
#[derive(Clone, Debug)]
pub struct Dropped {
    /// [`crate::data::Change::sequence`] of the last change: each of its documents was removed.
    pub sequence: u64,
    pub documents: Vec<Arc<Document>>,
}

impl Batch<'_> {
    /// Looks at all expectations first, so that a conflict has written nothing.
    pub(super) fn replace(&mut self, writes: Vec<Replacement>) -> Result<Committed> {
        for write in &writes {
            let table = self.catalog.table(&write.collection)?;
            let expected = write.before.as_ref().map(|before| before.rev);
            if self.revision(&table, &write.id)? != expected {
                return Ok(Committed::Conflict {
                    collection: write.collection.clone(),
                    id: write.id.clone(),
                });
            }
        }
        let documents: Result<Vec<_>> = writes
            .into_iter()
            .map(|write| self.replace_one(write))
            .collect();
        Ok(Committed::All {
            documents: documents?,
            sequence: self.sequence(),
        })
    }

    fn replace_one(&mut self, write: Replacement) -> Result<Option<Arc<Document>>> {
        let table = self.catalog.table(&write.collection)?;
        match (write.before, write.after) {
            (None, None) => Ok(None),
            (None, Some(after)) => self.insert_one(&table, after).map(Some),
            (Some(before), Some(after)) => self.put(&table, &before, after).map(Some),
            (Some(before), None) => self.remove(&table, &before).map(|()| None),
        }
    }

    fn revision(&self, table: &Table, id: &DocId) -> Result<Option<u64>> {
        let sql = format!("SELECT rev FROM {} WHERE id = ?1", table.quoted);
        self.connection
            .prepare_cached(&sql)
            .and_then(|mut statement| {
                statement
                    .query_row([row::key(id)], |row| row.get(0))
                    .optional()
            })
            .map_err(|error| error::of_table(table, self.functions, error))
    }

    /// Removes a collection with all its documents. Each of them is a change.
    pub(super) fn drop_collection(&mut self, name: &CollectionName) -> Result<Dropped> {
        let table = self.catalog.table(name)?;
        let documents = self.all(&table)?;
        for document in &documents {
            self.next_sequence();
            self.note(&table, Some(document), None)?;
        }
        schema::drop(self.connection, &table).map_err(error::of_store)?;
        self.catalog.remove(name);
        Ok(Dropped {
            sequence: self.sequence(),
            documents,
        })
    }

    fn all(&self, table: &Table) -> Result<Vec<Arc<Document>>> {
        let fail = |error| error::of_table(table, self.functions, error);
        let sql = format!("SELECT rev, doc FROM {} ORDER BY id", table.quoted);
        let mut statement = self.connection.prepare(&sql).map_err(fail)?;
        let mut rows = statement.query(params![]).map_err(fail)?;
        let mut documents = Vec::new();
        while let Some(found) = rows.next().map_err(fail)? {
            let doc = found
                .get_ref(1)
                .and_then(|doc| Ok(doc.as_str()?))
                .map_err(fail)?;
            let document = row::decode(doc, found.get(0).map_err(fail)?, &Projection::All);
            documents.push(document.map_err(|damage| error::damaged(table, damage))?);
        }
        Ok(documents)
    }
}
