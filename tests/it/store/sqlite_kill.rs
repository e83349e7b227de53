//! A process that dies at any moment loses no write that it acknowledged.
//!
//! The test runs its own binary again as the process to be killed: the same
//! binary, asked for the one test [`child`], told by a variable where to write.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use cloudbase_graphql::data::{Filter, Test, Value};
use cloudbase_graphql::store::Store;
use cloudbase_graphql::store::sqlite::{Options, SqliteStore};

use super::words::{doc, eq, found, get, id, inc, specs, test, things};

const STORE: &str = "CLOUDBASE_GRAPHQL_TEST_KILLED_STORE";
const ROUND: &str = "CLOUDBASE_GRAPHQL_TEST_KILLED_ROUND";
const ROUNDS: u32 = 6;
const WRITERS: u32 = 4;

/// Writes until it is killed; does nothing in an ordinary test run.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child() {
    let variable = |name| std::env::var_os(name).map(|value| value.into_string().unwrap());
    let (Some(path), Some(round)) = (variable(STORE), variable(ROUND)) else {
        return;
    };
    let store = open(Path::new(&path)).await;
    let writers = (0..WRITERS).map(|writer| write(Arc::clone(&store), format!("{round}-{writer}")));
    futures_util::future::join_all(writers).await;
}

async fn open(path: &Path) -> Arc<SqliteStore> {
    let store = SqliteStore::open(path, &Options::default()).unwrap();
    store.prepare(&specs()).await.unwrap();
    store
}

/// Counts a document up for ever and inserts one beside it for each number,
/// deleting that of the number before; says so after each acknowledgement.
async fn write(store: Arc<SqliteStore>, name: String) {
    let counter = doc(&format!(r#"{{"_id":"{name}","kind":"counter","n":0}}"#));
    store.insert(&things(), vec![counter]).await.unwrap();
    for number in 1.. {
        let mark = doc(&format!(
            r#"{{"_id":"{name}-{number}","kind":"mark","tags":["{name}"],"n":{number}}}"#
        ));
        store.insert(&things(), vec![mark]).await.unwrap();
        say(&format!("insert {name} {number}"));
        store
            .update_one(&things(), &id(&name), &Filter::all(), &inc("n", 1))
            .await
            .unwrap();
        say(&format!("count {name} {number}"));
        let last = id(&format!("{name}-{}", number - 1));
        store
            .delete_one(&things(), &last, &Filter::all())
            .await
            .unwrap();
        say(&format!("delete {name} {}", number - 1));
    }
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("acknowledged {line}\n").as_bytes())
        .unwrap();
    out.flush().unwrap();
}

fn start(path: &Path, round: u32) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "store::sqlite_kill::child",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(STORE, path)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// What was acknowledged: the last number of each kind of write of each writer.
type Acknowledged = BTreeMap<(String, String), i64>;

/// Lets a child write for a while, kills it, and gives what it said.
fn run_and_kill(path: &Path, round: u32) -> Acknowledged {
    let mut child = start(path, round);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut said = Acknowledged::new();
    // The first words say that it is under way; then it gets a different while each time.
    let mut hear = |line: String| {
        let words: Vec<&str> = line.split(' ').collect();
        if let ["acknowledged", verb, name, number] = words.as_slice() {
            said.insert(
                ((*verb).to_owned(), (*name).to_owned()),
                number.parse().unwrap(),
            );
        }
    };
    for line in lines.by_ref().take(20) {
        hear(line.unwrap());
    }
    thread::sleep(Duration::from_millis(u64::from(37 * round % 150)));
    child.kill().unwrap();
    lines.map_while(Result::ok).for_each(hear);
    child.wait().unwrap();
    said
}

async fn check(store: &dyn Store, said: &Acknowledged) {
    for ((verb, name), number) in said {
        match verb.as_str() {
            "count" => {
                let counter = get(store, name).await.expect("an acknowledged insert");
                let Some(Value::Int(count)) = counter.get("n") else {
                    panic!("{counter:?}");
                };
                assert!(count >= number, "{name}: {count} < {number}");
            }
            // It may have been deleted since, by a write that was not acknowledged any more.
            "insert" => {
                let newest = found(store, eq("tags", &format!("\"{name}\"")), "-n").await;
                let newest: i64 = newest
                    .split(' ')
                    .next()
                    .and_then(|text| text.rsplit('-').next())
                    .unwrap()
                    .parse()
                    .unwrap();
                assert!(newest >= *number, "{name}: {newest} < {number}");
            }
            _ => assert!(get(store, &format!("{name}-{number}")).await.is_none()),
        }
    }
    // What the indexes say is what the documents say.
    for kind in ["counter", "mark"] {
        let by_index = found(store, eq("kind", &format!("\"{kind}\"")), "_id").await;
        let contains = test("kind", Test::Contains(kind.to_owned()));
        assert_eq!(by_index, found(store, contains, "_id").await);
    }
}

fn integrity(path: &Path) {
    let connection = rusqlite::Connection::open(path).unwrap();
    let ask = |sql: &str| {
        connection
            .query_row(sql, [], |row| row.get::<_, i64>(0))
            .unwrap()
    };
    let last = ask("SELECT max(rev) FROM \"docs:things\"");
    assert!(
        last <= ask("SELECT sequence FROM meta"),
        "a number was given twice"
    );
}

#[test]
fn acknowledged_writes_survive_a_kill() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("shop.db");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut said = Acknowledged::new();
    for round in 0..ROUNDS {
        said.extend(run_and_kill(&file, round));
        assert!(
            said.len() > (round as usize) * 3,
            "the child wrote nothing: {said:?}"
        );
        runtime.block_on(async {
            let store = open(&file).await;
            check(store.as_ref(), &said).await;
            store.verify().await.unwrap();
        });
        integrity(&file);
    }
}
