//! A server killed in the middle of writes: what was acknowledged is there after a restart.

use std::time::Duration;

use tokio::task::JoinSet;

use super::serve::Server;
use super::shop_directory;

const ROUNDS: usize = 3;
const WRITERS: usize = 4;

/// Creates items until the server is gone; gives the ids that were acknowledged.
async fn write(url: String) -> Vec<String> {
    let client = reqwest::Client::new();
    let mut acknowledged = Vec::new();
    let create =
        "mutation { createItem(input: {title: \"茶\", price: 100, category: \"tea\"}) { id } }";
    loop {
        let sent = client
            .post(&url)
            .header("authorization", "Bearer dev:openid:demo-operator")
            .json(&serde_json::json!({ "query": create }))
            .send()
            .await;
        let Ok(response) = sent else {
            return acknowledged;
        };
        let Ok(answer) = response.json::<serde_json::Value>().await else {
            return acknowledged;
        };
        let id = answer["data"]["createItem"]["id"].as_str();
        acknowledged.push(id.expect("created").to_owned());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_writes_survive_kill_9() {
    let directory = shop_directory();
    let args = ["--demo", "--demo-orders", "10", "--listen", "127.0.0.1:0"];
    let mut acknowledged = Vec::new();
    for round in 0..ROUNDS {
        let server = Server::start(directory.path(), &args);
        let mut writers: JoinSet<Vec<String>> =
            (0..WRITERS).map(|_| write(server.url.clone())).collect();
        tokio::time::sleep(Duration::from_millis(150 + 70 * round as u64)).await;
        server.kill();
        while let Some(ids) = writers.join_next().await {
            acknowledged.extend(ids.expect("no panic"));
        }
    }
    assert!(
        acknowledged.len() > ROUNDS * WRITERS,
        "too few writes to tell"
    );

    let server = Server::start(directory.path(), &args);
    let all = "{ items(where: {category: {eq: \"tea\"}, title: {eq: \"茶\"}}) { totalCount } }";
    let total = super::serve::ask(&server, "demo-operator", all).await;
    let total = total["data"]["items"]["totalCount"]
        .as_u64()
        .expect("a count");
    // A write whose acknowledgement never arrived may be there: at most one for each writer.
    let least = acknowledged.len() as u64;
    assert!(
        (least..=least + (ROUNDS * WRITERS) as u64).contains(&total),
        "{least} {total}"
    );
    for ids in acknowledged.chunks(100) {
        let ids = serde_json::json!(ids);
        let query = format!(
            "{{ items(first: 100, where: {{id: {{in: {ids}}}}}) {{ nodes {{ id title price }} }} }}"
        );
        let found = super::serve::ask(&server, "demo-operator", &query).await;
        let nodes = found["data"]["items"]["nodes"].as_array().expect("items");
        assert_eq!(nodes.len(), ids.as_array().map_or(0, Vec::len));
        assert!(
            nodes
                .iter()
                .all(|item| item["title"] == "茶" && item["price"] == 100)
        );
    }
    assert_eq!(server.stop().0, Some(0));
}
