//! Ten minutes in which nothing is answered.

use std::time::Duration;

use cloudbase_graphql::cloudbase::Protocol;
use cloudbase_graphql::cloudbase::realtime;
use cloudbase_graphql::live;
use serde_json::{Value as Json, json};
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout};

use super::{PATIENCE, Plan, Shop};
use crate::live::subscriber::{Subscriber, live_list};
use crate::time::Stopped;

const MINUTE: Duration = Duration::from_secs(60);

/// So much time passes before tasks and sockets have time to do their work.
const STEP: Duration = Duration::from_millis(250);

const QUERY: &str = "{ items(first: 50) { nodes { id stock } } }";

#[tokio::test]
async fn requests_that_are_refused() {
    outage(Protocol::Rest, json!({"status": 503})).await;
}

#[tokio::test]
async fn connections_that_break() {
    outage(Protocol::Admin, json!({"reset": "before"})).await;
}

async fn outage(protocol: Protocol, fault: Json) {
    let plan = Plan {
        is_told: true,
        ..Plan::of(protocol)
    };
    // As they are in a deployment, but for what nobody watches any more.
    let live = live::Config {
        linger: Duration::ZERO,
        ..live::Config::default()
    };
    let shop = Shop::watching(plan, live, realtime::Config::default()).await;
    let mut lists = Vec::new();
    for principal in ["openid:demo-admin", "openid:demo-operator"] {
        for field in ["items(first: 50)", "items", "orders"] {
            let query = live_list(field, "updatedAt");
            lists.push(shop.app.subscribe(principal, &query).await);
        }
    }
    let query = live_list("items(first: 50)", "stock");
    let mut subscriber = shop.app.subscribe("openid:demo-admin", &query).await;
    subscriber.next().await;
    let realtime = shop.realtime.as_ref().unwrap();
    let attentive = || realtime.statistics().attentive > 0;
    shop.until("a list is watched", attentive).await;

    let time = Stopped::new();
    shop.fault(&fault).await;
    shop.fault(&json!({"socket": "drop", "on": "login"})).await;
    shop.order(&json!({"drop": true})).await;
    shop.app.set("items", "i1", "stock", "77").await;
    time.pass(MINUTE, STEP).await;
    let early = Size::of(&shop).await;
    for minute in 1..10 {
        let took = refused(&shop, &time).await;
        assert!(took < Duration::from_secs(5), "{minute}: {took:?}");
        time.pass(MINUTE, STEP).await;
    }
    let late = Size::of(&shop).await;
    assert!(
        late.tasks <= early.tasks + 10 && late.watches == early.watches,
        "{early:?} {late:?}"
    );
    assert_eq!(late.subscribers, lists.len() as u64 + 1);
    // A probe of reads each five seconds, queries of this test, sockets that are tried.
    let asked = late.asked - early.asked;
    assert!((9 * 6..9 * 40).contains(&asked), "{early:?} {late:?}");
    shop.heal().await;
    drop(time);
    tokio::time::resume();

    converge(&shop, &mut subscriber).await;
    drop((subscriber, lists));
    shop.leaves_nothing().await;
}

/// A query during the outage; how much time passed until it was answered.
async fn refused(shop: &Shop, time: &Stopped) -> Duration {
    let begun = Instant::now();
    let admin = shop.admin();
    let passing = async {
        loop {
            time.pass(STEP, STEP).await;
        }
    };
    let answer = tokio::select! {
        biased;
        answer = admin.query(QUERY) => answer,
        () = passing => unreachable!("time does not end"),
    };
    assert_eq!(answer.errors(), ["UNAVAILABLE items"]);
    begun.elapsed()
}

async fn converge(shop: &Shop, subscriber: &mut Subscriber) {
    let told = timeout(PATIENCE, async {
        while !subscriber.list.iter().any(|item| item["stock"] == 77) {
            subscriber.next().await;
        }
    });
    told.await.expect("what was written meanwhile is told");
    let answer = shop.admin().query(QUERY).await;
    assert_eq!(
        answer.data()["items"]["nodes"],
        Json::from(subscriber.list.clone())
    );
}

/// What must not grow while nobody is answered.
#[derive(Debug)]
struct Size {
    tasks: usize,
    watches: (usize, u64),
    subscribers: u64,
    /// Requests that reached the cloud.
    asked: u64,
}

impl Size {
    async fn of(shop: &Shop) -> Self {
        let watched = shop.realtime.as_ref().unwrap().statistics().watches;
        Self {
            tasks: Handle::current().metrics().num_alive_tasks(),
            watches: (shop.app.executor.gateway().live().watches(), watched),
            subscribers: shop.app.executor.live_counts().subscribers,
            asked: shop.struck().await,
        }
    }
}
