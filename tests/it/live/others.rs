//! A store that others write to as well: everybody is told what is true in the end, whoever wrote it.

use std::time::Duration;

use cloudbase_graphql::store::Store;

use super::differential::acts;
use super::faults::{all_converge, everybody, shop_over};
use super::subscriber::live_list;
use crate::harness::TestApp;
use crate::hub::shared::Shared;
use crate::random::Random;

#[tokio::test]
async fn what_is_true_is_told_whoever_wrote_it() {
    for (seed, make) in [(31, Shared::over as fn(_) -> _), (32, Shared::noticed)] {
        let (app, store) = shop_over(make).await;
        let mut random = Random::new(seed);
        let mut witnesses = everybody(&app).await;
        for _ in 0..15 {
            for _ in 0..4 {
                // Some through the gateway, most not.
                acts::but_no_role(&app, &mut random).await;
            }
            if seed == 32 {
                store.notify();
            }
            all_converge(&app, &mut witnesses).await;
        }
        let events: u64 = witnesses.iter().map(|witness| witness.events).sum();
        assert!(events > 30, "{events}");
        assert_eq!(app.executor.gateway().live().missed(), 0);
    }
}

#[tokio::test]
async fn an_outage_costs_nobody_the_subscription() {
    let (app, store) = shop_over(Shared::over).await;
    let mut random = Random::new(33);
    let mut witnesses = everybody(&app).await;
    for _ in 0..3 {
        store.set_away(true);
        acts::write(&app, "orders", "o4", "remark", "\"new\"").await;
        acts::write(&app, "users", "u1", "nickname", "\"New\"").await;
        for witness in &mut witnesses {
            while let Some(event) = witness.next(Duration::from_millis(150)).await {
                witness.absorb(event).expect("it goes on");
            }
        }
        store.set_away(false);
        acts::but_no_role(&app, &mut random).await;
        all_converge(&app, &mut witnesses).await;
        assert!(witnesses.iter().all(|witness| witness.is_live()));
    }
}

async fn status(app: &TestApp, status: &str) {
    app.set("roles", "openid:demo-support", "status", status)
        .await;
}

#[tokio::test]
async fn a_role_that_is_withdrawn_elsewhere_takes_rows_away() {
    let (app, _) = shop_over(Shared::over).await;
    let query = live_list("orders", "remark");
    let mut support = app.subscribe("openid:demo-support", &query).await;
    assert_eq!(support.told().await, "SNAPSHOT +o1@0 +o3@1 +o4@2");
    status(&app, "\"DISABLED\"").await;
    assert_eq!(support.told().await, "CHANGE -o1 -o3 -o4");
    app.set("orders", "o1", "remark", "\"secret\"").await;
    app.set("orders", "o1", "remark", "\"fine\"").await;
    status(&app, "\"ACTIVE\"").await;
    let told = support.next().await;
    assert_eq!(told.brief(), "CHANGE +o1@0 +o3@1 +o4@2");
    assert_eq!(told.node("o1")["remark"], "fine");
}

#[tokio::test]
async fn roles_that_stay_move_nobody() {
    let (app, store) = shop_over(Shared::over).await;
    let query = live_list("orders", "remark");
    let mut support = app.subscribe("openid:demo-support", &query).await;
    support.next().await;
    let reads = store.reads();
    // Several looks at list and roles later.
    let wait = async {
        while store.reads() < reads + 20 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::select! {
        event = support.event() => panic!("nothing is new: {event:?}"),
        () = wait => {}
    }
    let counts = app.executor.live_counts();
    assert_eq!((counts.cohorts, counts.renders), (1, 1));
    app.set("orders", "o1", "remark", "\"new\"").await;
    assert_eq!(support.told().await, "CHANGE ~o1@0");
}
