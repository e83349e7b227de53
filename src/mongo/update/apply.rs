//! Applying an update to the fields of one document.

use super::Change;
use super::operator::{Occasion, Operator};
use super::parse::no_overlap;
use crate::data::update::ApplyError;
use crate::data::{Object, Path, collation, ejson};
use crate::mongo::{Error, Query, Result};

/// How many nulls one update may fill arrays with, up to indexes that it sets.
const MAX_PADDING: usize = 10_000;

/// How many places one update may change.
const MAX_PLACES: usize = 100_000;

pub(super) fn update(
    changes: &[Change],
    document: &Object,
    found_by: Option<&Query>,
    now: i64,
) -> Result<Object> {
    let mut fields = document.clone();
    let inserted = found_by.is_none();
    let mut occasion = Occasion {
        inserted,
        now,
        padding: MAX_PADDING,
    };
    for (operator, path) in places(changes, document, found_by)? {
        if path.root() == "_id" {
            set_id(&mut fields, operator, inserted)?;
        } else {
            operator
                .apply(&mut fields, &path, &mut occasion)
                .map_err(|error| Error::Failed(error.to_string()))?;
        }
    }
    if fields.depth() > ejson::MAX_DEPTH {
        return Err(Error::Failed(ApplyError::TooDeep.to_string()));
    }
    Ok(fields)
}

/// Every place of the document that something is done to.
///
/// # Errors
/// Too many; overlapping ones, which paths that mean elements of an array may turn out to be; what
/// [`super::Target::within`] refuses.
fn places<'a>(
    changes: &'a [Change],
    document: &Object,
    found_by: Option<&Query>,
) -> Result<Vec<(&'a Operator, Path)>> {
    let mut places = Vec::with_capacity(changes.len());
    for Change { target, operator } in changes {
        let left = MAX_PLACES.saturating_sub(places.len());
        let paths = target.within(document, found_by, left)?;
        places.extend(paths.into_iter().map(|path| (operator, path)));
    }
    if changes.iter().any(|change| change.target.one().is_none()) {
        let renamed = changes
            .iter()
            .filter_map(|change| change.operator.renames_to());
        no_overlap(places.iter().map(|(_, path)| path).chain(renamed).collect())?;
    }
    Ok(places)
}

/// A document keeps its `_id`; a new one may be given one.
fn set_id(fields: &mut Object, operator: &Operator, inserted: bool) -> Result<()> {
    let id = match operator {
        Operator::Set(id) => id,
        Operator::SetOnInsert(id) if inserted => id,
        _ => return Ok(()),
    };
    match fields.get("_id") {
        Some(present) if collation::equal(present, id) => Ok(()),
        Some(_) => Err(Error::Failed("`_id` cannot be changed".to_owned())),
        None => {
            fields.insert("_id", id.clone());
            Ok(())
        }
    }
}
