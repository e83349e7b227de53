//! Which keys the documents of a level ask for, and by which selections.

use rustc_hash::{FxHashMap, FxHashSet};

use super::files::Asked;
use super::{Key, Source};
use crate::data::Value;
use crate::gateway::{Readable, Visible};
use crate::graphql::bind::{At, ConnectionGet, DocumentGet, EdgeGet, Object, Slot};
use crate::graphql::coerce::is_file_id;

/// A selection and the documents it is about.
pub(super) struct Front<'a, 's> {
    pub(super) selection: &'a Object<'s, DocumentGet<'s>>,
    pub(super) documents: Vec<&'a Visible>,
}

/// The keys one load is asked for, each once.
#[derive(Debug, Default)]
pub(super) struct Keys {
    pub(super) index: FxHashMap<Key, usize>,
    pub(super) values: Vec<Value>,
}

/// A selection below a relation, and which of the load's keys lead to it.
pub(super) struct Branch<'a, 's> {
    pub(super) slot: Slot,
    pub(super) target: Target<'a, 's>,
    pub(super) keys: Vec<usize>,
}

#[derive(Clone, Copy)]
pub(super) enum Target<'a, 's> {
    One(&'a Object<'s, DocumentGet<'s>>),
    Many(&'a Object<'s, ConnectionGet<'s>>),
}

/// What a level asks for.
#[derive(Default)]
pub(super) struct Level<'a, 's> {
    pub(super) asked: FxHashMap<Slot, Keys>,
    pub(super) branches: Vec<Branch<'a, 's>>,
    pub(super) files: FxHashSet<Asked>,
}

impl<'a, 's> Level<'a, 's> {
    pub(super) fn of(fronts: &[Front<'a, 's>]) -> Self {
        let mut level = Self::default();
        for front in fronts {
            let sources: Vec<Source<'a>> = front
                .documents
                .iter()
                .map(|document| Source::Document(document))
                .collect();
            level.selection(front.selection, &sources);
        }
        level
    }

    fn selection(&mut self, selection: &'a Object<'s, DocumentGet<'s>>, sources: &[Source<'a>]) {
        for item in &selection.items {
            match &item.get {
                Some(DocumentGet::ToOne(at, slot, target)) => {
                    self.branch(*slot, Target::One(target), sources, *at);
                }
                Some(DocumentGet::ToMany(at, slot, target)) => {
                    self.branch(*slot, Target::Many(target), sources, *at);
                }
                Some(DocumentGet::Embedded(at, object)) => {
                    if leads_on(object) {
                        self.selection(object, &embedded(sources, *at));
                    }
                }
                Some(DocumentGet::Address(at, age)) => self.files(sources, *at, *age),
                Some(DocumentGet::Leaf(..) | DocumentGet::GeoPoint(..)) | None => {}
            }
        }
    }

    /// The files that the caller may read the names of.
    fn files(&mut self, sources: &[Source<'a>], at: At<'s>, age: u32) {
        for source in sources {
            let Readable::Value(value) = source.read(at) else {
                continue;
            };
            let names = value
                .as_array()
                .unwrap_or(std::slice::from_ref(value))
                .iter();
            let files = names.filter_map(|name| match name {
                Value::String(name) if is_file_id(name) => Some((name.clone(), age)),
                _ => None,
            });
            self.files.extend(files);
        }
    }

    fn branch(&mut self, slot: Slot, target: Target<'a, 's>, sources: &[Source<'a>], at: At<'s>) {
        let asked = self.asked.entry(slot).or_default();
        let mut keys = Vec::with_capacity(sources.len());
        for source in sources {
            if let Readable::Value(value) = source.read(at)
                && let Some(key) = Key::of(value)
            {
                keys.push(asked.position(key, value));
            }
        }
        keys.sort_unstable();
        keys.dedup();
        self.branches.push(Branch { slot, target, keys });
    }
}

impl Keys {
    fn position(&mut self, key: Key, value: &Value) -> usize {
        *self.index.entry(key).or_insert_with(|| {
            self.values.push(value.clone());
            self.values.len() - 1
        })
    }
}

/// Whether there is a relation, or the address of a file, inside embedded objects.
fn leads_on(object: &Object<'_, DocumentGet<'_>>) -> bool {
    object.items.iter().any(|item| match &item.get {
        Some(DocumentGet::ToOne(..) | DocumentGet::ToMany(..) | DocumentGet::Address(..)) => true,
        Some(DocumentGet::Embedded(_, inner)) => leads_on(inner),
        _ => false,
    })
}

/// The objects embedded at a field of these sources.
fn embedded<'a>(sources: &[Source<'a>], at: At<'_>) -> Vec<Source<'a>> {
    let mut inner = Vec::with_capacity(sources.len());
    for source in sources {
        match source.read(at) {
            Readable::Value(Value::Object(object)) => inner.push(Source::Embedded(object)),
            Readable::Value(Value::Array(items)) => {
                inner.extend(
                    items
                        .iter()
                        .filter_map(Value::as_object)
                        .map(Source::Embedded),
                );
            }
            _ => {}
        }
    }
    inner
}

/// The selections on the documents of a connection.
pub(super) fn documents_of<'a, 's>(
    connection: &'a Object<'s, ConnectionGet<'s>>,
) -> impl Iterator<Item = &'a Object<'s, DocumentGet<'s>>> {
    connection.items.iter().flat_map(|item| {
        let nodes = match &item.get {
            Some(ConnectionGet::Nodes(nodes)) => Some(nodes),
            _ => None,
        };
        let edges = match &item.get {
            Some(ConnectionGet::Edges(edges)) => edges.items.as_slice(),
            _ => &[],
        };
        let edge_nodes = edges.iter().filter_map(|edge| match &edge.get {
            Some(EdgeGet::Node(node)) => Some(node),
            _ => None,
        });
        nodes.into_iter().chain(edge_nodes)
    })
}
