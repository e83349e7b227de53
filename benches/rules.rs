//! What a rule costs: deciding about one document, and becoming a filter once for a request.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};

use cloudbase_graphql::access::{self, Grant, Operation, Permission, Policy, Rules, Settings};
use cloudbase_graphql::data::{Caller, Filter, Object, Principal, Role, ejson};
use cloudbase_graphql::rules::{Context, Facts, Rule};

const RULES: [(&str, &str); 4] = [
    ("owner", "doc._openid == auth.openid"),
    (
        "status",
        "doc.status in ['PAID', 'SHIPPED'] && doc.total > 100",
    ),
    (
        "members",
        "auth.openid in doc.members || doc.roles[auth.openid] == 'owner'",
    ),
    (
        "long",
        "auth != null && (doc.public == true || doc._openid == auth.openid || auth.openid in doc.members) \
         && doc.status != 'CLOSED' && doc.status != 'REFUNDED' && now < doc.expireAt && !(doc.level < 3)",
    ),
];

fn rule(text: &str) -> Rule {
    Rule::parse(text).expect("the rules above parse")
}

fn order() -> Object {
    ejson::parse_object(
        r#"{"_id": "o1", "_openid": "oA", "status": "PAID", "total": 1200, "public": false, "level": 5,
            "members": ["oB", "oC", "oA"], "roles": {"oA": "owner"}, "expireAt": 2000,
            "address": {"city": "Shenzhen"}, "createdAt": {"$date": "2024-01-01T00:00:00Z"}}"#,
    )
    .expect("the document above parses")
}

fn caller(roles: &[&str]) -> Caller {
    let principal = Principal::openid("oA");
    let mut caller = Caller::user(principal.to_user());
    caller.roles = roles.iter().map(|role| Role::new(*role)).collect();
    caller
}

fn single_rules(criterion: &mut Criterion) {
    let (caller, facts, all, document) = (caller(&[]), Facts::default(), Filter::all(), order());
    let cx = Context {
        caller: &caller,
        now: 1_000,
        facts: &facts,
        request: None,
        condition: &all,
    };
    for (name, text) in RULES {
        let rule = rule(text);
        criterion.bench_function(&format!("rules/eval/{name}"), |bench| {
            bench.iter(|| rule.eval(&cx, black_box(&document)));
        });
        criterion.bench_function(&format!("rules/residual/{name}"), |bench| {
            bench.iter(|| rule.residual(black_box(&cx)));
        });
        criterion.bench_function(&format!("rules/parse/{name}"), |bench| {
            bench.iter(|| Rule::parse(black_box(text)));
        });
    }
}

fn decisions(criterion: &mut Criterion) {
    let read = |text: &str| Rules {
        read: Some(rule(text)),
        ..Rules::default()
    };
    let grant = |role: &str, text: &str| Grant {
        role: Role::new(role),
        rules: read(text),
    };
    let policy = Policy {
        permission: Permission::Custom,
        rules: read("doc._openid == auth.openid"),
        grants: vec![
            grant("admin", "true"),
            grant("support", "doc.status != 'CLOSED'"),
        ],
    };
    let (facts, all) = (Facts::default(), Filter::all());
    for roles in [&[][..], &["support"], &["admin", "support"]] {
        let caller = caller(roles);
        let cx = Context {
            caller: &caller,
            now: 1_000,
            facts: &facts,
            request: None,
            condition: &all,
        };
        let name = format!("access/rows/{}", roles.first().unwrap_or(&"end user"));
        criterion.bench_function(&name, |bench| {
            bench.iter(|| {
                access::rows(
                    &policy,
                    Operation::Read,
                    black_box(&cx),
                    Settings::default(),
                )
            });
        });
    }
}

criterion_group!(benches, single_rules, decisions);
criterion_main!(benches);
