//! Filters that mean the same because they differ in the order of their parts
//! only, as one text: the key under which watches are shared.
//!
//! Not for people (that is `rendering.rs`), and not kept anywhere: two versions
//! of the program need not agree on it.

use std::fmt::Write;

use super::{Filter, Test};

impl Filter {
    /// A text that two filters share only if they mean the same, and do share if they differ in nothing but the order
    /// and the repetition of the parts of an `and` or `or`.
    pub fn canonical(&self) -> String {
        match self {
            Filter::And(_) => joined(self, "and", flatten_and),
            Filter::Or(_) => joined(self, "or", flatten_or),
            Filter::Not(inner) => format!("not({})", inner.canonical()),
            Filter::Field(path, Test::Some(filter)) => {
                format!("some({path:?},{})", filter.canonical())
            }
            // Tells every part of a leaf apart: an int from a double, a text from the quotes around it.
            leaf => format!("{leaf:?}"),
        }
    }
}

type Flatten = for<'a> fn(&'a Filter, &mut Vec<&'a Filter>);

/// The parts in the order of their texts, each once; a single one stands for itself.
fn joined(filter: &Filter, word: &str, flatten: Flatten) -> String {
    let mut parts = Vec::new();
    flatten(filter, &mut parts);
    let mut texts: Vec<String> = parts.into_iter().map(Filter::canonical).collect();
    texts.sort_unstable();
    texts.dedup();
    if texts.len() == 1 {
        return texts.swap_remove(0);
    }
    let mut text = format!("{word}(");
    for part in &texts {
        // The length says where a part ends, whatever stands in it.
        let _ = write!(text, "{}:{part}", part.len());
    }
    text.push(')');
    text
}

/// An `and` inside an `and` is more parts of it.
fn flatten_and<'a>(filter: &'a Filter, parts: &mut Vec<&'a Filter>) {
    match filter {
        Filter::And(inner) => inner.iter().for_each(|part| flatten_and(part, parts)),
        other => parts.push(other),
    }
}

fn flatten_or<'a>(filter: &'a Filter, parts: &mut Vec<&'a Filter>) {
    match filter {
        Filter::Or(inner) => inner.iter().for_each(|part| flatten_or(part, parts)),
        other => parts.push(other),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::data::arbitrary::{any_object, filter};
    use crate::data::{Path, Value};

    fn is(test: Test) -> Filter {
        Filter::field(&Path::field("a"), test)
    }

    fn eq(value: Value) -> Filter {
        is(Test::Eq(value))
    }

    #[test]
    fn order_and_repetition_say_nothing() {
        let [one, two, three] = [1, 2, 3].map(|number| eq(Value::Int(number)));
        let and = |parts: &[&Filter]| Filter::And(parts.iter().copied().cloned().collect());
        let or = |parts: &[&Filter]| Filter::Or(parts.iter().copied().cloned().collect());
        let same = [
            (and(&[&one, &two]), and(&[&two, &one, &two])),
            (
                and(&[&one, &and(&[&two, &three])]),
                and(&[&three, &two, &one]),
            ),
            (or(&[&or(&[&one]), &two]), or(&[&two, &one])),
            (and(&[&or(&[&one])]), one.clone()),
            (and(&[&and(&[])]), Filter::all()),
            (
                is(Test::Some(Box::new(or(&[&one, &two])))),
                is(Test::Some(Box::new(or(&[&two, &one])))),
            ),
        ];
        for (a, b) in same {
            assert_eq!(a.canonical(), b.canonical(), "{a} / {b}");
        }
    }

    #[test]
    fn everything_else_says_something() {
        let (one, two) = (eq(Value::Int(1)), eq(Value::Int(2)));
        let different = [
            Filter::all(),
            Filter::none(),
            one.clone(),
            eq(Value::Double(1.0)),
            eq(Value::Double(0.0)),
            eq(Value::Double(-0.0)),
            eq(Value::Date(1)),
            eq(Value::string("1")),
            eq(Value::string("Int(1)")),
            eq(Value::string("\"), Eq(\"")),
            is(Test::In(vec![Value::Int(1), Value::Int(2)])),
            is(Test::In(vec![Value::Int(2), Value::Int(1)])),
            Filter::field(&Path::field("a.b"), Test::Exists(true)),
            Filter::field(&Path::parse("a.b").expect("a path"), Test::Exists(true)),
            Filter::And(vec![one.clone(), two.clone()]),
            Filter::Or(vec![one.clone(), two.clone()]),
            Filter::Not(Box::new(one.clone())),
            Filter::Not(Box::new(Filter::Not(Box::new(one)))),
            is(Test::Some(Box::new(two))),
        ];
        let mut texts: Vec<String> = different.iter().map(Filter::canonical).collect();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), different.len(), "{texts:#?}");
    }

    /// The filter with the parts of every `and` and `or` in another order and some of them twice.
    fn shuffled(filter: &Filter, seed: usize) -> Filter {
        let parts = |parts: &[Filter]| {
            let mut parts: Vec<Filter> = parts.iter().map(|part| shuffled(part, seed)).collect();
            if !parts.is_empty() {
                parts.push(parts[seed % parts.len()].clone());
                let middle = seed % parts.len();
                parts.rotate_left(middle);
            }
            parts
        };
        match filter {
            Filter::And(inner) => Filter::And(parts(inner)),
            Filter::Or(inner) => Filter::Or(parts(inner)),
            Filter::Not(inner) => Filter::Not(Box::new(shuffled(inner, seed))),
            Filter::Field(path, Test::Some(inner)) => {
                Filter::field(path, Test::Some(Box::new(shuffled(inner, seed))))
            }
            leaf => leaf.clone(),
        }
    }

    proptest! {
        #[test]
        fn equal_texts_mean_the_same(
            filters in prop::collection::vec(filter(), 2..8),
            documents in prop::collection::vec(any_object(), 1..6),
        ) {
            for a in &filters {
                for b in filters.iter().filter(|b| b.canonical() == a.canonical()) {
                    for document in &documents {
                        prop_assert_eq!(a.matches(document), b.matches(document), "{} / {}", a, b);
                    }
                }
            }
        }

        #[test]
        fn shuffling_parts_changes_nothing(
            filter in filter(),
            seed in any::<usize>(),
            documents in prop::collection::vec(any_object(), 1..6),
        ) {
            let other = shuffled(&filter, seed);
            prop_assert_eq!(filter.canonical(), other.canonical());
            for document in &documents {
                prop_assert_eq!(filter.matches(document), other.matches(document));
            }
        }
    }
}
