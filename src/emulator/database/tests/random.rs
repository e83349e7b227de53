//! Many at once, at random: no update is lost, snapshots stand still, and the
//! commits that were told lead to what is stored.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};

use tokio::task::JoinSet;

use super::*;
use crate::data::Value;

const DOCUMENTS: u64 = 4;
const TASKS: u64 = 6;
const STEPS: u64 = 40;

/// Numbers that are the same each time (an LCG's upper half).
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % end
    }

    fn id(&mut self) -> String {
        format!(r#"{{"_id":"{}"}}"#, self.below(DOCUMENTS))
    }
}

const ADD_1: &str = r#"{"$inc":{"n":1}}"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_update_is_lost() {
    for seed in 0..4 {
        let database = database().await;
        let zeroes: Vec<String> = (0..DOCUMENTS)
            .map(|id| format!(r#"{{"_id":"{id}","n":0}}"#))
            .collect();
        let zeroes: Vec<&str> = zeroes.iter().map(String::as_str).collect();
        let mut commits = database.commits();
        things(&database).add(&zeroes).await.unwrap();
        let added = Arc::new(AtomicI64::new(0));
        let mut tasks = JoinSet::new();
        for task in 0..TASKS {
            let (database, added) = (Arc::clone(&database), Arc::clone(&added));
            tasks.spawn(async move {
                let mut random = Random(seed * 1000 + task);
                for _ in 0..STEPS {
                    let by = step(&database, &mut random).await;
                    added.fetch_add(by, Ordering::SeqCst);
                }
            });
        }
        tasks.join_all().await;
        let (_, documents) = database.snapshot(&select("things", "{}")).await.unwrap();
        let number = |document: &Arc<Document>| match document.get("n") {
            Some(Value::Int(number)) => *number,
            other => panic!("{other:?}"),
        };
        let sum: i64 = documents.iter().map(number).sum();
        assert_eq!(sum, added.load(Ordering::SeqCst), "seed {seed}");
        let mut replayed = BTreeMap::new();
        while let Ok(commit) = commits.try_recv() {
            replay(&mut replayed, &commit);
        }
        let stored: BTreeMap<DocId, Arc<Document>> = documents
            .into_iter()
            .map(|document| (document.id().clone(), document))
            .collect();
        assert_eq!(replayed, stored, "seed {seed}");
    }
}

/// A plain write or a transaction; how much it has added.
async fn step(database: &Database, random: &mut Random) -> i64 {
    if random.below(2) == 0 {
        let updated = match random.below(3) {
            0 => things(database).update("{}", ADD_1).await,
            _ => things(database).update(&random.id(), ADD_1).await,
        };
        return i64::try_from(updated.unwrap().updated).unwrap();
    }
    let transaction = begin(database);
    match transact(database, &transaction, random).await {
        Ok(added) => added,
        Err(failure) => {
            assert_eq!(failure.code, Code::DatabaseTransactionConflict, "{failure}");
            0
        }
    }
}

/// Reads all, then writes what was read and one more, as clients do; reads that come later agree.
async fn transact(
    database: &Database,
    transaction: &TransactionId,
    random: &mut Random,
) -> Result<i64> {
    let inside = things(database).within(transaction);
    let mut seen = inside.show("{}").await;
    let writes = random.below(3);
    for _ in 0..writes {
        let id = random.id();
        let found = database
            .find(&list(select("things", &id)), Some(transaction))
            .await?;
        let Some(Value::Int(n)) = found[0].get("n") else {
            panic!("every document has a number");
        };
        assert!(
            seen.contains(&text(&found[0])),
            "{seen}: {}",
            text(&found[0])
        );
        inside
            .update(&id, &format!(r#"{{"$set":{{"n":{}}}}}"#, n + 1))
            .await?;
        let before = text(&found[0]);
        let after = before.replace(&format!(":{n}}}"), &format!(":{}}}", n + 1));
        seen = seen.replace(&before, &after);
        tokio::task::yield_now().await;
        assert_eq!(inside.show("{}").await, seen);
    }
    if random.below(4) == 0 {
        database.abort(transaction).await?;
        return Ok(0);
    }
    database.commit(transaction).await?;
    Ok(i64::try_from(writes).unwrap())
}
