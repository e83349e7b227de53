//! How often an address may ask, and what a private link carries, before and after there is an operation.

use std::num::NonZeroU32;
use std::sync::Arc;

use axum::Router;
use axum::http::HeaderName;
use cloudbase_graphql::gateway::Rate;
use cloudbase_graphql::graphql::{self, Allowance, Executor, Limits};
use cloudbase_graphql::server::{ClientAddress, Config, router};

use super::{Answer, dev, executor, post, query, request, send};

const FORWARDED: &str = "x-forwarded-for";

/// Behind one proxy that tells where requests come from.
async fn behind_a_proxy(limits: Limits) -> Router {
    let gateway = Arc::clone(executor().await.gateway());
    let config = graphql::Config {
        limits,
        ..graphql::Config::default()
    };
    let executor = Executor::new(gateway, config).expect("an API");
    let config = Config {
        client_address: ClientAddress::Forwarded {
            header: HeaderName::from_static(FORWARDED),
            proxies: std::num::NonZeroUsize::MIN,
        },
        ..dev()
    };
    router(Arc::new(executor), config)
}

fn rate(per_second: u32, burst: u32) -> Option<Rate> {
    let number = |number| NonZeroU32::new(number).expect("not zero");
    Some(Rate {
        per_second: number(per_second),
        burst: number(burst),
    })
}

async fn ask(app: &Router, address: &str, document: &str) -> Answer {
    let ask = post().header(FORWARDED, address);
    send(app, ask.body(query(document)).expect("a request")).await
}

fn is_429(answer: &Answer) {
    assert_eq!(answer.status, 429);
    assert_eq!(answer.header("retry-after"), "1");
    let json = answer.json();
    let extensions = &json["errors"][0]["extensions"];
    assert_eq!(extensions["code"], "LIMIT_EXCEEDED");
    assert_eq!(extensions["retryAfter"], 1);
}

#[tokio::test]
async fn an_address_asks_so_often_before_anything_is_read() {
    let limits = Limits {
        address_rate: rate(1, 2),
        ..Limits::default()
    };
    let app = behind_a_proxy(limits).await;
    tokio::time::pause();
    for _ in 0..2 {
        assert_eq!(ask(&app, "203.0.113.7", "{ __typename }").await.status, 200);
    }
    // Whatever it is: nothing of it is looked at.
    let asks = [
        post().body("no request".into()),
        request("GET", "/graphql?query=x").body("".into()),
        request("GET", "/graphql")
            .header("upgrade", "websocket")
            .body("".into()),
    ];
    for ask in asks {
        let mut ask = ask.expect("a request");
        let address = "203.0.113.7".parse().expect("a header value");
        ask.headers_mut().insert(FORWARDED, address);
        is_429(&send(&app, ask).await);
    }
    assert_eq!(ask(&app, "203.0.113.8", "{ __typename }").await.status, 200);
    let health = request("GET", "/healthz").header(FORWARDED, "203.0.113.7");
    let health = health.body("".into()).expect("a request");
    assert_eq!(send(&app, health).await.status, 200, "platforms ask often");
}

/// All addresses of one network of 64 bits are somebody's.
#[tokio::test]
async fn a_network_of_addresses_is_one() {
    let limits = Limits {
        address_rate: rate(1, 1),
        ..Limits::default()
    };
    let app = behind_a_proxy(limits).await;
    tokio::time::pause();
    let ask = |address| ask(&app, address, "{ __typename }");
    assert_eq!(ask("2001:db8:1:2::1").await.status, 200);
    is_429(&ask("2001:db8:1:2:ffff::7").await);
    assert_eq!(ask("2001:db8:1:3::1").await.status, 200);
}

#[tokio::test]
async fn a_caller_who_comes_too_often_is_429_whatever_is_accepted() {
    let allowance = Allowance {
        rate: rate(1, 1),
        ..Allowance::default()
    };
    let app = behind_a_proxy(Limits::same(allowance)).await;
    tokio::time::pause();
    assert_eq!(ask(&app, "203.0.113.7", "{ __typename }").await.status, 200);
    for accepted in [
        "application/json",
        "application/graphql-response+json",
        "text/event-stream",
    ] {
        let ask = post()
            .header(FORWARDED, "203.0.113.7")
            .header("accept", accepted);
        let answer = send(&app, ask.body(query("{ __typename }")).expect("a request")).await;
        is_429(&answer);
    }
    let numbers = request("GET", "/metrics")
        .body("".into())
        .expect("a request");
    let numbers = String::from_utf8(send(&app, numbers).await.body.to_vec()).expect("text");
    let line = "cloudbase_graphql_limits_exceeded_total{limit=\"rate\",level=\"guest\"} 3";
    assert!(numbers.lines().any(|told| told == line), "{numbers}");
}
