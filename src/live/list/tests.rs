use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::data::{CollectionName, Filter, Order, OrderKey, Path, Test, Value};

fn collection(name: &str) -> CollectionName {
    CollectionName::parse(name).expect("a name")
}

fn document(id: i64, a: i64, b: i64) -> Arc<Document> {
    let fields = [("a", Value::Int(a)), ("b", Value::Int(b))];
    Arc::new(Document::new(
        DocId::Int(id),
        0,
        fields.into_iter().collect(),
    ))
}

/// All documents of the collection, and how often they were written to.
#[derive(Default)]
struct State {
    sequence: u64,
    documents: BTreeMap<DocId, Arc<Document>>,
}

impl State {
    fn of(documents: impl IntoIterator<Item = Arc<Document>>) -> Self {
        let mut state = Self::default();
        for document in documents {
            state.set(document);
        }
        state
    }

    fn set(&mut self, document: Arc<Document>) -> Change {
        let before = self
            .documents
            .insert(document.id().clone(), document.clone());
        self.change(document.id().clone(), before, Some(document))
    }

    fn delete(&mut self, id: DocId) -> Option<Change> {
        let before = self.documents.remove(&id)?;
        Some(self.change(id, Some(before), None))
    }

    fn change(
        &mut self,
        id: DocId,
        before: Option<Arc<Document>>,
        after: Option<Arc<Document>>,
    ) -> Change {
        self.sequence += 1;
        Change {
            sequence: self.sequence,
            collection: collection("things"),
            id,
            before,
            after,
        }
    }

    fn read(&self, find: &Find) -> Snapshot {
        let mut documents: Vec<_> = self.documents.values().cloned().collect();
        documents.retain(|document| find.filter.matches(document.fields()));
        documents.sort_by(|a, b| find.order.compare(a.fields(), b.fields()));
        documents.truncate(usize::try_from(find.limit).expect("it is small"));
        Snapshot {
            sequence: self.sequence,
            documents,
        }
    }

    fn list(&self, query: &Query) -> List {
        List::new(query.clone(), self.read(&List::find(query)))
    }
}

fn by_a(limit: u64) -> Query {
    Query {
        collection: collection("things"),
        filter: Filter::all(),
        order: Order {
            keys: vec![OrderKey::ascending(Path::field("a"))],
        },
        limit,
    }
}

fn query() -> impl Strategy<Value = Query> {
    let key = |(name, up): (&'static str, bool)| match up {
        true => OrderKey::ascending(Path::field(name)),
        false => OrderKey::descending(Path::field(name)),
    };
    let key = (prop::sample::select(vec!["a", "b", "_id"]), any::<bool>()).prop_map(key);
    (0..4_i64, vec(key, 0..3), 1..7_u64).prop_map(|(least, keys, limit)| Query {
        filter: Filter::field(&Path::field("a"), Test::Gte(Value::Int(least))),
        order: Order { keys },
        ..by_a(limit)
    })
}

/// A document that is written, or `Err` with the id of one that is deleted.
fn act() -> impl Strategy<Value = Result<Arc<Document>, DocId>> {
    prop_oneof![
        3 => (0..24_i64, 0..5_i64, 0..5_i64).prop_map(|(id, a, b)| Ok(document(id, a, b))),
        2 => (0..24_i64).prop_map(|id| Err(DocId::Int(id))),
    ]
}

fn shown(list: &List, state: &State, query: &Query) -> bool {
    let find = Find {
        limit: query.limit,
        ..List::find(query)
    };
    list.window().documents == state.read(&find).documents
}

proptest! {
    #[test]
    fn it_is_what_a_read_would_give(
        query in query(),
        first in vec(act(), 0..30),
        acts in vec(act(), 1..60),
    ) {
        let mut state = State::of(first.into_iter().flatten());
        let mut list = state.list(&query);
        for act in acts {
            let change = match act {
                Ok(document) => Some(state.set(document)),
                Err(id) => state.delete(id),
            };
            let Some(change) = change else { continue };
            let before = list.window();
            match list.apply(&change) {
                Effect::None => prop_assert!(list.is_shown_by(&before)),
                Effect::Moved => prop_assert!(!list.is_shown_by(&before)),
                Effect::Lost => {
                    prop_assert!(list.documents.len() < list.limit, "no read without need");
                    list.renew(state.read(&List::find(&query)));
                }
            }
            prop_assert!(shown(&list, &state, &query));
            prop_assert_eq!(list.window().sequence, state.sequence);
            prop_assert_eq!(list.apply(&change), Effect::None, "a change counts once");
        }
    }

    #[test]
    fn reading_again_keeps_what_did_not_change(first in vec(act(), 0..30), second in vec(act(), 0..9)) {
        let mut state = State::of(first.into_iter().flatten());
        let query = by_a(10);
        let mut list = state.list(&query);
        let before = list.window();
        state.documents.values_mut().for_each(|known| *known = Arc::new((**known).clone()));
        for document in second.into_iter().flatten() {
            state.set(document);
        }
        list.renew(state.read(&List::find(&query)));
        prop_assert!(shown(&list, &state, &query));
        for document in list.window().documents {
            let equal = before.documents.iter().find(|known| ***known == *document);
            prop_assert!(equal.is_none_or(|known| Arc::ptr_eq(known, &document)));
        }
    }
}

#[test]
fn some_leave_without_a_read() {
    let mut state = State::of((0..100).map(|at| document(at, at, 0)));
    let query = by_a(20);
    let mut list = state.list(&query);
    let mut effect = |id| list.apply(&state.delete(DocId::Int(id)).expect("it is there"));
    let first: Vec<Effect> = (0..10).map(&mut effect).collect();
    assert_eq!(first, [Effect::Moved; 10]);
    assert_eq!(effect(10), Effect::Lost);
}

#[test]
fn the_last_one_known_may_change_where_it_stands() {
    let mut state = State::of((0..100).map(|at| document(at, at, 0)));
    let query = by_a(20);
    let mut list = state.list(&query);
    for b in 1..50 {
        assert_eq!(list.apply(&state.set(document(29, 29, b))), Effect::None);
    }
    assert_eq!(list.documents.len(), 30);
}

#[test]
fn what_does_not_follow_is_lost() {
    let state = State::of((0..5).map(|at| document(at, at, 0)));
    let effect = |change: Change| state.list(&by_a(20)).apply(&change);
    let change = |before: Option<i64>, after: Option<i64>| Change {
        sequence: state.sequence + 1,
        collection: collection("things"),
        id: DocId::Int(3),
        before: before.map(|a| document(3, a, 0)),
        after: after.map(|a| document(3, a, 0)),
    };
    assert_eq!(effect(change(Some(3), Some(4))), Effect::Moved);
    let gap = Change {
        sequence: state.sequence + 2,
        ..change(Some(3), Some(4))
    };
    assert_eq!(effect(gap), Effect::Lost);
    assert_eq!(effect(change(Some(2), Some(4))), Effect::Lost);
    assert_eq!(effect(change(None, Some(4))), Effect::Lost);
    let elsewhere = Change {
        collection: collection("others"),
        ..change(None, Some(3))
    };
    assert_eq!(effect(elsewhere), Effect::None);
    let old = Change {
        sequence: state.sequence,
        ..change(None, Some(3))
    };
    assert_eq!(effect(old), Effect::None);
}

/// Where others write too, a commit may be to a document that they changed before, unheard.
#[test]
fn what_others_changed_is_neither_kept_nor_doubled() {
    let state = State::of((1..6).map(|at| document(at, at, 0)));
    let query = Query {
        filter: Filter::field(&Path::field("a"), Test::Gte(Value::Int(1))),
        ..by_a(20)
    };
    // Known with 3: what it truly was, what it became, and what that does to the list.
    let cases = [
        (Some(3), Some(4), Effect::Moved),
        (Some(7), Some(8), Effect::Lost),
        (Some(7), Some(0), Effect::Lost),
        (Some(0), Some(7), Effect::Lost),
        (Some(0), Some(-1), Effect::Lost),
        (Some(0), None, Effect::Lost),
        (None, Some(7), Effect::Lost),
        (None, Some(0), Effect::Lost),
        (Some(7), Some(3), Effect::None),
        (None, Some(3), Effect::None),
    ];
    for (before, after, expected) in cases {
        let mut list = state.list(&query);
        let change = Change {
            sequence: state.sequence + 1,
            collection: collection("things"),
            id: DocId::Int(3),
            before: before.map(|a| document(3, a, 0)),
            after: after.map(|a| document(3, a, 0)),
        };
        assert_eq!(list.apply(&change), expected, "{before:?} {after:?}");
    }
}
