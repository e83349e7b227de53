//! Lists and counts for many keys in one read.
//!
//! On a path that an index answers, one prepared statement runs for key after
//! key, a seek each. On any other path the documents are gone through once and
//! dealt out to the keys they have.

use std::sync::Arc;

use super::functions;
use super::query::{Query, stable};
use super::readers::Reader;
use super::row;
use super::table::Table;
use crate::data::{Document, Filter, Path, Value, collation};
use crate::store::dealer::{Dealer, Hand};
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
    let mut hands = vec![Hand::new(find.skip, find.limit); keys.len()];
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
            for at in places_of(&dealer, path, row.doc()?)? {
                let hand = &mut hands[at];
                if hand.takes_next() {
                    let document = match &document {
                        Some(document) => document,
                        None => document.insert(row.document(&find.projection)?),
                    };
                    hand.dealt.push(Arc::clone(document));
                    open -= usize::from(hand.is_full());
                }
            }
            Ok(open > 0)
        })?;
    Ok(hands.into_iter().map(|hand| hand.dealt).collect())
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
            for at in places_of(&dealer, path, row.doc()?)? {
                counts[at] += 1;
            }
            Ok(true)
        })?;
    Ok(counts)
}

/// The places of the keys that a stored document has.
fn places_of(dealer: &Dealer<'_>, path: &Path, doc: &str) -> Result<Vec<usize>, functions::Damage> {
    let root = std::slice::from_ref(path.root());
    let fields = row::decode_fields(doc, root).map_err(|reason| row::damage(doc, reason))?;
    Ok(dealer.places_of(&fields))
}
