//! Why a caller may or may not do something: for the operator's command line.
//!
//! It tells values of documents to whoever asks, so nothing that serves
//! requests may call it.

use std::fmt;

use smol_str::SmolStr;

use crate::access::{self, Decision, Explanation};
use crate::data::{Document, Filter, Identity};
use crate::model::{CollectionIx, FieldIx};

use super::super::Operation;
use super::super::decide::{self, Answer, Asked};
use super::super::error::{Error, Result};
use super::super::oracle;
use super::super::session::Session;

/// May the caller do this with documents of a collection, or with one field of them?
#[derive(Clone, Debug)]
pub struct Question {
    pub collection: CollectionIx,
    pub field: Option<FieldIx>,
    pub operation: Operation,
    /// With which document; without, the answer is a condition on documents.
    pub id: Option<SmolStr>,
}

/// The answer to a [`Question`], clause by clause.
#[derive(Clone, Debug)]
pub struct Explained {
    /// `openid:demo-alice, roles: none: read of Order order-1`
    subject: String,
    /// On the given document, all clauses together.
    allowed: Option<bool>,
    parts: Vec<(String, Explanation)>,
}

impl Session {
    /// Explains what the caller may do. `request.data` is nothing here: a rule that looks at it says so.
    ///
    /// # Errors
    /// `NotFound` if there is no such document, `BadInput` for a document that is yet to be created.
    pub async fn explain_access(&self, question: &Question) -> Result<Explained> {
        let document = match &question.id {
            Some(_) if question.operation == Operation::Create => {
                return Err(Error::bad_input("id", "a create has no document yet"));
            }
            Some(id) => Some(self.known(question.collection, id).await?),
            None => None,
        };
        let collection = self.collection(question.collection);
        let condition = match &document {
            Some(document) => decide::pinned(collection, document),
            None => Filter::all(),
        };
        let asked = Asked::under(&condition);
        let fields = document.as_ref().map(|document| document.fields());
        let operation = question.operation;
        let rows = self
            .explanation(asked, |cx| {
                let settings = self.settings(question.collection);
                access::explain_rows(&collection.policy, operation, cx, settings, fields)
            })
            .await?;
        let mut parts = vec![(collection.type_name.to_string(), rows)];
        if let Some(ix) = question.field {
            let field = collection.shape.field(ix);
            let explanation = self
                .explanation(asked, |cx| {
                    access::explain_field(&field.policy, operation, cx, fields)
                })
                .await?;
            let coordinate = format!("{}.{}", collection.type_name, field.name);
            parts.push((coordinate, explanation));
        }
        Ok(Explained {
            subject: self.subject(question),
            allowed: document.map(|document| parts.iter().all(|(_, it)| allows(it, &document))),
            parts,
        })
    }

    async fn explanation(
        &self,
        asked: Asked<'_>,
        explain: impl Fn(&crate::access::Context<'_>) -> Explanation + Send + Sync,
    ) -> Result<Explanation> {
        let ask = |cx: &crate::access::Context<'_>| -> Answer<Explanation> {
            let explanation = explain(cx);
            match explanation.decision {
                Decision::Need(references) => Err(references),
                _ => Ok(explanation),
            }
        };
        let answer = self.answer(asked, ask).await?;
        answer.ok_or_else(|| Error::Limit {
            message: "a rule asks for documents more than twice, which is a denial".to_owned(),
        })
    }

    async fn known(&self, collection: CollectionIx, id: &str) -> Result<std::sync::Arc<Document>> {
        let ids = crate::data::DocId::spelled_by(id);
        let found = self.locate(collection, &ids).await?;
        found.ok_or_else(|| self.not_found(collection))
    }

    fn subject(&self, question: &Question) -> String {
        let caller = self.caller();
        let who = match &caller.identity {
            Identity::None => "not signed in".to_owned(),
            Identity::User(user) => user.principal.to_string(),
        };
        let roles: Vec<&str> = caller.roles.iter().map(|role| role.as_str()).collect();
        let roles = if roles.is_empty() {
            "no roles".to_owned()
        } else {
            format!("roles {}", roles.join(", "))
        };
        let operation = oracle::name(question.operation);
        let collection = self.collection(question.collection);
        let mut subject = format!("{who} ({roles}): {operation} {}", collection.type_name);
        if let Some(field) = question.field {
            subject = format!("{subject}.{}", collection.shape.field(field).name);
        }
        if let Some(id) = &question.id {
            subject = format!("{subject} `{id}`");
        }
        subject
    }
}

/// Whether a part of the answer allows the operation on this document. A field that inherits asks nothing more.
fn allows(explanation: &Explanation, document: &Document) -> bool {
    match &explanation.decision {
        _ if explanation.inherits => true,
        Decision::Allow => true,
        Decision::Where(filter) => filter.matches(document.fields()),
        Decision::Deny | Decision::Need(_) => false,
    }
}

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.subject)?;
        match self.allowed {
            Some(true) => writeln!(f, ": allowed")?,
            Some(false) => writeln!(f, ": denied")?,
            None => writeln!(f)?,
        }
        for (coordinate, explanation) in &self.parts {
            write!(f, "\n{coordinate}: {explanation}")?;
        }
        Ok(())
    }
}
