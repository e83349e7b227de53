//! What became different between two states of a list.

use std::collections::{HashMap, HashSet};

use crate::data::DocId;

/// How a document's place in a list changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ChangeType {
    Added,
    /// It looks different, or stands elsewhere among those that stayed.
    Updated,
    Removed,
}

/// One document's change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) kind: ChangeType,
    pub(crate) id: DocId,
    /// Where it stands in the new list; `None` if it was removed.
    pub(crate) index: Option<usize>,
}

/// A document of a list with the fingerprint of how it looks.
pub(crate) type Look = (DocId, u64);

/// The changes that make the new list of the old one: take out every document that is named, then put those with an
/// index in, in the order of the changes. Removals come first, the others by index; as few documents as can be.
pub(crate) fn difference(old: &[Look], new: &[Look]) -> Vec<Difference> {
    let (start, old, new) = middle(old, new);
    let before: HashMap<&DocId, (usize, u64)> = (old.iter().enumerate())
        .map(|(at, (id, look))| (id, (at, *look)))
        .collect();
    // Who looks different is named anyway; only the others can stay where they are.
    let positions: Vec<Option<usize>> = (new.iter())
        .map(|(id, look)| before.get(id).filter(|(_, old)| old == look))
        .map(|found| found.map(|(at, _)| *at))
        .collect();
    let stays = longest_rise(&positions);
    let placed = new.iter().enumerate().filter(|(at, _)| !stays[*at]);
    let placed = placed.map(|(at, (id, _))| Difference {
        kind: if before.contains_key(id) {
            ChangeType::Updated
        } else {
            ChangeType::Added
        },
        id: id.clone(),
        index: Some(start + at),
    });
    removed(old, new).chain(placed).collect()
}

/// Both lists without what they begin and end with in common, and where the rest begins.
fn middle<'l>(old: &'l [Look], new: &'l [Look]) -> (usize, &'l [Look], &'l [Look]) {
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[start..], &new[start..]);
    let pairs = old.iter().rev().zip(new.iter().rev());
    let end = pairs.take_while(|(a, b)| a == b).count();
    (start, &old[..old.len() - end], &new[..new.len() - end])
}

fn removed<'l>(old: &'l [Look], new: &'l [Look]) -> impl Iterator<Item = Difference> + 'l {
    let after: HashSet<&DocId> = new.iter().map(|(id, _)| id).collect();
    let gone = old.iter().filter(move |(id, _)| !after.contains(id));
    gone.map(|(id, _)| Difference {
        kind: ChangeType::Removed,
        id: id.clone(),
        index: None,
    })
}

/// Which positions to choose so that they rise and are as many as can be.
fn longest_rise(positions: &[Option<usize>]) -> Vec<bool> {
    // At `n`: where the rise of `n + 1` positions ends that ends lowest.
    let mut ends: Vec<usize> = Vec::new();
    let mut previous = vec![None; positions.len()];
    for (at, position) in positions.iter().enumerate() {
        if position.is_none() {
            continue;
        }
        let length = ends.partition_point(|end| positions[*end] < *position);
        previous[at] = length.checked_sub(1).map(|shorter| ends[shorter]);
        if length == ends.len() {
            ends.push(at);
        } else {
            ends[length] = at;
        }
    }
    let mut chosen = vec![false; positions.len()];
    let mut next = ends.last().copied();
    while let Some(at) = next {
        chosen[at] = true;
        next = previous[at];
    }
    chosen
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fold(old: &[Look], changes: &[Difference], new: &[Look]) -> Vec<Look> {
        let named = |look: &Look| changes.iter().any(|change| change.id == look.0);
        let mut list: Vec<Look> = old.iter().filter(|look| !named(look)).cloned().collect();
        for change in changes {
            if let Some(index) = change.index {
                let look = new.iter().find(|look| look.0 == change.id);
                list.insert(index, look.expect("it is in the new list").clone());
            }
        }
        list
    }

    /// A list of some of a few documents, each with one of a few looks.
    fn list() -> impl Strategy<Value = Vec<Look>> {
        let ids: Vec<i64> = (0..12).collect();
        let ids = proptest::sample::subsequence(ids, 0..=12).prop_shuffle();
        (ids, proptest::collection::vec(0_u64..2, 12)).prop_map(|(ids, looks)| {
            let look = |(id, look)| (DocId::Int(id), look);
            ids.into_iter().zip(looks).map(look).collect()
        })
    }

    proptest! {
        #[test]
        fn the_changes_make_the_new_list_of_the_old(old in list(), new in list()) {
            let changes = difference(&old, &new);
            prop_assert_eq!(fold(&old, &changes, &new), new);
        }

        #[test]
        fn each_document_is_named_once_and_in_order(old in list(), new in list()) {
            let changes = difference(&old, &new);
            let ids: HashSet<&DocId> = changes.iter().map(|change| &change.id).collect();
            prop_assert_eq!(ids.len(), changes.len());
            prop_assert!(changes.is_sorted_by_key(|change| change.index));
        }

        #[test]
        fn kinds_tell_where_the_document_was(old in list(), new in list()) {
            let within = |list: &[Look], id: &DocId| list.iter().any(|look| look.0 == *id);
            for change in difference(&old, &new) {
                let kind = match (within(&old, &change.id), within(&new, &change.id)) {
                    (false, _) => ChangeType::Added,
                    (true, true) => ChangeType::Updated,
                    (true, false) => ChangeType::Removed,
                };
                prop_assert_eq!(change.kind, kind);
            }
        }

        #[test]
        fn a_list_does_not_differ_from_itself(list in list()) {
            prop_assert_eq!(difference(&list, &list), []);
        }

        #[test]
        fn whoever_moves_alone_is_named_alone(list in list(), from in 0_usize..12, to in 0_usize..12) {
            prop_assume!(from < list.len() && to < list.len());
            let mut moved = list.clone();
            let look = moved.remove(from);
            moved.insert(to, look);
            prop_assert!(difference(&list, &moved).len() <= 1);
        }
    }

    #[test]
    fn as_few_are_named_as_can_be() {
        let list = |text: &str| -> Vec<Look> {
            let look = |c: char| {
                (
                    DocId::string(c.to_ascii_lowercase().to_string()),
                    u64::from(c),
                )
            };
            text.chars().map(look).collect()
        };
        // A capital is the same document that looks different.
        let cases = [
            ("abc", "abc", ""),
            ("", "ab", "+a0 +b1"),
            ("ab", "", "-a -b"),
            ("abc", "acb", "~c1"),
            ("abcd", "dabc", "~d0"),
            ("abcd", "bcda", "~a3"),
            ("abc", "aBc", "~b1"),
            ("abc", "xab", "-c +x0"),
            ("abcde", "edcba", "~e0 ~d1 ~c2 ~b3"),
            ("abcd", "aDbc", "~d1"),
        ];
        for (old, new, expected) in cases {
            let changes = difference(&list(old), &list(new));
            let text = |change: &Difference| {
                let sign = match change.kind {
                    ChangeType::Added => '+',
                    ChangeType::Updated => '~',
                    ChangeType::Removed => '-',
                };
                let index = change.index.map(|index| index.to_string());
                format!("{sign}{}{}", change.id, index.unwrap_or_default())
            };
            let told: Vec<String> = changes.iter().map(text).collect();
            assert_eq!(told.join(" "), expected, "{old} → {new}");
        }
    }
}
