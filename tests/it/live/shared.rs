//! How many see the same, how much waits for them, how they come and go.

use std::sync::Arc;
use std::time::Duration;

use cloudbase_graphql::graphql::{End, Event};
use cloudbase_graphql::live;
use futures_util::FutureExt as _;
use futures_util::future::join_all;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::subscriber::live_list;
use crate::harness::{SEED, SHOP, TestApp};

async fn shop(live: live::Config) -> TestApp {
    TestApp::watching(SHOP, SEED, Default::default(), live).await
}

/// Waits until something becomes true.
async fn until(is_true: impl Fn() -> bool) {
    for _ in 0..2_000 {
        if is_true() {
            return;
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("it does not become true");
}

#[tokio::test]
async fn equal_subscribers_are_told_the_same_bytes() {
    let app = TestApp::shop().await;
    let query = live_list("items", "title stock");
    // Whoever they are: what they may see of this is the same.
    let staff = ["support", "operator", "support"].map(|role| format!("openid:demo-{role}"));
    let open = staff
        .iter()
        .map(|principal| app.subscribe(principal, &query));
    let mut staff = join_all(open).await;
    for (renders, event) in [(1, "SNAPSHOT +i1@0 +i2@1 +i3@2"), (2, "CHANGE ~i1@0")] {
        let told = join_all(staff.iter_mut().map(|one| one.next())).await;
        for one in &told {
            assert_eq!(one.brief(), event);
            assert_eq!(one.bytes.as_ptr(), told[0].bytes.as_ptr());
        }
        assert_eq!(app.executor.live_counts().renders, renders);
        if renders == 1 {
            app.set("items", "i1", "stock", "100").await;
        }
    }
    let counts = app.executor.live_counts();
    assert_eq!((counts.subscribers, counts.cohorts), (3, 1));
    assert_eq!((counts.delivered, counts.resyncs), (6, 0));
    // Customers see other items.
    let mut alice = app.subscribe("openid:demo-alice", &query).await;
    assert_eq!(alice.told().await, "SNAPSHOT +i1@0 +i2@1");
    assert_eq!(app.executor.live_counts().cohorts, 2);
}

/// However few events wait: what waits is never more than the largest answer.
#[tokio::test]
async fn whoever_lags_behind_large_events_is_told_everything_once() {
    let app = TestApp::shop().await;
    let query = live_list("items", "a: title b: title c: title");
    let mut slow = app.subscribe("openid:demo-admin", &query).await;
    let mut quick = app.subscribe("openid:demo-admin", &query).await;
    slow.next().await;
    quick.next().await;
    for letter in ["u", "v", "w", "x", "y"] {
        let title = format!("\"{}\"", letter.repeat(900_000));
        app.set("items", "i1", "title", &title).await;
        assert_eq!(quick.told().await, "CHANGE ~i1@0");
    }
    assert_eq!(slow.told().await, "RESYNC +i1@0 +i2@1 +i3@2");
    assert_eq!(slow.list, quick.list);
    assert!(!slow.subscription.has_pending());
}

#[tokio::test]
async fn whoever_lags_behind_is_told_everything_once() {
    let queue = live::Config {
        queue: 4,
        ..Default::default()
    };
    let app = shop(queue).await;
    let query = live_list("items", "stock");
    let mut slow = app.subscribe("openid:demo-admin", &query).await;
    let mut quick = app.subscribe("openid:demo-admin", &query).await;
    slow.next().await;
    quick.next().await;
    for stock in 100..120 {
        app.set("items", "i1", "stock", &stock.to_string()).await;
        assert_eq!(quick.told().await, "CHANGE ~i1@0");
    }
    assert!(slow.subscription.has_pending());
    assert_eq!(slow.told().await, "RESYNC +i1@0 +i2@1 +i3@2");
    assert_eq!(slow.list, quick.list);
    assert!(!slow.subscription.has_pending());
    app.set("items", "i2", "stock", "1").await;
    assert_eq!(slow.told().await, "CHANGE ~i2@1");
    assert_eq!(quick.told().await, "CHANGE ~i2@1");
    assert_eq!(app.executor.live_counts().resyncs, 1);
}

#[tokio::test]
async fn who_waits_in_small_steps_misses_nothing() {
    let app = TestApp::shop().await;
    let query = live_list("items", "stock");
    let mut admin = app.subscribe("openid:demo-admin", &query).await;
    admin.next().await;
    for stock in 100..120 {
        app.set("items", "i1", "stock", &stock.to_string()).await;
        let event = loop {
            // Dropped at its first wait, again and again.
            match admin.subscription.next().now_or_never() {
                Some(event) => break event,
                None => tokio::task::yield_now().await,
            }
        };
        let Event::Next(bytes) = event else {
            panic!("{event:?}");
        };
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.contains(&format!(r#""stock":{stock}"#)), "{text}");
    }
}

#[tokio::test]
async fn a_move_that_is_interrupted_happens_nevertheless() {
    let app = TestApp::shop().await;
    let query = live_list("orders", "");
    let mut support = app.subscribe("openid:demo-support", &query).await;
    support.next().await;
    app.set("roles", "openid:demo-support", "status", r#""DISABLED""#)
        .await;
    let event = loop {
        let wait = Duration::from_millis(2);
        if let Ok(event) = timeout(wait, support.subscription.next()).await {
            break event;
        }
    };
    let Event::Next(bytes) = event else {
        panic!("{event:?}");
    };
    assert_eq!(
        String::from_utf8_lossy(&bytes).matches("REMOVED").count(),
        3
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_come_and_go_and_nothing_is_left() {
    let at_once = live::Config {
        linger: Duration::ZERO,
        ..Default::default()
    };
    let app = Arc::new(shop(at_once).await);
    let visits = (0..200).map(|visit| {
        let app = Arc::clone(&app);
        async move {
            let principal = ["alice", "bob", "support", "admin"][visit % 4];
            let first = 1 + visit % 5;
            let query = live_list(&format!("orders(first: {first})"), "status user { id }");
            let principal = format!("openid:demo-{principal}");
            let mut visitor = app.subscribe(&principal, &query).await;
            if visit % 3 > 0 {
                assert!(visitor.told().await.starts_with("SNAPSHOT +o"));
            }
        }
    });
    visits.collect::<JoinSet<()>>().join_all().await;
    let counts = app.executor.live_counts();
    assert_eq!((counts.subscribers, counts.cohorts), (0, 0));
    until(|| app.executor.gateway().live().watches() == 0).await;
    // Nor is a task: this would wait for it.
    timeout(Duration::from_secs(20), app.executor.close())
        .await
        .expect("no task is left");
}

#[tokio::test]
async fn a_cohort_lives_as_long_as_its_last_member() {
    let app = TestApp::shop().await;
    let query = live_list("items", "stock");
    let mut first = app.subscribe("openid:demo-admin", &query).await;
    let mut second = app.subscribe("openid:demo-admin", &query).await;
    first.next().await;
    drop(first);
    assert_eq!(second.told().await, "SNAPSHOT +i1@0 +i2@1 +i3@2");
    app.set("items", "i1", "stock", "1").await;
    assert_eq!(second.told().await, "CHANGE ~i1@0");
    drop(second);
    assert_eq!(app.executor.live_counts().cohorts, 0);
    let mut third = app.subscribe("openid:demo-admin", &query).await;
    assert_eq!(third.told().await, "SNAPSHOT +i1@0 +i2@1 +i3@2");
}

#[tokio::test]
async fn an_executor_that_goes_ends_its_subscriptions() {
    for gone in ["closed", "dropped"] {
        let app = TestApp::shop().await;
        let mut admin = app
            .subscribe("openid:demo-admin", &live_list("items", ""))
            .await;
        admin.next().await;
        if gone == "closed" {
            app.executor.close().await;
        } else {
            drop(app);
        }
        assert_eq!(admin.failure().await, "UNAVAILABLE", "{gone}");
        assert_eq!(admin.end().await, End::Failed, "{gone}");
    }
}
