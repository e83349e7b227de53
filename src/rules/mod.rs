//! The security-rule language of the cloud document database (安全规则):
//! parsed, checked, evaluated, turned into filters, proved.
//!
//! Three-valued throughout: only [`Truth::True`] allows.
//! See `docs/rules.md` for the language.

use std::collections::HashMap;
use std::sync::Arc;

use smol_str::SmolStr;

use crate::data::{Caller, CollectionName, DocId, Document, Filter, Object, Path, Value};

/// Kleene's three values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    True,
    False,
    Unknown,
}

/// A document that a rule asks for with `get()`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reference {
    pub collection: CollectionName,
    pub id: DocId,
}

/// What is known of referenced documents. Absent key: not loaded yet; `None`: there is no such document.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    pub documents: HashMap<Reference, Option<Arc<Document>>>,
}

/// Needed before an answer is possible: load these, add them to [`Facts`], ask again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need(pub Vec<Reference>);

/// What a rule may look at besides the document.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    pub caller: &'a Caller,
    /// Milliseconds since 1970.
    pub now: i64,
    pub facts: &'a Facts,
    /// The caller's payload on create and update; `None` on read and delete.
    pub request: Option<&'a RequestData>,
    /// The caller's own condition: it pins `doc.x` inside `get()`.
    pub condition: &'a Filter,
}

/// The payload of a write as `request.data` shows it.
///
/// `request.data.p` is undefined iff the input touches neither `p`, an ancestor of it nor a descendant of it.
#[derive(Clone, Debug, Default)]
pub struct RequestData {
    /// Paths the input gives a literal value (create: each member; update: each `set`).
    pub values: Object,
    /// Paths the input touches in a way whose result is not a literal (unset, inc, push, pull): every
    /// comparison on these but the presence test is Unknown.
    pub opaque: Vec<Path>,
}

/// A parsed and checked rule.
#[derive(Clone, Debug)]
pub struct Rule {
    // expr, source text
}

/// One problem of a rule's text; `start..end` are byte offsets into that text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub start: usize,
    pub end: usize,
    pub message: String,
    pub help: Option<String>,
    pub severity: Severity,
}

/// Whether a problem forbids using the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    Error,
    Warning,
}

/// What the checker knows of the document a rule is about.
pub trait Fields {
    /// The kind of the value at a path of document field names.
    fn kind(&self, path: &[SmolStr]) -> FieldKind;
    /// Field names near a misspelt one, for the hint.
    fn suggestions(&self, path: &[SmolStr]) -> Vec<String>;
    /// Whether a collection of this name is declared (for `get()`).
    fn has_collection(&self, name: &str) -> bool;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    Unknown,
    Any,
    Bool,
    Number,
    String,
    Date,
    Object,
    ListOfScalars,
    ListOfObjects,
    Binary,
}

/// Operation a rule governs; `request.data` exists on create and update only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    Read,
    Create,
    Update,
    Delete,
}

impl Rule {
    pub fn parse(_text: &str) -> Result<Self, Vec<Problem>> {
        unimplemented!("rules helper")
    }
    /// Parse and check; all problems at once.
    pub fn check(&self, _operation: Operation, _fields: &dyn Fields) -> Vec<Problem> {
        unimplemented!("rules helper")
    }
    pub fn constant(_value: bool) -> Self {
        unimplemented!("rules helper")
    }
    /// True, False or Unknown of one document.
    pub fn eval(&self, _cx: &Context<'_>, _doc: &Object) -> Result<Truth, Need> {
        unimplemented!("rules helper")
    }
    /// The filter that is true of exactly the documents of which the rule is True.
    pub fn residual(&self, _cx: &Context<'_>) -> Result<Filter, Need> {
        unimplemented!("rules helper")
    }
    /// Whether every document that satisfies `cx.condition` is one of which the rule is True (rules.md 4.2).
    pub fn proved_by_condition(&self, _cx: &Context<'_>) -> Result<bool, Need> {
        unimplemented!("rules helper")
    }
    /// Document paths the rule looks at (for projections).
    pub fn paths(&self) -> Vec<Path> {
        unimplemented!("rules helper")
    }
    pub fn uses_now(&self) -> bool {
        unimplemented!("rules helper")
    }
    pub fn uses_get(&self) -> bool {
        unimplemented!("rules helper")
    }
    /// The values the rule saw, for explain: `doc.status = "PAID"`, `auth.openid = "oA"`.
    pub fn observed(
        &self,
        _cx: &Context<'_>,
        _doc: Option<&Object>,
    ) -> Vec<(String, Option<Value>)> {
        unimplemented!("rules helper")
    }
}
