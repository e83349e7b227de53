//! Tables and indexes in the file, made to be what the model asks for.

use std::collections::HashSet;

use rusqlite::{Connection, params};

use super::functions::{self, Functions};
use super::table::{Column, Table, TableIndex, meets_array, named};
use super::{error, row, statistics};
use crate::data::{CollectionName, Index, Object};
use crate::store::{CollectionSpec, Error, Result};

/// Makes the tables and indexes of these collections, and drops indexes of
/// theirs that are asked for no more. Collections that are not named are left
/// alone: they hold documents.
pub(super) fn reconcile(
    connection: &Connection,
    functions: &Functions,
    specs: &[CollectionSpec],
) -> Result<Vec<Table>> {
    specs
        .iter()
        .map(|spec| {
            let table = Table::new(spec);
            make_table(connection, &table).map_err(error::of_store)?;
            drop_stale(connection, &table).map_err(error::of_store)?;
            make_indexes(connection, functions, &table)?;
            load_fan_out(connection, functions, &table)?;
            Ok(table)
        })
        .collect()
}

fn make_table(connection: &Connection, table: &Table) -> rusqlite::Result<()> {
    connection.execute_batch(&format!(
        "CREATE TABLE IF NOT EXISTS {} (
             id BLOB NOT NULL PRIMARY KEY, rev INTEGER NOT NULL, doc TEXT NOT NULL
         ) STRICT",
        table.quoted
    ))
}

/// Removes a table with its documents and indexes, and what is remembered of its paths.
pub(super) fn drop(connection: &Connection, table: &Table) -> rusqlite::Result<()> {
    connection.execute(
        "DELETE FROM fan_out WHERE collection = ?1",
        params![table.name.as_str()],
    )?;
    connection.execute_batch(&format!("DROP TABLE {}", table.quoted))
}

/// The collections that the file has tables of, by name; those too that nobody prepared.
pub(super) fn collections(connection: &Connection) -> rusqlite::Result<Vec<CollectionName>> {
    let mut statement =
        connection.prepare("SELECT name FROM sqlite_master WHERE type = 'table'")?;
    let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
    let names: rusqlite::Result<Vec<String>> = rows.collect();
    let mut collections: Vec<_> = names?.iter().filter_map(|name| named(name)).collect();
    collections.sort();
    Ok(collections)
}

/// The indexes a table has, with the statements that made them; those SQLite
/// makes by itself have none.
fn present(connection: &Connection, table: &Table) -> rusqlite::Result<Vec<(String, String)>> {
    let mut statement = connection.prepare(
        "SELECT name, sql FROM sqlite_master
         WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ?1 COLLATE NOCASE",
    )?;
    let rows = statement.query_map([&table.bare], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// The indexes of a collection that were prepared at some time and are not dropped, by name.
pub(super) fn indexes(
    connection: &Connection,
    collection: &CollectionName,
) -> rusqlite::Result<Vec<Index>> {
    let table = Table::new(&CollectionSpec {
        name: collection.clone(),
        indexes: Vec::new(),
    });
    let mut present = present(connection, &table)?;
    present.sort();
    let read = |(name, sql): &(String, String)| TableIndex::read(&table.bare, name, sql);
    Ok(present.iter().filter_map(read).collect())
}

/// Drops indexes that we made and want no more. Others, made by hand, stay.
fn drop_stale(connection: &Connection, table: &Table) -> rusqlite::Result<()> {
    let wanted: HashSet<&str> = table
        .indexes
        .iter()
        .map(|index| index.ddl.as_str())
        .collect();
    for (name, sql) in present(connection, table)? {
        let ours = [false, true]
            .iter()
            .any(|unique| name.starts_with(&table.index_prefix(*unique)));
        if ours && !wanted.contains(sql.as_str()) {
            tracing::info!(index.name = %name, "dropping an index that the model does not ask for");
            connection.execute_batch(&format!("DROP INDEX {}", super::table::quote(&name)))?;
        }
    }
    Ok(())
}

fn make_indexes(connection: &Connection, functions: &Functions, table: &Table) -> Result<()> {
    let present = present(connection, table).map_err(error::of_store)?;
    let missing = |index: &&TableIndex| present.iter().all(|(name, _)| *name != index.name);
    let missing: Vec<&TableIndex> = table.indexes.iter().filter(missing).collect();
    for index in &missing {
        tracing::info!(index.name = %index.name, "making an index");
        connection
            .execute_batch(&index.ddl)
            .map_err(|error| contradicted(error::of_table(table, functions, error)))?;
    }
    if !missing.is_empty() {
        statistics::analyse(connection).map_err(error::of_store)?;
    }
    Ok(())
}

/// An index that cannot be made, told to whoever asked for it in the model.
fn contradicted(error: Error) -> Error {
    let Error::Duplicate { collection, fields } = error else {
        return error;
    };
    let reason = format!(
        "the unique index of `{collection}` on {} cannot be made: documents with equal values are stored; \
         change them, or do not ask for `unique`",
        fields.join(", ")
    );
    Error::Failed(reason.into())
}

/// Reads which columns fan out; looks through the documents for a path that
/// was not indexed until now.
fn load_fan_out(connection: &Connection, functions: &Functions, table: &Table) -> Result<()> {
    let known = known_paths(connection, table).map_err(error::of_store)?;
    for column in &table.columns {
        let path = functions::spell(&column.path);
        let found = match known.iter().find(|(known, _)| *known == path) {
            Some((_, found)) => *found,
            None => {
                let found = any_meets_array(connection, functions, table, column)?;
                connection
                    .execute(
                        "INSERT INTO fan_out VALUES (?1, ?2, ?3)",
                        params![table.name.as_str(), path, found],
                    )
                    .map_err(error::of_store)?;
                found
            }
        };
        if found {
            table.set_fans_out(column);
        }
    }
    forget_others(connection, table, &known).map_err(error::of_store)
}

fn known_paths(connection: &Connection, table: &Table) -> rusqlite::Result<Vec<(String, bool)>> {
    let mut statement =
        connection.prepare("SELECT path, found FROM fan_out WHERE collection = ?1")?;
    let rows = statement.query_map([table.name.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// A path without an index is not kept up to date, so nothing is remembered of it.
fn forget_others(
    connection: &Connection,
    table: &Table,
    known: &[(String, bool)],
) -> rusqlite::Result<()> {
    for (path, _) in known {
        if table
            .columns
            .iter()
            .all(|column| functions::spell(&column.path) != *path)
        {
            connection.execute(
                "DELETE FROM fan_out WHERE collection = ?1 AND path = ?2",
                params![table.name.as_str(), path],
            )?;
        }
    }
    Ok(())
}

fn any_meets_array(
    connection: &Connection,
    functions: &Functions,
    table: &Table,
    column: &Column,
) -> Result<bool> {
    let fail = |error| error::of_table(table, functions, error);
    let root = [column.path.root().clone()];
    let mut statement = connection
        .prepare(&format!("SELECT doc FROM {}", table.quoted))
        .map_err(fail)?;
    let mut rows = statement.query([]).map_err(fail)?;
    while let Some(found) = rows.next().map_err(fail)? {
        let doc = found
            .get_ref(0)
            .and_then(|doc| Ok(doc.as_str()?))
            .map_err(fail)?;
        let fields = row::decode_fields(doc, &root)
            .map_err(|reason| error::damaged(table, row::damage(doc, reason)))?;
        if meets_array(&column.path, &fields) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Remembers, within the transaction that writes the document, that it makes columns fan out.
pub(super) fn note_fan_out(
    connection: &Connection,
    table: &Table,
    fields: &Object,
) -> rusqlite::Result<()> {
    for column in &table.columns {
        if meets_array(&column.path, fields) {
            // Also where it is known already: that may have been of a transaction that was rolled back.
            connection
                .prepare_cached(
                    "UPDATE fan_out SET found = 1 WHERE collection = ?1 AND path = ?2 AND NOT found",
                )?
                .execute(params![table.name.as_str(), functions::spell(&column.path)])?;
            table.set_fans_out(column);
        }
    }
    Ok(())
}
