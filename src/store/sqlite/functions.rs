//! The two SQL functions that let SQLite see into documents, and the one way
//! their calls are spelled.
//!
//! - `sortkey(doc, 'path')`: the collation key of the value at a path, never
//!   NULL. Indexes are made of it, and queries that spell it the same way use them.
//! - `matches(doc)`: whether the connection's current filter is true of a
//!   document: what no index can answer is decided here, inside the query, so
//!   that `LIMIT` and `count` see only documents that match.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use smol_str::SmolStr;

use super::row;
use crate::data::{Filter, Path, collation};

/// The expression for the sort key of a path: the `id` column for `_id`, else
/// a call of `sortkey`. Indexes and queries must spell it alike to meet.
pub(super) fn key_of(path: &Path) -> String {
    if is_id(path) {
        return "id".to_owned();
    }
    format!("sortkey(doc, '{}')", spell(path).replace('\'', "''"))
}

/// Whether a path is that of the document's identifier.
pub(super) fn is_id(path: &Path) -> bool {
    matches!(path.segments(), [only] if only == "_id")
}

/// A path as text, dots and backslashes in names escaped; [`read_path`] reads it.
pub(super) fn spell(path: &Path) -> String {
    let escape = |segment: &SmolStr| segment.replace('\\', "\\\\").replace('.', "\\.");
    let segments: Vec<String> = path.segments().iter().map(escape).collect();
    segments.join(".")
}

pub(super) fn read_path(text: &str) -> Option<Path> {
    let mut segments = vec![String::new()];
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '.' => segments.push(String::new()),
            '\\' => segments.last_mut()?.push(letters.next()?),
            _ => segments.last_mut()?.push(letter),
        }
    }
    Path::new(segments.into_iter().map(SmolStr::from))
}

/// What `matches` decides with, and what the functions found wrong. One per
/// connection, used by one thread: the lock is never waited for.
#[derive(Clone, Debug, Default)]
pub(super) struct Functions(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    matcher: Option<Matcher>,
    damage: Option<Damage>,
}

/// A filter and the fields it looks at.
#[derive(Clone, Debug)]
pub(super) struct Matcher {
    filter: Filter,
    fields: Vec<SmolStr>,
}

/// A document that cannot be read.
#[derive(Clone, Debug)]
pub(super) struct Damage {
    pub(super) id: String,
    pub(super) reason: String,
}

impl Matcher {
    pub(super) fn new(filter: Filter) -> Self {
        let mut fields = Vec::new();
        add_fields(&filter, &mut fields);
        Self { filter, fields }
    }
}

/// Adds the document fields that a filter looks at, each once.
fn add_fields(filter: &Filter, fields: &mut Vec<SmolStr>) {
    let mut add = |path: &Path| {
        if !fields.contains(path.root()) {
            fields.push(path.root().clone());
        }
    };
    match filter {
        Filter::And(parts) | Filter::Or(parts) => {
            parts.iter().for_each(|part| add_fields(part, fields));
        }
        Filter::Not(inner) => add_fields(inner, fields),
        Filter::Field(path, _) => add(path),
        Filter::Strict(leaf) => leaf.paths().for_each(add),
    }
}

impl Functions {
    /// Sets the filter that `matches` decides with from now on.
    pub(super) fn set_matcher(&self, matcher: Option<Matcher>) {
        self.state().matcher = matcher;
    }

    /// What made a function of the last statement fail, if one did.
    pub(super) fn take_damage(&self) -> Option<Damage> {
        self.state().damage.take()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The state is plain data: a panic elsewhere cannot have left it half-changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what is wrong with a document for [`Functions::take_damage`]: SQLite hands on no more than a text.
    fn fail(&self, doc: &str, reason: String) -> rusqlite::Error {
        let damage = row::damage(doc, reason);
        let error = rusqlite::Error::UserFunctionError(damage.reason.as_str().into());
        self.state().damage = Some(damage);
        error
    }

    fn sortkey(&self, context: &Context<'_>) -> rusqlite::Result<Vec<u8>> {
        let doc = context.get_raw(0).as_str()?;
        let path = context.get_or_create_aux(1, |text| {
            let path = text.as_str().ok().and_then(read_path);
            path.ok_or("the second argument of sortkey is not a path")
        })?;
        row::lookup(doc, &path)
            .map(|value| collation::key(value.as_ref()))
            .map_err(|reason| self.fail(doc, reason))
    }

    fn matches(&self, context: &Context<'_>) -> rusqlite::Result<bool> {
        let doc = context.get_raw(0).as_str()?;
        let matched = match &self.state().matcher {
            Some(matcher) => row::decode_fields(doc, &matcher.fields)
                .map(|fields| matcher.filter.matches(&fields)),
            None => Ok(true),
        };
        matched.map_err(|reason| self.fail(doc, reason))
    }
}

/// Makes the functions known to a connection.
pub(super) fn register(connection: &Connection) -> rusqlite::Result<Functions> {
    let functions = Functions::default();
    let plain = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_INNOCUOUS;
    let deterministic = plain | FunctionFlags::SQLITE_DETERMINISTIC;
    let state = functions.clone();
    connection.create_scalar_function("sortkey", 2, deterministic, move |context| {
        state.sortkey(context)
    })?;
    let state = functions.clone();
    connection
        .create_scalar_function("matches", 1, plain, move |context| state.matches(context))?;
    Ok(functions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_survive_their_spelling() {
        for segments in [
            &["a"][..],
            &["a", "b", "0"],
            &["a.b", "c\\"],
            &["it's", "价格"],
        ] {
            let path = Path::new(segments.iter().map(SmolStr::new)).unwrap();
            assert_eq!(read_path(&spell(&path)), Some(path));
        }
    }
}
