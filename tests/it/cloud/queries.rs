//! A query is answered with what is true, or says where it is not.

use std::time::Duration;

use cloudbase_graphql::cloudbase::{Limits, Protocol};
use futures_util::future::join_all;
use serde_json::{Value as Json, json};
use tokio::time::{sleep, timeout};

use super::{PATIENCE, PROTOCOLS, Plan, Shop};
use crate::harness::Answer;

/// Three levels, four collections; roles are read beside.
const NESTED: &str = "{
    orders(orderBy: [{orderNo: ASC}], first: 10) {
        totalCount
        nodes { id total user { id nickname } lines { quantity item { id title cost } } }
    }
    items(first: 2, orderBy: [{price: DESC}]) { nodes { id stock } }
}";

/// Faults that are over before whoever asks loses patience.
fn passing() -> Vec<Json> {
    vec![
        json!({"latency_ms": 300}),
        json!({"status": 500, "times": 1}),
        json!({"status": 503, "times": 2}),
        json!({"reset": "before", "times": 2}),
        json!({"reset": "after", "times": 1}),
        json!({"reset": "midway", "times": 2}),
        json!({"reset": "midway", "every": 3, "times": 3}),
        json!({"code": "SYS_ERR", "times": 1}),
        json!({"code": "EXCEED_REQUEST_LIMIT", "times": 1}),
        json!({"code": "EXCEED_RATELIMIT", "collection": "users", "times": 1}),
    ]
}

/// Faults that stay.
fn lasting() -> Vec<Json> {
    vec![
        json!({"latency_ms": 60_000}),
        json!({"status": 503}),
        json!({"reset": "before"}),
        json!({"reset": "midway"}),
        json!({"code": "EXCEED_REQUEST_LIMIT"}),
        json!({"status": 503, "collection": "users"}),
        json!({"reset": "after", "collection": "items"}),
        json!({"code": "EXCEED_REQUEST_LIMIT", "collection": "orders"}),
    ]
}

fn plan(protocol: Protocol) -> Plan {
    let plan = Plan::of(protocol);
    Plan {
        limits: Limits {
            deadline: Duration::from_secs(4),
            attempt_timeout: Duration::from_secs(1),
            ..plan.limits
        },
        ..plan
    }
}

/// Before a fault, and with it.
async fn asked(plan: Plan, fault: &Json) -> (Answer, Answer) {
    let shop = Shop::open(plan).await;
    let admin = shop.admin();
    let truth = admin.query(NESTED).await;
    assert!(
        !truth.data()["orders"]["nodes"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    shop.fault(fault).await;
    let answer = admin.query(NESTED).await;
    assert!(shop.heal().await > 0, "{fault} struck nothing");
    shop.leaves_nothing().await;
    (truth, answer)
}

#[tokio::test]
async fn what_passes_is_waited_for() {
    let mut cases = Vec::new();
    for protocol in PROTOCOLS {
        cases.extend(passing().into_iter().map(|fault| (plan(protocol), fault)));
    }
    // The clock is set by what the refusal says, and the next signature is right.
    let signed = Plan {
        is_signed: true,
        ..plan(Protocol::Admin)
    };
    let expired = json!({"code": "SIGN_PARAM_INVALID", "times": 1});
    cases.push((signed, expired));
    let all = cases.iter().map(async |(plan, fault)| {
        let (truth, answer) = asked(*plan, fault).await;
        let told = format!("{:?} {fault}", plan.protocol);
        assert_eq!(answer.json, truth.json, "{told}");
    });
    join_all(all).await;
}

#[tokio::test]
async fn what_stays_is_told_and_nothing_else_is_wrong() {
    let mut cases = Vec::new();
    for protocol in PROTOCOLS {
        cases.extend(lasting().into_iter().map(|fault| (protocol, fault)));
    }
    let all = cases.iter().map(async |(protocol, fault)| {
        let (truth, answer) = asked(plan(*protocol), fault).await;
        let told = format!("{protocol:?} {fault}: {}", answer.text);
        let errors = answer.json["errors"].as_array().expect(&told);
        for error in errors {
            assert_eq!(error["extensions"]["code"], "UNAVAILABLE", "{told}");
        }
        let mut path = Vec::new();
        let is_honest = is_honest(&truth.json["data"], &answer.json["data"], errors, &mut path);
        assert!(is_honest, "{path:?} {told}");
    });
    join_all(all).await;
}

/// Whether an answer is what is true, but for what is null and an error tells of. Otherwise `path` leads to the lie.
fn is_honest(truth: &Json, answer: &Json, errors: &[Json], path: &mut Vec<Json>) -> bool {
    let mut goes_on = |step: Json, truth: &Json, answer: &Json| {
        path.push(step);
        let honest = is_honest(truth, answer, errors, path);
        if honest {
            path.pop();
        }
        honest
    };
    match (truth, answer) {
        (Json::Object(truth), Json::Object(answer)) => truth.iter().all(|(name, value)| {
            answer
                .get(name)
                .is_some_and(|answer| goes_on(name.as_str().into(), value, answer))
        }),
        (Json::Array(truth), Json::Array(answer)) => {
            let mut both = truth.iter().zip(answer).enumerate();
            truth.len() == answer.len()
                && both.all(|(at, (truth, answer))| goes_on(at.into(), truth, answer))
        }
        (truth, answer) if truth == answer => true,
        (_, Json::Null) => errors.iter().any(|error| {
            let place = error["path"].as_array();
            place.is_none_or(|place| place.starts_with(path))
        }),
        _ => false,
    }
}

#[tokio::test]
async fn what_fails_all_the_time_is_left_alone_for_a_while() {
    join_all(PROTOCOLS.map(left_alone)).await;
}

async fn left_alone(protocol: Protocol) {
    let shop = Shop::open(plan(protocol)).await;
    shop.fault(&json!({"status": 503})).await;
    let admin = shop.admin();
    let ask = || admin.query("{ items { nodes { id } } }");
    for answer in join_all((0..30).map(|_| ask())).await {
        assert_eq!(answer.errors(), ["UNAVAILABLE items"], "{protocol:?}");
    }
    let sent = shop.client.statistics().requests;
    let refused = ask().await;
    let after = refused.json["errors"][0]["extensions"]["retryAfter"].as_u64();
    assert!(matches!(after, Some(1..=5)), "{}", refused.text);
    assert_eq!(shop.client.statistics().requests, sent, "{protocol:?}");
    shop.heal().await;
    let healed = timeout(PATIENCE, async {
        while !ask().await.errors().is_empty() {
            sleep(Duration::from_millis(50)).await;
        }
    });
    healed.await.expect("it is tried again");
    shop.leaves_nothing().await;
}
