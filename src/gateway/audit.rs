//! Every write that was committed, or may have been, is told to one sink.

use std::sync::Arc;

use smol_str::SmolStr;

use crate::access::Clause;
use crate::data::{DocId, Document, Principal, Value};

use super::roles;

/// One write of one document.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Milliseconds since 1970: the session's instant.
    pub at: i64,
    /// `None`: a caller who was not signed in.
    pub principal: Option<Principal>,
    /// `create`, `update` or `delete`.
    pub operation: &'static str,
    pub collection: SmolStr,
    pub id: DocId,
    pub outcome: Outcome,
    /// What allowed it: the rule, grants, or several of them.
    pub clauses: Vec<Clause>,
    /// `None` for a create, and where it is not known.
    pub before: Option<Arc<Document>>,
    /// `None` for a delete, and where it is not known.
    pub after: Option<Arc<Document>>,
}

/// What became of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Committed,
    /// The store did not say: it may have been written, as a whole or, by stores that cannot do otherwise, in part.
    Unknown,
}

/// Where writes are told. Called after the commit, or when it is clear that nobody knows of one, once for each document;
/// must not block.
pub trait Sink: Send + Sync + std::fmt::Debug {
    fn record(&self, entry: &Entry);
}

/// One log line for each write: who, what, which fields; never values, but for which roles are given and taken.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogSink;

impl Sink for LogSink {
    fn record(&self, entry: &Entry) {
        if entry.outcome == Outcome::Unknown {
            tracing::warn!(
                target: "audit",
                at = entry.at,
                principal = entry.principal.as_ref().map_or("none", Principal::as_str),
                operation = entry.operation,
                collection.name = %entry.collection,
                document.id = %entry.id,
                "the store did not say whether this was written"
            );
            return;
        }
        tracing::info!(
            target: "audit",
            at = entry.at,
            principal = entry.principal.as_ref().map_or("none", Principal::as_str),
            operation = entry.operation,
            collection.name = %entry.collection,
            document.id = %entry.id,
            clauses = %names(&entry.clauses),
            rev.before = entry.before.as_ref().map(|document| document.rev),
            rev.after = entry.after.as_ref().map(|document| document.rev),
            fields = %entry.changed().join(","),
            roles.before = entry.before.as_deref().and_then(|it| entry.roles(it)),
            roles.after = entry.after.as_deref().and_then(|it| entry.roles(it)),
            "write committed"
        );
    }
}

fn names(clauses: &[Clause]) -> String {
    let names: Vec<String> = clauses.iter().map(Clause::to_string).collect();
    names.join(",")
}

impl Entry {
    /// Which roles a `roles` document gives, as `admin,support ACTIVE`: without that nobody could tell who was let in.
    fn roles(&self, document: &Document) -> Option<String> {
        if self.collection != roles::COLLECTION {
            return None;
        }
        let names = document.get(roles::ROLES).and_then(Value::as_array);
        let names = names.into_iter().flatten().filter_map(Value::as_str);
        let status = document.get(roles::STATUS).and_then(Value::as_str);
        let names = names.collect::<Vec<_>>().join(",");
        Some(format!("{names} {}", status.unwrap_or_default()))
    }

    /// Names of the fields that differ between before and after.
    pub fn changed(&self) -> Vec<SmolStr> {
        let names = |document: &Option<Arc<Document>>| -> Vec<SmolStr> {
            let fields = document
                .iter()
                .flat_map(|document| document.fields().iter());
            fields.map(|(name, _)| name.clone()).collect()
        };
        let value = |document: &Option<Arc<Document>>, name: &str| {
            document.as_ref().and_then(|it| it.get(name)).cloned()
        };
        let mut changed = names(&self.after);
        for name in names(&self.before) {
            if !changed.contains(&name) {
                changed.push(name);
            }
        }
        changed.retain(|name| value(&self.before, name) != value(&self.after, name));
        changed
    }
}
