//! Whatever a store does wrong: subscribers are told what is true in the end, and nothing in between that is not theirs.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use cloudbase_graphql::data::Change;
use cloudbase_graphql::store::Store;
use cloudbase_graphql::store::sqlite::SqliteStore;
use cloudbase_graphql::{gateway, live};

use super::differential::acts;
use super::differential::subject::Subject;
use super::differential::witness::Witness;
use crate::gateway::fickle::Fickle;
use crate::harness::{SEED, SHOP, TestApp};
use crate::hub::faulty::Faulty;
use crate::random::Random;

const BRIEF: Option<&str> = Some("id orderNo status total remark");
const RELATED: Option<&str> = Some("id user { nickname phone } lines { item { title cost } }");

/// Who watches while it happens.
pub(super) const WATCHED: [(&str, Subject); 6] = [
    (
        "openid:demo-alice",
        Subject::list("orders", "", BRIEF, BRIEF),
    ),
    (
        "openid:demo-support",
        Subject::list("orders", "", BRIEF, None),
    ),
    (
        "openid:demo-support",
        Subject::list("orders", "orderBy: [{total: DESC}], first: 2", None, BRIEF),
    ),
    (
        "openid:demo-operator",
        Subject::list("orders", "", RELATED, RELATED),
    ),
    (
        "openid:demo-admin",
        Subject::list("items", "first: 2", Some("title price"), None),
    ),
    (
        "openid:demo-bob",
        Subject::single("order", "id: \"o1\"", BRIEF, None),
    ),
];

/// What a store does with the changes it has to tell of.
type Fault = fn(&Faulty, Vec<Arc<Change>>);

const FAULTS: [(&str, Fault); 6] = [
    ("ends its feed", |store, changes| {
        store.tell(changes);
        store.end_feeds();
    }),
    ("ends its feed before it told", |store, _| store.end_feeds()),
    ("tells twice", |store, changes| {
        store.tell(changes.clone());
        store.tell(changes);
    }),
    ("tells backwards", |store, mut changes| {
        changes.reverse();
        store.tell(changes);
    }),
    ("loses all but the last", |store, changes| {
        store.tell(changes.into_iter().last())
    }),
    ("loses all", |_, _| {}),
];

/// The shop over a store that somebody makes of the right one, and that store.
pub(super) async fn shop_over<S: Store + 'static>(
    between: impl FnOnce(Arc<SqliteStore>) -> Arc<S>,
) -> (TestApp, Arc<S>) {
    let live = live::Config {
        poll_interval: Duration::from_millis(100),
        pace: Duration::ZERO,
        ..Default::default()
    };
    let made = OnceLock::new();
    let between = |store| Arc::clone(made.get_or_init(|| between(store)));
    let gateway = gateway::Config {
        roles_max_age: Duration::from_millis(100),
        ..Default::default()
    };
    let app = TestApp::over(SHOP, SEED, gateway, live, between).await;
    (app, made.into_inner().unwrap())
}

pub(super) async fn everybody(app: &TestApp) -> Vec<Witness> {
    let mut witnesses = Vec::new();
    for (principal, subject) in WATCHED {
        witnesses.push(Witness::new(app, principal, subject).await);
    }
    witnesses
}

pub(super) async fn all_converge(app: &TestApp, witnesses: &mut [Witness]) {
    for witness in witnesses {
        witness.converge(app).await;
    }
}

/// A commit that is told of as it should be: whatever was lost is noticed by now.
async fn tell_of_one(app: &TestApp, store: &Faulty, number: usize) {
    let document = format!(r#"{{"_id":"openid:new{number}","roles":[],"status":"ACTIVE"}}"#);
    acts::put(app, "roles", &document).await;
    let last = store.take().pop();
    store.tell(last);
}

#[tokio::test]
async fn what_is_true_is_told_after_every_fault_of_the_feed() {
    for (seed, (what, fault)) in (7..).zip(FAULTS) {
        let (app, store) = shop_over(Faulty::new).await;
        store.tell(store.take());
        let mut random = Random::new(seed);
        let mut witnesses = everybody(&app).await;
        for round in 0..6 {
            for _ in 0..4 {
                acts::one(&app, &mut random).await;
            }
            fault(&store, store.take());
            tell_of_one(&app, &store, round).await;
            all_converge(&app, &mut witnesses).await;
        }
        let events: u64 = witnesses.iter().map(|witness| witness.events).sum();
        assert!(events > 5, "{what}: {events}");
    }
}

#[tokio::test]
async fn what_comes_late_is_told_when_it_comes() {
    let (app, store) = shop_over(Faulty::new).await;
    store.tell(store.take());
    let mut random = Random::new(8);
    let mut witnesses = everybody(&app).await;
    for _ in 0..12 {
        for _ in 0..3 {
            acts::one(&app, &mut random).await;
            tokio::task::yield_now().await;
        }
        for change in store.take() {
            store.tell([change]);
            tokio::task::yield_now().await;
        }
        all_converge(&app, &mut witnesses).await;
    }
}

#[tokio::test]
async fn a_store_without_a_feed_is_looked_at_again() {
    let (app, _) = shop_over(|store| Arc::new(Fickle::silent(store))).await;
    let mut random = Random::new(9);
    let mut witnesses = everybody(&app).await;
    for _ in 0..10 {
        for _ in 0..4 {
            acts::one(&app, &mut random).await;
        }
        all_converge(&app, &mut witnesses).await;
    }
}

#[tokio::test]
async fn a_store_that_is_away_for_a_while_costs_nobody_the_subscription() {
    for between in [Fickle::over, Fickle::silent] {
        let (app, store) = shop_over(|store| Arc::new(between(store))).await;
        let mut witnesses = everybody(&app).await;
        store.set_away(true);
        acts::write(
            &app,
            "roles",
            "openid:demo-support",
            "status",
            "\"DISABLED\"",
        )
        .await;
        acts::write(&app, "orders", "o4", "remark", "\"not for support\"").await;
        acts::write(&app, "users", "u1", "nickname", "\"New\"").await;
        let until_noticed = Duration::from_millis(300);
        for witness in &mut witnesses {
            let support = witness.principal == "openid:demo-support";
            while let Some(event) = witness.next(until_noticed).await {
                let told = witness.absorb(event).expect("it goes on");
                assert!(!support, "nobody knows what they may see: {told}");
            }
        }
        store.set_away(false);
        all_converge(&app, &mut witnesses).await;
        assert!(witnesses.iter().all(Witness::is_live));
    }
}

#[tokio::test]
async fn a_change_of_a_role_that_was_lost_is_noticed_with_the_next_commit() {
    let (app, store) = shop_over(Faulty::new).await;
    store.tell(store.take());
    let (principal, subject) = WATCHED[1];
    let mut support = Witness::new(&app, principal, subject).await;
    for (at, status) in ["DISABLED", "ACTIVE"].into_iter().enumerate() {
        acts::write(&app, "roles", principal, "status", &format!("{status:?}")).await;
        drop(store.take());
        tell_of_one(&app, &store, at).await;
        // A query asks the same memory of roles; what is seen tells whether that is right.
        support.converge(&app).await;
        assert_eq!(
            support.seen.now.iter().all(Vec::is_empty),
            status == "DISABLED"
        );
    }
}
