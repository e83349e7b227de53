//! The statements that read: which rows, in which order, how many.

use std::sync::Arc;

use rusqlite::{CachedStatement, Row, Rows};

use super::functions::{self, Damage, Functions, Matcher};
use super::readers::Reader;
use super::sql::{Param, Sql};
use super::table::Table;
use super::translate::translate;
use super::{error, row};
use crate::data::{Direction, Document, Filter, Order, Path, Position, collation};
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
        let mut query = Self::select("rev, doc", table, &find.filter, key);
        let sql = &mut query.sql;
        if let Some(position) = &find.after {
            sql.push(" AND ");
            write_after(&terms(&find.order), &bounds(&find.order, position), sql);
        }
        write_order(table, &find.order, sql);
        sql.bind(" LIMIT ?", Param::Number(find.limit));
        if find.skip > 0 {
            sql.bind(" OFFSET ?", Param::Number(find.skip));
        }
        query
    }

    /// The number of documents.
    pub(super) fn count(table: &Table, filter: &Filter, key: Option<&Path>) -> Self {
        Self::select("count(*)", table, filter, key)
    }

    /// `rev` and `doc` of all documents that match, in no order.
    pub(super) fn rows(table: &Table, filter: &Filter) -> Self {
        Self::select("rev, doc", table, filter, None)
    }

    fn select(columns: &str, table: &Table, filter: &Filter, key: Option<&Path>) -> Self {
        let translation = translate(table, filter);
        let mut sql = Sql::default();
        sql.push("SELECT ")
            .push(columns)
            .push(" FROM ")
            .push(&table.quoted);
        sql.push(" WHERE ");
        if let Some(path) = key {
            sql.push(&functions::key_of(path));
            sql.bind(" = ? AND ", Param::Key(Vec::new()));
        }
        translation.condition.write(&mut sql);
        if translation.rest.is_some() {
            sql.push(" AND matches(doc)");
        }
        Self {
            sql,
            matcher: translation.rest.map(Matcher::new),
        }
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
            table,
        })
    }
}

/// A query ready to run, once or for key after key.
pub(super) struct Prepared<'a> {
    statement: CachedStatement<'a>,
    functions: &'a Functions,
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
        let (table, functions) = (self.table, self.functions);
        let mut rows: Rows<'_> = self.statement.raw_query();
        while let Some(row) = rows
            .next()
            .map_err(|error| error::of_table(table, functions, error))?
        {
            if !visit(&StoredRow(row)).map_err(|damage| error::damaged(table, damage))? {
                break;
            }
        }
        Ok(())
    }
}

/// A row of `rev` and `doc`.
pub(super) struct StoredRow<'a, 'statement>(&'a Row<'statement>);

impl StoredRow<'_, '_> {
    pub(super) fn doc(&self) -> Result<&str, Damage> {
        let text = self.0.get_ref(1).and_then(|doc| Ok(doc.as_str()?));
        text.map_err(|error| row::damage("", error.to_string()))
    }

    pub(super) fn document(&self, projection: &Projection) -> Result<Arc<Document>, Damage> {
        let rev = self
            .0
            .get(0)
            .map_err(|error| row::damage("", error.to_string()))?;
        row::decode(self.doc()?, rev, projection)
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

/// The expressions that a list is ordered by; the last is the id, so that the order is total.
fn terms(order: &Order) -> Vec<(String, Direction)> {
    let keys = order.keys_before_id().iter();
    keys.map(|key| (functions::key_of(&key.path), key.direction))
        .chain([("id".to_owned(), order.id_direction())])
        .collect()
}

/// The values of [`terms`] at a position.
fn bounds(order: &Order, position: &Position) -> Vec<Vec<u8>> {
    let keys = order.keys_before_id().iter();
    keys.zip(&position.values)
        .map(|(_, value)| collation::key(value.as_ref()))
        .chain([row::key(&position.id)])
        .collect()
}

/// Appends the condition of lying after a position: `k >= ? AND (k > ? OR …)`,
/// since SQLite seeks to the first part, but not to a comparison of row values
/// of expressions.
fn write_after(terms: &[(String, Direction)], bounds: &[Vec<u8>], sql: &mut Sql) {
    let ([(key, direction), terms @ ..], [bound, bounds @ ..]) = (terms, bounds) else {
        sql.push("0");
        return;
    };
    let (beyond, from) = match direction {
        Direction::Ascending => (" > ?", " >= ?"),
        Direction::Descending => (" < ?", " <= ?"),
    };
    if terms.is_empty() {
        sql.push(key).bind(beyond, Param::Key(bound.clone()));
        return;
    }
    sql.push("(")
        .push(key)
        .bind(from, Param::Key(bound.clone()));
    sql.push(" AND (")
        .push(key)
        .bind(beyond, Param::Key(bound.clone()));
    sql.push(" OR ");
    write_after(terms, bounds, sql);
    sql.push("))");
}

/// Appends the `ORDER BY` clause. An order by all keys of a unique index is
/// total without the id, which such an index does not have.
fn write_order(table: &Table, order: &Order, sql: &mut Sql) {
    let mut terms = terms(order);
    let ordered = |path: &Path| order.keys_before_id().iter().any(|key| key.path == *path);
    if table
        .indexes
        .iter()
        .any(|index| index.unique && index.paths.iter().all(ordered))
    {
        terms.pop();
    }
    for (at, (key, direction)) in terms.iter().enumerate() {
        sql.push(if at == 0 { " ORDER BY " } else { ", " })
            .push(key);
        if *direction == Direction::Descending {
            sql.push(" DESC");
        }
    }
}
