//! What somebody may see of some collections, as a text: callers with equal texts
//! can be shown the same.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::data::Filter;
use crate::model::{CollectionIx, FieldIx};

use super::decide::{self, Asked};
use super::error::Result;
use super::mask::Verdict;
use super::session::Session;
use super::{Closed, Operation};

/// What of a caller's decisions a live operation depends on. Two callers with equal sights see the same of it, as long
/// as neither sight is renewed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sight {
    decisions: String,
    /// Which of the collections were closed.
    closed: Closed,
}

impl Sight {
    /// Under what the decisions were made: whoever shows something to those who share the sight decides under it too.
    pub fn closed(&self) -> &Closed {
        &self.closed
    }
}

impl Session {
    /// The caller's read decisions on all documents and fields of these collections. Where one of them depends on the
    /// time or on other documents, the sight is the caller's own and shared with nobody else.
    ///
    /// A collection of which the caller may see nothing is no error: relations may lead there.
    ///
    /// # Errors
    /// `Unauthenticated`.
    pub async fn sight(&self, collections: &[CollectionIx]) -> Result<Sight> {
        self.admit()?;
        let collections: BTreeSet<CollectionIx> = collections.iter().copied().collect();
        let mut text = String::new();
        for &ix in &collections {
            push(&mut text, &ix.0.to_string());
            if decide::is_restless(self.collection(ix)) {
                // Such a decision holds for one moment, and for documents that a condition pins: it is never equal
                // to another's. Everything else about it follows from who asks.
                push(&mut text, &format!("{:?}", self.caller()));
            } else {
                self.push_decisions(&mut text, ix).await?;
            }
        }
        Ok(Sight {
            decisions: text,
            closed: self.closed().among(&collections),
        })
    }

    async fn push_decisions(&self, text: &mut String, ix: CollectionIx) -> Result<()> {
        let all = Filter::all();
        let asked = Asked::under(&all);
        let rows = self.rows(ix, Operation::Read, asked).await?;
        push(text, &canonical(&rows));
        let mask = self.mask_under(ix, asked).await?;
        for field in 0..self.collection(ix).shape.fields.len() {
            push(text, &canonical(mask.verdict(FieldIx(field))));
        }
        Ok(())
    }
}

/// No two verdicts that differ have the same text.
fn canonical(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Allow => "allow".to_owned(),
        Verdict::Deny => "deny".to_owned(),
        Verdict::Where(filter) => format!("where {}", filter.canonical()),
    }
}

/// Appends a part with its length before it, so that no two lists of parts make the same text.
fn push(text: &mut String, part: &str) {
    write!(text, "{}:{part}", part.len()).expect("a string takes any text");
}
