//! `@index`: what a collection is indexed by.

use async_graphql_parser::{Pos, Positioned};
use smol_str::SmolStr;

use super::arguments::{Arguments, Directives};
use super::diagnostic::Problems;
use super::lookup::{Found, Types};
use super::shape::{Draft, STORED_ID};
use super::source::Source;
use super::{BaseType, FieldType, Scalar, spelling};
use crate::data::{Direction, Index, IndexKeys, Order, OrderKey, Path};

/// The mark of a geo index.
const GEO: &str = "2dsphere:";

/// Reads the indexes of one collection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'d, 'a> {
    pub(super) source: &'d Source<'a>,
    pub(super) types: Types<'d, 'a>,
    pub(super) draft: &'d Draft<'a>,
}

/// One entry of `fields`, read.
struct Entry {
    at: Pos,
    path: Path,
    kind: EntryKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum EntryKind {
    Ordered(Direction),
    Geo,
}

impl Reader<'_, '_> {
    pub(super) fn indexes(
        &self,
        directives: &Directives<'_>,
        problems: &mut Problems,
    ) -> Vec<Index> {
        let mut indexes: Vec<Index> = Vec::new();
        for directive in directives.all("index") {
            let Some(index) = self.index(&directive, problems) else {
                continue;
            };
            let same = indexes.iter().find(|other| other.keys == index.keys);
            match same {
                Some(other) if other.unique == index.unique => {
                    problems.error(directive.at, "this index is declared twice");
                }
                Some(_) => problems
                    .error(directive.at, "there are two indexes on these fields")
                    .hint("the unique one serves all queries; remove the other"),
                None => indexes.push(index),
            }
        }
        indexes
    }

    fn index(&self, directive: &Arguments<'_>, problems: &mut Problems) -> Option<Index> {
        let fields = directive.strings("fields")?;
        if fields.node.is_empty() {
            problems
                .error(fields.pos, "an index has at least one field")
                .hint("write `@index(fields: [\"createdAt\"])`");
            return None;
        }
        let unique = directive.flag("unique");
        let places = self.source.strings_of_list(fields.pos);
        let place = |at: usize| places.get(at).copied().unwrap_or(fields.pos);
        let count = fields.node.len();
        let entries = fields.node.into_iter().enumerate();
        let entries: Vec<Option<Entry>> = entries
            .map(|(at, text)| self.entry(Positioned::new(text, place(at)), unique, problems))
            .collect();
        let entries: Vec<Entry> = entries.into_iter().flatten().collect();
        (entries.len() == count).then_some(())?;
        let keys = keys(entries, unique, problems)?;
        Some(Index { keys, unique })
    }

    fn entry(
        &self,
        text: Positioned<&str>,
        unique: bool,
        problems: &mut Problems,
    ) -> Option<Entry> {
        let (kind, name) = if let Some(name) = text.node.strip_prefix(GEO) {
            (EntryKind::Geo, name)
        } else if let Some(name) = text.node.strip_prefix('-') {
            (EntryKind::Ordered(Direction::Descending), name)
        } else {
            (EntryKind::Ordered(Direction::Ascending), text.node)
        };
        let Some(path) = Path::parse(name) else {
            problems
                .error(text.pos, format!("`{}` names no field", text.node))
                .hint("write `createdAt`, `-createdAt`, `address.city` or `2dsphere:location`");
            return None;
        };
        let at = text.pos;
        let fits = match self.types.find(self.draft, path.segments()) {
            Found::Value(ty) => check_type(at, &path, ty, kind, unique, problems),
            Found::Anything => true,
            Found::Missing { segment, known } => {
                self.report_missing(at, &path, segment, &known, problems);
                false
            }
            Found::BelowList { segment } => {
                let list = &path.segments()[segment];
                problems
                    .error(at, format!("`{path}` leads through the list of objects `{list}`"))
                    .hint("an index has one value of each document; keep that value in a field of its own");
                false
            }
        };
        fits.then_some(Entry { at, path, kind })
    }

    fn report_missing(
        &self,
        at: Pos,
        path: &Path,
        segment: usize,
        known: &[SmolStr],
        problems: &mut Problems,
    ) {
        let name = &path.segments()[segment];
        let parents: Vec<&str> = path.segments()[..segment]
            .iter()
            .map(SmolStr::as_str)
            .collect();
        let (message, hint) = if known.is_empty() {
            let message = format!(
                "`{}` is not an object: `{path}` leads nowhere",
                parents.join(".")
            );
            (message, None)
        } else {
            let within = match segment {
                0 => self.draft.name.to_string(),
                _ => parents.join("."),
            };
            let by_name = self.draft.shape.field_named(name).filter(|_| segment == 0);
            let hint = match by_name {
                Some(ix) => {
                    let stored = &self.draft.shape.field(ix).stored;
                    Some(format!("write the document's name: `{stored}`"))
                }
                None => spelling::hint(name, known.iter().map(SmolStr::as_str)),
            };
            (format!("`{within}` has no stored field `{name}`"), hint)
        };
        problems.error(at, message).hint_if(hint);
    }
}

/// Whether a value of this type can be a key; reported if not.
fn check_type(
    at: Pos,
    path: &Path,
    ty: FieldType,
    kind: EntryKind,
    unique: bool,
    problems: &mut Problems,
) -> bool {
    let point = ty.base == BaseType::Scalar(Scalar::GeoPoint) && ty.list.is_none();
    let (message, hint) = match kind {
        EntryKind::Geo if point => return true,
        EntryKind::Geo => (
            format!("`{path}` is not a `GeoPoint`"),
            "a `2dsphere:` index is for fields of type `GeoPoint`",
        ),
        EntryKind::Ordered(_) if point => (
            format!("`{path}` is a `GeoPoint`, which has no order"),
            "write `2dsphere:` before the name",
        ),
        EntryKind::Ordered(_) if matches!(ty.base, BaseType::Embedded(_)) => (
            format!("`{path}` is an object, which has no useful order"),
            "name a field inside it, such as `address.city`",
        ),
        EntryKind::Ordered(_) if unique && ty.list.is_some() => (
            format!("`{path}` is a list, whose elements cannot be kept unique"),
            "a unique index has one value of each document",
        ),
        EntryKind::Ordered(_) => return true,
    };
    problems.error(at, message).hint(hint);
    false
}

/// The entries as the keys of one index.
fn keys(entries: Vec<Entry>, unique: bool, problems: &mut Problems) -> Option<IndexKeys> {
    for (place, entry) in entries.iter().enumerate() {
        if entries[..place]
            .iter()
            .any(|other| other.path == entry.path)
        {
            problems.error(entry.at, format!("the index has `{}` twice", entry.path));
            return None;
        }
    }
    if let Some(geo) = entries.iter().find(|entry| entry.kind == EntryKind::Geo) {
        if entries.len() > 1 || unique {
            let message = "a `2dsphere:` index has one field and is not unique";
            problems
                .error(geo.at, message)
                .hint("declare it as an `@index` of its own");
            return None;
        }
        return Some(IndexKeys::Geo(geo.path.clone()));
    }
    if let [entry] = entries.as_slice()
        && entry.path.root() == STORED_ID
    {
        problems
            .error(entry.at, "documents are found by `_id` without an index")
            .hint("remove it");
        return None;
    }
    let keys = entries.into_iter().map(|entry| OrderKey {
        path: entry.path,
        direction: match entry.kind {
            EntryKind::Ordered(direction) => direction,
            EntryKind::Geo => Direction::Ascending,
        },
    });
    Some(IndexKeys::Ordered(Order {
        keys: keys.collect(),
    }))
}
