//! What a write of stored documents must satisfy: one filter to write under,
//! and the reason to give when it did not hold.

use smol_str::SmolStr;

use crate::access::Clause;
use crate::data::{Document, Filter};
use crate::model::{CollectionIx, FieldIx};

use super::Operation;
use super::changes::Changes;
use super::decide::{self, Asked};
use super::error::{Error, Result};
use super::guard::Guard;
use super::mask::Verdict;
use super::oracle;
use super::session::Session;

/// Everything a write depends on; its parts are in the order in which they explain a refusal.
#[derive(Clone, Debug)]
pub(super) struct Permit {
    /// What the rules looked at when they decided about one document: it must still be so.
    pins: Filter,
    terms: Vec<Term>,
    /// The caller's `if`.
    condition: Filter,
    guards: Vec<Guard>,
    /// The clauses that may allow it, for the audit.
    pub(super) clauses: Vec<(Clause, Verdict)>,
}

/// A decision that must hold.
#[derive(Clone, Debug)]
struct Term {
    operation: Operation,
    coordinate: String,
    /// Whether it is a decision about documents of a collection that is closed.
    is_closed: bool,
    verdict: Verdict,
}

/// What is to be permitted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Intent<'a> {
    pub(super) collection: CollectionIx,
    pub(super) operation: Operation,
    /// What an update changes.
    pub(super) changes: Option<&'a Changes>,
    /// The caller's `if` or `where`.
    pub(super) condition: Option<&'a Filter>,
    /// The one document it is about, if it was read: rules with `get()` decide about it alone.
    pub(super) document: Option<&'a Document>,
}

impl Session {
    /// What the write must satisfy. Refuses nothing yet: where rules decide about one document, a refusal before it is
    /// known to be visible would tell that it is there.
    pub(super) async fn permit(&self, intent: Intent<'_>) -> Result<Permit> {
        let collection = self.collection(intent.collection);
        let pins = intent
            .document
            .map_or_else(Filter::all, |document| decide::pinned(collection, document));
        let condition = intent.condition.cloned().unwrap_or_else(Filter::all);
        let known = pins.clone().and(condition.clone());
        let asked = Asked {
            condition: &known,
            request: intent.changes.map(|changes| &changes.request),
        };
        let mut terms = vec![self.row_term(intent, intent.operation, asked).await?];
        for &field in intent.changes.iter().flat_map(|changes| &changes.written) {
            terms.push(
                self.field_term(intent, field, intent.operation, asked)
                    .await?,
            );
        }
        terms.extend(self.sight_terms(intent, &known).await?);
        Ok(Permit {
            pins,
            terms,
            condition,
            guards: intent.changes.map_or_else(Vec::new, |changes| {
                let stored = intent.document.map(|document| changes.guards_on(document));
                let stored = stored.unwrap_or_default();
                changes.guards.iter().cloned().chain(stored).collect()
            }),
            clauses: self
                .clauses(intent.collection, intent.operation, asked)
                .await?,
        })
    }

    /// Whose result tells what is stored, an `if` and the operators that start from the stored value, needs to see it.
    async fn sight_terms(&self, intent: Intent<'_>, known: &Filter) -> Result<Vec<Term>> {
        let looked_at: Vec<FieldIx> = intent
            .changes
            .iter()
            .flat_map(|changes| changes.looked_at.iter().copied())
            .collect();
        if intent.condition.is_none() && looked_at.is_empty() {
            return Ok(Vec::new());
        }
        let asked = Asked::under(known);
        let mut terms = vec![self.row_term(intent, Operation::Read, asked).await?];
        for field in looked_at {
            terms.push(
                self.field_term(intent, field, Operation::Read, asked)
                    .await?,
            );
        }
        for root in intent.condition.iter().flat_map(|it| it.roots()) {
            terms.push(self.reader_term(intent, root, asked).await?);
        }
        Ok(terms)
    }

    async fn row_term(
        &self,
        intent: Intent<'_>,
        operation: Operation,
        asked: Asked<'_>,
    ) -> Result<Term> {
        let verdict = self.rows(intent.collection, operation, asked).await?;
        self.note_rows(intent.collection, operation, &verdict);
        Ok(Term {
            operation,
            coordinate: self.coordinate(intent.collection),
            is_closed: self.closed().has(intent.collection),
            verdict,
        })
    }

    /// Who may see the field stored under this name; nobody may see what the model does not know.
    async fn reader_term(
        &self,
        intent: Intent<'_>,
        stored: &SmolStr,
        asked: Asked<'_>,
    ) -> Result<Term> {
        let collection = self.collection(intent.collection);
        match collection.shape.field_stored(stored) {
            Some(field) => self.field_term(intent, field, Operation::Read, asked).await,
            None => {
                let coordinate = format!("{}.{stored}", collection.type_name);
                Ok(Term {
                    operation: Operation::Read,
                    coordinate,
                    is_closed: false,
                    verdict: Verdict::Deny,
                })
            }
        }
    }

    async fn field_term(
        &self,
        intent: Intent<'_>,
        field: FieldIx,
        operation: Operation,
        asked: Asked<'_>,
    ) -> Result<Term> {
        let verdict = self
            .field(intent.collection, field, operation, asked)
            .await?;
        self.note_field(intent.collection, field, operation, &verdict);
        Ok(Term {
            operation,
            coordinate: self.field_coordinate(intent.collection, field),
            is_closed: false,
            verdict,
        })
    }
}

impl Permit {
    /// # Errors
    /// `Forbidden` if no document whatever can satisfy a decision.
    pub(super) fn refuse_outright(&self) -> Result<()> {
        let denied = self.terms.iter().find(|term| term.verdict == Verdict::Deny);
        denied.map_or(Ok(()), |term| Err(term.refusal()))
    }

    /// What decisions and the caller's condition demand of a document.
    pub(super) fn reach(&self) -> Filter {
        let decisions = self.terms.iter().map(|term| term.verdict.to_filter());
        decisions
            .chain([self.condition.clone(), self.pins.clone()])
            .fold(Filter::all(), Filter::and)
    }

    /// All that must hold in the moment of the write.
    pub(super) fn filter(&self) -> Filter {
        let guards = self.guards.iter().map(|guard| guard.filter.clone());
        guards.fold(self.reach(), Filter::and)
    }

    /// Why this document, **which the caller may see**, was not written.
    pub(super) fn refusal(&self, document: &Document) -> Error {
        let refused = self.terms.iter().find(|term| !term.verdict.holds(document));
        if let Some(term) = refused {
            return term.refusal();
        }
        if !self.condition.matches(document.fields()) {
            return Error::conflict("the document does not match `if`");
        }
        self.keeps_guards(document)
            .err()
            .unwrap_or_else(|| Error::conflict("the document was just changed; try again"))
    }

    /// # Errors
    /// `BadInput` naming every operator that this document does not bear.
    pub(super) fn keeps_guards(&self, document: &Document) -> Result<()> {
        let broken = |guard: &&Guard| !guard.filter.matches(document.fields());
        let problems: Vec<_> = self
            .guards
            .iter()
            .filter(broken)
            .map(|guard| guard.problem.clone())
            .collect();
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Error::BadInput { problems })
        }
    }
}

impl Term {
    fn refusal(&self) -> Error {
        Error::Forbidden {
            operation: oracle::name(self.operation),
            coordinate: self.coordinate.clone(),
            is_closed: self.is_closed,
        }
    }
}
