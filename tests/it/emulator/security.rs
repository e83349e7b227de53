//! Who must not be heard, and what must not be seen: each test is a way in that was open once.

use cloudbase_graphql::emulator::{Config, Origins};
use serde_json::{Value as Json, json};

use super::exchange::Served;

const KEY: &[(&str, &str)] = &[("authorization", "Bearer any")];

/// What makes a collection, from whoever is an administrator; no header is needed for it on `/web`.
fn make(name: &str) -> Json {
    json!({ "action": "database.addCollection", "collectionName": name, "access_token": "any" })
}

/// Whether a collection is there.
async fn exists(served: &Served, name: &str) -> bool {
    let count = json!({ "action": "database.countDocument", "collectionName": name });
    served.post("/admin", KEY, count).await["data"]["total"].is_number()
}

#[tokio::test]
async fn a_page_of_the_internet_does_nothing() {
    let served = Served::with(Config::default()).await;
    for (number, origin) in [
        "https://evil.example",
        "http://localhost.evil.example",
        "null",
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("made{number}");
        // A browser sends this without asking first.
        let headers = [("origin", origin), ("content-type", "text/plain")];
        let status = served.status("POST", "/web", &headers, &make(&name)).await;
        assert_eq!(status, 403, "{origin}");
        assert!(!exists(&served, &name).await, "{origin}");
        let asks = [
            ("origin", origin),
            ("access-control-request-method", "POST"),
        ];
        for path in ["/web", "/admin", "/", "/v1/database/x", "/_emulator/faults"] {
            let leave = served.headers("OPTIONS", path, &asks).await;
            assert!(!leave.contains_key("access-control-allow-origin"), "{path}");
        }
        let status = served.status("GET", "/ws", &headers, &json!({})).await;
        assert_eq!(status, 403, "{origin}");
    }
}

#[tokio::test]
async fn a_page_whose_name_was_made_to_lead_here_does_nothing() {
    let served = Served::with(Config::default()).await;
    let named = [("host", "evil.example:9000"), KEY[0]];
    for path in [
        "/v1/database/instances/(default)/databases/(default)/collections/todos/documents",
        "/_emulator/faults",
        "/healthz",
    ] {
        assert_eq!(
            served.status("GET", path, &named, &json!({})).await,
            403,
            "{path}"
        );
    }
    let status = served.status("POST", "/web", &named, &make("made")).await;
    assert_eq!(status, 403);
    assert!(!exists(&served, "made").await);
}

#[tokio::test]
async fn pages_of_this_machine_and_allowed_ones_are_heard() {
    let origins = Origins::parse(["https://app.example.com"]).unwrap();
    let served = Served::with(Config {
        origins,
        ..Config::default()
    })
    .await;
    for (name, headers) in [
        ("local", [("origin", "http://localhost:5173"), KEY[0]]),
        ("allowed", [("origin", "https://app.example.com"), KEY[0]]),
        ("named", [("host", "app.example.com"), KEY[0]]),
        ("compose", [("host", "emulator:9000"), KEY[0]]),
    ] {
        let made = served.post("/web", &headers, make(name)).await;
        assert_eq!(made["message"], "ok", "{name}: {made}");
        assert!(exists(&served, name).await, "{name}");
    }
}
