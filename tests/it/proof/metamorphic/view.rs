//! A model, somebody who reads in it, and the many stores that look the same to
//! them.

use serde_json::Value as Json;

use super::operations::Likely;
use super::roll::Roll;
use crate::harness::{Client, TestApp};

pub(super) type Documents = Vec<(&'static str, Json)>;

pub(super) struct View {
    pub(super) name: String,
    pub(super) model: &'static str,
    /// As [`TestApp::caller`] takes it.
    pub(super) principal: &'static str,
    pub(super) likely: Likely,
    /// One of the stores: what is hidden is thrown, the rest is always the same.
    pub(super) documents: Box<dyn Fn(&mut Roll) -> Documents>,
    /// With these roles nothing is hidden.
    pub(super) all_roles: &'static [&'static str],
    /// A query that shows whoever has them that two stores differ.
    pub(super) everything: &'static str,
    /// How many of their random writes succeed at least; 0: none may.
    pub(super) writes: usize,
}

/// One store, and who looks at it.
pub(super) struct World {
    pub(super) app: TestApp,
    pub(super) reader: Client,
    pub(super) owner: Client,
}

impl View {
    /// Two worlds that look alike to the reader.
    pub(super) async fn twins(&self, seed: u64) -> [World; 2] {
        [self.world(2 * seed).await, self.world(2 * seed + 1).await]
    }

    async fn world(&self, seed: u64) -> World {
        let app = TestApp::new(self.model, &[]).await;
        for (collection, document) in (self.documents)(&mut Roll::new(seed)) {
            app.insert(collection, [document.to_string().as_str()])
                .await;
        }
        World {
            reader: app.caller(self.principal).await,
            owner: app.staff(self.all_roles),
            app,
        }
    }
}

/// A member that is left out of the document.
pub(super) const ABSENT: &str = "<absent>";

pub(super) fn without_absent(mut document: Json) -> Json {
    if let Json::Object(members) = &mut document {
        members.retain(|_, value| value != ABSENT);
    }
    document
}
