//! The texts of problems, as people read them.

use std::fmt::Write as _;

use smol_str::SmolStr;

use super::super::{FieldKind, Fields, Operation, Rule, Severity};

/// A shop's order.
struct Orders;

impl Fields for Orders {
    fn kind(&self, path: &[SmolStr]) -> FieldKind {
        match path.join(".").as_str() {
            "_id" | "_openid" | "status" | "title" | "address.city" => FieldKind::String,
            "total" | "expireAt" => FieldKind::Number,
            "published" => FieldKind::Bool,
            "paidAt" | "expiresAt" => FieldKind::Date,
            "address" => FieldKind::Object,
            "tags" => FieldKind::ListOfScalars,
            "lines" => FieldKind::ListOfObjects,
            "photo" => FieldKind::Binary,
            "extra" | "roles" => FieldKind::Any,
            _ => FieldKind::Unknown,
        }
    }

    fn suggestions(&self, path: &[SmolStr]) -> Vec<String> {
        match path.last().map(SmolStr::as_str) {
            Some("statu") => vec!["status".to_owned()],
            _ => Vec::new(),
        }
    }

    fn has_collection(&self, name: &str) -> bool {
        name == "users"
    }
}

/// The rule with every problem below the place it is about.
fn report(text: &str, operation: Operation) -> String {
    let problems = match Rule::parse(text) {
        Ok(rule) => rule.check(operation, &Orders),
        Err(problems) => problems,
    };
    let mut report = format!("{text}\n");
    for problem in &problems {
        let before = text[..problem.start].chars().count();
        let marked = text[problem.start..problem.end].chars().count().max(1);
        let word = match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let (space, marks) = (" ".repeat(before), "^".repeat(marked));
        writeln!(report, "{space}{marks} {word}: {}", problem.message).unwrap();
        if let Some(help) = &problem.help {
            writeln!(report, "{space}help: {help}").unwrap();
        }
    }
    if problems.is_empty() {
        report.push_str("fine\n");
    }
    report
}

fn reports(operation: Operation, rules: &[&str]) -> String {
    let reports: Vec<String> = rules.iter().map(|rule| report(rule, operation)).collect();
    reports.join("\n")
}

#[test]
fn of_the_syntax() {
    let rules = [
        "",
        "doc.a = 1",
        "doc.a == ",
        "doc.a == 'x",
        "doc.a == ‘x’",
        "doc.a == 1 and doc.b == 2",
        "a == b == c",
        "(doc.a == 1",
        "doc.a == 1)",
        "doc.a ? 1 : 2",
        "/^a/.test(doc.a)",
        "doc.a.startsWith('x')",
        "count(doc.a) > 1",
        "doc.a + 1 > 2",
        "-doc.a > 2",
        "doc.a == 12x",
        "doc.a in [auth.openid]",
        "'abc'.length == 3",
        "get(doc.ref).a == 1",
        "get('users.1').a == 1",
        "get(`database.${doc.c}.1`).a == 1",
        "get('database.users.1.name') == 'x'",
        "doc.a == `x${doc.b`",
        "doc.a == '\\x'",
        "in doc.a",
        "doc. == 1",
    ];
    insta::assert_snapshot!(reports(Operation::Read, &rules));
    assert_eq!(
        report(&"!".repeat(40), Operation::Read)
            .matches("deeper")
            .count(),
        1
    );
    assert_eq!(
        report(&"a".repeat(1025), Operation::Read)
            .matches("1024")
            .count(),
        1
    );
}

#[test]
fn of_names_and_types() {
    let rules = [
        "doc.statu == 'PAID'",
        "doc.address.zip == 1",
        "status == 'PAID'",
        "user.id == 1",
        "auth.id == 'x'",
        "auth.openid.x == 'x'",
        "auth['op' + auth.uid] == 'x'",
        "request.auth == null",
        "request.data.total == 1",
        "now.x == 1",
        "now < doc.expiresAt",
        "doc.paidAt > '2024-01-01'",
        "doc.paidAt < doc.expiresAt",
        "doc.total == '1'",
        "doc.status in [1, 2]",
        "doc.paidAt in [1]",
        "doc.status in ['PAID', 1]",
        "doc.status in []",
        "doc.published > false",
        "doc.tags == 'a'",
        "doc.address == 'x'",
        "doc == 'x'",
        "doc.photo == 'x'",
        "auth == 'x'",
        "auth",
        "doc.status",
        "!doc.total",
        "'true'",
        "doc.total > null",
        "null in doc.tags",
        "doc.lines.price > 1",
        "doc.lines[0].price > 1",
        "'a' in doc.lines",
        "'a' in doc.status",
        "'a' in doc.address",
        "doc.tags.first == 'a'",
        "doc.status.x == 'a'",
        "(doc.total > 1) == true",
        "doc['a.b'] == 1",
        "doc[auth.uid] == 1",
        "doc.roles[auth.uid] == 'owner'",
        "doc.roles[doc.status] == 'owner'",
        "doc.roles[auth] == 'owner'",
        "doc.status == 'x' + doc.title",
        "doc.status == `${doc.tags}`",
    ];
    insta::assert_snapshot!(reports(Operation::Read, &rules));
}

#[test]
fn of_get_and_of_what_is_never_true() {
    let rules = [
        "get(`database.users.${auth.openid}`).admin",
        "get(`database.user.${auth.openid}`).admin",
        "get(`database.users.${auth}`).admin",
        "get(`database.users.${doc.statu}`).admin",
        "get('database.users.1') == 1",
        "get('database.users.1').a && get('database.users.2').a && get('database.users.3').a && get('database.users.4').a",
        "get(`database.users.${get(`database.users.${get(`database.users.${doc.status}`).a}`).a}`).a",
        "doc.status == 'A' && doc.status == 'B'",
        "doc.status == 'A' && doc.status in ['B', 'C']",
        "doc.status != doc.status",
        "doc.status == null && doc.status == 'A'",
        "1 == 2 || !true",
        "true && false",
        "false",
    ];
    insta::assert_snapshot!(reports(Operation::Read, &rules));
}

#[test]
fn depend_on_the_operation() {
    let rules = [
        "request.data.total == undefined",
        "request.data.totl == undefined",
        "doc.roles[doc.status] == 'owner'",
        "doc.status == 'x' + doc.title",
    ];
    let all = [Operation::Create, Operation::Update, Operation::Delete]
        .map(|operation| format!("# {operation}\n{}", reports(operation, &rules)));
    insta::assert_snapshot!(all.join("\n"));
}
