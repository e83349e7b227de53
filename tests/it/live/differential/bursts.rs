//! Many writes before anybody reads: what is told then was true at some moment, and what is true is told in the end.

use std::collections::HashSet;
use std::mem;
use std::time::Duration;

use cloudbase_graphql::live;
use futures_util::future::join_all;
use serde_json::Value as Json;
use tokio::task;

use super::acts;
use super::subject::Subject;
use super::witness::Witness;
use super::{
    ADMIN, ALICE, BOB, BRIEF, GOODS, MASKED, OPEN, OPERATOR, PEOPLE, RELATED, RICHEST, SUPPORT,
};
use crate::harness::{SEED, SHOP, TestApp};
use crate::random::Random;

const WATCHED: [(&str, Subject); 8] = [
    (ALICE, Subject::list("orders", "", BRIEF, BRIEF)),
    (SUPPORT, Subject::list("orders", "", MASKED, None)),
    (SUPPORT, Subject::list("orders", "", None, MASKED)),
    (OPERATOR, Subject::list("orders", RICHEST, MASKED, BRIEF)),
    (ADMIN, Subject::list("orders", OPEN, None, BRIEF)),
    (BOB, Subject::list("items", "", GOODS, GOODS)),
    (ADMIN, Subject::list("users", "", PEOPLE, None)),
    (ALICE, Subject::single("order", "id: \"o1\"", BRIEF, None)),
];

/// Those for which a moment is more than one read.
const LED_ON: [(&str, Subject); 2] = [
    (ADMIN, Subject::list("orders", "", RELATED, RELATED)),
    (SUPPORT, Subject::list("orders", RICHEST, None, RELATED)),
];

/// So few events wait that two are too much for who does not read.
async fn shop() -> TestApp {
    let live = live::Config {
        queue: 1,
        pace: Duration::ZERO,
        ..Default::default()
    };
    TestApp::watching(SHOP, SEED, Default::default(), live).await
}

/// What each of them could see at some moment.
async fn note(app: &TestApp, witnesses: &[Witness], visible: &mut [HashSet<Json>]) {
    for (witness, visible) in witnesses.iter().zip(visible) {
        if let Ok(truth) = witness.truth(app).await {
            visible.extend(truth.seen.documents());
        }
    }
}

#[tokio::test]
async fn what_slow_readers_are_told_was_true_at_some_commit() {
    let app = shop().await;
    let mut random = Random::new(11);
    let mut witnesses = Vec::new();
    for (principal, subject) in WATCHED {
        witnesses.push(Witness::new(&app, principal, subject).await);
    }
    let mut log = super::Log(11, Vec::new());
    let mut visible = vec![HashSet::new(); witnesses.len()];
    for burst in 0..12 {
        // A list may be as it was while what happened to it in the burst before is still to be told.
        let before = mem::replace(&mut visible, vec![HashSet::new(); witnesses.len()]);
        note(&app, &witnesses, &mut visible).await;
        for _ in 0..24 {
            log.1.push(acts::one(&app, &mut random).await);
            note(&app, &witnesses, &mut visible).await;
            // Some read all the time, others only in the end.
            for witness in witnesses.iter_mut().skip(burst % 2).step_by(2) {
                witness.read(&app).await;
            }
        }
        for ((witness, visible), before) in witnesses.iter_mut().zip(&visible).zip(&before) {
            let resyncs = witness.resyncs;
            witness.converge(&app).await;
            assert!(
                witness.resyncs <= resyncs + 1,
                "{witness}: more than one RESYNC for one lag"
            );
            for document in mem::take(&mut witness.shown) {
                assert!(
                    visible.contains(&document) || before.contains(&document),
                    "{witness}: never visible: {document}"
                );
            }
        }
    }
    assert!(app.executor.live_counts().resyncs > 0, "nobody was slow");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_true_is_told_after_writes_at_the_same_time() {
    let app = shop().await;
    let mut witnesses = Vec::new();
    for (principal, subject) in WATCHED.into_iter().chain(LED_ON) {
        witnesses.push(Witness::new(&app, principal, subject).await);
    }
    for burst in 0..12 {
        let writer = async |seed| {
            let mut random = Random::new(seed);
            for _ in 0..6 {
                acts::one(&app, &mut random).await;
                task::yield_now().await;
            }
        };
        let bulk = acts::all(
            &app,
            "updateOrders(where: {status: {eq: PAID}}, atMost: 100, set: {remark: \"bulk\"}) { modified }",
        );
        futures_util::join!(join_all((0..4).map(|at| writer(burst * 4 + at))), bulk);
        for witness in &mut witnesses {
            witness.converge(&app).await;
        }
    }
}
