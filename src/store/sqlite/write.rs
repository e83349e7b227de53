//! Inserts, updates and deletes, within a batch of the writer.

use std::sync::Arc;

use rusqlite::{OptionalExtension, params};

use super::table::Table;
use super::writer::Batch;
use super::{error, row, schema};
use crate::data::{Change, CollectionName, DocId, Document, Filter, Update};
use crate::store::{CollectionSpec, Error, Projection, Result, Updated};

/// The largest document stored, in bytes of its storage encoding.
const MAX_DOCUMENT: usize = 1 << 20;

impl Batch<'_> {
    /// Makes the collections what they are asked to be, for this and all later batches.
    pub(super) fn prepare(&mut self, collections: &[CollectionSpec]) -> Result<()> {
        let tables = schema::reconcile(self.connection, self.functions, collections)?;
        self.catalog.add(tables);
        Ok(())
    }

    pub(super) fn insert(
        &mut self,
        collection: &CollectionName,
        documents: Vec<Document>,
    ) -> Result<Vec<Arc<Document>>> {
        let table = self.catalog.table(collection)?;
        let insert = |document| self.insert_one(&table, document);
        documents.into_iter().map(insert).collect()
    }

    pub(super) fn insert_one(
        &mut self,
        table: &Table,
        mut document: Document,
    ) -> Result<Arc<Document>> {
        let doc = encode(&document)?;
        document.rev = self.next_sequence();
        let sql = format!(
            "INSERT INTO {} (id, rev, doc) VALUES (?1, ?2, ?3)",
            table.quoted
        );
        self.execute(
            table,
            &sql,
            params![row::key(document.id()), document.rev, doc],
        )?;
        let document = Arc::new(document);
        self.note(table, None, Some(&document))?;
        Ok(document)
    }

    pub(super) fn update(
        &mut self,
        collection: &CollectionName,
        ids: &[DocId],
        condition: &Filter,
        update: &Update,
    ) -> Result<Vec<Updated>> {
        let table = self.catalog.table(collection)?;
        let mut updated = Vec::new();
        for id in ids {
            if let Some(before) = self.matching(&table, id, condition)? {
                updated.push(self.update_one(&table, before, update)?);
            }
        }
        Ok(updated)
    }

    /// An update that changes nothing writes nothing and is no change.
    fn update_one(
        &mut self,
        table: &Table,
        before: Arc<Document>,
        update: &Update,
    ) -> Result<Updated> {
        let fields = update.apply(before.fields())?;
        if fields == *before.fields() {
            let after = Arc::clone(&before);
            return Ok(Updated { before, after });
        }
        let after = self.put(table, &before, before.with_fields(fields))?;
        Ok(Updated { before, after })
    }

    /// Writes a document in place of what it was.
    pub(super) fn put(
        &mut self,
        table: &Table,
        before: &Arc<Document>,
        mut after: Document,
    ) -> Result<Arc<Document>> {
        let doc = encode(&after)?;
        after.rev = self.next_sequence();
        let sql = format!(
            "UPDATE {} SET rev = ?2, doc = ?3 WHERE id = ?1",
            table.quoted
        );
        self.execute(table, &sql, params![row::key(after.id()), after.rev, doc])?;
        let after = Arc::new(after);
        self.note(table, Some(before), Some(&after))?;
        Ok(after)
    }

    pub(super) fn remove(&mut self, table: &Table, document: &Arc<Document>) -> Result<()> {
        let sql = format!("DELETE FROM {} WHERE id = ?1", table.quoted);
        self.execute(table, &sql, params![row::key(document.id())])?;
        self.next_sequence();
        self.note(table, Some(document), None)
    }

    pub(super) fn delete(
        &mut self,
        collection: &CollectionName,
        ids: &[DocId],
        condition: &Filter,
    ) -> Result<Vec<Arc<Document>>> {
        let table = self.catalog.table(collection)?;
        let mut deleted = Vec::new();
        for id in ids {
            if let Some(before) = self.matching(&table, id, condition)? {
                self.remove(&table, &before)?;
                deleted.push(before);
            }
        }
        Ok(deleted)
    }

    /// The document, if it exists and the condition is true of it.
    fn matching(
        &self,
        table: &Table,
        id: &DocId,
        condition: &Filter,
    ) -> Result<Option<Arc<Document>>> {
        let sql = format!("SELECT rev, doc FROM {} WHERE id = ?1", table.quoted);
        let found = self
            .connection
            .prepare_cached(&sql)
            .and_then(|mut statement| {
                let read =
                    |row: &rusqlite::Row<'_>| Ok((row.get::<_, u64>(0)?, row.get::<_, String>(1)?));
                statement.query_row([row::key(id)], read).optional()
            })
            .map_err(|error| error::of_table(table, self.functions, error))?;
        let Some((rev, doc)) = found else {
            return Ok(None);
        };
        let document = row::decode(&doc, rev, &Projection::All)
            .map_err(|damage| error::damaged(table, damage))?;
        Ok(condition.matches(document.fields()).then_some(document))
    }

    fn execute(&self, table: &Table, sql: &str, params: impl rusqlite::Params) -> Result<()> {
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute(params))
            .map(|_| ())
            .map_err(|error| error::of_table(table, self.functions, error))
    }

    /// Keeps what follows from a write: what is known of the columns, and the change for the feed.
    pub(super) fn note(
        &mut self,
        table: &Table,
        before: Option<&Arc<Document>>,
        after: Option<&Arc<Document>>,
    ) -> Result<()> {
        if let Some(after) = after {
            schema::note_fan_out(self.connection, table, after.fields())
                .map_err(error::of_store)?;
        }
        let Some(document) = after.or(before) else {
            return Ok(());
        };
        self.changed(Change {
            sequence: self.sequence(),
            collection: table.name.clone(),
            id: document.id().clone(),
            before: before.cloned(),
            after: after.cloned(),
        });
        Ok(())
    }
}

fn encode(document: &Document) -> Result<String> {
    let doc = row::encode(document);
    if doc.len() > MAX_DOCUMENT {
        return Err(Error::TooLarge {
            bytes: doc.len(),
            max: MAX_DOCUMENT,
        });
    }
    Ok(doc)
}
