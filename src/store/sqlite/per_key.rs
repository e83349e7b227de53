//! Lists and counts for many keys in one read.
//!
//! On a path that an index answers, one prepared statement runs for key after
//! key, a seek each. On any other path the documents are gone through once and
//! dealt out to the keys they have.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::functions;
use super::query::{Query, stable};
use super::readers::Reader;
use super::row;
use super::table::{Table, meets_array};
use crate::data::{Document, Filter, Object, Path, Test, Value, collation, for_each_candidate};
use crate::store::{Find, Result};

/// [`crate::store::Store::find_per_key`] on a reader.
pub(super) fn find(
    reader: &Reader,
    table: &Table,
    path: &Path,
    keys: &[Value],
    find: &Find,
) -> Result<Vec<Vec<Arc<Document>>>> {
    stable(table, || {
        if seeks(table, path) {
            find_by_seeking(reader, table, path, keys, find)
        } else {
            find_by_dealing(reader, table, path, keys, find)
        }
    })
}

/// [`crate::store::Store::count_per_key`] on a reader.
pub(super) fn count(
    reader: &Reader,
    table: &Table,
    path: &Path,
    keys: &[Value],
    filter: &Filter,
) -> Result<Vec<u64>> {
    stable(table, || {
        if seeks(table, path) {
            count_by_seeking(reader, table, path, keys, filter)
        } else {
            count_by_dealing(reader, table, path, keys, filter)
        }
    })
}

/// Whether the documents with a key are those with its sort key, and an index finds them.
fn seeks(table: &Table, path: &Path) -> bool {
    table.fan_out(path) == Some(false)
}

fn find_by_seeking(
    reader: &Reader,
    table: &Table,
    path: &Path,
    keys: &[Value],
    find: &Find,
) -> Result<Vec<Vec<Arc<Document>>>> {
    let _snapshot = reader.snapshot()?;
    let query = Query::find(table, find, Some(path));
    let mut prepared = query.prepare(reader, table)?;
    keys.iter()
        .map(|key| {
            prepared.set_key(&collation::key(Some(key)))?;
            prepared.documents(&find.projection)
        })
        .collect()
}

fn count_by_seeking(
    reader: &Reader,
    table: &Table,
    path: &Path,
    keys: &[Value],
    filter: &Filter,
) -> Result<Vec<u64>> {
    let _snapshot = reader.snapshot()?;
    let query = Query::count(table, filter, Some(path));
    let mut prepared = query.prepare(reader, table)?;
    keys.iter()
        .map(|key| {
            prepared.set_key(&collation::key(Some(key)))?;
            prepared.number()
        })
        .collect()
}

fn find_by_dealing(
    reader: &Reader,
    table: &Table,
    path: &Path,
    keys: &[Value],
    find: &Find,
) -> Result<Vec<Vec<Arc<Document>>>> {
    let dealer = Dealer::new(path, keys);
    let mut hands = vec![Hand::default(); keys.len()];
    let mut open = if find.limit == 0 { 0 } else { keys.len() };
    let all = Find {
        filter: dealer.narrow(&find.filter),
        skip: 0,
        limit: u64::MAX,
        ..find.clone()
    };
    Query::find(table, &all, None)
        .prepare(reader, table)?
        .each(|row| {
            let mut document = None;
            for at in dealer.keys_of(row.doc()?)? {
                let hand = &mut hands[at];
                if hand.skipped < find.skip {
                    hand.skipped += 1;
                } else if (hand.documents.len() as u64) < find.limit {
                    let document = match &document {
                        Some(document) => document,
                        None => document.insert(row.document(&find.projection)?),
                    };
                    hand.documents.push(Arc::clone(document));
                    if hand.documents.len() as u64 == find.limit {
                        open -= 1;
                    }
                }
            }
            Ok(open > 0)
        })?;
    Ok(hands.into_iter().map(|hand| hand.documents).collect())
}

/// What one key has been dealt.
#[derive(Clone, Default)]
struct Hand {
    skipped: u64,
    documents: Vec<Arc<Document>>,
}

fn count_by_dealing(
    reader: &Reader,
    table: &Table,
    path: &Path,
    keys: &[Value],
    filter: &Filter,
) -> Result<Vec<u64>> {
    let dealer = Dealer::new(path, keys);
    let mut counts = vec![0; keys.len()];
    Query::rows(table, &dealer.narrow(filter))
        .prepare(reader, table)?
        .each(|row| {
            for at in dealer.keys_of(row.doc()?)? {
                counts[at] += 1;
            }
            Ok(true)
        })?;
    Ok(counts)
}

/// Tells which of the keys a document has.
struct Dealer<'a> {
    path: &'a Path,
    root: [smol_str::SmolStr; 1],
    keys: &'a [Value],
    places: HashMap<Vec<u8>, Vec<usize>>,
}

impl<'a> Dealer<'a> {
    fn new(path: &'a Path, keys: &'a [Value]) -> Self {
        let mut places: HashMap<Vec<u8>, Vec<usize>> = HashMap::new();
        for (at, key) in keys.iter().enumerate() {
            places
                .entry(collation::key(Some(key)))
                .or_default()
                .push(at);
        }
        Self {
            path,
            root: [path.root().clone()],
            keys,
            places,
        }
    }

    /// The filter, restricted to documents that have one of the keys.
    fn narrow(&self, filter: &Filter) -> Filter {
        filter
            .clone()
            .and(Filter::field(self.path, Test::In(self.keys.to_vec())))
    }

    /// The places of the keys that a document has.
    fn keys_of(&self, doc: &str) -> Result<Vec<usize>, functions::Damage> {
        let fields =
            row::decode_fields(doc, &self.root).map_err(|reason| row::damage(doc, reason))?;
        if meets_array(self.path, &fields) {
            return Ok(self.keys_of_many(&fields));
        }
        let key = collation::key(self.path.sort_value(&fields));
        Ok(self.places.get(&key).cloned().unwrap_or_default())
    }

    /// An array may have several of the keys, each in its own way.
    fn keys_of_many(&self, fields: &Object) -> Vec<usize> {
        let found = RefCell::new(BTreeSet::new());
        for_each_candidate(self.path, fields, &|value| {
            let places = self.places.get(&collation::key(value));
            found.borrow_mut().extend(places.into_iter().flatten());
        });
        found.into_inner().into_iter().collect()
    }
}
