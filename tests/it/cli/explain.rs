//! `explain`, over the demo shop.

use std::path::Path;
use std::sync::LazyLock;

use super::{program, run, shop_directory, text};

/// A directory with the shop's schema and a store that the demo has filled.
static DEMO: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let directory = shop_directory();
    let filled = super::serve::Server::start(
        directory.path(),
        &["--demo", "--demo-orders", "50", "--listen", "127.0.0.1:0"],
    );
    filled.stop();
    directory
});

/// The store is one process's at a time, so the tests take turns.
static TURN: std::sync::Mutex<()> = std::sync::Mutex::new(());

fn explained(directory: &Path, question: &str) -> String {
    let _turn = TURN
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let args: Vec<&str> = std::iter::once("explain")
        .chain(question.split(' '))
        .collect();
    let output = run(directory, &args);
    assert_eq!(
        (output.status.code(), text(&output.stderr).as_str()),
        (Some(0), ""),
        "{question}"
    );
    text(&output.stdout)
}

#[test]
fn each_clause_is_told_with_what_it_saw() {
    let questions = [
        "--as openid:demo-support --op read --on Order",
        "--as openid:demo-support --op read --on Order.address --id order-000001",
        "--as openid:demo-alice --op read --on Order.address --id order-000001",
        "--as openid:demo-alice --op read --on Item.cost",
        "--as openid:demo-operator --op update --on Order",
        "--as openid:demo-former --op read --on User",
        "--as openid:demo-owner --op delete --on Role",
        "--as anonymous:guest --op create --on User",
        "--as none --op read --on Item",
    ];
    let answer = |question: &&str| {
        format!(
            "$ explain {question}\n{}\n",
            explained(DEMO.path(), question)
        )
    };
    let told: String = questions.iter().map(answer).collect();
    insta::assert_snapshot!(told);
}

#[test]
fn questions_that_cannot_be_answered_say_why() {
    let _turn = TURN
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    for (question, reason) in [
        ("--as alice --op read --on Order", "`alice` names nobody"),
        ("--as none --op read --on Orders", "no type `Orders`"),
        (
            "--as none --op read --on Order.user",
            "no stored field `user`",
        ),
        ("--as none --op read --on Order --id nope", "no such Order"),
        (
            "--as none --op create --on Order --id order-000001",
            "has no document yet",
        ),
        (
            "--as none --op read --on Order --store mongodb:x",
            "sqlite:",
        ),
        (
            "--as none --op read --on Order --schema nowhere.graphql",
            "nowhere.graphql",
        ),
    ] {
        let args: Vec<&str> = std::iter::once("explain")
            .chain(question.split(' '))
            .collect();
        let output = program(DEMO.path(), &args).output().expect("it runs");
        assert_eq!(output.status.code(), Some(1), "{question}");
        let told = text(&output.stderr);
        assert!(told.contains(reason), "{question}: {told}");
        assert!(output.stdout.is_empty(), "{question}");
    }
}

#[test]
fn an_operation_is_explained_part_by_part_and_not_run() {
    let file = DEMO.path().join("operation.graphql");
    let operations = "query Costs { items(first: 1) { nodes { title cost } } }
        mutation Gone($id: ID!) { deleteItem(id: $id) { id } }";
    std::fs::write(&file, operations).expect("a file");
    let told = explained(
        DEMO.path(),
        "--as openid:demo-support --query operation.graphql --operation Costs",
    );
    assert!(told.contains("read Item: allow\n"), "{told}");
    assert!(told.contains("read Item.cost: deny\n"), "{told}");
    assert!(
        told.contains("  grant admin: true -> does not apply: the caller lacks the role\n"),
        "{told}"
    );
    assert!(
        told.contains("  enough for every document: admin\n"),
        "{told}"
    );
    let delete = "--as openid:demo-admin --query operation.graphql --operation Gone --variables {\"id\":\"item-001\"}";
    let told = explained(DEMO.path(), delete);
    assert!(told.starts_with("delete Item: allow\n"), "{told}");
    // Were it run, it would be gone the second time.
    assert_eq!(explained(DEMO.path(), delete), told);
}

#[test]
fn operations_that_cannot_be_explained_say_why() {
    let _turn = TURN
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    std::fs::write(DEMO.path().join("bad.graphql"), "{ nothing }").expect("a file");
    for (question, code, reason) in [
        ("--as none --query bad.graphql", 1, "nothing"),
        ("--as none --query nowhere.graphql", 1, "nowhere.graphql"),
        (
            "--as none --query bad.graphql --variables []",
            1,
            "--variables",
        ),
        ("--as none --query bad.graphql --op read", 2, "--op"),
        ("--as none --op read", 2, "--on"),
        ("--as none", 2, "--op"),
    ] {
        let args: Vec<&str> = std::iter::once("explain")
            .chain(question.split(' '))
            .collect();
        let output = program(DEMO.path(), &args).output().expect("it runs");
        assert_eq!(output.status.code(), Some(code), "{question}");
        let told = text(&output.stderr);
        assert!(told.contains(reason), "{question}: {told}");
    }
}
