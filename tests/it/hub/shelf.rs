//! Random writes to a few documents, and lists of them that differ in everything.

use cloudbase_graphql::data::{DocId, Document, Filter, Test, Value};
use cloudbase_graphql::live::Query;
use cloudbase_graphql::store::Store;

use super::words::query;
use crate::random::Random;
use crate::store::words::{doc, eq, id, inc, set, test, things};

/// So few that most writes move something in most lists.
const DOCUMENTS: u64 = 30;

/// Filters by equality, ranges, arrays and negation; orders with ties, descending, by id; limits that cut and do not.
pub(super) fn queries() -> Vec<Query> {
    let at_least = |n| test("n", Test::Gte(Value::Int(n)));
    let x = || eq("kind", r#""x""#);
    let red = || eq("tags", r#""red""#);
    vec![
        query(Filter::all(), "", 100),
        query(Filter::all(), "-_id", 3),
        query(Filter::all(), "n", 1),
        query(Filter::all(), "n,-kind", 5),
        query(Filter::all(), "-n", 10),
        query(Filter::all(), "tags,-n", 6),
        query(at_least(3), "kind,-n", 4),
        query(at_least(5), "-free", 100),
        query(x(), "-n", 5),
        query(x().and(at_least(2)), "n", 2),
        query(Filter::Or(vec![x(), red()]), "-kind,n", 8),
        query(Filter::Not(Box::new(red())), "n", 7),
        query(red(), "-n,-_id", 3),
        query(Filter::id(&id("d3")), "", 1),
        query(Filter::none(), "", 5),
    ]
}

/// One write, which may be of several documents, or of none.
pub(super) async fn write(store: &dyn Store, random: &mut Random) {
    let name = name(random);
    let all = Filter::all();
    match random.below(10) {
        0..4 => {
            // Refused if it is there already.
            let _ = store.insert(&things(), vec![new(&name, random)]).await;
        }
        4 => {
            let several: Vec<Document> = (0..4)
                .map(|at| new(&format!("{name}-{at}"), random))
                .collect();
            let _ = store.insert(&things(), several).await;
        }
        5 | 6 => {
            let update = match random.below(3) {
                0 => inc("n", 1),
                1 => set("kind", random.pick(&[r#""x""#, r#""y""#])),
                _ => set(
                    "tags",
                    random.pick(&[r#""red""#, r#"["red","blue"]"#, "null"]),
                ),
            };
            store
                .update_one(&things(), &id(&name), &all, &update)
                .await
                .unwrap();
        }
        7 => {
            let names: Vec<DocId> = (0..6).map(|at| id(&format!("d{}", at * 5))).collect();
            store
                .update_many_by_id(&things(), &names, &all, &inc("n", 2))
                .await
                .unwrap();
        }
        8 => {
            let names: Vec<DocId> = (0..4).map(|at| id(&format!("{name}-{at}"))).collect();
            let gone = [vec![id(&name)], names].concat();
            store
                .delete_many_by_id(&things(), &gone, &all)
                .await
                .unwrap();
        }
        _ => {
            store.delete_one(&things(), &id(&name), &all).await.unwrap();
        }
    }
}

fn name(random: &mut Random) -> String {
    format!("d{}", random.below(DOCUMENTS))
}

fn new(name: &str, random: &mut Random) -> Document {
    doc(&format!(
        r#"{{"_id":"{name}","n":{},"kind":"{}","free":{},"tags":{}}}"#,
        random.below(8),
        random.pick(&["x", "y", "z"]),
        random.below(3),
        random.pick(&[r#""red""#, r#"["blue"]"#, "[]"]),
    ))
}
