//! `test`: the shop's own permission tests, whether they guard the schema, and what the command says.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use super::{run, text};

const SHOP: &str = include_str!("../../../schema.graphql");

fn permissions() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("permissions")
}

/// Runs `test` where a schema is, with these arguments besides.
fn tested(directory: &Path, args: &[&str]) -> Output {
    let args: Vec<&str> = std::iter::once("test")
        .chain(args.iter().copied())
        .collect();
    run(directory, &args)
}

fn directory_with(schema: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    fs::write(directory.path().join("schema.graphql"), schema).expect("it is written");
    directory
}

#[test]
fn the_shop_keeps_its_permissions() {
    let directory = directory_with(SHOP);
    let output = tested(directory.path(), &[permissions().to_str().expect("UTF-8")]);
    let told = text(&output.stdout);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{told}{}",
        text(&output.stderr)
    );
    let passed = told.split(' ').next().and_then(|count| count.parse().ok());
    assert!(passed.is_some_and(|count: usize| count > 200), "{told}");
    assert!(told.ends_with(" passed, 0 failed\n"), "{told}");
}

/// Rules and grants of the shop said otherwise, and a case that must notice.
const CHANGES: [Change; 36] = [
    Change {
        case: "who lists which users",
        was: "permission: CUSTOM)\n  @rule(read: \"doc._openid == auth.openid\", create",
        is: "permission: CUSTOM)\n  @rule(read: \"auth != null\", create",
    },
    Change {
        case: "who registers",
        was: r#"create: "auth.openid != null""#,
        is: r#"create: "auth != null""#,
    },
    Change {
        case: "who registers",
        was: r#"create: "auth.openid != null""#,
        is: "create: false",
    },
    Change {
        case: "who renames Alice",
        was: r#"update: "doc._openid == auth.openid", delete"#,
        is: r#"update: "auth.openid != null", delete"#,
    },
    Change {
        case: "who renames Alice",
        was: r#"update: "doc._openid == auth.openid", delete"#,
        is: "update: false, delete",
    },
    Change {
        case: "users are deleted by no one",
        was: "delete: false)\n",
        is: "delete: true)\n",
    },
    Change {
        case: "who renames Alice",
        was: "  @grant(role: \"admin\", read: true, update: true)\n  @grant(role: \"operator\", read: true)\n",
        is: "  @grant(role: \"admin\", read: true)\n  @grant(role: \"operator\", read: true)\n",
    },
    Change {
        case: "who lists which users",
        was: "  @grant(role: \"operator\", read: true)\n  @grant(role: \"support\", read: true)\n  @index(fields: [\"_openid\"]",
        is: "  @grant(role: \"support\", read: true)\n  @index(fields: [\"_openid\"]",
    },
    Change {
        case: "who lists which users",
        was: "  @grant(role: \"support\", read: true)\n  @index(fields: [\"_openid\"]",
        is: r#"  @index(fields: ["_openid"]"#,
    },
    Change {
        case: "a phone number is for",
        was: r#"@rule(read: "doc._openid == auth.openid", write: "doc._openid == auth.openid")"#,
        is: r#"@rule(write: "doc._openid == auth.openid")"#,
    },
    Change {
        case: "a phone number is for",
        was: r#"write: "doc._openid == auth.openid") @grant(role: "admin", read: true)"#,
        is: r#"write: "doc._openid == auth.openid")"#,
    },
    Change {
        case: "only Alice changes",
        was: r#"write: "doc._openid == auth.openid") @grant(role: "admin", read: true)"#,
        is: r#"write: "doc._openid == auth.openid") @grant(role: "admin", read: true, update: true)"#,
    },
    Change {
        case: "users are blocked",
        was: r#"@default(value: "ACTIVE") @rule(write: false) @grant(role: "admin", update: true)"#,
        is: r#"@default(value: "ACTIVE") @rule(write: false)"#,
    },
    Change {
        case: "users are blocked",
        was: r#"@default(value: "ACTIVE") @rule(write: false) @grant"#,
        is: r#"@default(value: "ACTIVE") @rule(write: true) @grant"#,
    },
    Change {
        case: "points are given",
        was: r#"@constraint(min: 0) @rule(write: false) @grant(role: "admin", update: true)"#,
        is: r#"@constraint(min: 0) @rule(write: true) @grant(role: "admin", update: true)"#,
    },
    Change {
        case: "points are given",
        was: r#"@constraint(min: 0) @rule(write: false) @grant(role: "admin", update: true)"#,
        is: "@constraint(min: 0) @rule(write: false)",
    },
    Change {
        case: "who makes Alice an operator",
        was: r#"@grant(role: "owner", read: true, write: true)"#,
        is: r#"@grant(role: "owner", read: true)"#,
    },
    Change {
        case: "who lists roles",
        was: "  @grant(role: \"admin\", read: true)\n{",
        is: "{",
    },
    Change {
        case: "an admin is operator and support",
        was: r#"includes: ["operator", "support"]"#,
        is: r#"includes: ["operator"]"#,
    },
    Change {
        case: "who lists which items",
        was: r#"@rule(read: "doc.status == 'ON_SALE'", write: false)"#,
        is: "@rule(read: true, write: false)",
    },
    Change {
        case: "who lists which items",
        was: r#"@rule(read: "doc.status == 'ON_SALE'", write: false)"#,
        is: "@rule(read: false, write: false)",
    },
    Change {
        case: "who changes a price",
        was: r#"@rule(read: "doc.status == 'ON_SALE'", write: false)"#,
        is: r#"@rule(read: "doc.status == 'ON_SALE'", write: "auth.openid != null")"#,
    },
    Change {
        case: "who deletes an item",
        was: "  @grant(role: \"admin\", read: true, write: true)\n  @grant(role: \"operator\", read: true, create",
        is: "  @grant(role: \"admin\", read: true)\n  @grant(role: \"operator\", read: true, create",
    },
    Change {
        case: "who puts an item on sale",
        was: "read: true, create: true, update: true)",
        is: "read: true, update: true)",
    },
    Change {
        case: "who changes a price",
        was: "read: true, create: true, update: true)",
        is: "read: true, create: true)",
    },
    Change {
        case: "who deletes an item",
        was: "read: true, create: true, update: true)",
        is: "read: true, write: true)",
    },
    Change {
        case: "who lists which items",
        was: "  @grant(role: \"support\", read: true)\n  @index(fields: [\"category\"",
        is: r#"  @index(fields: ["category""#,
    },
    Change {
        case: "what an item cost is for",
        was: r#"cost: Int @constraint(min: 0) @grant(role: "admin", read: true, write: true)"#,
        is: "cost: Int @constraint(min: 0)",
    },
    Change {
        case: "who changes a cost",
        was: r#"cost: Int @constraint(min: 0) @grant(role: "admin", read: true, write: true)"#,
        is: r#"cost: Int @constraint(min: 0) @grant(role: "admin", read: true)"#,
    },
    Change {
        case: "who may correct the remark",
        was: r#"@rule(read: "doc._openid == auth.openid", write: false)"#,
        is: r#"@rule(read: "doc._openid == auth.openid", update: "doc._openid == auth.openid", create: false, delete: false)"#,
    },
    Change {
        case: "neither paid nor shipped",
        was: r#"update: "doc.status in ['PAID', 'SHIPPED']""#,
        is: "update: true",
    },
    Change {
        case: "who lists which orders",
        was: r#"read: "doc.status != 'CLOSED'""#,
        is: "read: true",
    },
    Change {
        case: "who lists which orders",
        was: "  @grant(role: \"support\", read: \"doc.status != 'CLOSED'\")\n",
        is: "",
    },
    Change {
        case: "the total of an order",
        was: "total: Int! @constraint(min: 0) @rule(write: false)",
        is: "total: Int! @constraint(min: 0)",
    },
    Change {
        case: "the address is for",
        was: "@grant(role: \"admin\", read: true, update: true) @grant(role: \"operator\", read: true)\n  remark",
        is: "@grant(role: \"admin\", read: true, update: true) @grant(role: \"support\", read: true)\n  remark",
    },
    Change {
        case: "an admin corrects an address",
        was: r#"@rule(read: "doc._openid == auth.openid") @grant(role: "admin", read: true, update: true)"#,
        is: r#"@rule(read: "doc._openid == auth.openid") @grant(role: "admin", read: true)"#,
    },
];

struct Change {
    case: &'static str,
    was: &'static str,
    is: &'static str,
}

#[test]
fn the_shops_cases_guard_each_rule_and_grant() {
    let cases = permissions();
    let cases = cases.to_str().expect("UTF-8");
    for Change { case, was, is } in CHANGES {
        assert_eq!(SHOP.matches(was).count(), 1, "{was}");
        let directory = directory_with(&SHOP.replace(was, is));
        let output = tested(directory.path(), &[cases, "--filter", case]);
        let told = text(&output.stdout) + &text(&output.stderr);
        // What is served no more, or is served now, is told before anything runs.
        let unserved = output.status.code() == Some(2) && told.contains("not served");
        let failed = output.status.code() == Some(1) && told.contains("FAIL");
        assert!(
            failed || unserved,
            "`{case}` does not notice that `{was}` is `{is}`: {told}"
        );
    }
}

const NOTES: &str = r#"
extend schema @role(name: "owner", includes: ["editor"]) @role(name: "editor")
type Note @collection(name: "notes", permission: CUSTOM)
  @rule(read: "doc._openid == auth.openid", write: "doc._openid == auth.openid") @grant(role: "editor", read: true)
{ id: ID! text: String! secret: String @grant(role: "editor", read: true) likes: Int! @default(value: 0) tags: [String!]! @default(value: []) }
type Role @collection(name: "roles", permission: ADMINONLY) @grant(role: "owner", read: true, write: true) { id: ID! roles: [String!]! status: String! }
"#;

const SEED: &str = "\
callers: {al: openid:al, ed: {is: openid:ed, roles: [editor]}}
seed:
  notes:
    - {_id: n1, _openid: al, text: one, secret: x, likes: 1, tags: [a, b]}
    - {_id: n2, _openid: bo, text: two, likes: 2, tags: []}
";

/// What `test` says of one file of cases over the notes; its directory is left out.
fn said(cases: &str, args: &[&str]) -> (Option<i32>, String, String) {
    let directory = directory_with(NOTES);
    fs::write(directory.path().join("seed.yaml"), SEED).expect("it is written");
    fs::write(
        directory.path().join("op.graphql"),
        "{ notes { totalCount } }",
    )
    .expect("it is written");
    fs::write(directory.path().join("notes.yaml"), cases).expect("it is written");
    let args: Vec<&str> = std::iter::once(".").chain(args.iter().copied()).collect();
    let output = tested(directory.path(), &args);
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

#[test]
fn what_is_different_is_told() {
    let cases = r#"
with: seed.yaml
cases:
  - name: data
    as: al
    operation: "{ notes { nodes { id likes tags } } }"
    expect: {data: {notes: {nodes: [{id: n2, likes: {$oneOf: [5, 6]}, tags: {$length: 3}}]}}}
  - name: some of the data
    as: al
    operation: "{ note(id: \"n1\") { id likes tags } }"
    expect: {contains: {note: {likes: 2, missing: 1, tags: {$unordered: [b, c]}}}}
  - name: ids
    operation: "{ notes { nodes { id } } }"
    outcomes: {al: [n2], ed: FORBIDDEN, none: allow, openid:cy: null}
  - name: withheld
    as: al
    operation: "{ note(id: \"n1\") { secret } }"
    expect: {denied: [Note.text]}
  - name: stored
    as: al
    operation: 'mutation { updateNote(id: "n1", set: {text: "new"}, inc: {likes: 1}) { id } }'
    expect: allow
    stored: {notes: {n1: {likes: 3}, n2: null, n3: {}}}
    unchanged: [roles]
  - name: refused, but done
    as: al
    operation: 'mutation { a: updateNote(id: "n1", set: {text: "new"}) { id } b: deleteNote(id: "n2") { id } }'
    expect: {errors: [NOT_FOUND]}
  - name: steps
    steps:
      - {as: ed, file: op.graphql, expect: {data: {notes: {totalCount: 2}}}}
      - {as: al, file: op.graphql, expect: {data: {notes: {totalCount: 2}}}}
      - {as: al, file: op.graphql, expect: {data: {notes: {totalCount: 3}}}}
"#;
    let (code, told, _) = said(cases, &[]);
    assert_eq!(code, Some(1));
    insta::assert_snapshot!(told);
}

#[test]
fn matchers_and_shorthands_hold() {
    let cases = r#"
with: seed.yaml
cases:
  - name: matchers
    as: al
    operation: "{ note(id: \"n1\") { id text likes tags } }"
    expect: {data: {note: {id: {$not: n2}, text: {$matches: "^o"}, likes: $any, tags: {$includes: [b]}}}}
  - name: inline roles
    as: openid:cy
    roles: [editor]
    operation: "{ notes { nodes { id } } }"
    expect: [n1, n2]
  - name: variables and a named operation
    as: al
    operation: "query A($id: ID!) { note(id: $id) { id } } query B { __typename }"
    operationName: A
    variables: {id: n1}
    expect: [n1]
  - name: a document of the case's own
    as: al
    seed: {notes: [{_id: n2, _openid: al, text: mine, likes: 0, tags: []}]}
    operation: "{ notes { nodes { id } } }"
    expect: [n1, n2]
  - name: done in part, and said so
    as: al
    operation: 'mutation { a: updateNote(id: "n1", set: {text: "new"}) { id } b: deleteNote(id: "n2") { id } }'
    expect: {data: {a: {id: n1}, b: null}, errors: [{code: NOT_FOUND, path: b, message: Note}]}
    stored: {notes: {n1: {text: new}}}
    unchanged: others
"#;
    let (code, told, problems) = said(cases, &[]);
    assert_eq!(
        (code, told.as_str(), problems.as_str()),
        (Some(0), "5 passed, 0 failed\n", "")
    );
}

#[test]
fn what_cannot_be_meant_is_told_with_its_place() {
    let mut told = String::new();
    for (what, cases) in [
        ("no YAML", "cases: ["),
        ("unknown members", "case: []\nseeds: {}"),
        (
            "nothing expected",
            "cases:\n  - name: a\n    as: none\n    operation: '{ me { roles } }'",
        ),
        (
            "nothing asked",
            "cases:\n  - name: a\n    as: none\n    expect: allow",
        ),
        (
            "no name, nobody",
            "cases:\n  - operation: '{ me { roles } }'\n    expect: allow",
        ),
        (
            "unknown people",
            "with: seed.yaml\ncases:\n  - name: a\n    as: zoe\n    operation: '{ me { roles } }'\n    expect: allow",
        ),
        (
            "no principal",
            "cases:\n  - name: a\n    as: 'user:1'\n    operation: '{ me { roles } }'\n    expect: allow",
        ),
        (
            "unknown role",
            "cases:\n  - name: a\n    as: openid:a\n    roles: [king]\n    operation: '{ me { roles } }'\n    expect: allow",
        ),
        (
            "unknown collection",
            "seed:\n  nodes: [{_id: a}]\ncases:\n  - name: a\n    as: none\n    operation: '{ me { roles } }'\n    expect: allow\n    unchanged: [note]",
        ),
        (
            "invalid GraphQL",
            "cases:\n  - name: a\n    as: none\n    operation: |\n      {\n        me { name }\n      }\n    expect: allow",
        ),
        (
            "no such file",
            "with: nowhere.yaml\ncases:\n  - name: a\n    as: none\n    file: nowhere.graphql\n    expect: allow",
        ),
        ("itself", "with: notes.yaml\ncases: []"),
        (
            "unknown word",
            "cases:\n  - name: a\n    as: none\n    operation: '{ me { roles } }'\n    expect: denied",
        ),
        (
            "unknown matcher",
            "cases:\n  - name: a\n    as: none\n    operation: '{ me { roles } }'\n    expect: {data: {$some: 1}}",
        ),
        ("no id", "seed: {notes: [{text: a}]}"),
        (
            "a table and an expectation",
            "cases:\n  - name: a\n    as: none\n    operation: '{ me { roles } }'\n    outcomes: {none: allow}",
        ),
        (
            "others of nothing",
            "cases:\n  - name: a\n    as: none\n    operation: '{ me { roles } }'\n    unchanged: others",
        ),
        ("bad time", "now: yesterday"),
        (
            "a seed that does not fit",
            "cases:\n  - name: a\n    as: none\n    now: 5\n    operation: '{ me { roles } }'\n    expect: UNAUTHENTICATED",
        ),
        ("no cases", "now: \"2026-01-01T00:00:00Z\""),
    ] {
        let (code, out, problems) = said(cases, &[]);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{what}: {problems}");
        told.extend(["# ", what, "\n", &problems, "\n"]);
    }
    insta::assert_snapshot!(told);
}

#[test]
fn programs_read_the_outcome_too() {
    let cases = "with: seed.yaml\ncases:\n  - name: a <b> & c\n    operation: '{ notes { nodes { id } } }'\n    outcomes: {al: [n1], ed: [n1]}\n";
    let directory = directory_with(NOTES);
    fs::write(directory.path().join("seed.yaml"), SEED).expect("it is written");
    fs::write(directory.path().join("notes.yaml"), cases).expect("it is written");
    let args = ["notes.yaml", "--json", "--junit", "out.xml", "--jobs", "1"];
    let output = tested(directory.path(), &args);
    assert_eq!(output.status.code(), Some(1));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(
        (told["passed"].as_u64(), told["failed"].as_u64()),
        (Some(1), Some(1))
    );
    assert_eq!(
        told["cases"][1]["failure"]["mismatches"][0]["actual"],
        "[n1, n2]"
    );
    let xml = fs::read_to_string(directory.path().join("out.xml")).expect("it was written");
    assert!(xml.contains("name=\"a &lt;b&gt; &amp; c / ed\""), "{xml}");
    assert!(xml.contains("tests=\"2\" failures=\"1\""), "{xml}");
    let (code, told, _) = said(cases, &["--filter", "/ al"]);
    assert_eq!((code, told.as_str()), (Some(0), "1 passed, 0 failed\n"));
    let (code, _, problems) = said(cases, &["--filter", "nobody"]);
    assert_eq!(code, Some(2), "{problems}");
}
