//! `doctor`: what it prints, what it creates, and its exit codes.

use std::path::Path;
use std::process::Output;
use std::sync::Arc;

use cloudbase_graphql::emulator::{Config, Permissions};
use cloudbase_graphql::model::Model;

use super::{program, shop_directory, text};
use crate::emulator::exchange::Served;

async fn cloud(permissions: &str) -> Served {
    let shop = include_str!("../../../schema.graphql");
    let model = Model::parse(shop).expect("the shop").model;
    let config = Config {
        model: Some(Arc::new(model)),
        permissions: Permissions::parse(permissions).expect("permissions"),
        ..Config::default()
    };
    Served::with(config).await
}

/// Runs it against an emulator of this process, whose requests go on meanwhile.
async fn doctor(directory: &Path, cloud: &Served, args: &[&str], with_pair: bool) -> Output {
    let args: Vec<&str> = std::iter::once("doctor")
        .chain(args.iter().copied())
        .collect();
    let mut command = program(directory, &args);
    command
        .env("GATEWAY_STORE", "cloudbase")
        .env(
            "GATEWAY_CLOUDBASE_URL",
            format!("http://{}", cloud.address()),
        )
        .env("CLOUDBASE_ENV_ID", "test")
        .env("CLOUDBASE_APIKEY", "hidden-key");
    if with_pair {
        command
            .env("TENCENTCLOUD_SECRETID", "id")
            .env("TENCENTCLOUD_SECRETKEY", "hidden-secret");
    }
    let output = tokio::task::spawn_blocking(move || command.output());
    let output = output.await.expect("no panic").expect("the program runs");
    for said in [&output.stdout, &output.stderr] {
        assert!(!text(said).contains("hidden"), "{}", text(said));
    }
    output
}

fn verdict(output: &Output) -> serde_json::Value {
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    report["verdict"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn its_exit_code_says_what_was_found() {
    let directory = shop_directory();
    let same = cloud("{}").await;
    let other = cloud(r#"{"orders": {"AclTag": "READONLY"}}"#).await;
    for (cloud, with_pair, code, expected) in [
        (&same, true, 0, "ok"),
        (&other, true, 1, "different"),
        (&same, false, 3, "unknown"),
    ] {
        let output = doctor(directory.path(), cloud, &["--json"], with_pair).await;
        assert_eq!(output.status.code(), Some(code), "{}", text(&output.stderr));
        assert_eq!(verdict(&output), expected);
        let output = doctor(directory.path(), cloud, &[], with_pair).await;
        assert_eq!(output.status.code(), Some(code));
        let said = text(&output.stdout);
        assert!(
            said.lines()
                .last()
                .is_some_and(|line| line.contains(expected)),
            "{said}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_creates_what_is_missing_once_that_is_confirmed() {
    let directory = shop_directory();
    let cloud = Served::with(Config::default()).await;
    // Nobody sits at a terminal here.
    let output = doctor(directory.path(), &cloud, &["--apply"], true).await;
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(
        said.contains("create the unique index `orderNo_1` of `orders`"),
        "{said}"
    );
    assert!(said.contains("nothing was created"), "{said}");
    let output = doctor(directory.path(), &cloud, &["--json"], true).await;
    assert_eq!(verdict(&output), "different");
    let output = doctor(directory.path(), &cloud, &["--apply", "--yes"], false).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("TENCENTCLOUD_SECRETID"));
    let output = doctor(
        directory.path(),
        &cloud,
        &["--apply", "--yes", "--json"],
        true,
    )
    .await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(verdict(&output), "ok");
    assert!(text(&output.stderr).contains("done: create the collection `roles`"));
    let output = doctor(directory.path(), &cloud, &["--apply", "--yes"], true).await;
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stderr).contains("nothing is missing"));
}

#[test]
fn a_file_is_nothing_to_compare() {
    let directory = shop_directory();
    let output = super::run(directory.path(), &["doctor"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("nothing to compare"));
    assert!(output.stdout.is_empty());
    assert!(!directory.path().join("data").exists());
}

#[test]
fn to_say_yes_to_nothing_is_a_mistake() {
    let directory = shop_directory();
    let output = super::run(directory.path(), &["doctor", "--yes"]);
    assert_eq!(output.status.code(), Some(2));
}
