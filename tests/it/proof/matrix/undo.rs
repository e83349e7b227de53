//! What a mutation did to the store, and taking it back, so that no cell
//! influences another.

use std::sync::Arc;

use cloudbase_graphql::data::ejson::{Mode, object_to_string, parse_object};
use cloudbase_graphql::data::{Change, Document, Filter};
use cloudbase_graphql::model::Collection;
use cloudbase_graphql::store::Store;
use serde_json::Value as Json;
use tokio::sync::broadcast::Receiver;

use super::documents::Shop;
use crate::harness::Answer;

/// Watches the store from its creation on.
pub(super) struct Undo<'s> {
    shop: &'s Shop,
    changes: Receiver<Arc<Change>>,
}

/// A document before and after.
pub(super) type Done = (Option<Json>, Option<Json>);

impl<'s> Undo<'s> {
    pub(super) fn new(shop: &'s Shop) -> Self {
        let changes = shop.store().changes().expect("a feed");
        Self { shop, changes }
    }

    /// What was committed since the last time; afterwards all is as it was.
    pub(super) async fn done(&mut self, collection: &Collection) -> Vec<Done> {
        let mut done = Vec::new();
        let committed: Vec<Arc<Change>> =
            std::iter::from_fn(|| self.changes.try_recv().ok()).collect();
        for change in committed.iter().rev() {
            assert_eq!(change.collection, collection.name);
            let store = self.shop.store();
            if change.after.is_some() {
                let all = Filter::all();
                let deleted = store.delete_one(&collection.name, &change.id, &all).await;
                assert!(deleted.expect("a delete").is_some());
            }
            if let Some(before) = &change.before {
                let before = Document::clone(before);
                store
                    .insert(&collection.name, vec![before])
                    .await
                    .expect("an insert");
            }
            let json = |document: &Option<Arc<Document>>| document.as_deref().map(as_json);
            done.push((json(&change.before), json(&change.after)));
        }
        while self.changes.try_recv().is_ok() {}
        done
    }
}

/// Every type spelled out; members in no order.
pub(super) fn as_json(document: &Document) -> Json {
    let text = object_to_string(document.fields(), Mode::Canonical);
    serde_json::from_str(&text).expect("EJSON is JSON")
}

/// The same of a document as it was seeded.
pub(super) fn canonical(document: &Json) -> Json {
    let fields = parse_object(&document.to_string()).expect("EJSON");
    as_json(&Document::from_object(fields).expect("a document"))
}

/// `ok`, or the one code of an answer to a mutation that was not carried out.
pub(super) fn outcome(answer: &Answer, root: &str) -> String {
    match answer.errors().as_slice() {
        [] => "ok".to_owned(),
        [error] if answer.json["data"][root].is_null() => match error.strip_suffix(root) {
            Some(code) => code.trim_end().to_owned(),
            None => error.clone(),
        },
        errors => format!("{errors:?}"),
    }
}
