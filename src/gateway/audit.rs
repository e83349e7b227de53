//! Every committed write is told to one sink.

use std::sync::Arc;

use smol_str::SmolStr;

use crate::access::Clause;
use crate::data::{DocId, Document, Principal};

/// One committed write of one document.
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
    /// What allowed it: the rule, grants, or several of them.
    pub clauses: Vec<Clause>,
    /// `None` for a create.
    pub before: Option<Arc<Document>>,
    /// `None` for a delete.
    pub after: Option<Arc<Document>>,
}

/// Where committed writes are told. Called after the commit, once for each document; must not block.
pub trait Sink: Send + Sync + std::fmt::Debug {
    fn record(&self, entry: &Entry);
}

/// One log line for each write: who, what, which fields; never values.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogSink;

impl Sink for LogSink {
    fn record(&self, entry: &Entry) {
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
            "write committed"
        );
    }
}

fn names(clauses: &[Clause]) -> String {
    let names: Vec<String> = clauses.iter().map(Clause::to_string).collect();
    names.join(",")
}

impl Entry {
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
