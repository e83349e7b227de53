//! What the store knows of a collection while it runs: its table, its indexes,
//! and whether arrays stand on the indexed paths.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::functions;
use crate::data::{
    CollectionName, Direction, Index, IndexKeys, Object, Order, OrderKey, Path, Value,
};
use crate::store::{CollectionSpec, Error, Result};

/// What the names of collections' tables begin with.
const TABLE_PREFIX: &str = "docs:";

/// The collections that have been prepared.
#[derive(Debug, Default)]
pub(super) struct Catalog(RwLock<HashMap<CollectionName, Arc<Table>>>);

impl Catalog {
    pub(super) fn table(&self, name: &CollectionName) -> Result<Arc<Table>> {
        let tables = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let table = tables.get(name).cloned();
        table.ok_or_else(|| Error::Failed(format!("it has no collection `{name}`").into()))
    }

    /// Adds tables, in place of those of the same name.
    pub(super) fn add(&self, tables: Vec<Table>) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for table in tables {
            known.insert(table.name.clone(), Arc::new(table));
        }
    }

    pub(super) fn remove(&self, name: &CollectionName) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.remove(name);
    }
}

/// A collection's table.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: CollectionName,
    /// The table's name, and as SQL text.
    pub(super) bare: String,
    pub(super) quoted: String,
    pub(super) indexes: Vec<TableIndex>,
    /// The paths that indexes have keys of, each once, without `_id`.
    pub(super) columns: Vec<Column>,
    /// Grows when a column begins to fan out.
    generation: AtomicU64,
}

/// An index of ours in the database.
#[derive(Debug)]
pub(super) struct TableIndex {
    /// Says all that the index is, so that equal names are equal indexes.
    pub(super) name: String,
    /// The statement that makes it, as SQLite keeps it.
    pub(super) ddl: String,
    /// The document fields of its keys, as messages name them.
    pub(super) fields: Vec<String>,
    pub(super) paths: Vec<Path>,
    pub(super) unique: bool,
}

/// An indexed path.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) path: Path,
    /// Whether some document may have an array at the path or on the way to it,
    /// so that a condition on the path means more than its one sort key says.
    fans_out: AtomicBool,
}

impl Table {
    pub(super) fn new(spec: &CollectionSpec) -> Self {
        let bare = format!("{TABLE_PREFIX}{}", fold_case(spec.name.as_str()));
        let quoted = quote(&bare);
        let mut indexes: Vec<TableIndex> = Vec::new();
        for index in &spec.indexes {
            if let Some(index) = TableIndex::new(&bare, index)
                && indexes.iter().all(|other| other.name != index.name)
            {
                indexes.push(index);
            }
        }
        let mut columns: Vec<Column> = Vec::new();
        for path in indexes.iter().flat_map(|index| &index.paths) {
            if !functions::is_id(path) && columns.iter().all(|column| column.path != *path) {
                columns.push(Column::new(path.clone()));
            }
        }
        Self {
            name: spec.name.clone(),
            bare,
            quoted,
            indexes,
            columns,
            generation: AtomicU64::new(0),
        }
    }

    /// What the names of this table's indexes begin with, if we made them.
    pub(super) fn index_prefix(&self, unique: bool) -> String {
        index_prefix(&self.bare, unique)
    }

    /// Whether documents may have arrays at the path or on the way to it;
    /// `None` for a path that is not indexed.
    pub(super) fn fan_out(&self, path: &Path) -> Option<bool> {
        if functions::is_id(path) {
            return Some(false);
        }
        let column = self.columns.iter().find(|column| column.path == *path)?;
        Some(column.fans_out())
    }

    /// Makes a column fan out from now on. Called before the document that
    /// makes it so is committed.
    pub(super) fn set_fans_out(&self, column: &Column) {
        if !column.fans_out.swap(true, Ordering::SeqCst) {
            self.generation.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Which state of the columns a statement was made for. A read that finds
    /// another one afterwards may have missed a document and must run again.
    pub(super) fn generation(&self) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }
}

impl Column {
    fn new(path: Path) -> Self {
        Self {
            path,
            fans_out: AtomicBool::new(false),
        }
    }

    fn fans_out(&self) -> bool {
        self.fans_out.load(Ordering::SeqCst)
    }
}

/// Whether a document has an array at the path or on the way to it.
pub(super) fn meets_array(path: &Path, fields: &Object) -> bool {
    matches!(path.sort_value(fields), Some(Value::Array(_)))
}

impl TableIndex {
    /// `None` for an index that SQL has no use for: what lies in a region is
    /// left to the matcher.
    fn new(table: &str, index: &Index) -> Option<Self> {
        let IndexKeys::Ordered(order) = &index.keys else {
            return None;
        };
        let mut names = Vec::new();
        let mut keys = Vec::new();
        for key in &order.keys {
            let (sign, suffix) = match key.direction {
                Direction::Ascending => ("", ""),
                Direction::Descending => ("-", " DESC"),
            };
            names.push(format!("{sign}{}", functions::spell(&key.path)));
            keys.push(format!("{}{suffix}", functions::key_of(&key.path)));
        }
        // The id ends every order. A unique index cannot hold it, and need not.
        let ends = order.keys_before_id().len() < order.keys.len();
        if !index.unique && !ends {
            keys.push("id".to_owned());
        }
        let prefix = index_prefix(table, index.unique);
        let name = format!("{prefix}{}", fold_case(&names.join(",")));
        let ddl = format!(
            "CREATE {}INDEX {} ON {} ({})",
            if index.unique { "UNIQUE " } else { "" },
            quote(&name),
            quote(table),
            keys.join(", ")
        );
        Some(Self {
            name,
            ddl,
            fields: order.keys.iter().map(|key| key.path.to_string()).collect(),
            paths: order.keys.iter().map(|key| key.path.clone()).collect(),
            unique: index.unique,
        })
    }

    /// What the index of this name and statement is of, if we made it.
    pub(super) fn read(table: &str, name: &str, ddl: &str) -> Option<Index> {
        let of = |unique| name.strip_prefix(&index_prefix(table, unique));
        let (unique, folded) = match of(true) {
            Some(folded) => (true, folded),
            None => (false, of(false)?),
        };
        let names = unfold_case(folded)?;
        let keys: Option<Vec<OrderKey>> = names.split(',').map(read_key).collect();
        let index = Index {
            keys: IndexKeys::Ordered(Order { keys: keys? }),
            unique,
        };
        (Self::new(table, &index)?.ddl == ddl).then_some(index)
    }
}

/// A key as the name of its index says it.
fn read_key(text: &str) -> Option<OrderKey> {
    let (direction, path) = match text.strip_prefix('-') {
        Some(path) => (Direction::Descending, path),
        None => (Direction::Ascending, text),
    };
    Some(OrderKey {
        path: functions::read_path(path)?,
        direction,
    })
}

fn index_prefix(table: &str, unique: bool) -> String {
    let kind = if unique { "unique" } else { "index" };
    format!("{kind}:{table}:")
}

/// A name that differs from that of every other text also without regard to
/// case, as SQLite compares names: capitals are marked.
fn fold_case(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    for letter in name.chars() {
        if letter.is_ascii_uppercase() || letter == '^' {
            folded.push('^');
        }
        folded.push(letter);
    }
    folded
}

/// The name that was folded so, if one was.
fn unfold_case(folded: &str) -> Option<String> {
    let mut name = String::with_capacity(folded.len());
    let mut letters = folded.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '^' => name.push(letters.next()?),
            _ => name.push(letter),
        }
    }
    (fold_case(&name) == folded).then_some(name)
}

/// The collection whose table has this name; `None` for other tables.
pub(super) fn named(bare: &str) -> Option<CollectionName> {
    let folded = bare.strip_prefix(TABLE_PREFIX)?;
    CollectionName::parse(&unfold_case(folded)?)
}

/// A name as SQL text.
pub(super) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
