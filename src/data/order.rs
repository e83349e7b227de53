//! The order of a list and a position in it.

use std::cmp::Ordering;

use super::{DocId, Document, Object, Path, Value, collation};

/// The order of a list: keys by priority. `_id` ascending is always the last,
/// unspoken key (or the direction of an explicit `_id` key), so that every order is total.
///
/// Documents compare by their [`Path::sort_value`]s in the order of [`collation::compare`]: missing and null
/// are equal and come first ascending; arrays come after objects, as a whole. An `_id` key decides for good,
/// keys after it say nothing. To page backwards, read the [`Order::reversed`] order from the same position.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Order {
    pub keys: Vec<OrderKey>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OrderKey {
    pub path: Path,
    pub direction: Direction,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    Ascending,
    Descending,
}

/// A place in an ordered list: just after (or before) a document with these
/// key values. `None` = the document has no value there.
///
/// A position in an order is also one in the [`Order::reversed`] order.
#[derive(Clone, Debug, PartialEq)]
pub struct Position {
    /// One entry for each key of the order.
    pub values: Vec<Option<Value>>,
    pub id: DocId,
}

impl Direction {
    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Direction::Ascending => Direction::Descending,
            Direction::Descending => Direction::Ascending,
        }
    }

    fn apply(self, ordering: Ordering) -> Ordering {
        match self {
            Direction::Ascending => ordering,
            Direction::Descending => ordering.reverse(),
        }
    }
}

impl OrderKey {
    pub fn ascending(path: Path) -> Self {
        Self {
            path,
            direction: Direction::Ascending,
        }
    }

    pub fn descending(path: Path) -> Self {
        Self {
            path,
            direction: Direction::Descending,
        }
    }

    fn is_id(&self) -> bool {
        matches!(self.path.segments(), [field] if field == "_id")
    }
}

impl Order {
    /// The keys that decide before `_id` does. Entries of [`Position::values`] stand at the same places.
    pub fn keys_before_id(&self) -> &[OrderKey] {
        let end = self.keys.iter().position(OrderKey::is_id);
        &self.keys[..end.unwrap_or(self.keys.len())]
    }

    /// The direction of `_id`, the last key that counts.
    pub fn id_direction(&self) -> Direction {
        self.keys
            .get(self.keys_before_id().len())
            .map_or(Direction::Ascending, |key| key.direction)
    }

    /// The same list from its end. Spoken as briefly as possible (nothing after `_id`, no ascending `_id`),
    /// so that reversing twice gives back every order that is.
    #[must_use]
    pub fn reversed(&self) -> Self {
        let reversed = |key: &OrderKey| OrderKey {
            path: key.path.clone(),
            direction: key.direction.reversed(),
        };
        let mut keys: Vec<OrderKey> = self.keys_before_id().iter().map(reversed).collect();
        if self.id_direction() == Direction::Ascending {
            keys.push(OrderKey::descending(Path::field("_id")));
        }
        Self { keys }
    }

    /// Which of two documents, given by all their fields, comes first.
    pub fn compare(&self, a: &Object, b: &Object) -> Ordering {
        let by_keys = self.keys_before_id().iter().map(|key| {
            let values = (key.path.sort_value(a), key.path.sort_value(b));
            key.direction
                .apply(collation::compare_optional(values.0, values.1))
        });
        let by_id = || {
            let ids = collation::compare_optional(a.get("_id"), b.get("_id"));
            self.id_direction().apply(ids)
        };
        first_difference(by_keys).then_with(by_id)
    }

    /// Where a document stands.
    pub fn position(&self, document: &Document) -> Position {
        let value = |key: &OrderKey| key.path.sort_value(document.fields()).cloned();
        Position {
            values: self.keys.iter().map(value).collect(),
            id: document.id().clone(),
        }
    }

    /// Whether the document comes after the position; the document that stands there does not.
    pub fn is_after(&self, position: &Position, document: &Document) -> bool {
        let keys = self.keys_before_id().iter().zip(&position.values);
        let by_keys = keys.map(|(key, value)| {
            let own = key.path.sort_value(document.fields());
            key.direction
                .apply(collation::compare_optional(own, value.as_ref()))
        });
        let by_id = || self.id_direction().apply(document.id().cmp(&position.id));
        first_difference(by_keys).then_with(by_id).is_gt()
    }
}

fn first_difference(mut orderings: impl Iterator<Item = Ordering>) -> Ordering {
    orderings
        .find(|ordering| ordering.is_ne())
        .unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::data::arbitrary::{any_object, order, scalar};
    use crate::data::ejson;

    fn document(text: &str) -> Document {
        let fields = ejson::parse_object(text).expect("valid EJSON");
        Document::from_object(fields).expect("it has an _id")
    }

    fn by(keys: &[(&str, Direction)]) -> Order {
        let key = |(path, direction): &(&str, Direction)| OrderKey {
            path: Path::parse(path).expect("a path"),
            direction: *direction,
        };
        Order {
            keys: keys.iter().map(key).collect(),
        }
    }

    fn sorted(order: &Order, mut documents: Vec<Document>) -> Vec<Document> {
        documents.sort_by(|a, b| order.compare(a.fields(), b.fields()));
        documents
    }

    #[test]
    fn missing_comes_first_and_ids_break_ties() {
        use Direction::{Ascending, Descending};
        let documents: Vec<Document> = [
            r#"{"_id":"f","x":[1]}"#,
            r#"{"_id":"e","x":"s"}"#,
            r#"{"_id":"d","x":1}"#,
            r#"{"_id":"c","x":1.0}"#,
            r#"{"_id":"b","x":null}"#,
            r#"{"_id":"a"}"#,
            r#"{"_id":5,"x":{"y":2}}"#,
        ]
        .map(document)
        .into();
        let cases = [
            (by(&[]), "5abcdef"),
            (by(&[("_id", Descending)]), "fedcba5"),
            (by(&[("x", Ascending)]), "abcde5f"),
            (by(&[("x", Descending)]), "f5ecdab"),
            (by(&[("x", Descending), ("_id", Descending)]), "f5edcba"),
            (by(&[("x.y", Descending)]), "f5abcde"),
        ];
        for (order, expected) in cases {
            let ids: String = sorted(&order, documents.clone())
                .iter()
                .map(|document| document.id().to_string())
                .collect();
            assert_eq!(ids, expected, "{order:?}");
        }
    }

    proptest! {
        #[test]
        fn reversing_reverses(order in order(), a in any_object(), b in any_object()) {
            prop_assert_eq!(order.reversed().compare(&a, &b), order.compare(&b, &a));
            let brief = order.reversed();
            prop_assert_eq!(brief.reversed().reversed(), brief);
        }

        #[test]
        fn paging_visits_each_document_once_in_both_directions(
            order in order(),
            objects in prop::collection::vec((scalar(), any_object()), 0..12),
            size in 1_usize..4,
        ) {
            let documents = objects.into_iter().enumerate().map(|(at, (value, mut fields))| {
                fields.insert("a", value);
                Document::new(DocId::Int(i64::try_from(at * 7 % 12).expect("small")), 0, fields)
            });
            let forwards = sorted(&order, documents.collect());
            prop_assert_eq!(&pages(&order, &order, &forwards, size), &forwards);
            let mut backwards = pages(&order, &order.reversed(), &forwards, size);
            backwards.reverse();
            prop_assert_eq!(&backwards, &forwards);
        }
    }

    /// Reads `direction` page by page; positions are those of `order`, as cursors are.
    fn pages(order: &Order, direction: &Order, all: &[Document], size: usize) -> Vec<Document> {
        let all = sorted(direction, all.to_vec());
        let mut read: Vec<Document> = Vec::new();
        loop {
            let position = read.last().map(|last| order.position(last));
            let after = |document: &&Document| {
                position
                    .as_ref()
                    .is_none_or(|position| direction.is_after(position, document))
            };
            let page: Vec<Document> = all.iter().filter(after).take(size).cloned().collect();
            if page.is_empty() || read.len() > all.len() {
                return read;
            }
            read.extend(page);
        }
    }
}
