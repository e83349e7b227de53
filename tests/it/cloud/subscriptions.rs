//! Whatever goes wrong, subscribers are told what is true in the end, and never that something went wrong.

use std::sync::Arc;
use std::time::Duration;

use cloudbase_graphql::clock::SystemClock;
use cloudbase_graphql::cloudbase::{Client, Protocol};
use cloudbase_graphql::data::{CollectionName, DocId, Filter, Path, Update, Value, update};
use cloudbase_graphql::gateway::Gateway;
use cloudbase_graphql::model::Model;
use cloudbase_graphql::store::Store;
use cloudbase_graphql::store::cloud::{CloudStore, Options};
use serde_json::{Value as Json, json};
use tokio::time::{Instant, timeout};

use super::{PATIENCE, Plan, Shop, put};
use crate::harness::SHOP;
use crate::live::subscriber::{Subscriber, live_list};
use crate::random::Random;
use crate::store::cloud::config;

/// Who watches what, and of which fields.
const WATCHED: [(&str, &str, &str); 4] = [
    (
        "openid:demo-admin",
        "items(orderBy: [{price: DESC}], first: 3)",
        "title stock price",
    ),
    (
        "openid:demo-admin",
        "items(where: {stock: {gt: 3}}, first: 50)",
        "stock",
    ),
    (
        "openid:demo-support",
        "orders(first: 50)",
        "orderNo status remark",
    ),
    (
        "openid:demo-operator",
        "orders(first: 50)",
        "remark user { nickname } lines { item { title stock } }",
    ),
];

/// What goes wrong: faults, and what open sockets are told.
fn troubles() -> Vec<(Vec<Json>, Option<Json>)> {
    let once = |fault: Json| (vec![with_times(fault, 1)], None);
    let dropped = |fault: Json| (vec![with_times(fault, 1)], Some(json!({"drop": true})));
    let some = |fault: Json, times: u64| (vec![with_times(fault, times)], None);
    vec![
        some(json!({"socket": "swallow_push"}), 6),
        some(json!({"socket": "gap"}), 3),
        some(json!({"socket": "duplicate_push"}), 4),
        some(json!({"delay_push_ms": 100}), 3),
        once(json!({"code": "SYS_ERR", "on": "push"})),
        once(json!({"socket": "expired_sign", "on": "push"})),
        once(json!({"socket": "swallow_ping"})),
        (vec![], Some(json!({"drop": true}))),
        (vec![], Some(json!({"close": 3050}))),
        dropped(json!({"socket": "expired_sign"})),
        dropped(json!({"socket": "trim_history"})),
        dropped(json!({"socket": "drop", "on": "login"})),
        dropped(json!({"socket": "drop", "on": "rebuild"})),
        dropped(json!({"code": "QUERYID_INVALID_ERROR", "on": "rebuild"})),
        dropped(json!({"code": "SYS_ERR", "action": "auth.wsWebSign"})),
        dropped(json!({"status": 503, "action": "auth.wsWebSign"})),
        some(json!({"status": 503}), 6),
        some(json!({"reset": "midway", "every": 2}), 4),
        some(json!({"reset": "after"}), 3),
        some(json!({"status": 503, "collection": "users"}), 8),
        some(json!({"code": "SYS_ERR", "collection": "items"}), 8),
        (
            vec![
                json!({"status": 503}),
                json!({"socket": "drop", "on": "login"}),
            ],
            Some(json!({"drop": true})),
        ),
    ]
}

fn with_times(mut fault: Json, times: u64) -> Json {
    fault["times"] = times.into();
    fault
}

#[tokio::test]
async fn over_rest_with_a_socket() {
    told_in_the_end(Protocol::Rest, true, 1).await;
}

#[tokio::test]
async fn over_admin_with_a_socket() {
    told_in_the_end(Protocol::Admin, true, 2).await;
}

#[tokio::test]
async fn by_looking_alone() {
    told_in_the_end(Protocol::Rest, false, 3).await;
}

async fn told_in_the_end(protocol: Protocol, is_told: bool, seed: u64) {
    let shop = Shop::open(Plan {
        is_told,
        ..Plan::of(protocol)
    })
    .await;
    let mut writers = Writers::of(&shop, seed);
    let mut subscribers = Vec::new();
    for (principal, field, selected) in WATCHED {
        let query = live_list(field, selected);
        let mut subscriber = shop.app.subscribe(principal, &query).await;
        subscriber.next().await;
        subscribers.push(subscriber);
    }
    if let Some(realtime) = &shop.realtime {
        let all = || realtime.statistics().attentive >= 3;
        shop.until("the lists are watched", all).await;
    }
    for (faults, order) in troubles() {
        for fault in &faults {
            shop.fault(fault).await;
        }
        if let Some(order) = &order {
            shop.order(order).await;
        }
        for _ in 0..3 {
            writers.write(&shop).await;
        }
        shop.heal().await;
        writers.write(&shop).await;
        for (subscriber, watched) in subscribers.iter_mut().zip(WATCHED) {
            let told = format!("{protocol:?} {faults:?} {order:?} {watched:?}");
            converge(&shop, subscriber, watched, &told).await;
        }
    }
    if let Some(realtime) = &shop.realtime {
        let went = realtime.statistics();
        assert!(went.gaps >= 1 && went.interruptions >= 5, "{went:?}");
    }
    drop(subscribers);
    shop.leaves_nothing().await;
}

/// Takes in events until they made what a query gives.
async fn converge(
    shop: &Shop,
    subscriber: &mut Subscriber,
    (principal, field, selected): (&str, &str, &str),
    told: &str,
) {
    let query = format!("{{ {field} {{ nodes {{ id {selected} }} }} }}");
    let begun = Instant::now();
    loop {
        let caller = shop.app.caller(principal).await;
        let answer = caller.query(&query).await;
        let lists = answer.data().as_object().unwrap();
        let (_, list) = lists.iter().next().unwrap();
        let truth = list["nodes"].as_array().unwrap();
        if *truth == subscriber.list {
            return;
        }
        let late = begun.elapsed() > PATIENCE;
        assert!(
            !late,
            "{told}\n told: {:?}\n true: {truth:?}",
            subscriber.list
        );
        if let Ok(event) = timeout(Duration::from_millis(20), subscriber.next()).await {
            assert!(event.json.get("errors").is_none(), "{told}: {}", event.json);
        }
    }
}

/// Everybody who writes to the shop, at random.
struct Writers {
    /// Another instance of the gateway's store, which speaks the other protocol.
    other: Arc<CloudStore>,
    random: Random,
    written: u64,
}

impl Writers {
    fn of(shop: &Shop, seed: u64) -> Self {
        let protocol = match shop.client.config().protocol {
            Protocol::Rest => Protocol::Admin,
            Protocol::Admin => Protocol::Rest,
        };
        let config = config(protocol, &shop.emulator);
        let client = Client::new(config, Arc::new(SystemClock)).unwrap();
        let specs = Gateway::collection_specs(&Model::parse(SHOP).unwrap().model);
        Self {
            other: CloudStore::new(Arc::new(client), None, specs, Options::default()),
            random: Random::new(seed),
            written: 0,
        }
    }

    /// One write, which may fail.
    async fn write(&mut self, shop: &Shop) {
        self.written += 1;
        let (number, random) = (self.written, &mut self.random);
        let item = random.pick(&["i1", "i2", "i3"]);
        let order = random.pick(&["o1", "o2", "o3", "o4"]);
        match random.below(8) {
            0 | 1 => {
                let added = format!(
                    "updateItem(id: \"{item}\", inc: {{stock: 1, price: {number}}}) {{ id }}"
                );
                Self::sent(shop, &added).await;
            }
            2 => {
                let remark =
                    format!("updateOrder(id: \"{order}\", set: {{remark: \"{number}\"}}) {{ id }}");
                Self::sent(shop, &remark).await;
            }
            3 => {
                let status = random.pick(&["PAID", "CLOSED", "SHIPPED"]);
                shop.app
                    .set("orders", order, "status", &format!("\"{status}\""))
                    .await;
            }
            4 => {
                shop.app
                    .set("users", "u1", "nickname", &format!("\"A{number}\""))
                    .await
            }
            5 => {
                let times =
                    r#""createdAt":{"$date":1735689600000},"updatedAt":{"$date":1735689600000}"#;
                let rest = r#""category":"new","tags":[],"images":[],"status":"DRAFT""#;
                let document = format!(
                    r#"{{"_id":"n{number}","title":"N","price":{number},"stock":{number},{rest},{times}}}"#
                );
                put(&shop.app.store, "items", &document).await;
            }
            _ => self.written_elsewhere(item).await,
        }
    }

    async fn written_elsewhere(&self, item: &str) {
        let set = update::Op::Set(
            Path::parse("stock").unwrap(),
            Value::Int(i64::try_from(self.written % 7).unwrap()),
        );
        let update = Update { ops: vec![set] };
        let (items, id) = (CollectionName::parse("items").unwrap(), DocId::string(item));
        // What goes wrong may strike it, too.
        let _ = self
            .other
            .update_one(&items, &id, &Filter::all(), &update)
            .await;
    }

    async fn sent(shop: &Shop, mutation: &str) {
        let answer = shop
            .admin()
            .query(&format!("mutation {{ {mutation} }}"))
            .await;
        for error in answer.errors() {
            assert!(
                error.starts_with("UNAVAILABLE"),
                "{mutation}: {}",
                answer.text
            );
        }
    }
}
