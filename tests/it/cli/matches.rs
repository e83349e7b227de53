//! `graphql.matches`: the operator for regular expressions, off until an operator of the server switches it on.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::serve::{Server, ask};
use super::{run, shop_directory, text};

const SWITCHED_ON: &str = "[graphql]\nmatches = \"staff\"\n";

fn shop_with_matches() -> tempfile::TempDir {
    let directory = shop_directory();
    fs::write(directory.path().join("gateway.toml"), SWITCHED_ON).expect("a file");
    directory
}

fn start(directory: &Path, more: &[&str]) -> Server {
    let demo = ["--demo", "--demo-orders", "1", "--listen", "127.0.0.1:0"];
    Server::start(directory, &[&demo[..], more].concat())
}

fn by(pattern: &str) -> String {
    let pattern = json!(pattern);
    format!(
        "{{ items(first: 3, where: {{category: {{matches: {pattern}}}}}) {{ totalCount nodes {{ category }} }} }}"
    )
}

fn code(answer: &serde_json::Value) -> &str {
    answer["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap_or("none")
}

#[tokio::test]
async fn switched_on_it_is_for_staff_only() {
    let directory = shop_with_matches();
    let server = start(directory.path(), &["--config", "gateway.toml"]);

    let all = ask(
        &server,
        "demo-admin",
        "{ items { totalCount nodes { category } } }",
    )
    .await;
    let category = all["data"]["items"]["nodes"][0]["category"].as_str();
    let category = category.expect("a category");
    let last = category.chars().last().expect("a letter");
    let found = ask(&server, "demo-admin", &by(&format!("^.*{last}$"))).await;
    let nodes = found["data"]["items"]["nodes"].as_array().expect("items");
    assert!(!nodes.is_empty());
    assert!(nodes.iter().all(|node| {
        node["category"]
            .as_str()
            .is_some_and(|it| it.ends_with(last))
    }));
    let none = ask(&server, "demo-admin", &by("^no such$")).await;
    assert_eq!(none["data"]["items"]["totalCount"], 0, "{none}");

    for pattern in ["(", "(?=a)", "(a{1000}){1000}", &"a".repeat(1025)] {
        let refused = ask(&server, "demo-admin", &by(pattern)).await;
        assert_eq!(code(&refused), "BAD_USER_INPUT", "{refused}");
    }
    let many = "{title: {matches: \"a\"}}, ".repeat(21);
    let many = format!("{{ items(where: {{or: [{many}]}}) {{ totalCount }} }}");
    let refused = ask(&server, "demo-admin", &many).await;
    assert_eq!(code(&refused), "LIMIT_EXCEEDED", "{refused}");

    let refused = ask(&server, "demo-alice", &by(".")).await;
    assert_eq!(code(&refused), "FORBIDDEN", "{refused}");

    let shown = "{ __type(name: \"StringFilter\") { inputFields { name } } }";
    for (token, visible) in [("demo-support", true), ("demo-alice", false)] {
        let answer = ask(&server, token, shown).await;
        let operators = answer["data"]["__type"]["inputFields"].to_string();
        assert_eq!(operators.contains("matches"), visible, "{token}");
    }
    assert_eq!(server.stop().0, Some(0));
}

#[tokio::test]
async fn it_is_off_by_default() {
    let directory = shop_directory();
    let server = start(directory.path(), &[]);
    let refused = ask(&server, "demo-owner", &by(".")).await;
    assert_eq!(code(&refused), "GRAPHQL_VALIDATION_FAILED", "{refused}");
    assert_eq!(server.stop().0, Some(0));
}

#[test]
fn the_printed_schema_has_it_as_the_served_one() {
    let directory = shop_with_matches();
    let config = ["--config", "gateway.toml"];
    for (args, printed) in [
        (&[][..], false),
        (&config, true),
        (&["--role", "support", config[0], config[1]], true),
        (&["--no-role", config[0], config[1]], false),
    ] {
        let output = run(directory.path(), &[&["schema"], args].concat());
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert_eq!(
            text(&output.stdout).contains("matches: String"),
            printed,
            "{args:?}"
        );
    }
}
