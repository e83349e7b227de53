//! Pages of other sites, as browsers tell of them, and what browsers are told of answers.

use axum::body::Body;
use axum::http::request::Builder;
use cloudbase_graphql::server::{Auth, Config};

use super::{Answer, app, post, query, request, send};

const ADMIN: &str = "https://admin.example";
const ALICE: (&str, &str) = ("authorization", "Bearer dev:openid:alice");

/// Takes development tokens, so that a forged request would do something.
fn config() -> Config {
    Config {
        auth: Auth::DevAnywhere,
        cors_origins: [ADMIN.to_owned()].into(),
        ..Config::default()
    }
}

async fn ask(request: Builder, headers: &[(&str, &str)], body: Body) -> Answer {
    let request = headers.iter().fold(request, |request, (name, value)| {
        request.header(*name, *value)
    });
    send(&app(config()).await, request.body(body).expect("a request")).await
}

#[tokio::test]
async fn what_a_page_of_another_site_asks_does_not_run() {
    let evil = ("origin", "https://evil.example");
    let cross = ("sec-fetch-site", "cross-site");
    for headers in [
        &[evil][..],
        &[cross],
        &[evil, cross],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "null"), cross],
        &[("origin", ADMIN), evil],
        // A page that writes the host's name into its own.
        &[("origin", "https://localhost.evil.example")],
    ] {
        let headers = [headers, &[ALICE]].concat();
        let get = request("GET", "/graphql?query=%7Bme%7Bprincipal%7D%7D");
        let events = request("GET", "/graphql?query=%7Bme%7Bprincipal%7D%7D")
            .header("accept", "text/event-stream");
        for (request, body) in [
            (get, Body::empty()),
            (events, Body::empty()),
            (
                post(),
                query("mutation { createNote(input: {text: \"forged\"}) { id } }"),
            ),
        ] {
            let answer = ask(request, &headers, body).await;
            assert_eq!(answer.status, 403, "{headers:?}");
            assert_eq!(answer.error().0, "FORBIDDEN");
            assert_eq!(answer.header("access-control-allow-origin"), "");
        }
    }
}

#[tokio::test]
async fn who_is_no_page_or_a_page_from_here_is_not_concerned() {
    for headers in [
        &[][..],
        &[("sec-fetch-site", "none")],
        &[
            ("sec-fetch-site", "same-origin"),
            ("origin", "http://elsewhere"),
        ],
        &[("origin", "http://localhost")],
        &[("referer", "https://servicewechat.com/wx1/1/page-frame.html")],
    ] {
        let headers = [headers, &[ALICE]].concat();
        let answer = ask(post(), &headers, query("{ me { principal } }")).await;
        assert_eq!(answer.status, 200, "{headers:?}");
        assert_eq!(answer.json()["data"]["me"]["principal"], "openid:alice");
    }
}

#[tokio::test]
async fn pages_that_are_allowed_are_told_so() {
    let headers = [("origin", ADMIN), ("sec-fetch-site", "cross-site")];
    let preflight = [&headers[..], &[("access-control-request-method", "POST")]].concat();
    let answer = ask(request("OPTIONS", "/graphql"), &preflight, Body::empty()).await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("access-control-allow-origin"), ADMIN);
    assert_eq!(answer.header("access-control-allow-methods"), "GET, POST");
    let allowed = answer.header("access-control-allow-headers");
    assert!(allowed.contains("authorization") && allowed.contains("content-type"));
    let asked = [&headers[..], &[ALICE]].concat();
    for (asked, status) in [
        (asked, 200),
        (
            [&headers[..], &[("authorization", "Basic x")]].concat(),
            401,
        ),
    ] {
        let answer = ask(post(), &asked, query("{ me { principal } }")).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("access-control-allow-origin"), ADMIN);
        assert_eq!(answer.header("vary"), "origin");
        assert_eq!(
            answer.header("access-control-expose-headers"),
            "retry-after, x-request-id"
        );
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
    let foreign = [
        ("origin", "https://evil.example"),
        ("access-control-request-method", "POST"),
    ];
    let answer = ask(request("OPTIONS", "/graphql"), &foreign, Body::empty()).await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn every_answer_says_what_browsers_may_not_do_with_it() {
    for path in [
        "/",
        "/healthz",
        "/readyz",
        "/metrics",
        "/elsewhere",
        "/graphql?query=%7B__typename%7D",
    ] {
        // Whoever follows a link comes from another site.
        let link = match path {
            path if path.starts_with("/graphql") => &[][..],
            _ => &[
                ("sec-fetch-site", "cross-site"),
                ("sec-fetch-mode", "navigate"),
            ],
        };
        let answer = ask(request("GET", path), link, Body::empty()).await;
        assert_ne!(answer.status, 403, "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
    }
}
