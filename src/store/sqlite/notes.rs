//! Small texts kept in the file beside the documents, for whoever opens the
//! store: what they mean is not known here. A file has the table once there
//! is a note; a version that does not know of it leaves it alone.

use rusqlite::{Connection, OptionalExtension};

use super::error;
use super::readers::Reader;
use super::writer::Batch;
use crate::store::Result;

impl Reader {
    pub(super) fn note(&self, name: &str) -> Result<Option<String>> {
        has_notes(&self.connection)
            .and_then(|has| match has {
                true => self
                    .connection
                    .prepare_cached("SELECT text FROM notes WHERE name = ?1")?
                    .query_row([name], |row| row.get(0))
                    .optional(),
                false => Ok(None),
            })
            .map_err(error::of_store)
    }
}

impl Batch<'_> {
    pub(super) fn set_note(&self, name: &str, text: &str) -> Result<()> {
        let sql = "CREATE TABLE IF NOT EXISTS notes (
             name TEXT NOT NULL PRIMARY KEY, text TEXT NOT NULL
         ) STRICT, WITHOUT ROWID";
        self.connection
            .execute_batch(sql)
            .and_then(|()| {
                self.connection
                    .prepare_cached("INSERT OR REPLACE INTO notes VALUES (?1, ?2)")?
                    .execute([name, text])
            })
            .map(|_| ())
            .map_err(error::of_store)
    }

    pub(super) fn forget_note(&self, name: &str) -> Result<()> {
        has_notes(self.connection)
            .and_then(|has| match has {
                true => self
                    .connection
                    .prepare_cached("DELETE FROM notes WHERE name = ?1")?
                    .execute([name]),
                false => Ok(0),
            })
            .map(|_| ())
            .map_err(error::of_store)
    }
}

fn has_notes(connection: &Connection) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'notes'")?
        .exists([])
}
