//! Headers become a caller, or are refused.

use axum::body::Body;
use cloudbase_graphql::server::{Auth, Config};

use super::{Answer, app, dev, post, query, send};

const ME: &str = "{ me { principal roles loginType } }";

async fn ask(config: Config, headers: &[(&str, &str)]) -> Answer {
    let app = app(config).await;
    let mut request = post();
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(&app, request.body(query(ME)).expect("a request")).await
}

#[tokio::test]
async fn a_development_token_names_the_caller() {
    for (token, principal, roles, login) in [
        ("dev:openid:alice", "openid:alice", &[][..], "WECHAT_PUBLIC"),
        (
            "dev:openid:editor",
            "openid:editor",
            &["editor"],
            "WECHAT_PUBLIC",
        ),
        ("dev:uid:web-1", "uid:web-1", &[], "CUSTOM"),
        ("dev:anonymous:guest", "uid:guest", &[], "ANONYMOUS"),
    ] {
        let answer = ask(dev(), &[("authorization", &format!("Bearer {token}"))]).await;
        let me = &answer.json()["data"]["me"];
        assert_eq!(
            *me,
            serde_json::json!({"principal": principal, "roles": roles, "loginType": login}),
        );
    }
}

#[tokio::test]
async fn a_token_holds_until_it_expires() {
    let seconds = crate::harness::NOW / 1000;
    let token = |until: i64| format!("Bearer dev:openid:alice;expires={until}");
    let answer = ask(dev(), &[("authorization", &token(seconds + 1))]).await;
    assert_eq!(
        answer.json()["data"]["me"]["principal"],
        "openid:alice",
        "{}",
        answer.json()
    );
    let answer = ask(dev(), &[("authorization", &token(seconds))]).await;
    assert_eq!(answer.status, 401);
    let (code, message) = answer.error();
    assert_eq!(code, "UNAUTHENTICATED");
    assert!(message.contains("fresh"), "{message}");
}

#[tokio::test]
async fn a_token_that_is_not_taken_is_401() {
    for (auth, authorization) in [
        (Auth::Closed, "Bearer dev:openid:alice"),
        (Auth::Closed, "Bearer anything"),
        (Auth::DevOnLoopback, "Bearer anything"),
        (Auth::DevOnLoopback, "Bearer dev:alice"),
        (Auth::DevOnLoopback, "Basic YWxpY2U6"),
    ] {
        let config = Config {
            auth,
            ..Config::default()
        };
        let answer = ask(config, &[("authorization", authorization)]).await;
        assert_eq!(answer.status, 401, "{authorization}");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
        let (code, message) = answer.error();
        assert_eq!(code, "UNAUTHENTICATED");
        assert!(!message.contains("anything"), "tokens are not repeated");
    }
}

#[tokio::test]
async fn platform_headers_make_nobody_of_anybody() {
    let forged = [
        ("x-wx-openid", "alice"),
        ("x-wx-source", "wx_client"),
        ("x-wx-appid", "wx1"),
        ("x-wx-env", "env"),
    ];
    let answer = ask(dev(), &forged).await;
    let plain = ask(dev(), &[]).await;
    assert_eq!(answer.body, plain.body);
    assert!(!String::from_utf8_lossy(&answer.body).contains("alice"));
}

#[tokio::test]
async fn development_tokens_are_taken_from_this_machine_only() {
    for (auth, host, status) in [
        (Auth::DevOnLoopback, "evil.example", 421),
        (Auth::DevAnywhere, "evil.example", 200),
        (Auth::Closed, "shop.example", 200),
    ] {
        let config = Config {
            auth,
            ..Config::default()
        };
        let request = axum::http::Request::builder()
            .uri("/graphql?query=%7B__typename%7D")
            .header("host", host)
            .body(Body::empty());
        let answer = send(&app(config).await, request.expect("a request")).await;
        assert_eq!(answer.status, status, "{host}");
    }
}

#[tokio::test]
async fn how_an_operation_runs_is_told_to_staff_and_under_development_tokens() {
    let explained = async |config: Config, headers: &[(&str, &str)]| {
        let answer = ask(config, headers).await;
        answer.json().pointer("/extensions/plan").is_some()
    };
    let plan = ("x-explain", "plan");
    let alice = ("authorization", "Bearer dev:openid:alice");
    assert!(explained(dev(), &[plan, alice]).await);
    assert!(explained(dev(), &[plan]).await);
    assert!(!explained(dev(), &[alice]).await);
    assert!(!explained(dev(), &[("x-explain", "all"), alice]).await);
    assert!(!explained(Config::default(), &[plan]).await);
    // Several things at once, and nothing that was not asked for.
    let both = ask(dev(), &[("x-explain", "permissions, Plan"), alice])
        .await
        .json();
    assert!(both["extensions"]["plan"].is_object(), "{both}");
    assert!(both["extensions"]["permissions"].is_array(), "{both}");
    let one = ask(dev(), &[("x-explain", "permissions"), alice])
        .await
        .json();
    assert!(one["extensions"]["plan"].is_null(), "{one}");
    assert!(one["extensions"]["permissions"].is_array(), "{one}");
    let none = ask(Config::default(), &[("x-explain", "permissions")])
        .await
        .json();
    assert!(none["extensions"].is_null(), "{none}");
}
