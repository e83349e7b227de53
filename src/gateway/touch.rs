//! Word of commits that may change what a relation leads to.

use std::collections::HashSet;

use crate::data::Value;
use crate::model::{CollectionIx, FieldIx};

use super::Gateway;

/// Documents of a collection that were looked for by the values of a field: there, or not there yet.
#[derive(Clone, Debug)]
pub struct Interest {
    pub target: CollectionIx,
    pub to: FieldIx,
    pub keys: Vec<Value>,
}

/// Tells when a commit touches what somebody is interested in. Says nothing of what the commit did.
#[derive(Debug)]
pub struct Touches {
    interests: Vec<(CollectionIx, FieldIx, HashSet<Vec<u8>>)>,
}

impl Gateway {
    /// Word of commits from now on.
    pub fn touches(&self) -> Touches {
        unimplemented!("gateway helper")
    }
}

impl Touches {
    /// Replaces what is of interest; nothing at first.
    pub fn attend_to(&mut self, _interests: Vec<Interest>) {
        let _ = &self.interests;
        unimplemented!("gateway helper")
    }

    /// Waits for a commit of which the document, before or after it, holds one of the keys; or for changes to have
    /// been lost. Dropping the future loses nothing.
    pub async fn touched(&mut self) {
        unimplemented!("gateway helper")
    }
}
