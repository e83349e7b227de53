//! Random lists over random documents: what the store answers is what a
//! filter and a sort in memory give.

use std::collections::BTreeMap;
use std::sync::Arc;

use cloudbase_graphql::data::update::Op;
use cloudbase_graphql::data::{
    Binary, Comparison, DocId, Document, Filter, Object, ObjectId, Order, OrderKey, Position,
    Strict, Test, Update, Value,
};
use cloudbase_graphql::store::{Find, Projection, Store};
use proptest::prelude::{
    BoxedStrategy, Just, Strategy, TestCaseError, any, prop, prop_assert_eq, prop_oneof,
};
use proptest::test_runner::{Config, TestRunner};
use smol_str::SmolStr;

use crate::store::words::{ids, path, things};

/// Indexed paths, paths through arrays, and one without an index.
const PATHS: [&str; 11] = [
    "_id", "n", "kind", "at", "tags", "sub.x", "list.y", "list.0.y", "sub", "free", "code",
];
const FIELDS: [&str; 8] = ["n", "kind", "at", "tags", "sub", "list", "free", "code"];

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => (0..4_i64).prop_map(Value::Int),
        2 => prop::sample::select(vec![0.0, 1.0, 1.5, -0.0, f64::NAN, f64::INFINITY, 9.0e18]).prop_map(Value::Double),
        1 => prop::sample::select(vec![i64::MIN, i64::MAX, 9_000_000_000_000_000_001]).prop_map(Value::Int),
        4 => prop::sample::select(vec!["", "a", "ab", "b", "a\0", "价", "\u{10ffff}"]).prop_map(Value::string),
        2 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => (0..3_i64).prop_map(Value::Date),
        1 => (0..2_u8).prop_map(|byte| Value::ObjectId(ObjectId([byte; 12]))),
        1 => (0..2_u8).prop_map(|byte| Value::Binary(Binary { subtype: 0, bytes: vec![byte] })),
    ]
}

fn object(values: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    prop::collection::btree_map(prop::sample::select(vec!["x", "y", "0"]), values, 0..3)
        .prop_map(|members| Value::Object(members.into_iter().collect()))
}

fn nested() -> impl Strategy<Value = Value> {
    let flat = prop_oneof![
        2 => scalar(),
        1 => prop::collection::vec(scalar(), 0..3).prop_map(Value::Array),
    ];
    let element =
        prop_oneof![2 => scalar(), 2 => object(flat.clone().boxed()), 1 => flat.clone().boxed()];
    prop_oneof![
        6 => scalar(),
        2 => object(flat.boxed()),
        2 => prop::collection::vec(element, 0..4).prop_map(Value::Array),
    ]
}

/// Fields; without arrays at all if `plain`, so that indexes are exact.
fn fields(plain: bool) -> BoxedStrategy<Object> {
    let value = if plain {
        prop_oneof![4 => scalar(), 1 => object(scalar())].boxed()
    } else {
        nested().boxed()
    };
    prop::collection::btree_map(prop::sample::select(FIELDS.to_vec()), value, 0..6)
        .prop_map(|members| members.into_iter().collect())
        .boxed()
}

fn documents() -> impl Strategy<Value = Vec<Document>> {
    let name = |at: u8| match at % 3 {
        0 => DocId::Int(at.into()),
        1 => DocId::string(format!("id-{at}")),
        _ => DocId::ObjectId(ObjectId([at; 12])),
    };
    any::<bool>()
        .prop_flat_map(|plain| prop::collection::vec(fields(plain), 0..24))
        .prop_map(move |all| {
            let all = (0_u8..).zip(all);
            all.map(|(at, fields)| Document::new(name(at), 0, fields))
                .collect()
        })
}

fn at() -> impl Strategy<Value = cloudbase_graphql::data::Path> {
    prop::sample::select(PATHS.to_vec()).prop_map(path)
}

fn operand() -> impl Strategy<Value = Value> {
    prop_oneof![8 => scalar(), 1 => nested()]
}

fn any_test() -> impl Strategy<Value = Test> {
    let operands = || prop::collection::vec(operand(), 0..3);
    let text = || prop::sample::select(vec!["", "a", "b", "价", "a\0"]).prop_map(str::to_owned);
    prop_oneof![
        operand().prop_map(Test::Eq),
        operand().prop_map(Test::Ne),
        operands().prop_map(Test::In),
        operands().prop_map(Test::NotIn),
        operand().prop_map(Test::Gt),
        operand().prop_map(Test::Gte),
        operand().prop_map(Test::Lt),
        operand().prop_map(Test::Lte),
        any::<bool>().prop_map(Test::Exists),
        text().prop_map(Test::StartsWith),
        text().prop_map(Test::Contains),
        text().prop_map(Test::EndsWith),
        operand().prop_map(Test::Has),
        operands().prop_map(Test::HasSome),
        operands().prop_map(Test::HasEvery),
        (0..3_u64).prop_map(Test::Size),
        operand().prop_map(|value| Test::SomeElement(vec![Test::Gte(value)])),
    ]
}

fn strict() -> impl Strategy<Value = Strict> {
    use Comparison::{Eq, Gt, Gte, Lt, Lte, Ne};
    let comparison = || prop::sample::select(vec![Eq, Ne, Lt, Lte, Gt, Gte]);
    let operands = || prop::collection::vec(operand(), 0..3);
    prop_oneof![
        (at(), comparison(), operand())
            .prop_map(|(path, comparison, value)| Strict::Compare(path, comparison, value)),
        (at(), comparison(), at())
            .prop_map(|(a, comparison, b)| Strict::CompareFields(a, comparison, b)),
        (at(), operands()).prop_map(|(path, values)| Strict::In(path, values)),
        (at(), operands()).prop_map(|(path, values)| Strict::NotIn(path, values)),
        (at(), operand()).prop_map(|(path, value)| Strict::Contains(path, value)),
        (at(), operand()).prop_map(|(path, value)| Strict::NotContains(path, value)),
        (at(), at(), any::<bool>()).prop_map(|(array, element, negated)| Strict::ContainsField {
            array,
            element,
            negated
        }),
        at().prop_map(Strict::Present),
        at().prop_map(Strict::Absent),
    ]
}

fn filter() -> impl Strategy<Value = Filter> {
    let leaf = prop_oneof![
        3 => (at(), any_test()).prop_map(|(path, test)| Filter::Field(path, test)),
        2 => strict().prop_map(Filter::Strict),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            2 => prop::collection::vec(inner.clone(), 0..3).prop_map(Filter::And),
            2 => prop::collection::vec(inner.clone(), 0..3).prop_map(Filter::Or),
            1 => inner.prop_map(|inner| Filter::Not(Box::new(inner))),
        ]
    })
}

fn order() -> impl Strategy<Value = Order> {
    let key = (at(), any::<bool>()).prop_map(|(path, up)| {
        if up {
            OrderKey::ascending(path)
        } else {
            OrderKey::descending(path)
        }
    });
    prop::collection::vec(key, 0..3).prop_map(|keys| Order { keys })
}

/// A list to read; `after` picks the document that it begins after.
#[derive(Clone, Debug)]
struct Question {
    filter: Filter,
    order: Order,
    after: Option<usize>,
    skip: u64,
    limit: u64,
}

fn question() -> impl Strategy<Value = Question> {
    let after = prop::option::of(0..24_usize);
    (filter(), order(), after, 0..3_u64, 0..9_u64).prop_map(
        |(filter, order, after, skip, limit)| Question {
            filter,
            order,
            after,
            skip,
            limit,
        },
    )
}

/// What the documents become before they are asked for: updated and deleted.
#[derive(Clone, Debug)]
enum Act {
    Set(usize, cloudbase_graphql::data::Path, Value),
    Delete(usize),
}

fn act() -> impl Strategy<Value = Act> {
    let writable = at().prop_filter("the id stays", |path| path.root() != "_id");
    prop_oneof![
        4 => (0..24_usize, writable, nested()).prop_map(|(at, path, value)| Act::Set(at, path, value)),
        1 => (0..24_usize).prop_map(Act::Delete),
    ]
}

/// The documents that the store should have, by id.
type Model = BTreeMap<DocId, Document>;

async fn perform(store: &dyn Store, names: &[DocId], act: &Act, model: &mut Model) {
    match act {
        Act::Set(at, path, value) => {
            let Some(name) = names.get(*at) else { return };
            let update = Update {
                ops: vec![Op::Set(path.clone(), value.clone())],
            };
            let updated = store
                .update_one(&things(), name, &Filter::all(), &update)
                .await;
            let Some(document) = model.get_mut(name) else {
                assert!(updated.unwrap().is_none());
                return;
            };
            // An update that does not fit is refused by both.
            match update.apply(document.fields()) {
                Ok(fields) => {
                    assert!(updated.unwrap().is_some());
                    *document = document.with_fields(fields);
                }
                Err(_) => assert!(updated.is_err()),
            }
        }
        Act::Delete(at) => {
            let Some(name) = names.get(*at) else { return };
            let deleted = store
                .delete_one(&things(), name, &Filter::all())
                .await
                .unwrap();
            assert_eq!(deleted.is_some(), model.remove(name).is_some());
        }
    }
}

/// The answer by the book.
fn expected<'a>(
    model: &'a Model,
    question: &Question,
    after: Option<&Position>,
) -> Vec<&'a Document> {
    let mut found: Vec<&Document> = model
        .values()
        .filter(|document| question.filter.matches(document.fields()))
        .filter(|document| after.is_none_or(|position| question.order.is_after(position, document)))
        .collect();
    found.sort_by(|a, b| question.order.compare(a.fields(), b.fields()));
    let skip = usize::try_from(question.skip).unwrap();
    let limit = usize::try_from(question.limit).unwrap();
    found.into_iter().skip(skip).take(limit).collect()
}

fn names(documents: &[&Document]) -> String {
    let names: Vec<String> = documents
        .iter()
        .map(|document| document.id().to_string())
        .collect();
    names.join(" ")
}

async fn ask(
    store: &dyn Store,
    documents: &[Document],
    model: &Model,
    question: &Question,
) -> Result<(), TestCaseError> {
    let after = question
        .after
        .and_then(|at| documents.get(at))
        .map(|document| question.order.position(document));
    let find = Find {
        filter: question.filter.clone(),
        order: question.order.clone(),
        after: after.clone(),
        skip: question.skip,
        limit: question.limit,
        projection: Projection::All,
    };
    let answer = store.find(&things(), &find).await.unwrap();
    let expected = expected(model, question, after.as_ref());
    prop_assert_eq!(ids(&answer), names(&expected), "{:?}", find);
    for (answer, expected) in answer.iter().zip(expected) {
        prop_assert_eq!(answer.fields(), expected.fields());
    }
    let count = store.count(&things(), &question.filter).await.unwrap();
    let matching = model
        .values()
        .filter(|document| question.filter.matches(document.fields()));
    prop_assert_eq!(count, matching.count() as u64);
    Ok(())
}

/// The same, for each of some keys.
async fn ask_per_key(
    store: &dyn Store,
    model: &Model,
    at: &str,
    keys: &[Value],
    question: &Question,
) -> Result<(), TestCaseError> {
    let find = Find {
        filter: question.filter.clone(),
        order: question.order.clone(),
        after: None,
        skip: question.skip,
        limit: question.limit,
        projection: Projection::Fields([SmolStr::new("n")].into()),
    };
    let answers = store
        .find_per_key(&things(), &path(at), keys, &find)
        .await
        .unwrap();
    let counts = store
        .count_per_key(&things(), &path(at), keys, &question.filter)
        .await
        .unwrap();
    for ((key, answer), count) in keys.iter().zip(&answers).zip(counts) {
        let mut for_key = question.clone();
        for_key.filter = question
            .filter
            .clone()
            .and(Filter::field(&path(at), Test::Eq(key.clone())));
        prop_assert_eq!(
            ids(answer),
            names(&expected(model, &for_key, None)),
            "{} {:?} {:?}",
            at,
            key,
            find
        );
        let matching = model
            .values()
            .filter(|document| for_key.filter.matches(document.fields()));
        prop_assert_eq!(count, matching.count() as u64, "{} {:?}", at, key);
    }
    Ok(())
}

/// One walk forwards by pages visits each document once, in order.
async fn walk(
    store: &dyn Store,
    model: &Model,
    order: &Order,
    size: u64,
) -> Result<(), TestCaseError> {
    let mut find = Find {
        filter: Filter::all(),
        order: order.clone(),
        after: None,
        skip: 0,
        limit: size,
        projection: Projection::All,
    };
    let mut seen: Vec<Arc<Document>> = Vec::new();
    loop {
        let page = store.find(&things(), &find).await.unwrap();
        let Some(last) = page.last() else { break };
        find.after = Some(order.position(last));
        seen.extend(page);
    }
    let mut all: Vec<&Document> = model.values().collect();
    all.sort_by(|a, b| order.compare(a.fields(), b.fields()));
    prop_assert_eq!(ids(&seen), names(&all), "{:?}", order);
    Ok(())
}

/// Tries the law on stores made by `open`, which run on one runtime.
pub(crate) fn answers_are_those_of_the_matcher<S: Store + 'static>(
    cases: u32,
    open: impl AsyncFn() -> Arc<S>,
) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut runner = TestRunner::new(Config::with_cases(cases));
    let input = (
        documents(),
        prop::collection::vec(act(), 0..8),
        prop::collection::vec(question(), 24),
        prop::collection::vec(operand(), 0..4),
    );
    let outcome = runner.run(&input, |(documents, acts, questions, keys)| {
        runtime.block_on(async {
            let store = open().await;
            let store: &dyn Store = store.as_ref();
            store.insert(&things(), documents.clone()).await.unwrap();
            let mut model: Model = documents
                .iter()
                .map(|document| (document.id().clone(), document.clone()))
                .collect();
            let names: Vec<DocId> = documents
                .iter()
                .map(|document| document.id().clone())
                .collect();
            for act in &acts {
                perform(store, &names, act, &mut model).await;
            }
            for (at, question) in questions.iter().enumerate() {
                ask(store, &documents, &model, question).await?;
                ask_per_key(store, &model, PATHS[at % PATHS.len()], &keys, question).await?;
            }
            for question in &questions[..4] {
                walk(store, &model, &question.order, question.limit + 1).await?;
            }
            Ok(())
        })
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}
