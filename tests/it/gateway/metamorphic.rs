//! Two worlds that differ only in what the caller may not read look alike, whatever the caller asks or does.

use cloudbase_graphql::data::update::{Elements, Op};
use cloudbase_graphql::data::{Direction, Filter, Order, OrderKey, Test, Update, Value};
use cloudbase_graphql::gateway::{Error, List, Lookup, Total, Visible, Written};
use cloudbase_graphql::model::FieldIx;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::notes::SCHEMA;
use super::world::{Actor, World, path};

/// Something a caller does.
#[derive(Clone, Debug)]
enum Deed {
    List(Filter, Vec<(String, bool)>, u64),
    Get(String),
    LookUp(String, Value),
    ToOne(String, Vec<Value>),
    ToMany(String, Vec<Value>, Filter),
    Update(String, Vec<Op>, Option<Filter>),
    UpdateMany(Filter, Vec<Op>),
    Create(String, Vec<(String, Value)>),
    Delete(String, Option<Filter>),
    DeleteMany(Filter),
}

/// Fields that alice may read at least in part come often: a refused question tells nothing to begin with.
const FIELDS: [&str; 12] = [
    "_id", "_openid", "title", "public", "secret", "secret", "secret", "code", "tags", "stock",
    "ratio", "score",
];

fn field() -> impl Strategy<Value = String> {
    prop::sample::select(&FIELDS[..]).prop_map(str::to_owned)
}

fn value() -> impl Strategy<Value = Value> {
    let texts = [
        "s1", "s2", "s3", "x2", "x3", "c1", "c2", "c3", "one", "two", "three", "a", "alice", "bob",
        "n1", "n3",
    ];
    prop_oneof![
        4 => prop::sample::select(texts.to_vec()).prop_map(Value::string),
        2 => (0_i64..12).prop_map(Value::Int),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => Just(Value::Null),
    ]
}

fn test() -> impl Strategy<Value = Test> {
    prop_oneof![
        value().prop_map(Test::Eq),
        value().prop_map(Test::Ne),
        value().prop_map(Test::Gt),
        value().prop_map(Test::Lte),
        prop::collection::vec(value(), 0..3).prop_map(Test::In),
        prop::collection::vec(value(), 0..3).prop_map(Test::NotIn),
        any::<bool>().prop_map(Test::Exists),
        value().prop_map(Test::Has),
        prop::sample::select(vec!["s", "x", "t"])
            .prop_map(|text| Test::StartsWith(text.to_owned())),
    ]
}

fn filter() -> impl Strategy<Value = Filter> {
    let leaf = (field(), test()).prop_map(|(field, test)| Filter::field(&path(&field), test));
    leaf.prop_recursive(3, 8, 3, |inner| {
        let several = || prop::collection::vec(inner.clone(), 0..3);
        prop_oneof![
            several().prop_map(Filter::And),
            several().prop_map(Filter::Or),
            inner.clone().prop_map(|inner| Filter::Not(Box::new(inner))),
        ]
    })
}

fn id() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["n1", "n2", "n3", "n4", "nx"]).prop_map(str::to_owned)
}

fn order() -> impl Strategy<Value = Vec<(String, bool)>> {
    let fields = ["title", "stock", "public", "_id", "secret"];
    let key = (
        prop::sample::select(fields.to_vec()).prop_map(str::to_owned),
        any::<bool>(),
    );
    prop::collection::vec(key, 0..2)
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        // Who publishes a hidden note sees it from then on, and what it holds differs.
        (field(), value())
            .prop_filter("publishes", |(field, _)| field != "public")
            .prop_map(|(field, value)| Op::Set(path(&field), value)),
        field().prop_map(|field| Op::Unset(path(&field))),
        (
            prop::sample::select(vec!["stock", "score", "ghost", "ratio"]),
            -8_i64..8
        )
            .prop_map(|(field, by)| Op::Inc(path(field), Value::Int(by))),
        value().prop_map(|value| Op::Push(path("tags"), vec![value])),
        value().prop_map(|value| Op::Pull(path("tags"), Elements::Equal(vec![value]))),
    ]
}

fn reading() -> impl Strategy<Value = Deed> {
    let keys = || prop::collection::vec(value(), 0..4);
    prop_oneof![
        4 => (filter(), order(), 0_u64..4).prop_map(|(filter, order, first)| Deed::List(filter, order, first)),
        1 => id().prop_map(Deed::Get),
        1 => (field(), value()).prop_map(|(field, value)| Deed::LookUp(field, value)),
        1 => (field(), keys()).prop_map(|(field, keys)| Deed::ToOne(field, keys)),
        1 => (field(), keys(), filter()).prop_map(|(field, keys, filter)| Deed::ToMany(field, keys, filter)),
    ]
}

fn writing() -> impl Strategy<Value = Deed> {
    let ops = || prop::collection::vec(op(), 1..3);
    let condition = || prop::option::of(filter());
    let values = prop::collection::vec((field(), value()), 0..3);
    prop_oneof![
        4 => (id(), ops(), condition()).prop_map(|(id, ops, condition)| Deed::Update(id, ops, condition)),
        1 => (filter(), ops()).prop_map(|(filter, ops)| Deed::UpdateMany(filter, ops)),
        2 => (id(), values).prop_map(|(id, values)| Deed::Create(id, values)),
        1 => (id(), condition()).prop_map(|(id, condition)| Deed::Delete(id, condition)),
        1 => filter().prop_map(Deed::DeleteMany),
    ]
}

/// The answer in full, as text.
async fn answer(actor: &Actor, deed: &Deed) -> String {
    let session = &actor.session;
    let notes = actor.collection("notes");
    let named = |stored: &str| {
        let shape = &session.gateway().model().collection(notes).shape;
        shape.field_stored(stored).expect("a field")
    };
    let select = actor.all("notes");
    match deed {
        Deed::List(filter, order, first) => {
            let mut request = actor.request("notes", filter.clone());
            request.order = ordered(order);
            request.page.first = Some(*first);
            request.total = Total::Count;
            told(session.list(&request).await, |list| {
                lists(actor, std::slice::from_ref(&list))
            })
        }
        Deed::Get(id) => told(actor.get("notes", id).await, |found| {
            documents(actor, &[found])
        }),
        Deed::LookUp(field, value) => {
            let lookup = Lookup::Unique(vec![(named(field), value.clone())]);
            let found = session.get(notes, &lookup, &select).await;
            told(found, |found| documents(actor, &[found]))
        }
        Deed::ToOne(field, keys) => {
            let found = session
                .to_one(notes, named(field), keys.clone(), &select)
                .await;
            told(found, |found| documents(actor, &found))
        }
        Deed::ToMany(field, keys, filter) => {
            let mut request = actor.request("notes", filter.clone());
            request.total = Total::Count;
            let found = session.to_many(&request, named(field), keys.clone()).await;
            told(found, |found| lists(actor, &found))
        }
        Deed::Update(id, ops, condition) => {
            let written = actor
                .update_if("notes", id, ops.clone(), condition.clone())
                .await;
            told(written, |written| shown(actor, written))
        }
        Deed::UpdateMany(filter, ops) => {
            let request = actor.bulk("notes", filter.clone(), 2);
            let update = Update { ops: ops.clone() };
            told(session.update_many(&request, &update).await, |it| {
                format!("{it:?}")
            })
        }
        Deed::Create(id, values) => {
            let mut input = super::world::input(Some(&format!("{id}-new")), r#"{"title":"t"}"#);
            for (name, value) in values {
                input.values.insert(name.as_str(), value.clone());
            }
            told(session.create_one(notes, input).await, |written| {
                shown(actor, written)
            })
        }
        Deed::Delete(id, condition) => {
            told(actor.delete("notes", id, condition.clone()).await, |id| {
                id.to_string()
            })
        }
        Deed::DeleteMany(filter) => {
            let request = actor.bulk("notes", filter.clone(), 2);
            told(session.delete_many(&request).await, |it| format!("{it:?}"))
        }
    }
}

fn ordered(keys: &[(String, bool)]) -> Order {
    let key = |(field, ascending): &(String, bool)| OrderKey {
        path: path(field),
        direction: if *ascending {
            Direction::Ascending
        } else {
            Direction::Descending
        },
    };
    Order {
        keys: keys.iter().map(key).collect(),
    }
}

fn told<T>(result: Result<T, Error>, tell: impl FnOnce(T) -> String) -> String {
    match result {
        Ok(answer) => tell(answer),
        Err(error) => format!("{error:?}"),
    }
}

fn document(actor: &Actor, document: &Visible) -> String {
    let fields = actor.all("notes").fields;
    let read = |field: &FieldIx| super::world::shown(document, *field);
    fields.iter().map(read).collect::<Vec<_>>().join("|")
}

fn documents(actor: &Actor, found: &[Option<Visible>]) -> String {
    let one = |it: &Option<Visible>| it.as_ref().map_or("-".to_owned(), |it| document(actor, it));
    found.iter().map(one).collect::<Vec<_>>().join("\n")
}

fn lists(actor: &Actor, lists: &[List]) -> String {
    let one = |list: &List| {
        let nodes = list.nodes.iter().enumerate();
        let nodes: Vec<String> = nodes
            .map(|(at, node)| format!("{} {}", document(actor, node), list.cursor(at)))
            .collect();
        let around = (list.has_previous_page, list.has_next_page, list.total);
        format!("{around:?}\n{}", nodes.join("\n"))
    };
    lists.iter().map(one).collect::<Vec<_>>().join("\n\n")
}

fn shown(actor: &Actor, written: Written) -> String {
    format!("{} {}", written.id, documents(actor, &[written.document]))
}

const ROLES: (&str, &str) = (
    "roles",
    r#"{"_id":"openid:clara","roles":["clerk"],"status":"ACTIVE"}"#,
);

/// What alice and clara both see of `n1`, and alice of `n4`; the rest is filled in.
fn seed(n1: &str, n2: &str, n3: &str, n4: &str) -> [String; 4] {
    [
        format!(
            r#"{{"_id":"n1","_openid":"alice","title":"one","public":true,"slug":"l1","code":"c1","tags":["a"],"stock":5,{n1}}}"#
        ),
        format!(
            r#"{{"_id":"n2","_openid":"bob","title":"two","public":true,"slug":"l2","code":"c2","tags":["a","b"],"stock":6,{n2}}}"#
        ),
        format!(r#"{{"_id":"n3","_openid":"bob","public":false,"slug":"l3","code":"c3",{n3}}}"#),
        format!(r#"{{"_id":"n4","_openid":"alice","public":false,"slug":"l4","code":"c4",{n4}}}"#),
    ]
}

const NOTES_OF_ALICE: [&str; 2] = [
    r#""secret":"s1""#,
    r#""title":"four","tags":["d"],"stock":7,"secret":"s4""#,
];

/// Two worlds alike for alice.
fn for_alice() -> [[String; 4]; 2] {
    let [n1, n4] = NOTES_OF_ALICE;
    [
        seed(
            &format!(r#"{n1},"score":5,"ghost":1"#),
            r#""secret":"s2","score":7,"ghost":2"#,
            r#""secret":"s3","title":"three","tags":["c"],"stock":0,"score":9"#,
            &format!(r#"{n4},"score":1"#),
        ),
        // Not even the id of the hidden note is the same.
        seed(
            &format!(r#"{n1},"ghost":"odd""#),
            r#""secret":"x2","score":0"#,
            r#""secret":"x3","title":"one","tags":["a","b","c"],"stock":"many","ratio":1.5"#,
            &format!(r#"{n4},"score":null,"ghost":7"#),
        )
        .map(|note| note.replace("\"n3\"", "\"n9\"")),
    ]
}

/// Two worlds alike for clara, who owns nothing but may update any note.
fn for_clara() -> [[String; 4]; 2] {
    [
        seed(
            r#""secret":"s1","score":5,"ghost":1"#,
            r#""secret":"s2""#,
            r#""title":"three","tags":["c"],"stock":0"#,
            r#""title":"four","stock":7,"secret":"s4""#,
        ),
        seed(
            r#""secret":"x2","ghost":2"#,
            r#""score":3"#,
            r#""title":"one","tags":[],"stock":9,"ratio":"odd""#,
            r#""title":"a","stock":"none","tags":["a"]"#,
        ),
    ]
}

async fn world(notes: &[String; 4]) -> World {
    let mut seed: Vec<(&str, &str)> = notes.iter().map(|it| ("notes", it.as_str())).collect();
    seed.push(ROLES);
    World::new(SCHEMA, &seed).await
}

async fn both(worlds: &[World; 2], principal: &str, deed: &Deed) -> [String; 2] {
    let [one, other] = worlds;
    let told = async |world: &World| {
        let actor = world.as_(principal).await;
        let answer = answer(&actor, deed).await;
        format!("{answer}\n{:?}", actor.session.trace())
    };
    [told(one).await, told(other).await]
}

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    })
}

#[test]
fn reading_tells_nothing_of_what_is_unreadable() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for (principal, [one, other]) in [("openid:alice", for_alice()), ("openid:clara", for_clara())]
    {
        let worlds = runtime.block_on(async { [world(&one).await, world(&other).await] });
        let law = |deed| {
            let [one, other] = runtime.block_on(both(&worlds, principal, &deed));
            prop_assert_eq!(one, other);
            Ok(())
        };
        runner(600).run(&reading(), law).expect(principal);
    }
}

#[test]
fn writing_tells_nothing_of_what_is_unreadable() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for (principal, [one, other]) in [("openid:alice", for_alice()), ("openid:clara", for_clara())]
    {
        let law = |deeds: Vec<Deed>| {
            let worlds = runtime.block_on(async { [world(&one).await, world(&other).await] });
            for deed in deeds {
                let [one, other] = runtime.block_on(both(&worlds, principal, &deed));
                prop_assert_eq!(one, other, "{:?}", deed);
            }
            Ok(())
        };
        let deeds = prop::collection::vec(prop_oneof![3 => writing(), 1 => reading()], 1..12);
        runner(25).run(&deeds, law).expect(principal);
    }
}
