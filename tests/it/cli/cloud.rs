//! `serve` and `explain` over the cloud, which is an emulator in another process.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::serve::{Server, ask};
use super::{program, shop_directory, text};

const ENV: (&str, &str) = ("CLOUDBASE_ENV_ID", "dev");
const KEY: (&str, &str) = ("CLOUDBASE_APIKEY", "hidden-key");
const ADMIN: (&str, &str) = ("GATEWAY_CLOUDBASE_PROTOCOL", "admin");
const LISTEN: [&str; 2] = ["--listen", "127.0.0.1:0"];

/// Longer than anything here takes; nothing waits for it to pass.
const PATIENCE: Duration = Duration::from_secs(60);

/// A command over the cloud at this address.
fn command(directory: &Path, args: &[&str], url: &str, variables: &[(&str, &str)]) -> Command {
    let args: Vec<&str> = [args, &["--store", "cloudbase"]].concat();
    let mut command = program(directory, &args);
    command.env("GATEWAY_CLOUDBASE_URL", url);
    command.envs(variables.iter().copied());
    command
}

fn serve(directory: &Path, url: &str, variables: &[(&str, &str)]) -> Server {
    let args = [&["serve", "--dev-auth"][..], &LISTEN].concat();
    Server::launch(command(directory, &args, url, variables))
}

fn emulate(directory: &Path, args: &[&str]) -> Server {
    Server::launch(program(directory, &[&["emulate"], args].concat()))
}

/// What `/readyz` says, and its status.
async fn readiness(server: &Server) -> (u16, Json) {
    let url = server.url.replace("/graphql", "/readyz");
    let answer = reqwest::get(url).await.expect("an answer");
    let status = answer.status().as_u16();
    (status, answer.json().await.expect("JSON"))
}

async fn ready(server: &Server) {
    let heals = async {
        while readiness(server).await.0 != 200 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let healed = tokio::time::timeout(PATIENCE, heals).await;
    healed.expect("it becomes ready");
}

#[test]
fn what_waiting_does_not_help_against_ends_it() {
    let directory = shop_directory();
    let strict = [
        "--api-key",
        "right-key",
        "--secret",
        "right-id:right-key",
        "--env",
        "dev",
    ];
    let emulator = emulate(directory.path(), &[&strict[..], &LISTEN].concat());
    let right = ("CLOUDBASE_APIKEY", "right-key");
    let other = ("CLOUDBASE_ENV_ID", "other");
    let [id, key] = [
        ("TENCENTCLOUD_SECRETID", "right-id"),
        ("TENCENTCLOUD_SECRETKEY", "hidden-key"),
    ];
    for (args, url, variables, reasons) in [
        (
            "",
            &*emulator.url,
            &[][..],
            &[
                "`CLOUDBASE_ENV_ID`: is missing",
                "`CLOUDBASE_APIKEY`: is missing",
            ][..],
        ),
        (
            "",
            &emulator.url,
            &[ENV, KEY],
            &["the cloud refused", "check that `CLOUDBASE_APIKEY`"],
        ),
        (
            "",
            &emulator.url,
            &[ENV, KEY, ADMIN],
            &["the cloud refused", "check that `CLOUDBASE_APIKEY`"],
        ),
        (
            "",
            &emulator.url,
            &[ENV, id, key, ADMIN],
            &["the cloud refused", "this machine's clock"],
        ),
        (
            "",
            &emulator.url,
            &[other, right, ADMIN],
            &["the cloud refused", "check `CLOUDBASE_ENV_ID`"],
        ),
        (
            "--demo",
            "https://192.0.2.1",
            &[ENV, KEY],
            &["the demo is not written to the cloud", "emulator"],
        ),
        (
            "",
            "http://192.0.2.1",
            &[ENV, KEY],
            &["`GATEWAY_CLOUDBASE_URL`", "by `http`"],
        ),
    ] {
        let args = ["serve"]
            .into_iter()
            .chain(LISTEN)
            .chain(args.split_whitespace());
        let args: Vec<&str> = args.collect();
        let mut command = command(directory.path(), &args, url, variables);
        let output = command.output().expect("the program runs");
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{variables:?}: {told}");
        for reason in reasons {
            assert!(
                told.contains(reason),
                "{variables:?} lacks {reason}: {told}"
            );
        }
        assert!(output.stdout.is_empty(), "{told}");
        assert!(
            !told.contains("hidden") && !told.contains("panicked"),
            "{told}"
        );
    }
    assert_eq!(emulator.stop().0, Some(0));
}

#[tokio::test]
async fn a_cloud_that_is_away_is_waited_for() {
    let directory = shop_directory();
    let holder = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = holder.local_addr().expect("an address").to_string();
    drop(holder);
    let server = serve(directory.path(), &format!("http://{address}"), &[ENV, KEY]);
    let (status, told) = readiness(&server).await;
    assert_eq!((status, &told["status"]), (503, &json!("not ready")));
    let reason = told["reason"].as_str().expect("a reason");
    assert!(reason.contains("cannot be reached"), "{reason}");
    let asked = ask(&server, "somebody", "{ items { totalCount } }").await;
    assert_eq!(
        asked["errors"][0]["extensions"]["code"], "UNAVAILABLE",
        "{asked}"
    );

    let emulator = emulate(
        directory.path(),
        &["--schema", "schema.graphql", "--listen", &address],
    );
    ready(&server).await;
    let asked = ask(&server, "somebody", "{ items { totalCount } }").await;
    assert_eq!(asked["data"]["items"]["totalCount"], 0, "{asked}");
    let (code, said) = server.stop();
    assert_eq!(code, Some(0));
    assert!(said.contains("is not ready until it can"), "{said}");
    assert_eq!(emulator.stop().0, Some(0));
}

#[tokio::test]
async fn a_name_that_nobody_knows_is_told() {
    let directory = shop_directory();
    let server = serve(directory.path(), "https://cloud.invalid", &[ENV, KEY]);
    let (status, told) = readiness(&server).await;
    assert_eq!(status, 503, "{told}");
    let reason = told["reason"].as_str().expect("a reason");
    assert!(reason.contains("cloud.invalid"), "{reason}");
    assert_eq!(server.stop().0, Some(0));
}

#[tokio::test]
async fn a_collection_that_is_not_there_is_told_and_the_others_are_served() {
    let directory = shop_directory();
    let schema = std::fs::read_to_string(directory.path().join("schema.graphql"));
    let schema = schema
        .expect("the shop's")
        .replace("\"items\"", "\"wares\"");
    std::fs::write(directory.path().join("wares.graphql"), schema).expect("a file");
    let emulator = emulate(
        directory.path(),
        &[&["--schema", "wares.graphql"], &LISTEN[..]].concat(),
    );
    let server = serve(directory.path(), &emulator.url, &[ENV, KEY]);
    let alice = "{ orders { totalCount } }";
    let asked = ask(&server, "demo-alice", alice).await;
    assert_eq!(asked["data"]["orders"]["totalCount"], 0, "{asked}");
    let (code, said) = server.stop();
    assert_eq!(code, Some(0));
    assert!(said.contains("no collection `items`"), "{said}");
    assert!(said.contains("doctor --apply"), "{said}");
    assert!(!said.contains("no collection `orders`"), "{said}");
    assert_eq!(emulator.stop().0, Some(0));
}

#[tokio::test]
async fn an_emulator_is_filled_with_the_demo_and_explained() {
    let directory = shop_directory();
    let emulator = emulate(directory.path(), &LISTEN);
    let demo = ["serve", "--demo", "--demo-orders", "30"];
    for (protocol, told) in [
        ("rest", "filling the store with 500 users"),
        ("admin", "it is left as it is"),
    ] {
        let variables = [ENV, KEY, ("GATEWAY_CLOUDBASE_PROTOCOL", protocol)];
        let serve = [&demo[..], &LISTEN].concat();
        let server = Server::launch(command(directory.path(), &serve, &emulator.url, &variables));
        ready(&server).await;
        let count = "{ orders { totalCount } users { totalCount } items { totalCount } }";
        let all = ask(&server, "demo-admin", count).await;
        assert_eq!(
            all["data"],
            json!({"orders": {"totalCount": 30}, "users": {"totalCount": 500}, "items": {"totalCount": 200}}),
            "{all}"
        );
        let (code, said) = server.stop();
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains(told), "{said}");

        let question =
            "explain --as openid:demo-support --op read --on Order.address --id order-000001";
        let question: Vec<&str> = question.split(' ').collect();
        let mut explain = command(directory.path(), &question, &emulator.url, &variables);
        let explained = explain.output().expect("the program runs");
        let said = text(&explained.stdout);
        assert!(explained.status.success(), "{}", text(&explained.stderr));
        assert!(
            said.contains("read Order.address `order-000001`: denied"),
            "{said}"
        );
    }
    assert_eq!(emulator.stop().0, Some(0));
}
