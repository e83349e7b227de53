//! Opening a store file: what is made, kept and refused.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cloudbase_graphql::data::{Filter, Index};
use cloudbase_graphql::store::sqlite::{OpenError, Options, SqliteStore};
use cloudbase_graphql::store::{CollectionSpec, Error, Store};
use futures_util::FutureExt;
use tempfile::TempDir;

use super::words::{docs, eq, fill, find, found, id, inc, index, specs, things, unique};

fn open(path: &Path) -> Result<Arc<SqliteStore>, OpenError> {
    SqliteStore::open(path, &Options::default())
}

/// The text of the error that a file is refused with.
fn refusal(path: &Path) -> String {
    let error = open(path).unwrap_err().to_string();
    assert!(error.contains(&path.display().to_string()), "{error}");
    error
}

fn place() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("deep/down/shop.db");
    (directory, path)
}

async fn prepared(path: &Path) -> Arc<SqliteStore> {
    let store = open(path).unwrap();
    store.prepare(&specs()).await.unwrap();
    store
}

/// Asks the file itself, past the store.
fn peek<T: rusqlite::types::FromSql>(path: &Path, sql: &str) -> T {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

fn poke(path: &Path, sql: &str) {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.execute_batch(sql).unwrap();
}

#[tokio::test]
async fn a_new_store_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;

    let (_directory, path) = place();
    let store = prepared(&path).await;
    fill(store.as_ref(), [r#"{"_id":"a","n":1}"#]).await;
    for suffix in ["", "-wal"] {
        let file = format!("{}{suffix}", path.display());
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    drop(store);
    // Whoever opens it up for others has their reasons.
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    drop(prepared(&path).await);
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
}

#[tokio::test]
async fn documents_and_sequence_outlast_the_store() {
    let (_directory, path) = place();
    let store = prepared(&path).await;
    let mut changes = store.changes().expect("a feed");
    fill(store.as_ref(), [r#"{"_id":"a","tags":["x"],"n":1}"#]).await;
    let last = changes.recv().await.unwrap().sequence;
    drop(store);

    let store = prepared(&path).await;
    assert_eq!(found(store.as_ref(), eq("tags", "\"x\""), "").await, "a");
    let mut changes = store.changes().expect("a feed");
    store
        .update_one(&things(), &id("a"), &Filter::all(), &inc("n", 1))
        .await
        .unwrap();
    assert_eq!(changes.recv().await.unwrap().sequence, last + 1);
}

#[tokio::test]
async fn preparing_again_changes_nothing() {
    let (_directory, path) = place();
    drop(prepared(&path).await);
    let before: i64 = peek(&path, "PRAGMA schema_version");
    drop(prepared(&path).await);
    assert_eq!(peek::<i64>(&path, "PRAGMA schema_version"), before);
}

#[tokio::test]
async fn indexes_follow_the_model() {
    let (_directory, path) = place();
    drop(prepared(&path).await);
    poke(&path, "CREATE INDEX mine ON \"docs:things\" (rev)");
    let with = |indexes: Vec<Index>| {
        [CollectionSpec {
            name: things(),
            indexes,
        }]
    };
    let names = "SELECT group_concat(name, ' ') FROM (SELECT name FROM sqlite_master
                 WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = 'docs:things' ORDER BY name)";

    let store = open(&path).unwrap();
    store
        .prepare(&with(vec![index("n"), index("Kind,-n"), unique("n")]))
        .await
        .unwrap();
    drop(store);
    let expected = "index:docs:things:^Kind,-n index:docs:things:n mine unique:docs:things:n";
    assert_eq!(peek::<String>(&path, names), expected);

    let store = open(&path).unwrap();
    store.prepare(&with(vec![index("n")])).await.unwrap();
    drop(store);
    assert_eq!(peek::<String>(&path, names), "index:docs:things:n mine");
    // Another collection of the file keeps its indexes.
    let kept: i64 = peek(
        &path,
        "SELECT count(*) FROM sqlite_master WHERE name LIKE 'unique:docs:keyed:%'",
    );
    assert_eq!(kept, 2);
}

#[tokio::test]
async fn names_that_differ_in_case_are_different() {
    let (_directory, path) = place();
    let store = open(&path).unwrap();
    let spec = |name: &str| CollectionSpec {
        name: cloudbase_graphql::data::CollectionName::parse(name).unwrap(),
        indexes: vec![index("at"), index("At")],
    };
    let both = [spec("things"), spec("Things")];
    store.prepare(&both).await.unwrap();
    store
        .insert(&both[1].name, docs([r#"{"_id":"a"}"#]))
        .await
        .unwrap();
    assert_eq!(store.count(&both[0].name, &Filter::all()).await.unwrap(), 0);
    assert_eq!(store.count(&both[1].name, &Filter::all()).await.unwrap(), 1);
}

#[tokio::test]
async fn an_index_made_later_knows_of_arrays() {
    let (_directory, path) = place();
    let store = open(&path).unwrap();
    let with = |indexes: Vec<Index>| {
        [CollectionSpec {
            name: things(),
            indexes,
        }]
    };
    store.prepare(&with(vec![])).await.unwrap();
    fill(
        store.as_ref(),
        [r#"{"_id":"a","tags":["x"]}"#, r#"{"_id":"b","tags":"x"}"#],
    )
    .await;
    store.prepare(&with(vec![index("tags")])).await.unwrap();
    assert_eq!(found(store.as_ref(), eq("tags", "\"x\""), "").await, "a b");
}

#[tokio::test]
async fn a_unique_index_that_the_documents_contradict_is_refused() {
    let (_directory, path) = place();
    let store = prepared(&path).await;
    fill(
        store.as_ref(),
        [r#"{"_id":"a","n":1}"#, r#"{"_id":"b","n":1}"#],
    )
    .await;
    let spec = CollectionSpec {
        name: things(),
        indexes: vec![index("fresh"), unique("n")],
    };
    let error = store.prepare(&[spec]).await.unwrap_err();
    let text = "the unique index of `things` on n cannot be made: documents with equal values are stored; \
                change them, or do not ask for `unique`";
    assert_eq!(error.to_string(), text);
    // All is as it was.
    assert_eq!(found(store.as_ref(), eq("n", "1"), "").await, "a b");
    drop(store);
    assert_eq!(
        peek::<i64>(
            &path,
            "SELECT count(*) FROM sqlite_master WHERE name LIKE '%fresh'"
        ),
        0
    );
}

#[tokio::test]
async fn one_process_at_a_time() {
    let (_directory, path) = place();
    let store = open(&path).unwrap();
    assert!(
        refusal(&path)
            .ends_with("is in use by another process; stop that one or choose another file")
    );
    drop(store);
    open(&path).unwrap();
}

#[tokio::test]
async fn a_store_has_one_lock_whatever_it_is_called() {
    let (directory, path) = place();
    drop(prepared(&path).await);
    let link = directory.path().join("link.db");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let store = open(&path).unwrap();
    assert!(refusal(&link).contains("is in use by another process"));
    drop(store);
    let store = open(&link).unwrap();
    assert!(refusal(&path).contains("is in use by another process"));
    drop(store);
}

#[test]
fn names_have_no_meaning_to_sqlite() {
    let (directory, _) = place();
    for name in [":memory:", "file:shop.db?mode=memory"] {
        let path = directory.path().join(name);
        drop(open(&path).unwrap());
        assert!(path.exists(), "{name}");
    }
}

#[test]
fn what_cannot_be_written_is_refused() {
    let (directory, path) = place();
    drop(open(&path).unwrap());
    let mut mode = fs::metadata(&path).unwrap().permissions();
    mode.set_readonly(true);
    fs::set_permissions(&path, mode).unwrap();
    // Root may write anything, whatever the mode.
    if fs::File::options().write(true).open(&path).is_err() {
        assert!(refusal(&path).starts_with("no permission to read and write the store"));
    }
    assert!(refusal(Path::new("/dev/null")).contains("is not a file but a device"));
    drop(directory);
}

#[test]
fn what_is_not_a_store_is_refused_and_left_alone() {
    let (directory, _) = place();
    let at = |name: &str| directory.path().join(name);

    assert!(refusal(directory.path()).ends_with("is a directory; name a file in it"));

    fs::write(
        at("text.db"),
        "just some text, and rather more than a header's worth of it: ".repeat(20),
    )
    .unwrap();
    let before = fs::read(at("text.db")).unwrap();
    assert!(refusal(&at("text.db")).contains("is not a SQLite database"));
    assert_eq!(fs::read(at("text.db")).unwrap(), before);

    poke(
        &at("other.db"),
        "CREATE TABLE t (x); INSERT INTO t VALUES (1)",
    );
    let before = fs::read(at("other.db")).unwrap();
    assert!(refusal(&at("other.db")).contains("of another application"));
    assert_eq!(fs::read(at("other.db")).unwrap(), before);

    fs::write(at("file"), "").unwrap();
    assert!(refusal(&at("file/shop.db")).contains("cannot be opened"));
}

#[test]
fn a_newer_format_is_refused() {
    let (_directory, path) = place();
    drop(open(&path).unwrap());
    poke(&path, "PRAGMA user_version = 7");
    assert!(refusal(&path).ends_with(
        "has format 7, this version knows formats up to 1; use a newer version of this program"
    ));
}

#[tokio::test]
async fn a_damaged_file_is_told_of() {
    let (_directory, path) = place();
    let store = prepared(&path).await;
    let text = "x".repeat(2000);
    for number in 0..50 {
        let json = format!(r#"{{"_id":"{number}","n":{number},"free":"{text}"}}"#);
        store
            .insert(&things(), vec![super::words::doc(&json)])
            .await
            .unwrap();
    }
    drop(store);
    let mut bytes = fs::read(&path).unwrap();
    let size = bytes.len();

    bytes[4096 * 3..].fill(0xa5);
    fs::write(&path, &bytes).unwrap();
    let error = match open(&path) {
        Err(error) => error.to_string(),
        Ok(store) => match store.prepare(&specs()).await {
            Err(error) => error.to_string(),
            Ok(()) => store
                .find(&things(), &find(Filter::all(), ""))
                .await
                .unwrap_err()
                .to_string(),
        },
    };
    assert!(
        error.contains("damaged") && error.contains("backup"),
        "{error}"
    );

    bytes.truncate(size / 2 + 100);
    bytes[100..].fill(0);
    fs::write(&path, &bytes).unwrap();
    assert!(refusal(&path).contains("damaged"));
}

#[tokio::test]
async fn a_damaged_document_costs_its_own_reads() {
    let (_directory, path) = place();
    let store = prepared(&path).await;
    fill(
        store.as_ref(),
        [r#"{"_id":"a","n":1}"#, r#"{"_id":"b","n":2}"#],
    )
    .await;
    drop(store);
    // Past the indexes, which are not looked at here.
    poke(&path, "PRAGMA writable_schema = on; DELETE FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL;
                 PRAGMA writable_schema = reset; UPDATE \"docs:things\" SET doc = '{\"_id\":\"b\",\"n\":2,\"free\":tru' WHERE doc LIKE '%\"b\"%'");
    let store = open(&path).unwrap();
    store
        .prepare(&[CollectionSpec {
            name: things(),
            indexes: vec![],
        }])
        .await
        .unwrap();
    assert_eq!(found(store.as_ref(), eq("n", "1"), "").await, "a");
    for filter in [Filter::all(), eq("free", "true")] {
        let error = store.find(&things(), &find(filter, "")).await.unwrap_err();
        let Error::Damaged { collection, id, .. } = &error else {
            panic!("{error}");
        };
        assert_eq!((collection, id.as_str()), (&things(), "b"));
    }
    let error = store
        .update_one(&things(), &id("b"), &Filter::all(), &inc("n", 1))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error}");
}

#[tokio::test]
async fn closing_finishes_what_was_begun() {
    let (_directory, path) = place();
    let store = prepared(&path).await;
    for number in 0..50 {
        let json = format!(r#"{{"_id":"{number}"}}"#);
        let things = things();
        let write = store.insert(&things, vec![super::words::doc(&json)]);
        let _ = write.now_or_never();
    }
    store.close();
    let closed = "the store is not available: it is shutting down";
    let error = store.count(&things(), &Filter::all()).await.unwrap_err();
    assert_eq!(error.to_string(), closed);
    let error = store
        .insert(&things(), docs([r#"{"_id":"a"}"#]))
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), closed);
    drop(store);
    let store = prepared(&path).await;
    assert_eq!(store.count(&things(), &Filter::all()).await.unwrap(), 50);
}

#[tokio::test]
async fn a_temporary_store_leaves_nothing() {
    let store = SqliteStore::temporary().unwrap();
    store.prepare(&specs()).await.unwrap();
    let path = format!("{store:?}");
    let path = path
        .split('"')
        .find(|part| part.contains("cloudbase-graphql-"))
        .unwrap();
    assert!(Path::new(path).exists());
    drop(store);
    assert!(!Path::new(path).exists());
}
