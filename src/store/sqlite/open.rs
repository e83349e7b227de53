//! Opening the store's file: who may have it, whether it is ours, how its
//! connections are set up.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, MAIN_DB, OpenFlags};

use super::functions::{self, Functions};
use super::{Durability, Options};

/// Marks a SQLite file as ours (`PRAGMA application_id`): "CBGQ".
const APPLICATION_ID: i32 = 0x4342_4751;

/// The layout of tables, documents and sort keys that this version writes
/// (`PRAGMA user_version`). Grows when an older version could not read it.
const FORMAT: i32 = 1;

/// Prepared statements kept per connection. Their text depends on the shape of
/// a request only, so a served schema has some dozens.
const STATEMENT_CACHE: usize = 256;

/// Why a store file cannot be opened, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "the store `{}` is in use by another process; stop that one or choose another file",
        .0.display()
    )]
    InUse(PathBuf),
    #[error("the store `{}` is a directory; name a file in it", .0.display())]
    Directory(PathBuf),
    #[error("the store `{}` is not a file but a device, a pipe or the like; choose another", .0.display())]
    NotAFile(PathBuf),
    #[error(
        "the store `{}` is not a SQLite database; choose another file (this one was left as it is)",
        .0.display()
    )]
    NotADatabase(PathBuf),
    #[error(
        "the store `{}` is a SQLite database of another application; choose another file (this one was left as it is)",
        .0.display()
    )]
    Foreign(PathBuf),
    #[error(
        "the store `{}` has format {found}, this version knows formats up to {FORMAT}; use a newer version of this program",
        .path.display()
    )]
    Newer { path: PathBuf, found: i32 },
    #[error(
        "the store `{}` is damaged ({reason}); restore it from a backup, or save what can be read with `sqlite3 FILE .recover`",
        .path.display()
    )]
    Damaged { path: PathBuf, reason: String },
    #[error(
        "no permission to read and write the store `{}` and its directory; change their owner or mode, or choose another file",
        .0.display()
    )]
    Permission(PathBuf),
    #[error("the store `{}` cannot be opened: {reason}", .path.display())]
    Other { path: PathBuf, reason: String },
}

/// The right to use a store file, held by one process at a time.
///
/// It is an operating-system lock on a file beside the store, so it ends with
/// the process however that dies. The lock file itself stays: removing it
/// would let two processes lock two files of the same name.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "held for its lock, never read")] File);

impl Lock {
    /// Takes the lock of a store file.
    pub(super) fn take(place: &Place) -> Result<Self, OpenError> {
        let store = place.named.as_path();
        let mut name = place.file.as_os_str().to_owned();
        name.push(".lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(name)
            .map_err(|error| io_error(store, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse(store.to_owned())),
            Err(TryLockError::Error(error)) => Err(io_error(store, &error)),
        }
    }
}

/// Where a store is.
#[derive(Debug)]
pub(super) struct Place {
    /// As it was named, for messages.
    named: PathBuf,
    /// The file itself: symbolic links lead two names to one lock. Absolute, so that SQLite sees no URI in it.
    file: PathBuf,
}

impl Place {
    /// Makes the directory of a new store; refuses what cannot be a file.
    pub(super) fn find(path: &Path) -> Result<Self, OpenError> {
        if path.is_dir() {
            return Err(OpenError::Directory(path.to_owned()));
        }
        if fs::metadata(path).is_ok_and(|what| !what.is_file()) {
            return Err(OpenError::NotAFile(path.to_owned()));
        }
        let file = if path.exists() {
            fs::canonicalize(path)
        } else {
            std::path::absolute(path).and_then(|new| {
                if let Some(parent) = new.parent() {
                    fs::create_dir_all(parent)?;
                }
                Ok(new)
            })
        };
        Ok(Self {
            named: path.to_owned(),
            file: file.map_err(|error| io_error(path, &error))?,
        })
    }
}

/// The one connection that writes. Creates the file if it is not there, and
/// refuses it unless it is a store of a format we know.
pub(super) fn writer(
    place: &Place,
    options: &Options,
) -> Result<(Connection, Functions), OpenError> {
    let path = place.named.as_path();
    make_private(&place.file).map_err(|error| io_error(path, &error))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(&place.file, flags)
        .map_err(|error| sqlite_error(path, &error))?;
    // SQLite is content with reading if it may not write.
    if connection.is_readonly(MAIN_DB).unwrap_or(true) {
        return Err(OpenError::Permission(path.to_owned()));
    }
    adopt(path, &mut connection)?;
    set_up(&connection)
        .and_then(|functions| {
            connection.pragma_update(None, "journal_mode", "wal")?;
            connection.pragma_update(None, "synchronous", synchronous(options.durability))?;
            // Gives the disk back after a burst of writes has grown the log.
            connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
            Ok((connection, functions))
        })
        .map_err(|error| sqlite_error(path, &error))
}

/// Makes a new file that only its owner may read: permissions end where somebody else on the machine opens the store.
/// SQLite gives its log the same mode. The mode of a file that is there already is its operator's.
fn make_private(file: &Path) -> io::Result<()> {
    let new = File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file);
    match new {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// One of the connections that read. The writer's must be open already.
pub(super) fn reader(place: &Place) -> Result<(Connection, Functions), OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(&place.file, flags)
        .and_then(|connection| {
            let functions = set_up(&connection)?;
            Ok((connection, functions))
        })
        .map_err(|error| sqlite_error(&place.named, &error))
}

fn set_up(connection: &Connection) -> rusqlite::Result<Functions> {
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.pragma_update(None, "cache_size", -8 * 1024)?; // KiB
    rusqlite::vtab::array::load_module(connection)?;
    functions::register(connection)
}

fn synchronous(durability: Durability) -> &'static str {
    match durability {
        Durability::Full => "full",
        Durability::Off => "off",
    }
}

/// Makes an empty database ours; refuses any other that is not.
fn adopt(path: &Path, connection: &mut Connection) -> Result<(), OpenError> {
    let number = |connection: &Connection, sql| {
        connection
            .query_row(sql, [], |row| row.get::<_, i32>(0))
            .map_err(|error| sqlite_error(path, &error))
    };
    let application = number(connection, "PRAGMA application_id")?;
    let tables = number(connection, "SELECT count(*) FROM sqlite_master")?;
    let format = number(connection, "PRAGMA user_version")?;
    match (application, format) {
        (APPLICATION_ID, FORMAT) => Ok(()),
        (APPLICATION_ID, found) => Err(OpenError::Newer {
            path: path.to_owned(),
            found,
        }),
        (0, 0) if tables == 0 => initialise(connection).map_err(|error| sqlite_error(path, &error)),
        _ => Err(OpenError::Foreign(path.to_owned())),
    }
}

/// The tables that are not collections. `meta` has one row; `fan_out` has one
/// row per indexed path, whose `found` tells whether a document ever had an
/// array on it.
fn initialise(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(
        "CREATE TABLE meta (sequence INTEGER NOT NULL) STRICT;
         INSERT INTO meta VALUES (0);
         CREATE TABLE fan_out (
             collection TEXT NOT NULL, path TEXT NOT NULL, found INTEGER NOT NULL,
             PRIMARY KEY (collection, path)
         ) STRICT, WITHOUT ROWID;",
    )?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", FORMAT)?;
    transaction.commit()
}

fn io_error(path: &Path, error: &io::Error) -> OpenError {
    match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            OpenError::Permission(path.to_owned())
        }
        _ => OpenError::Other {
            path: path.to_owned(),
            reason: error.to_string(),
        },
    }
}

fn sqlite_error(path: &Path, error: &rusqlite::Error) -> OpenError {
    let path = path.to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => OpenError::NotADatabase(path),
        Some(ErrorCode::DatabaseCorrupt) => OpenError::Damaged {
            path,
            reason: error.to_string(),
        },
        Some(
            ErrorCode::ReadOnly
            | ErrorCode::PermissionDenied
            | ErrorCode::AuthorizationForStatementDenied,
        ) => OpenError::Permission(path),
        // SQLite says no more than "cannot open"; a file that is there and cannot be opened lacks permission.
        Some(ErrorCode::CannotOpen) if path.exists() => OpenError::Permission(path),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::InUse(path),
        _ => OpenError::Other {
            path,
            reason: error.to_string(),
        },
    }
}
