//! What is sent, word for word: as small as it can be, and with a part that an index can use.

use super::*;
use crate::data::{Comparison, DocId, OrderKey, Path, Position, Strict, Test, Value, ejson};

fn path(text: &str) -> Path {
    Path::parse(text).expect("a path")
}

fn value(text: &str) -> Value {
    ejson::parse_value(text).expect("EJSON")
}

fn values(text: &str) -> Vec<Value> {
    value(text).as_array().expect("an array").to_vec()
}

fn text(object: &Object) -> String {
    let text = ejson::object_to_string(object, ejson::Mode::Relaxed);
    text.replace('"', "'")
}

#[track_caller]
fn check(filter: &Filter, query: &str, exact: bool) {
    let translated = translate(filter);
    assert_eq!(
        (text(&translated.query).as_str(), translated.exact),
        (query, exact)
    );
}

fn field(at: &str, test: Test) -> Filter {
    Filter::Field(path(at), test)
}

fn compare(at: &str, comparison: Comparison, text: &str) -> Filter {
    Filter::Strict(Strict::Compare(path(at), comparison, value(text)))
}

#[test]
fn callers_tests_are_operators() {
    let paid = || field("status", Test::Eq(value(r#""PAID""#)));
    let cases = [
        (paid(), "{'status':'PAID'}"),
        (
            paid().and(field("n", Test::Gt(value("1")))),
            "{'status':'PAID','n':{'$gt':1}}",
        ),
        (
            field("n", Test::Gte(value("1"))).and(field("n", Test::Lt(value("5")))),
            "{'n':{'$gte':1,'$lt':5}}",
        ),
        (paid().and(paid()), "{'status':'PAID'}"),
        (
            paid().and(field("status", Test::Eq(value("1")))),
            "{'status':'PAID','$and':[{'status':1}]}",
        ),
        (
            paid().or(field("a.b", Test::Exists(true))),
            "{'$or':[{'status':'PAID'},{'a.b':{'$exists':true}}]}",
        ),
        (
            Filter::Not(Box::new(paid())),
            "{'$nor':[{'status':'PAID'}]}",
        ),
        (field("n", Test::In(values("[1]"))), "{'n':1}"),
        (
            field("n", Test::In(values("[1,null]"))),
            "{'n':{'$in':[1,null]}}",
        ),
        (field("n", Test::NotIn(values("[1]"))), "{'n':{'$ne':1}}"),
        (
            field("o", Test::Eq(value(r#"{"a":1}"#))),
            "{'o':{'$eq':{'a':1}}}",
        ),
        (
            field("s", Test::StartsWith("a.b".into())),
            r"{'s':{'$regex':'^a\\.b'}}",
        ),
        (
            field("s", Test::EndsWith("b".into())),
            r"{'s':{'$regex':'b\\z'}}",
        ),
        (
            field("s", Test::Contains(String::new())),
            "{'s':{'$type':'string'}}",
        ),
        (
            field("t", Test::Has(value("1"))),
            "{'t':{'$elemMatch':{'$eq':1}}}",
        ),
        (
            field(
                "lines",
                Test::Some(Box::new(field("n", Test::Gt(value("1"))))),
            ),
            "{'lines':{'$elemMatch':{'n':{'$gt':1}}}}",
        ),
        (
            field("t", Test::SomeElement(vec![Test::Ne(value("1"))])),
            "{'t':{'$elemMatch':{'$not':{'$type':['object','array']},'$ne':1}}}",
        ),
        (
            field(
                "t",
                Test::SomeElement(vec![
                    Test::StartsWith("a".into()),
                    Test::EndsWith("b".into()),
                ]),
            ),
            r"{'t':{'$elemMatch':{'$regex':'^(?=a)(?=(?s:.*)b\\z)'}}}",
        ),
        (Filter::all(), "{}"),
        (Filter::none(), "{'_id':{'$in':[]}}"),
        (
            paid().and(field("n", Test::HasSome(Vec::new()))),
            "{'_id':{'$in':[]}}",
        ),
    ];
    for (filter, query) in cases {
        check(&filter, query, true);
    }
}

#[test]
fn strict_leaves_are_guarded() {
    use Comparison::{Eq, Gt, Lt, Ne};
    let cases = [
        (compare("_id", Eq, r#""x""#), "{'_id':'x'}"),
        (
            compare("_openid", Eq, r#""o""#),
            "{'_openid':{'$eq':'o','$not':{'$type':'array'}}}",
        ),
        (
            compare("a.n", Gt, "1"),
            "{'a':{'$not':{'$type':'array'}},'a.n':{'$gt':1,'$not':{'$type':'array'}}}",
        ),
        (
            compare("status", Ne, r#""X""#),
            "{'status':{'$type':'string','$ne':'X','$not':{'$type':'array'}}}",
        ),
        (
            compare("n", Ne, "1"),
            "{'n':{'$not':{'$type':'array'}},'$or':[{'n':{'$lt':1}},{'n':{'$gt':1}}]}",
        ),
        (compare("n", Lt, "true"), "{'_id':{'$in':[]}}"),
        (compare("n", Eq, "null"), "{'_id':{'$in':[]}}"),
        (
            Filter::Strict(Strict::Absent(path("x"))),
            "{'x':{'$eq':null,'$not':{'$type':'array'}}}",
        ),
        (
            Filter::Strict(Strict::Present(path("x"))),
            "{'$or':[{'x':{'$ne':null}},{'x':{'$type':'array'}}]}",
        ),
        (
            Filter::Strict(Strict::Contains(path("tags"), value(r#""a""#))),
            "{'tags':{'$elemMatch':{'$eq':'a'}}}",
        ),
        (
            Filter::Strict(Strict::NotContains(path("tags"), value(r#""a""#))),
            "{'tags':{'$type':'array','$not':{'$elemMatch':{'$not':{'$type':'string','$ne':'a'}}}}}",
        ),
    ];
    for (filter, query) in cases {
        check(&filter, query, true);
    }
}

#[test]
fn what_cannot_be_said_is_wider_and_never_negated() {
    let pattern = crate::data::Pattern::new("a").expect("a pattern");
    let matches = || field("s", Test::Matches(pattern.clone()));
    let known = || field("n", Test::Eq(value("1")));
    let not = |filter| Filter::Not(Box::new(filter));
    let cases = [
        (matches(), "{'s':{'$type':'string'}}"),
        (not(matches()), "{}"),
        (matches().and(known()), "{'s':{'$type':'string'},'n':1}"),
        (not(matches().and(known())), "{}"),
        (not(matches().or(known())), "{'$nor':[{'n':1}]}"),
        (not(not(matches())), "{'s':{'$type':'string'}}"),
        (field("n", Test::Eq(value(r#"{"$gt":1}"#))), "{}"),
        (
            field("n", Test::NotIn(values(r#"[1,{"$gt":1}]"#))),
            "{'n':{'$ne':1}}",
        ),
        (Filter::Field(Path::field("a.b"), Test::Exists(true)), "{}"),
        (
            compare("a.0", Comparison::Ne, r#""x""#),
            "{'a.0':{'$type':'string'}}",
        ),
        (
            field("a", Test::Some(Box::new(field("n", Test::Ne(value("1")))))),
            "{'a':{'$elemMatch':{'n':{'$ne':1}}}}",
        ),
        (
            field("a.b", Test::HasEvery(values("[1,2]"))),
            "{'a.b':{'$elemMatch':{'$eq':1}},'$and':[{'a.b':{'$elemMatch':{'$eq':2}}}]}",
        ),
    ];
    for (filter, query) in cases {
        check(&filter, query, false);
    }
    let deep = (0..MAX_DEPTH).fold(known(), |inner, _| field("a", Test::Some(Box::new(inner))));
    check(&deep, "{}", false);
}

#[test]
fn positions_are_bounds_of_an_index() {
    let by = |key: OrderKey, value: &str| {
        let position = Position {
            values: vec![Some(ejson::parse_value(value).expect("EJSON"))],
            id: DocId::string("x"),
        };
        text(&after(&Order { keys: vec![key] }, &position))
    };
    let id = "{'$or':[{'_id':{'$gt':'x'}},{'_id':{'$type':['objectId']}}]}";
    let position = Position {
        values: Vec::new(),
        id: DocId::string("x"),
    };
    assert_eq!(text(&after(&Order::default(), &position)), id);
    assert_eq!(
        by(OrderKey::descending(path("at")), r#"{"$date":0}"#)
            .replace("1970-01-01T00:00:00.000Z", "T"),
        "{'$or':[{'at':{'$lt':{'$date':'T'}}},\
         {'at':{'$type':['number','string','object','array','binData','objectId','bool']}},{'at':null},\
         {'at':{'$not':{'$type':'array'},'$eq':{'$date':'T'}},\
         '$or':[{'_id':{'$gt':'x'}},{'_id':{'$type':['objectId']}}]}]}"
    );
    assert_eq!(
        by(OrderKey::ascending(path("n")), r#"{"$numberDecimal":"1"}"#),
        "{'n':{'$type':['array','binData','objectId','bool','date']}}"
    );
}

#[test]
fn updates_that_the_database_would_do_otherwise_are_refused() {
    use crate::data::Update;
    use crate::data::update::{Elements, Op};
    let of = |op: Op| update(&Update { ops: vec![op] });
    let set = |at: &str, text: &str| of(Op::Set(path(at), value(text)));
    let said = set("a.b", r#"{"$numberDecimal":"1"}"#).map(|operators| text(&operators));
    assert_eq!(
        said.as_deref(),
        Ok("{'$set':{'a.b':{'$numberDecimal':'1'}}}")
    );
    assert_eq!(
        set("a", r#"{"$gt":1}"#),
        Err(Inexpressible::Value(path("a")))
    );
    for at in ["_id", "a.0", "$a"] {
        assert_eq!(set(at, "1"), Err(Inexpressible::Path(path(at))));
    }
    assert!(of(Op::Unset(path("a.0"))).is_ok());
    let pattern = crate::data::Pattern::new("a").expect("a pattern");
    let elements = Elements::Matching(field("s", Test::Matches(pattern)));
    assert_eq!(
        of(Op::Pull(path("a"), elements)),
        Err(Inexpressible::Elements(path("a")))
    );
}
