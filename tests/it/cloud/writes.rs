//! No change is made twice, and none is lost that was acknowledged.

use std::collections::BTreeSet;

use cloudbase_graphql::store::cloud::Writes;
use futures_util::future::{join, join_all};
use futures_util::{StreamExt, stream};
use serde_json::{Value as Json, json};

use super::{PROTOCOLS, Plan, Shop};
use crate::harness::{Answer, Client};

/// Changes of each kind.
const CHANGES: usize = 16;

/// Of these, so many at the same time.
const AT_ONCE: usize = 6;

/// What goes wrong, and whether a request that fails so may have been carried out.
fn faults() -> Vec<(bool, Vec<Json>)> {
    vec![
        (false, vec![json!({"status": 503, "every": 5})]),
        (false, vec![json!({"reset": "before", "every": 7})]),
        (
            false,
            vec![json!({"code": "EXCEED_REQUEST_LIMIT", "every": 13, "times": 3})],
        ),
        (
            false,
            vec![json!({"code": "DATABASE_TRANSACTION_CONFLICT", "every": 6})],
        ),
        (true, vec![json!({"reset": "after", "every": 5})]),
        (true, vec![json!({"reset": "midway", "every": 5})]),
        (
            true,
            vec![
                json!({"reset": "after", "every": 11}),
                json!({"reset": "midway", "every": 13}),
                json!({"reset": "before", "every": 17}),
                json!({"status": 502, "every": 19}),
                json!({"code": "SYS_ERR", "every": 23}),
                json!({"code": "DATABASE_TRANSACTION_CONFLICT", "every": 7}),
                json!({"code": "EXCEED_REQUEST_LIMIT", "every": 41, "times": 2}),
                json!({"latency_ms": 20, "every": 2}),
            ],
        ),
    ]
}

#[tokio::test]
async fn natively_each_is_made_once_or_told() {
    all(Writes::Native).await;
}

#[tokio::test]
async fn in_transactions_each_is_made_once_or_told() {
    all(Writes::Transaction).await;
}

async fn all(writes: Writes) {
    let faults = faults();
    let over = PROTOCOLS.map(async |protocol| {
        let plan = Plan {
            writes,
            ..Plan::of(protocol)
        };
        let cases = faults.iter().map(async |(may_be_lost, faults)| {
            let told = format!("{protocol:?} {writes:?} {}", Json::from(faults.clone()));
            changed(plan, faults, *may_be_lost, &told).await;
        });
        join_all(cases).await;
    });
    join_all(over).await;
}

/// All kinds of changes at the same time; then what is stored is compared with what was acknowledged.
async fn changed(plan: Plan, faults: &[Json], may_be_lost: bool, told: &str) {
    let shop = Shop::open(plan).await;
    for fault in faults {
        shop.fault(fault).await;
    }
    let admin = shop.admin();
    let (singles, bulks) = join(
        join(sent(&admin, added), sent(&admin, created)),
        join(sent(&admin, many_added), sent(&admin, many_created)),
    )
    .await;
    assert!(shop.heal().await > 0, "{told}: nothing was struck");
    shop.store.close().await;
    let stored = Stored::of(&shop).await;

    let (added, created) = singles;
    let (many_added, many_created) = bulks;
    let bounds = |answers: &[Answer]| {
        let sure = answers
            .iter()
            .filter(|answer| is_done(answer, told))
            .count();
        let open = answers.iter().filter(|answer| is_open(answer)).count();
        sure..=if may_be_lost { sure + open } else { sure }
    };
    let once = bounds(&added);
    assert!(
        once.contains(&stored.number("i1", "stock", 10)),
        "{told}: {once:?} {stored:?}"
    );
    let seen: BTreeSet<_> = done(&added)
        .map(|answer| answer.data()["updateItem"]["item"]["stock"].as_u64())
        .collect();
    assert_eq!(seen.len(), *once.start(), "{told}: two saw the same");

    let both = bounds(&many_added);
    let prices = [
        stored.number("i2", "price", 3_500),
        stored.number("i3", "price", 9_900),
    ];
    assert_eq!(prices[0], prices[1], "{told}: some of a change");
    assert!(both.contains(&prices[0]), "{told}: {both:?} {prices:?}");

    for (number, answer) in created.iter().enumerate() {
        let ids = stored.titled(&format!("one {number}"));
        let id = &answer.json["data"]["createItem"]["id"];
        expected(&ids, &[id], answer, may_be_lost, told);
    }
    for (number, answer) in many_created.iter().enumerate() {
        let ids = stored.titled(&format!("three {number}"));
        let told_of = &answer.json["data"]["createItems"]["ids"];
        let told_of: Vec<&Json> = (0..3).map(|at| &told_of[at]).collect();
        expected(&ids, &told_of, answer, may_be_lost, told);
    }
    shop.leaves_nothing().await;
}

/// Whether the answer says that the change may have been made.
fn is_open(answer: &Answer) -> bool {
    answer.json["errors"][0]["extensions"]["outcome"] == "UNKNOWN"
}

/// What is stored is what the answer says: all or nothing, and nothing twice.
fn expected(stored: &[&Json], ids: &[&Json], answer: &Answer, may_be_lost: bool, told: &str) {
    if is_done(answer, told) {
        let told_of: BTreeSet<String> = ids.iter().map(ToString::to_string).collect();
        let stored_as: BTreeSet<String> = stored.iter().map(ToString::to_string).collect();
        assert_eq!((stored_as, stored.len()), (told_of, ids.len()), "{told}");
    } else {
        let is_all = may_be_lost && is_open(answer) && stored.len() == ids.len();
        assert!(
            stored.is_empty() || is_all,
            "{told}: {stored:?} {}",
            answer.text
        );
    }
}

async fn sent(admin: &Client, mutation: fn(usize) -> String) -> Vec<Answer> {
    let mutations = (0..CHANGES).map(|number| async move {
        let mutation = format!("mutation {{ {} }}", mutation(number));
        admin.query(&mutation).await
    });
    stream::iter(mutations).buffered(AT_ONCE).collect().await
}

fn added(_: usize) -> String {
    "updateItem(id: \"i1\", inc: {stock: 1}) { item { stock } }".to_owned()
}

fn many_added(_: usize) -> String {
    let both = "where: {category: {eq: \"ware\"}}, atMost: 5";
    format!("updateItems({both}, inc: {{price: 1}}) {{ modified }}")
}

fn created(number: usize) -> String {
    format!("createItem(input: {{title: \"one {number}\", price: 1, category: \"new\"}}) {{ id }}")
}

fn many_created(number: usize) -> String {
    let one = format!("{{title: \"three {number}\", price: 1, category: \"new\"}}");
    format!("createItems(input: [{one}, {one}, {one}]) {{ ids }}")
}

/// Whether a change was acknowledged; it is refused for no other reason than that the cloud is not available.
fn is_done(answer: &Answer, told: &str) -> bool {
    let errors = answer.json["errors"].as_array();
    for error in errors.into_iter().flatten() {
        assert_eq!(
            error["extensions"]["code"], "UNAVAILABLE",
            "{told}: {}",
            answer.text
        );
    }
    errors.is_none()
}

fn done(answers: &[Answer]) -> impl Iterator<Item = &Answer> {
    answers
        .iter()
        .filter(|answer| answer.json.get("errors").is_none())
}

/// All items, as they are in the end.
#[derive(Debug)]
struct Stored(Vec<Json>);

impl Stored {
    async fn of(shop: &Shop) -> Self {
        let query = "{ items(first: 500) { totalCount nodes { id title stock price } } }";
        let answer = shop.admin().query(query).await;
        let items = &answer.data()["items"];
        let nodes = items["nodes"].as_array().unwrap().clone();
        assert_eq!(items["totalCount"], nodes.len());
        Self(nodes)
    }

    /// How much was added to what the number was.
    fn number(&self, id: &str, field: &str, was: u64) -> usize {
        let item = self.0.iter().find(|item| item["id"] == id).unwrap();
        usize::try_from(item[field].as_u64().unwrap() - was).unwrap()
    }

    fn titled(&self, title: &str) -> Vec<&Json> {
        let items = self.0.iter().filter(|item| item["title"] == title);
        items.map(|item| &item["id"]).collect()
    }
}
