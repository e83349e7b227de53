//! The law of the translation: what is sent to the database means, to the database's own language, what it means here.
//!
//! The judge is the emulator's reading of that language, where official clients agree with it.

mod random;

use cloudbase_graphql::data::{DocId, Document, Filter, Object, Order, Update, ejson};
use cloudbase_graphql::mongo;
use cloudbase_graphql::store::cloud::translate::{after, order, translate, update};
use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, proptest};

use self::random::{
    any_filter, any_order, any_update, document, filter_about_places, place, value,
};

fn text(object: &Object) -> String {
    ejson::object_to_string(object, ejson::Mode::Relaxed)
}

fn judge(query: &Object) -> mongo::Query {
    mongo::Query::parse(query).unwrap_or_else(|error| panic!("{error}: {}", text(query)))
}

fn judged_as_here(filter: &Filter, fields: &Object) -> (bool, bool, String) {
    let translated = translate(filter);
    let found = judge(&translated.query).matches(fields);
    let matches = filter.matches(fields);
    let holds = match translated.exact {
        true => found == matches,
        false => found || !matches,
    };
    (holds, matches, text(&translated.query))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn filters(filter in any_filter(), document in document()) {
        let (holds, matches, query) = judged_as_here(&filter, document.fields());
        prop_assert!(holds, "{} {matches}", query);
    }

    #[test]
    fn positions(order in any_order(), at in document(), other in document(), same in any::<bool>()) {
        // The same values under another id, so that it is the id that decides.
        let other = match same {
            true => Document::new(other.id().clone(), 0, at.fields().clone()),
            false => other,
        };
        let position = order.position(&at);
        let query = after(&order, &position);
        prop_assert_eq!(judge(&query).matches(other.fields()), order.is_after(&position, &other), "{}", text(&query));
        prop_assert!(!judge(&query).matches(at.fields()));
        let back = order.reversed();
        let query = after(&back, &position);
        prop_assert_eq!(judge(&query).matches(other.fields()), back.is_after(&position, &other), "{}", text(&query));
    }

    #[test]
    fn updates(ours in any_update(), document in document()) {
        let Ok(operators) = update(&ours) else { return Ok(()) };
        let theirs = mongo::Update::parse(&operators).and_then(|update| update.apply(document.fields(), &mongo::Query::all(), 0));
        match ours.apply(document.fields()) {
            Ok(after) => prop_assert_eq!(theirs.ok(), Some(after), "{}", text(&operators)),
            Err(error) => prop_assert!(theirs.is_err(), "{}: {}", error, text(&operators)),
        }
    }

    /// Wherever on the globe: what is near may be found, though others may be found as well.
    #[test]
    fn places(filter in filter_about_places(), at in place()) {
        let fields: Object = [("a", at)].into_iter().collect();
        let (holds, _, query) = judged_as_here(&filter, &fields);
        prop_assert!(holds, "{}", query);
    }

    /// Whatever stands in a filter, what is made of it can be read.
    #[test]
    fn operands(value in value()) {
        use cloudbase_graphql::data::{Path, Test};
        for test in [Test::Eq(value.clone()), Test::In(vec![value.clone()]), Test::Has(value)] {
            judge(&translate(&Filter::field(&Path::field("a"), test)).query);
        }
    }
}

#[test]
fn orders_are_those_of_the_language() {
    let said: Object = ejson::parse_object(r#"{"a.b":-1,"n":1,"_id":-1,"late":1}"#).unwrap();
    let ours: Order = mongo::order(&said).unwrap();
    let keys: Vec<String> = order(&ours)
        .iter()
        .map(|(name, direction)| format!("{name} {direction:?}"))
        .collect();
    assert_eq!(keys, ["a.b Descending", "n Ascending", "_id Descending"]);
    let keys = order(&Order::default());
    assert_eq!(keys.len(), 1);
    assert_eq!(keys[0].0, "_id");
}

/// A walk by pages ends and gives no document twice, in whichever order rows come back: here, the database's, which looks at
/// the least element of an array.
#[test]
fn walks_over_arrays_end() {
    let documents: Vec<Document> = ["[1,9]", "5", "[7]", "3", "[]", "null", "[[2]]", "8"]
        .iter()
        .zip(0..)
        .map(|(n, id)| {
            let fields = ejson::parse_object(&format!(r#"{{"n":{n}}}"#)).unwrap();
            Document::new(DocId::Int(id), 0, fields)
        })
        .collect();
    let by_n = mongo::order(&ejson::parse_object(r#"{"n":1}"#).unwrap()).unwrap();
    for from in 0..documents.len() {
        let mut seen = Vec::new();
        let mut position = by_n.position(&documents[from]);
        loop {
            let query = judge(&after(&by_n, &position));
            let Some(next) = documents
                .iter()
                .find(|document| query.matches(document.fields()))
            else {
                break;
            };
            assert!(!seen.contains(next.id()), "{}", next.id());
            seen.push(next.id().clone());
            position = by_n.position(next);
        }
    }
}

#[test]
fn an_update_of_nothing_is_empty() {
    assert_eq!(update(&Update::default()), Ok(Object::new()));
}
