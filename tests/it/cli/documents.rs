//! Registered documents: what `serve` says of them when it starts.

use std::fs;

use serde_json::json;

use super::serve::{Server, ask};
use super::{run, shop_directory, text};

/// As `printf '{ __typename }' | sha256sum` has it.
const HASH: &str = "7f56e67dd21ab3f30d1ff8b7bed08893f0a0db86449836189b361dd1e56ddb4b";

#[test]
fn what_keeps_documents_from_being_registered_is_told() {
    let directory = shop_directory();
    let path = |name: &str| directory.path().join(name);
    let write = |name: &str, text: &str| fs::write(path(name), text).expect("a file");
    let setting = |path: &str| format!("[documents]\npath = \"{path}\"\n");
    fs::create_dir(path("empty")).expect("a directory");
    fs::create_dir(path("bad")).expect("a directory");
    write("bad/items.graphql", "{ items { nodes { id\n  colour } } }");
    write("bad/good.gql", "{ __typename }");
    write("other.json", &json!({HASH: "{ __typename }\n"}).to_string());
    write("custom.json", &json!({"Me": "{ __typename }"}).to_string());
    write("text.json", "query Me { me { id } }");
    for name in ["nowhere", "empty", "other.json", "custom.json", "text.json"] {
        write(&format!("{name}.toml"), &setting(name));
    }
    let refuse = setting("bad") + "invalid = \"refuse\"\n";
    write("bad.toml", &refuse);
    write(
        "word.toml",
        "[documents]\ninvalid = \"drop\"\nautomatic = 1",
    );
    write("strict.toml", "[limits.guest]\ndocuments = \"strict\"\n");
    for (config, reasons) in [
        ("nowhere", &["`nowhere` cannot be read"][..]),
        ("empty", &["`empty` has no documents"]),
        (
            "other.json",
            &["`other.json`", "not named by the SHA-256", "sha256:"],
        ),
        ("custom.json", &["`Me` is no id of a document", HASH]),
        ("text.json", &["`text.json` is no list of documents"]),
        (
            "bad",
            &[
                "`bad/items.graphql`, 2:3: ",
                "colour",
                "`documents.invalid`",
            ],
        ),
        ("word", &["`warn` or `refuse`", "`on` or `off`"]),
        ("strict", &["`limits.documents`", "`documents.path`"]),
    ] {
        let config = format!("{config}.toml");
        let args = ["serve", "--listen", "127.0.0.1:0", "--config", &config];
        let output = run(directory.path(), &args);
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{config}: {told}");
        for reason in reasons {
            assert!(told.contains(reason), "{config} lacks {reason}: {told}");
        }
        assert!(!told.contains("good.gql"), "{told}");
    }
}

#[tokio::test]
async fn one_that_does_not_fit_is_told_and_the_others_are_served() {
    let directory = shop_directory();
    let path = |name: &str| directory.path().join(name);
    fs::create_dir(path("known")).expect("a directory");
    fs::write(path("known/bad.graphql"), "{ nothing }").expect("a file");
    fs::write(path("known/good.graphql"), "{ __typename }\n").expect("a file");
    let settings = "[documents]\npath = \"known\"\n[limits]\ndocuments = \"trusted\"\n";
    fs::write(path("trusted.toml"), settings).expect("a file");
    let args = [
        "--listen",
        "127.0.0.1:0",
        "--dev-auth",
        "--config",
        "trusted.toml",
    ];
    let server = Server::start(directory.path(), &args);
    let known = ask(&server, "somebody", "{ __typename }").await;
    assert_eq!(known, json!({"data": {"__typename": "Query"}}));
    let other = ask(&server, "somebody", "{ me { principal } }").await;
    assert_eq!(other["errors"][0]["extensions"]["code"], "FORBIDDEN");
    let (code, said) = server.stop();
    assert_eq!(code, Some(0));
    assert!(said.contains("`known/bad.graphql`, 1:3: "), "{said}");
    assert!(!said.contains("good.graphql"), "{said}");
}
