//! What rules compare with what, as trials need it.

use crate::rules::{Compared, Rule, Term};

fn told(term: &Term) -> String {
    match term {
        Term::Doc(path) => format!("doc.{path}"),
        Term::Auth(name) => format!("auth.{name}"),
        Term::Data(path) => format!("data.{path}"),
        Term::Got(collection, path) => format!("{collection}.{path}"),
        Term::Now => "now".to_owned(),
        Term::Nothing => "null".to_owned(),
        Term::Literal(value) => format!("{value:?}"),
        Term::IdOf(collection) => format!("id of {collection}"),
    }
}

#[test]
fn every_comparison_is_told() {
    for (text, expected) in [
        ("true", "Bool(true) = Bool(true)"),
        (
            "doc.a == 1 && !(auth.uid != doc.b.c)",
            "doc.a = Int(1); auth.uid = doc.b.c",
        ),
        (
            "doc.open || doc.n > now",
            "doc.open = Bool(true); doc.n = now",
        ),
        (
            "doc.s in ['x', 'y']",
            "doc.s = String(\"x\"); doc.s = String(\"y\")",
        ),
        ("auth.uid in doc.members", "auth.uid in doc.members"),
        (
            "request.data.p == doc.p || request.data.p == undefined",
            "data.p = doc.p; data.p = null",
        ),
        (
            "get(`database.rooms.${doc.room}`).owner == auth.openid",
            "rooms.owner = auth.openid; doc.room = id of rooms",
        ),
        ("doc.m[auth.uid] == 1", ""),
    ] {
        let rule = Rule::parse(text).unwrap_or_else(|why| panic!("{text}: {why:?}"));
        let each = rule.compared().into_iter().map(|it| {
            let Compared {
                left,
                right,
                is_membership,
            } = it;
            let sign = if is_membership { "in" } else { "=" };
            format!("{} {sign} {}", told(&left), told(&right))
        });
        assert_eq!(each.collect::<Vec<_>>().join("; "), expected, "{text}");
    }
}
