//! The security-rule language of the cloud document database (安全规则):
//! parsed, checked, evaluated, turned into filters, proved.
//!
//! Pure: documents that a rule asks for with `get()` are not loaded here but
//! asked for with [`Need`]. Who holds which rule is not known here either; that
//! is [`crate::access`]. See `docs/rules.md` for the language.
//!
//! Three-valued throughout: only [`Truth::True`] allows.
//!
//! - text to expression: `lexer.rs`, `parser.rs`, `ast.rs`, `text.rs`; and back: `print.rs`
//! - whether two expressions say the same: `same.rs`
//! - what is wrong with an expression: `check/`, said as `problem.rs` has it
//! - what an operand is: `operand.rs`, `request.rs`; walking to the leaves: `judge.rs`, `truth.rs`
//! - the three uses: `eval.rs`, `residual.rs`, `proof.rs`; for explanations: `observe.rs`, `describe.rs`;
//!   for trials: `compared.rs`

#![warn(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs
)]

mod ast;
mod check;
mod compared;
mod describe;
mod eval;
mod judge;
mod lexer;
mod observe;
mod operand;
mod parser;
mod print;
mod problem;
mod proof;
mod request;
mod residual;
mod same;
#[cfg(test)]
mod tests;
mod text;
mod truth;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use smol_str::SmolStr;

use crate::data::{Caller, CollectionName, DocId, Document, Filter, Object, Path, Value};

use ast::{Expr, Kind, Root, Span};
pub use compared::{Compared, Term};
pub use describe::described;
pub use problem::{Problem, Severity};
pub use request::RequestData;
pub use truth::Truth;

/// The most `get()` calls of one rule, as on the platform.
pub const MAX_GETS: usize = 3;

/// How deep `get()` may stand inside the path of another: `get(get(…))`.
pub const MAX_GET_DEPTH: usize = 2;

/// The most documents that one proof may ask for. The platform's own pages name 10 in one place and 3 in
/// another; rules are best written for 3.
pub const MAX_DOCUMENTS: usize = 10;

/// A document that a rule asks for with `get()`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reference {
    /// The collection named in the path.
    pub collection: CollectionName,
    /// The id that the rest of the path spells; a lone `${…}` keeps the type of its value.
    pub id: DocId,
}

/// What is known of referenced documents. Absent key: not loaded yet; `None`: there is no such document.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The documents that were loaded, and those that were looked for in vain.
    pub documents: HashMap<Reference, Option<Arc<Document>>>,
}

/// Needed before an answer is possible: load these, add them to [`Facts`], ask again.
///
/// Sorted, without repetition, not empty. A second round is needed only for `get()` inside `get()`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need(pub Vec<Reference>);

impl Need {
    fn of(mut references: operand::Missing) -> Self {
        references.sort();
        references.dedup();
        Self(references)
    }
}

/// What a rule may look at besides the document.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Seen as `auth`.
    pub caller: &'a Caller,
    /// Milliseconds since 1970.
    pub now: i64,
    /// What `get()` finds.
    pub facts: &'a Facts,
    /// The caller's payload on create and update; `None` on read and delete.
    pub request: Option<&'a RequestData>,
    /// The caller's own condition: it pins `doc.x` inside `get()`.
    pub condition: &'a Filter,
}

/// A parsed rule. Equal rules have equal expressions: spaces, quotes and `===` make no difference.
#[derive(Clone)]
pub struct Rule {
    expr: Arc<Expr>,
    source: Arc<str>,
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.expr == other.expr
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rule({self})")
    }
}

/// The rule in its normal form; parsing that gives an equal rule.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.expr.fmt(f)
    }
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

/// What values stand at a path, as far as comparisons care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// There is no such field.
    Unknown,
    /// A value of any kind.
    Any,
    /// `true` or `false`.
    Bool,
    /// An int or a double.
    Number,
    /// Text.
    String,
    /// A stored date, which is not a number.
    Date,
    /// An embedded object, whose members have paths of their own.
    Object,
    /// A list of anything but objects.
    ListOfScalars,
    /// A list of objects: no path leads through it.
    ListOfObjects,
    /// Bytes.
    Binary,
}

/// Operation a rule governs; `request.data` exists on create and update only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Get, list, count, watch.
    Read,
    /// Of a new document.
    Create,
    /// Of any fields of a document.
    Update,
    /// Of a whole document.
    Delete,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Operation::Read => "read",
            Operation::Create => "create",
            Operation::Update => "update",
            Operation::Delete => "delete",
        })
    }
}

impl Rule {
    /// Reads a rule. Names and types are looked at by [`Rule::check`].
    ///
    /// # Errors
    /// What is wrong with the text; never empty.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        let expr = parser::parse(text).map_err(|problem| vec![problem])?;
        Ok(Self {
            expr: Arc::new(expr),
            source: Arc::from(text),
        })
    }

    /// All problems of the rule for an operation on documents with these fields.
    ///
    /// A rule without errors is total: its residual is exact and nothing in it is ignored.
    pub fn check(&self, operation: Operation, fields: &dyn Fields) -> Vec<Problem> {
        check::check(&self.expr, operation, fields)
    }

    /// The rule `true` or `false`.
    pub fn constant(value: bool) -> Self {
        let source = if value { "true" } else { "false" };
        let span = Span {
            start: 0,
            end: source.len(),
        };
        Self {
            expr: Arc::new(Expr::new(Kind::Literal(Value::Bool(value)), span)),
            source: Arc::from(source),
        }
    }

    /// Whether both say the same: as for equal rules, spaces, quotes and `===` make no difference, and neither do which
    /// side of a comparison an operand stands on, in which order parts are joined, and what is said twice.
    pub fn says_the_same_as(&self, other: &Rule) -> bool {
        self.expr.ordered() == other.expr.ordered()
    }

    /// The text the rule was read from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// True, False or Unknown of one document.
    ///
    /// # Errors
    /// The documents that must be known first, if the answer depends on them.
    pub fn eval(&self, cx: &Context<'_>, document: &Object) -> Result<Truth, Need> {
        eval::eval(&self.expr, cx, document).map_err(Need::of)
    }

    /// The filter that is true of exactly the documents of which the rule is True.
    ///
    /// Where `get()` looks at the document, exactly among those that satisfy `cx.condition`; of
    /// others the filter may be false.
    ///
    /// # Errors
    /// The documents that must be known first, if the answer depends on them.
    pub fn residual(&self, cx: &Context<'_>) -> Result<Filter, Need> {
        residual::residual(&self.expr, cx).map_err(Need::of)
    }

    /// Whether `cx.condition` shows that the rule is True of every document that satisfies it, as the
    /// database would judge it (its strict matching: arrays and missing fields are not thought of).
    ///
    /// # Errors
    /// The documents that must be known first, if the answer depends on them.
    pub fn proved_by_condition(&self, cx: &Context<'_>) -> Result<bool, Need> {
        proof::proved(&self.expr, cx).map_err(Need::of)
    }

    /// Document paths the rule looks at (for projections).
    pub fn paths(&self) -> Vec<Path> {
        observe::paths(&self.expr)
    }

    /// What the rule compares with what, as far as that can be said without a document (for trials).
    pub fn compared(&self) -> Vec<Compared> {
        compared::compared(&self.expr)
    }

    /// Whether the answer may change as time passes.
    pub fn uses_now(&self) -> bool {
        self.expr.any_access(|access| access.root == Root::Now)
    }

    /// Whether the answer may change as documents of other collections do.
    pub fn uses_get(&self) -> bool {
        self.expr
            .any_access(|access| matches!(access.root, Root::Get(_)))
    }

    /// The collections whose documents the rule asks for, each as often as it does.
    pub fn gets(&self) -> Vec<&CollectionName> {
        let mut named = Vec::new();
        self.expr.for_each_access(&mut |_, access| {
            if let Root::Get(get) = &access.root {
                named.push(&get.collection);
            }
        });
        named
    }

    /// Whether the rule looks at what the caller writes.
    pub fn uses_request(&self) -> bool {
        self.expr.any_access(|access| access.root == Root::Data)
    }

    /// Whether there may be a document and a caller of which the rule is True. False only if there is none.
    pub fn satisfiable(&self) -> bool {
        check::satisfiable(&self.expr)
    }

    /// The values the rule saw, for explain: `doc.status = "PAID"`, `auth.openid = "oA"`; `None` for null,
    /// missing and unknown ones. Without a document, its fields are left out.
    pub fn observed(
        &self,
        cx: &Context<'_>,
        document: Option<&Object>,
    ) -> Vec<(String, Option<Value>)> {
        observe::observed(&self.expr, cx, document)
    }
}
