//! What SQLite's errors mean to a caller of the store.

use rusqlite::ErrorCode;

use super::functions::{Damage, Functions};
use super::table::Table;
use crate::store::Error;

/// An error of a statement on a collection.
pub(super) fn of_table(table: &Table, functions: &Functions, error: rusqlite::Error) -> Error {
    if let Some(damage) = functions.take_damage() {
        return damaged(table, damage);
    }
    if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation)
        && let Some(fields) = violated(table, &error)
    {
        return Error::Duplicate {
            collection: table.name.clone(),
            fields,
        };
    }
    of_store(error)
}

/// A document that cannot be read.
pub(super) fn damaged(table: &Table, damage: Damage) -> Error {
    Error::Damaged {
        collection: table.name.clone(),
        id: damage.id,
        reason: damage.reason,
    }
}

/// An error that has to do with no collection.
pub(super) fn of_store(error: rusqlite::Error) -> Error {
    let what = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "the disk is full; free some space",
        Some(ErrorCode::ReadOnly) => {
            "its file has become read-only; check its permissions and disk"
        }
        Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen) => {
            "its disk does not answer; check the disk and the file"
        }
        Some(ErrorCode::OutOfMemory) => "there is not enough memory",
        Some(
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::FileLockingProtocolFailed,
        ) => "its file is locked by another program",
        Some(ErrorCode::OperationInterrupted) => "nobody waited for the answer any more",
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            return Error::Failed(
                format!("its file is damaged ({error}); restore it from a backup").into(),
            );
        }
        _ => return Error::Failed(Box::new(error)),
    };
    Error::unavailable(format!("{what} ({error})"))
}

/// The fields of the unique index that an error speaks of: SQLite names the
/// index of expressions, or the column of the primary key.
fn violated(table: &Table, error: &rusqlite::Error) -> Option<Vec<String>> {
    let rusqlite::Error::SqliteFailure(_, Some(text)) = error else {
        return None;
    };
    if text.starts_with("UNIQUE constraint failed: ") && text.ends_with(".id") {
        return Some(vec!["_id".to_owned()]);
    }
    let name = text
        .strip_prefix("UNIQUE constraint failed: index '")?
        .strip_suffix('\'')?;
    let index = table.indexes.iter().find(|index| index.name == name)?;
    Some(index.fields.clone())
}
