//! The statements that read: which rows, in which order, how many.

use std::sync::Arc;

use rusqlite::{CachedStatement, Row, Rows};

use super::cache::Cache;
use super::functions::{self, Damage, Functions, Matcher};
use super::readers::Reader;
use super::sorting::Sorting;
use super::sql::{Param, Sql};
use super::table::Table;
use super::translate::{Translation, translate};
use super::{error, row};
use crate::data::{Document, Filter, Path};
use crate::store::{Error, Find, Projection, Result};

/// A statement and what its `matches` decides.
#[derive(Debug)]
pub(super) struct Query {
    sql: Sql,
    matcher: Option<Matcher>,
}

impl Query {
    /// `rev` and `doc` of the documents of a list. With a key path, of those
    /// with one sort key there: the first parameter, bound for each run.
    pub(super) fn find(table: &Table, find: &Find, key: Option<&Path>) -> Self {
        let translation = translate(table, &find.filter);
        let mut sql = select("rev, doc", table, &translation, key);
        let sorting = Sorting::new(&find.order, &translation.condition, key);
        if let Some(position) = &find.after {
            sql.push(" AND ");
            sorting.write_after(position, &mut sql);
        }
        sorting.write(table, &mut sql);
        sql.bind(" LIMIT ?", Param::Number(find.limit));
        if find.skip > 0 {
            sql.bind(" OFFSET ?", Param::Number(find.skip));
        }
        Self::new(sql, translation)
    }

    /// The number of documents.
    pub(super) fn count(table: &Table, filter: &Filter, key: Option<&Path>) -> Self {
        let translation = translate(table, filter);
        Self::new(select("count(*)", table, &translation, key), translation)
    }

    /// `rev` and `doc` of all documents that match, in no order.
    pub(super) fn rows(table: &Table, filter: &Filter) -> Self {
        let translation = translate(table, filter);
        Self::new(select("rev, doc", table, &translation, None), translation)
    }

    fn new(sql: Sql, translation: Translation) -> Self {
        Self {
            sql,
            matcher: translation.rest.map(Matcher::new),
        }
    }

    /// The statement's text.
    #[cfg(test)]
    pub(super) fn sql(&self) -> &str {
        &self.sql.text
    }

    /// Makes the query ready to run on a reader's connection. One at a time:
    /// a connection has one matcher.
    pub(super) fn prepare<'a>(&self, reader: &'a Reader, table: &'a Table) -> Result<Prepared<'a>> {
        reader.functions.set_matcher(self.matcher.clone());
        let prepare = || {
            let mut statement = reader.connection.prepare_cached(&self.sql.text)?;
            self.sql.bind_to(&mut statement)?;
            Ok(statement)
        };
        let statement =
            prepare().map_err(|error| error::of_table(table, &reader.functions, error))?;
        Ok(Prepared {
            statement,
            functions: &reader.functions,
            cache: &reader.cache,
            table,
        })
    }
}

/// A query ready to run, once or for key after key.
pub(super) struct Prepared<'a> {
    statement: CachedStatement<'a>,
    functions: &'a Functions,
    cache: &'a Cache,
    table: &'a Table,
}

impl Prepared<'_> {
    /// Binds the key to run for.
    pub(super) fn set_key(&mut self, key: &[u8]) -> Result<()> {
        self.statement
            .raw_bind_parameter(1, key)
            .map_err(|error| error::of_table(self.table, self.functions, error))
    }

    /// The documents of the rows, in their order.
    pub(super) fn documents(&mut self, projection: &Projection) -> Result<Vec<Arc<Document>>> {
        let mut documents = Vec::new();
        self.each(|row| {
            documents.push(row.document(projection)?);
            Ok(true)
        })?;
        Ok(documents)
    }

    /// The number that the only row holds.
    pub(super) fn number(&mut self) -> Result<u64> {
        let mut rows = self.statement.raw_query();
        let number = match rows.next() {
            Ok(Some(row)) => row.get(0),
            Ok(None) => Ok(0),
            Err(error) => Err(error),
        };
        number.map_err(|error| error::of_table(self.table, self.functions, error))
    }

    /// Calls the visitor with row after row for as long as it says `true`.
    pub(super) fn each(
        &mut self,
        mut visit: impl FnMut(&StoredRow<'_, '_>) -> Result<bool, Damage>,
    ) -> Result<()> {
        let (table, functions, cache) = (self.table, self.functions, self.cache);
        let mut rows: Rows<'_> = self.statement.raw_query();
        while let Some(row) = rows
            .next()
            .map_err(|error| error::of_table(table, functions, error))?
        {
            let row = StoredRow { row, cache };
            if !visit(&row).map_err(|damage| error::damaged(table, damage))? {
                break;
            }
        }
        Ok(())
    }
}

/// A row of `rev` and `doc`.
pub(super) struct StoredRow<'a, 'statement> {
    row: &'a Row<'statement>,
    cache: &'a Cache,
}

impl StoredRow<'_, '_> {
    pub(super) fn doc(&self) -> Result<&str, Damage> {
        let text = self.row.get_ref(1).and_then(|doc| Ok(doc.as_str()?));
        text.map_err(|error| row::damage("", error.to_string()))
    }

    /// The document, with at least the fields asked for. A small one is decoded
    /// whole, so that whoever asks next finds it, whatever they ask for.
    pub(super) fn document(&self, projection: &Projection) -> Result<Arc<Document>, Damage> {
        let rev = self.row.get(0);
        let rev = rev.map_err(|error| row::damage("", error.to_string()))?;
        if let Some(document) = self.cache.get(rev) {
            return Ok(document);
        }
        let doc = self.doc()?;
        if !self.cache.takes(doc.len()) {
            return row::decode(doc, rev, projection);
        }
        let document = row::decode(doc, rev, &Projection::All)?;
        self.cache.put(Arc::clone(&document), doc.len());
        Ok(document)
    }
}

/// Runs a read until the columns were the same before and after it: a document
/// that makes a path fan out while it runs can be missed by a statement that
/// was made for the other case. That happens once in the life of a path.
pub(super) fn stable<T>(table: &Table, read: impl Fn() -> Result<T, Error>) -> Result<T, Error> {
    loop {
        let generation = table.generation();
        let outcome = read()?;
        if table.generation() == generation {
            return Ok(outcome);
        }
    }
}

/// A statement as far as its conditions.
fn select(columns: &str, table: &Table, translation: &Translation, key: Option<&Path>) -> Sql {
    let mut sql = Sql::default();
    sql.push("SELECT ").push(columns);
    sql.push(" FROM ").push(&table.quoted).push(" WHERE ");
    if let Some(path) = key {
        sql.push(&functions::key_of(path));
        sql.bind(" = ? AND ", Param::Key(Vec::new()));
    }
    translation.condition.write(&mut sql);
    if translation.rest.is_some() {
        sql.push(" AND matches(doc)");
    }
    sql
}
