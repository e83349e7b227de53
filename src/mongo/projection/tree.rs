//! Which paths are taken or left out, as a tree.

use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::super::Result;
use super::malformed;
use crate::data::{Object, Path, Value};

/// Paths, by their segments. One without branches is the end of a path.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    branches: FxHashMap<SmolStr, Tree>,
}

impl Tree {
    pub(super) fn of(paths: impl Iterator<Item = Path>) -> Result<Self> {
        let mut tree = Tree::default();
        for path in paths {
            let collides = || malformed(format!("a projection names `{path}` and a part of it"));
            tree.add(path.segments()).ok_or_else(collides)?;
        }
        Ok(tree)
    }

    /// `None` if a path ends in the middle of another.
    fn add(&mut self, segments: &[SmolStr]) -> Option<()> {
        let (first, rest) = segments.split_first()?;
        match self.branches.entry(first.clone()) {
            Entry::Vacant(vacant) => match rest {
                [] => {
                    vacant.insert(Tree::default());
                    Some(())
                }
                rest => vacant.insert(Tree::default()).add(rest),
            },
            Entry::Occupied(known) => match (known.get().branches.is_empty(), rest) {
                (true, []) => Some(()),
                (false, [_, ..]) => known.into_mut().add(rest),
                _ => None,
            },
        }
    }

    /// The fields that the paths begin with.
    pub(super) fn roots(&self) -> Vec<SmolStr> {
        self.branches.keys().cloned().collect()
    }

    /// What these paths lead to, and nothing else.
    pub(super) fn only(&self, object: &Object) -> Object {
        let members = object.iter().filter_map(|(name, value)| {
            let value = self.branches.get(name)?.only_of(value)?;
            Some((name.clone(), value))
        });
        Object::from_unique(members.collect())
    }

    /// What is taken of a value; of a scalar that a path leads further into, nothing.
    fn only_of(&self, value: &Value) -> Option<Value> {
        match value {
            _ if self.branches.is_empty() => Some(value.clone()),
            Value::Object(object) => Some(Value::Object(self.only(object))),
            Value::Array(items) => {
                let items = items.iter().filter_map(|item| self.only_of(item));
                Some(Value::Array(items.collect()))
            }
            _ => None,
        }
    }

    /// All but what these paths lead to.
    pub(super) fn all_but(&self, object: &Object) -> Object {
        let members = object.iter().filter_map(|(name, value)| {
            let value = match self.branches.get(name) {
                None => value.clone(),
                Some(tree) if tree.branches.is_empty() => return None,
                Some(tree) => tree.all_but_of(value),
            };
            Some((name.clone(), value))
        });
        Object::from_unique(members.collect())
    }

    fn all_but_of(&self, value: &Value) -> Value {
        match value {
            Value::Object(object) => Value::Object(self.all_but(object)),
            Value::Array(items) => {
                Value::Array(items.iter().map(|item| self.all_but_of(item)).collect())
            }
            other => other.clone(),
        }
    }
}
