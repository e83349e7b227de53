//! Single rules and what they are: the table of `docs/rules.md`, as tests.

use std::sync::Arc;

use super::super::{Context, Facts, Need, RequestData, Rule, Truth};
use crate::data::{Caller, Document, Filter, Object, Path, Principal, Test, User, Value, ejson};

fn object(text: &str) -> Object {
    ejson::parse_object(text).unwrap()
}

fn alice() -> Caller {
    Caller::user(User {
        uid: None,
        ..Principal::openid("oA").to_user()
    })
}

/// The one document of other collections.
fn other() -> Arc<Document> {
    let fields = object(r#"{"_id": "oA", "manager": true, "shops": ["s1", "s2"], "level": 3}"#);
    Arc::new(Document::from_object(fields).unwrap())
}

fn ask<T>(cx: Context<'_>, ask: impl Fn(&Context<'_>) -> Result<T, Need>) -> T {
    let mut facts = Facts::default();
    loop {
        match ask(&Context {
            facts: &facts,
            ..cx
        }) {
            Ok(answer) => return answer,
            Err(Need(references)) => {
                for reference in references {
                    let found = (reference.id == *other().id()).then(other);
                    facts.documents.insert(reference, found);
                }
            }
        }
    }
}

fn truth_for(caller: &Caller, request: Option<&RequestData>, rule: &str) -> Truth {
    let document = object(
        r#"{"_id": "d", "_openid": "oA", "status": "PAID", "n": 5, "x": 0.5, "flag": true, "nothing": null,
            "tags": ["a", "b"], "mixed": ["a", 1], "address": {"city": "sz"}, "roles": {"oA": "owner"},
            "at": {"$date": "2024-01-01T00:00:00Z"}, "user": "oA", "gone": "nobody"}"#,
    );
    let cx = Context {
        caller,
        now: 1_000,
        facts: &Facts::default(),
        request,
        condition: &Filter::all(),
    };
    let rule = Rule::parse(rule).unwrap();
    ask(cx, |cx| rule.eval(cx, &document))
}

#[track_caller]
fn assert_all(truth: impl Fn(&str) -> Truth, expected: Truth, rules: &[&str]) {
    for rule in rules {
        assert_eq!(truth(rule), expected, "{rule}");
    }
}

#[test]
fn comparisons_of_a_document() {
    let alice = alice();
    let truth = |rule: &str| truth_for(&alice, None, rule);
    assert_all(
        truth,
        Truth::True,
        &[
            "doc._openid == auth.openid",
            "auth.openid === doc._openid",
            "doc.n == 5.0",
            "doc.n > doc.x",
            "doc.status in ['PAID', 1]",
            "'a' in doc.tags",
            "!('c' in doc.tags)",
            "doc.tags[1] == 'b'",
            "doc.address.city != 'bj'",
            "doc.roles[auth.openid] == 'owner'",
            "doc.flag",
            "!!doc.flag",
            "now < 1001",
            "'user-' + auth.openid == `user-${auth.openid}`",
            "doc.missing == 1 || doc.n == 5",
            "!(doc.missing == 1 && doc.n == 6)",
        ],
    );
    assert_all(
        truth,
        Truth::False,
        &[
            "doc.n != 5",
            "!doc.flag",
            "doc.status in []",
            "'c' in doc.tags",
            "doc.n == 6 && doc.missing == 1",
        ],
    );
    assert_all(
        truth,
        Truth::Unknown,
        &[
            "doc.missing == 1",
            "doc.missing != 1",
            "!(doc.missing == 1)",
            "doc.nothing == 1",
            "doc.n == '5'",
            "doc.n != '5'",
            "doc.at > now",
            "doc.flag > false",
            "doc.tags == doc.tags",
            "doc.address == doc.address",
            "doc.status",
            "'c' in doc.mixed",
            "'a' in doc.status",
            "doc.missing in ['a']",
            "doc.nothing in []",
            "auth.uid == doc._openid",
            "auth.uid != doc._openid",
            "doc.roles[auth.uid] == 'owner'",
            "auth",
            "1",
        ],
    );
}

#[test]
fn presence() {
    let alice = alice();
    let truth = |rule: &str| truth_for(&alice, None, rule);
    assert_all(
        truth,
        Truth::True,
        &[
            "doc.missing == null",
            "undefined == doc.nothing",
            "doc.address.zip == null",
            "doc.status.zip == null",
            "doc.tags != null",
            "doc.address != null",
            "auth != null",
            "auth.uid == null",
            "doc != undefined",
        ],
    );
    assert_all(
        truth,
        Truth::Unknown,
        &[
            "request.data.a == undefined",
            "doc.roles[auth.uid] == null",
            "doc.n > null",
        ],
    );
    let nobody = Caller::none();
    let truth = |rule: &str| truth_for(&nobody, None, rule);
    assert_all(truth, Truth::True, &["auth == null", "!(auth != null)"]);
    assert_all(
        truth,
        Truth::Unknown,
        &[
            "auth.openid == null",
            "auth.openid != null",
            "auth.openid == 'oA'",
        ],
    );
}

#[test]
fn documents_of_other_collections() {
    let alice = alice();
    let truth = |rule: &str| truth_for(&alice, None, rule);
    assert_all(
        truth,
        Truth::True,
        &[
            "get(`database.staff.${auth.openid}`).manager",
            "get('database.staff.' + doc.user).level >= 3",
            "'s2' in get('database.staff.oA').shops",
            "get('database.staff.oA') != null",
            "get('database.staff.nobody') == null",
            "get('database.staff.oA').nothing == null",
            "get(`database.staff.${get(`database.staff.${doc.user}`)._id}`).level == 3",
        ],
    );
    assert_all(
        truth,
        Truth::Unknown,
        &[
            "get(`database.staff.${doc.gone}`).level == null",
            "get(`database.staff.${doc.gone}`).level != 3",
            "get(`database.staff.${doc.missing}`) == null",
            "get(`database.staff.${auth.uid}`) == null",
            "get('database.staff.oA') == 'oA'",
        ],
    );
}

#[test]
fn only_what_the_answer_depends_on_is_needed() {
    let (alice, document) = (alice(), Object::new());
    let cx = Context {
        caller: &alice,
        now: 0,
        facts: &Facts::default(),
        request: None,
        condition: &Filter::all(),
    };
    let needs = |rule: &str| match Rule::parse(rule).unwrap().eval(&cx, &document) {
        Err(Need(references)) => references.len(),
        Ok(_) => 0,
    };
    let get = |id: &str| format!("get('database.staff.{id}').a == 1");
    assert_eq!(
        needs(&format!("{} && {} || {}", get("a"), get("b"), get("a"))),
        2
    );
    assert_eq!(needs(&format!("auth != null || {}", get("a"))), 0);
    assert_eq!(needs(&format!("{} && auth == null", get("a"))), 0);
    assert_eq!(needs("auth.uid == get('database.staff.a').a"), 0);
}

#[test]
fn request_data() {
    let alice = alice();
    let data = RequestData {
        values: object(
            r#"{"price": 1, "none": null, "tags": ["a"], "address": {"city": "sz"}, "deep.a": 1}"#,
        ),
        opaque: vec![Path::parse("count").unwrap(), Path::parse("box.b").unwrap()],
    };
    let truth = |rule: &str| truth_for(&alice, Some(&data), rule);
    assert_all(
        truth,
        Truth::True,
        &[
            "request.data.price == 1",
            "request.data.title == undefined",
            "request.data.title == null",
            "request.data.none == null",
            "request.data.none != undefined",
            "request.data.count != undefined",
            "request.data.count.x != undefined",
            "request.data.box != undefined",
            "request.data.address.city == 'sz'",
            "request.data.address.zip != undefined",
            "request.data.address.zip == null",
            "request.data.tags[0] == 'a'",
            "request.data.deep.a == 1",
            "request.data.deep != undefined",
            "request.data != null",
        ],
    );
    assert_all(
        truth,
        Truth::Unknown,
        &[
            "request.data.title == 'x'",
            "request.data.count == 1",
            "request.data.count == null",
            "request.data.box == null",
            "request.data.deep == null",
            "request.data.deep.a.b == 1",
        ],
    );
}

#[test]
fn what_a_condition_proves() {
    let alice = alice();
    let field = |path: &str, test: Test| Filter::Field(Path::parse(path).unwrap(), test);
    let n = Value::Int;
    let between = |low, high| Filter::And(vec![field("n", low), field("n", high)]);
    let cases = [
        ("doc.n > 1", field("n", Test::Gt(n(1))), true),
        ("doc.n > 1", between(Test::Gt(n(0)), Test::Gt(n(1))), true),
        ("doc.n > 1", between(Test::Gt(n(1)), Test::Gt(n(0))), true),
        ("doc.n > 1", between(Test::Gte(n(1)), Test::Gt(n(1))), true),
        ("doc.n > 1", between(Test::Gt(n(1)), Test::Gte(n(1))), true),
        (
            "doc.n == 1",
            between(Test::Gte(n(1)), Test::Lte(n(1))),
            true,
        ),
        ("!(doc.n <= 1)", field("n", Test::Gte(n(1))), false),
        ("!(doc.n <= 1)", field("n", Test::Gt(n(1))), true),
        (
            "!(doc.n in [1, 2])",
            field("n", Test::NotIn(vec![n(2), n(1)])),
            true,
        ),
        ("!(doc.n in [1, 2])", field("n", Test::Ne(n(1))), false),
        ("doc.n != null", field("n", Test::Lt(n(1))), true),
        ("doc.n != null", field("n", Test::Ne(Value::Null)), true),
        ("doc.n == null", field("n", Test::Eq(Value::Null)), true),
        ("doc.n != 1", field("n", Test::Eq(Value::Null)), false),
        ("doc.flag", field("flag", Test::Eq(Value::Bool(true))), true),
        (
            "doc.flag > false",
            field("flag", Test::Gt(Value::Bool(false))),
            false,
        ),
        ("true", Filter::none(), true),
        ("false", Filter::none(), false),
        ("doc.n == 1", Filter::none(), false),
        ("doc.n == 1", field("n", Test::In(vec![])), false),
        (
            "auth.openid in doc.tags",
            field("tags", Test::Eq(Value::string("oA"))),
            false,
        ),
    ];
    for (rule, condition, expected) in cases {
        let cx = Context {
            caller: &alice,
            now: 0,
            facts: &Facts::default(),
            request: None,
            condition: &condition,
        };
        let proved = Rule::parse(rule).unwrap().proved_by_condition(&cx).unwrap();
        assert_eq!(proved, expected, "{rule} by {condition:?}");
    }
}

#[test]
fn a_proof_is_bounded() {
    let alice = alice();
    let either = |name: &str| {
        let test = |n| Filter::Field(Path::field(name), Test::Eq(Value::Int(n)));
        Filter::Or(vec![test(1), test(2)])
    };
    let names: Vec<String> = (0..40).map(|at| format!("f{at}")).collect();
    let condition = Filter::And(names.iter().map(|name| either(name)).collect());
    let ids: Vec<Filter> = (0..30)
        .map(|n| Filter::Field(Path::field("shop"), Test::Eq(Value::Int(n))))
        .collect();
    let many_shops = Filter::Or(ids);
    for (rule, condition) in [
        ("doc.f0 in [1, 2]", &condition),
        ("get(`database.shops.${doc.shop}`).open", &many_shops),
    ] {
        let cx = Context {
            caller: &alice,
            now: 0,
            facts: &Facts::default(),
            request: None,
            condition,
        };
        let proved = Rule::parse(rule).unwrap().proved_by_condition(&cx);
        assert_eq!(proved, Ok(false), "{rule}");
    }
}
