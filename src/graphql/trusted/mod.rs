//! Documents that are asked for by the hash of their text, and which of them a caller may ask for.
//!
//! Those that the operator registered (`manifest.rs` reads lists of them), and those that clients were let remember
//! (automatic persisted queries). The latter spare the way of a text, no more: nobody vouches for them.
//!
//! What it is not: it does not know whether a document fits the API, and reads no files.

mod id;
mod manifest;

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};

use super::error::{Code, Error};
use super::executor::Request;
use super::kept::Kept;

pub use self::id::DocumentId;
pub use self::manifest::{Document, read as read_manifest};

/// Memory that texts which clients sent may take, in bytes.
const REMEMBERED_MAX: usize = 16 << 20;

/// What Apollo's clients look for, to send the text along.
const NOT_FOUND: &str = "PersistedQueryNotFound";

/// Which documents a caller may ask for. The first is the freest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum DocumentMode {
    #[default]
    Any,
    /// Registered ones, by id or by text.
    Trusted,
    /// Registered ones by their ids: a text alone is refused.
    Strict,
}

/// The registered documents.
#[derive(Clone, Debug, Default)]
pub struct Trusted {
    texts: HashMap<DocumentId, Arc<str>>,
}

impl Trusted {
    /// Each is known by the hash of its text, and by that without blanks around it: files end with a line feed that
    /// what builds clients leaves out.
    pub fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let both = texts.into_iter().flat_map(|text| [text, text.trim()]);
        Self {
            texts: both
                .map(|text| (DocumentId::of(text), text.into()))
                .collect(),
        }
    }
}

/// Texts by their ids, newest first.
type Remembered = Kept<(DocumentId, Arc<str>)>;

/// Finds the document that a request means.
#[derive(Debug)]
pub(super) struct Documents {
    trusted: Trusted,
    /// What clients sent, if it is to be remembered. A plain lock: it is held for one look-up.
    remembered: Option<Mutex<Remembered>>,
    hasher: RandomState,
}

impl Documents {
    pub(super) fn new(trusted: Trusted, automatic: bool) -> Self {
        Self {
            trusted,
            remembered: automatic.then(|| Mutex::new(Kept::new(REMEMBERED_MAX))),
            hasher: RandomState::new(),
        }
    }

    /// Puts the text in place that a request means by an id. Gives the id of a text that may be remembered, once it is
    /// known to be a document of this API.
    ///
    /// # Errors
    /// `PERSISTED_QUERY_NOT_FOUND` for an id that is unknown here, `BAD_USER_INPUT` for one that is not of the text it
    /// comes with, `FORBIDDEN` for a text that this caller may not send: the same for every such text, looked at no
    /// further.
    pub(super) fn resolve(
        &self,
        request: &mut Request,
        mode: DocumentMode,
    ) -> Result<Option<DocumentId>, Error> {
        let given = request.document_id;
        if let Some(id) = given
            && request.query.is_empty()
        {
            let text = self.find(id, mode);
            let text = text.ok_or_else(|| Error::new(Code::PersistedQueryNotFound, NOT_FOUND))?;
            text.as_ref().clone_into(&mut request.query);
            return Ok(None);
        }
        let of_text = (given.is_some() || mode == DocumentMode::Trusted)
            .then(|| DocumentId::of(&request.query));
        if given.is_some() && given != of_text {
            let message = "the document's id is not the SHA-256 of the text it comes with: send one of them, or the text exactly as it was hashed";
            return Err(Error::new(Code::BadUserInput, message));
        }
        let registered = of_text.is_some_and(|id| self.trusted.texts.contains_key(&id));
        match mode {
            DocumentMode::Any => Ok(given.filter(|_| !registered)),
            _ if registered => Ok(None),
            _ => Err(refusal(mode)),
        }
    }

    /// Who may ask for registered documents only does not get others by an id either.
    fn find(&self, id: DocumentId, mode: DocumentMode) -> Option<Arc<str>> {
        if let Some(text) = self.trusted.texts.get(&id) {
            return Some(Arc::clone(text));
        }
        let remembered = self.remembered.as_ref();
        let remembered = remembered.filter(|_| mode == DocumentMode::Any)?;
        let mut remembered = remembered.lock().unwrap_or_else(PoisonError::into_inner);
        let (known, text) = remembered.get(self.hasher.hash_one(id))?;
        (*known == id).then(|| Arc::clone(text))
    }

    /// Remembers a text by its id, if texts are remembered; the oldest are forgotten.
    pub(super) fn remember(&self, id: DocumentId, text: &str) {
        if let Some(remembered) = &self.remembered {
            let mut remembered = remembered.lock().unwrap_or_else(PoisonError::into_inner);
            remembered.put(self.hasher.hash_one(id), (id, text.into()), text.len());
        }
    }
}

fn refusal(mode: DocumentMode) -> Error {
    let message = match mode {
        DocumentMode::Strict => {
            "only registered documents are answered here, by their ids: send `documentId` without `query`"
        }
        _ => {
            "only registered documents are answered here: send the text of one, or its `documentId`"
        }
    };
    Error::new(Code::Forbidden, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &str = "{ known }\n";
    const SENT: &str = "{ sent }";

    fn documents(automatic: bool) -> Documents {
        Documents::new(Trusted::of([KNOWN]), automatic)
    }

    /// What is run for a request with this id and this text, or the code of the refusal.
    fn resolved(
        documents: &Documents,
        mode: DocumentMode,
        id: Option<&str>,
        query: &str,
    ) -> Result<String, &'static str> {
        let mut request = Request {
            query: query.to_owned(),
            document_id: id.map(DocumentId::of),
            ..Request::default()
        };
        match documents.resolve(&mut request, mode) {
            Ok(Some(id)) => {
                documents.remember(id, &request.query);
                Ok(request.query)
            }
            Ok(None) => Ok(request.query),
            Err(error) => Err(error.code.as_str()),
        }
    }

    #[test]
    fn each_mode_has_its_documents() {
        const NOT_FOUND: Result<&str, &str> = Err("PERSISTED_QUERY_NOT_FOUND");
        const FORBIDDEN: Result<&str, &str> = Err("FORBIDDEN");
        const MISMATCH: Result<&str, &str> = Err("BAD_USER_INPUT");
        let trimmed = KNOWN.trim();
        for (id, query, [any, trusted, strict]) in [
            (Some(KNOWN), "", [Ok(KNOWN); 3]),
            (Some(trimmed), "", [Ok(trimmed); 3]),
            (Some(KNOWN), KNOWN, [Ok(KNOWN); 3]),
            (Some(KNOWN), trimmed, [MISMATCH; 3]),
            (Some(SENT), KNOWN, [MISMATCH; 3]),
            (Some(SENT), "", [NOT_FOUND; 3]),
            (Some(SENT), SENT, [Ok(SENT), FORBIDDEN, FORBIDDEN]),
            (None, KNOWN, [Ok(KNOWN), Ok(KNOWN), FORBIDDEN]),
            (None, trimmed, [Ok(trimmed), Ok(trimmed), FORBIDDEN]),
            (None, SENT, [Ok(SENT), FORBIDDEN, FORBIDDEN]),
            (None, "", [Ok(""), FORBIDDEN, FORBIDDEN]),
        ] {
            for (mode, expected) in [
                (DocumentMode::Any, any),
                (DocumentMode::Trusted, trusted),
                (DocumentMode::Strict, strict),
            ] {
                let is = resolved(&documents(false), mode, id, query);
                assert_eq!(is, expected.map(str::to_owned), "{mode:?} {id:?} {query:?}");
            }
        }
    }

    #[test]
    fn what_clients_sent_is_remembered_for_those_who_may_send_anything() {
        let (off, on) = (documents(false), documents(true));
        for (documents, mode, known) in [
            (&off, DocumentMode::Any, false),
            (&on, DocumentMode::Any, true),
            (&on, DocumentMode::Trusted, false),
            (&on, DocumentMode::Strict, false),
        ] {
            resolved(documents, DocumentMode::Any, Some(SENT), SENT).expect("a text");
            let by_id = resolved(documents, mode, Some(SENT), "");
            assert_eq!(by_id.is_ok(), known, "{mode:?}");
        }
        let texts = |text| resolved(&on, DocumentMode::Trusted, None, text);
        assert_eq!(texts(SENT), Err("FORBIDDEN"));
    }

    #[test]
    fn the_freest_mode_is_the_least() {
        assert!(DocumentMode::Any < DocumentMode::Trusted);
        assert!(DocumentMode::Trusted < DocumentMode::Strict);
    }
}
