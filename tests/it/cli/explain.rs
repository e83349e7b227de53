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
