//! `mirror`: what it prints, and how it ends.

use serde_json::Value as Json;

use super::{run, shop_directory, text};

#[test]
fn no_difference_ends_with_0_and_a_table() {
    let directory = shop_directory();
    let output = run(
        directory.path(),
        &["mirror", "--cases", "200", "--collection", "items"],
    );
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let told = text(&output.stdout);
    assert!(told.contains("read items"), "{told}");
    assert!(told.contains("200 cases of seed 1: 0 different"), "{told}");
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn a_difference_ends_with_1_and_is_told_at_once() {
    let directory = shop_directory();
    let file = directory.path().join("console.json");
    std::fs::write(&file, r#"{"items":{"AclTag":"ADMINWRITE"}}"#).expect("a file");
    let args = [
        "mirror",
        "--cases",
        "200",
        "--collection",
        "items",
        "--permissions",
        "console.json",
    ];
    let output = run(directory.path(), &args);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let told = text(&output.stderr);
    assert!(
        told.contains("read of `items`: the database gives what the gateway does not"),
        "{told}"
    );
    let output = run(directory.path(), &[args.as_slice(), &["--json"]].concat());
    assert_eq!(output.status.code(), Some(1));
    let report: Json = serde_json::from_slice(&output.stdout).expect("JSON");
    let finding = &report["findings"][0];
    assert_eq!(finding["direction"], "gateway-is-strict");
    assert_eq!(finding["database_rule"], "ADMINWRITE");
    assert_eq!(finding["gateway_rule"], "doc.status == 'ON_SALE'");
    assert!(finding["examples"][0]["case"].is_u64());
}

#[test]
fn a_file_that_cannot_be_read_ends_with_2() {
    let directory = shop_directory();
    std::fs::write(directory.path().join("bad.json"), "{").expect("a file");
    for (args, told) in [
        (["mirror", "--permissions", "bad.json"], "bad.json"),
        (["mirror", "--permissions", "none.json"], "none.json"),
        (
            ["mirror", "--collection", "nothing"],
            "no collection `nothing`",
        ),
        (["mirror", "--schema", "nothing.graphql"], "nothing.graphql"),
    ] {
        let output = run(directory.path(), &args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let error = text(&output.stderr);
        assert!(error.contains(told), "{args:?}: {error}");
    }
}
