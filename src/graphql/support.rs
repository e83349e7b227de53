//! Support codes. Who is not staff is told of a refusal no more than that, and a code; staff find under the code who was
//! refused what, and why.
//!
//! A case is what was refused in one answer: never a document, a variable or anything that proves somebody. Each process
//! keeps its latest cases; in the log there is a line of each, so that those of others can be found as well.
//!
//! What it is not: events of subscriptions are shared by all who see the same, and carry no codes.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value as Json, json};
use smol_str::SmolStr;

use super::error::{Code, Error, Segment};
use super::executor::{Executor, Request, Response, refused};
use super::permissions;
use super::trusted::DocumentId;
use crate::data::{Caller, Principal, timestamp};
use crate::gateway::{Operation, Part, Rate, Throttle};
use crate::model::Model;

/// Cases that are kept; the oldest goes.
const CASES_MAX: usize = 1024;
/// Cases of one caller among them, so that nobody can make those of others go. All who are not signed in are one.
const CASES_OF_ONE_MAX: usize = 64;
/// Different refusals that are kept of one answer.
const REFUSALS_MAX: usize = 10;
/// How much of a text that clients write is kept, in characters.
const TEXT_MAX: usize = 200;

/// Lines of the log for each caller.
const LINES: Rate = Rate {
    per_second: NonZeroU32::MIN,
    burst: NonZeroU32::new(10).expect("not zero"),
};

/// Digits and letters that nobody takes for one another (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// The length of a code: 60 bits, which nobody finds by trying.
const CODE_LEN: usize = 12;

/// An operation, as far as cases tell of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) document: &'a str,
    pub(super) name: Option<&'a str>,
}

impl<'a> From<&'a Request> for Asked<'a> {
    fn from(request: &'a Request) -> Self {
        Self {
            document: &request.query,
            name: request.operation_name.as_deref(),
        }
    }
}

/// The cases of this process.
#[derive(Debug, Default)]
pub(super) struct Support {
    /// The oldest first. A plain lock: it is held for a look at all of them.
    cases: Mutex<VecDeque<Arc<Case>>>,
    lines: Throttle<Option<Principal>>,
}

/// What was refused in one answer.
#[derive(Debug)]
struct Case {
    code: SmolStr,
    /// Milliseconds since 1970.
    at: i64,
    caller: Arc<Caller>,
    operation: Option<String>,
    /// The document's hash.
    document: String,
    refusals: Vec<Refusal>,
    /// Errors that are not among `refusals`, of which there were too many.
    omitted: usize,
}

/// Errors of one answer that say the same.
#[derive(Debug)]
struct Refusal {
    /// Where in the answer the first of them was.
    path: String,
    count: usize,
    operation: Option<String>,
    coordinate: Option<String>,
    message: String,
}

impl Executor {
    /// An answer that says why there is none.
    pub(super) fn refuse(
        &self,
        mut errors: Vec<Error>,
        asked: Asked<'_>,
        caller: &Arc<Caller>,
    ) -> Response {
        self.note_refusals(&mut errors, asked, caller);
        refused(&errors)
    }

    /// Gives a code to what an answer refuses to somebody who is not staff, and keeps what the code stands for.
    pub(super) fn note_refusals(
        &self,
        errors: &mut [Error],
        asked: Asked<'_>,
        caller: &Arc<Caller>,
    ) {
        let is_refusal = |error: &Error| error.code == Code::Forbidden;
        if caller.is_staff() || !errors.iter().any(is_refusal) {
            return;
        }
        let Some(code) = new_code() else {
            return;
        };
        let mut case = Case::new(code, self.gateway().now(), caller, asked);
        for error in errors.iter_mut().filter(|error| is_refusal(error)) {
            case.add(error);
            error.details.push(("support", case.code.as_str().into()));
        }
        self.support.keep(case);
    }

    /// What staff are told under a support code, however it was written down. `None`: this process did not give it, or
    /// has forgotten the case. What decided is told by what is decided now about the caller as they were then.
    pub fn support_case(&self, code: &str) -> Option<Json> {
        let case = self.support.find(&normal(code)?)?;
        let session = self.gateway().session(Arc::clone(&case.caller));
        let model = self.gateway().model();
        let refusals = case.refusals.iter().map(|refusal| {
            let parts = refusal.parts(model);
            let told: Vec<_> = session.permissions(parts).take(1).collect();
            let mut told = permissions::to_json(&told);
            json!({
                "path": refusal.path,
                "count": refusal.count,
                "operation": refusal.operation,
                "coordinate": refusal.coordinate,
                "message": refusal.message,
                "permission": told.get_mut(0).map(Json::take),
            })
        });
        Some(json!({
            "support": case.code.as_str(),
            "at": timestamp::format(case.at),
            "principal": case.principal().map(Principal::as_str),
            "operationName": case.operation,
            "document": case.document,
            "refusals": refusals.collect::<Vec<_>>(),
            "omitted": case.omitted,
        }))
    }
}

impl Support {
    fn keep(&self, case: Case) {
        if self.lines.pass(case.principal().cloned(), LINES).is_ok() {
            case.log();
        }
        let mut cases = self.cases.lock().unwrap_or_else(PoisonError::into_inner);
        let is_theirs = |kept: &Arc<Case>| kept.principal() == case.principal();
        let theirs = cases.iter().filter(|kept| is_theirs(kept)).count();
        if theirs >= CASES_OF_ONE_MAX {
            let oldest = cases.iter().position(is_theirs);
            oldest.and_then(|at| cases.remove(at));
        } else if cases.len() >= CASES_MAX {
            cases.pop_front();
        }
        cases.push_back(Arc::new(case));
    }

    fn find(&self, code: &str) -> Option<Arc<Case>> {
        let cases = self.cases.lock().unwrap_or_else(PoisonError::into_inner);
        cases.iter().find(|case| case.code == code).cloned()
    }
}

impl Case {
    fn new(code: SmolStr, at: i64, caller: &Arc<Caller>, asked: Asked<'_>) -> Self {
        Self {
            code,
            at,
            caller: Arc::clone(caller),
            operation: asked.name.map(cut),
            document: DocumentId::of(asked.document).to_string(),
            refusals: Vec::new(),
            omitted: 0,
        }
    }

    fn principal(&self) -> Option<&Principal> {
        self.caller.signed_in().map(|user| &user.principal)
    }

    fn add(&mut self, error: &Error) {
        let refusal = Refusal::of(error);
        let is_full = self.refusals.len() >= REFUSALS_MAX;
        let same = self.refusals.iter_mut().find(|kept| kept.is_as(&refusal));
        match same {
            Some(same) => same.count += 1,
            None if is_full => self.omitted += 1,
            None => self.refusals.push(refusal),
        }
    }

    fn log(&self) {
        let refused = self.refusals.iter().map(|refusal| {
            let parts = [&refusal.operation, &refusal.coordinate];
            let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
            parts.join(" ")
        });
        tracing::info!(
            target: "support",
            code = self.code.as_str(),
            principal = self.principal().map(Principal::as_str),
            operation = self.operation,
            document = self.document,
            refused = refused.collect::<Vec<_>>().join(", "),
            "a caller was refused"
        );
    }
}

impl Refusal {
    fn of(error: &Error) -> Self {
        Self {
            path: cut(&path(&error.path)),
            count: 1,
            operation: error.detail("operation").map(str::to_owned),
            coordinate: error.detail("coordinate").map(str::to_owned),
            message: cut(&error.message),
        }
    }

    /// Whether the other says the same, of another place.
    fn is_as(&self, other: &Self) -> bool {
        self.coordinate == other.coordinate
            && self.operation == other.operation
            && self.message == other.message
    }

    /// What was refused, and then the documents that it is of: about a field that nothing is said of they decide.
    fn parts(&self, model: &Model) -> Vec<Part> {
        let (Some(coordinate), Some(operation)) = (&self.coordinate, self.operation()) else {
            return Vec::new();
        };
        let (type_name, field) = match coordinate.split_once('.') {
            Some((type_name, field)) => (type_name, Some(field)),
            None => (coordinate.as_str(), None),
        };
        let mut collections = model.collections.iter();
        let collection = collections.find(|collection| collection.type_name == type_name);
        let collection = collection.and_then(|it| model.collection_named(it.name.as_str()));
        let Some(collection) = collection else {
            return Vec::new();
        };
        let field = field.and_then(|name| model.collection(collection).shape.field_named(name));
        let fields = field.into_iter().map(Some);
        fields
            .chain([None])
            .map(|field| Part {
                collection,
                field,
                operation,
            })
            .collect()
    }

    fn operation(&self) -> Option<Operation> {
        match self.operation.as_deref()? {
            "read" => Some(Operation::Read),
            "create" => Some(Operation::Create),
            "update" => Some(Operation::Update),
            "delete" => Some(Operation::Delete),
            _ => None,
        }
    }
}

/// A code that nobody has; `None` if there is no randomness, and a code could be guessed.
fn new_code() -> Option<SmolStr> {
    let mut random = [0; CODE_LEN];
    getrandom::fill(&mut random).ok()?;
    let letters = random.map(|byte| char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]));
    Some(letters.into_iter().collect())
}

/// The code that somebody means who read it or heard it; `None` if it cannot be one.
fn normal(text: &str) -> Option<String> {
    let is_fit = text.len() == CODE_LEN && text.is_ascii();
    let letter = |letter: char| match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        letter => letter,
    };
    is_fit.then(|| text.chars().map(letter).collect())
}

/// `items.nodes.0.cost`
fn path(segments: &[Segment]) -> String {
    let texts = segments.iter().map(|segment| match segment {
        Segment::Key(key) => key.to_string(),
        Segment::Index(index) => index.to_string(),
    });
    texts.collect::<Vec<_>>().join(".")
}

fn cut(text: &str) -> String {
    text.chars().take(TEXT_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: Asked<'_> = Asked {
        document: "{ a }",
        name: None,
    };

    fn case(code: &str, principal: &str) -> Case {
        let user = Principal::parse(principal).unwrap().to_user();
        Case::new(code.into(), 0, &Arc::new(Caller::user(user)), ASKED)
    }

    #[test]
    fn the_oldest_cases_go() {
        let support = Support::default();
        for n in 0..=CASES_MAX {
            support.keep(case(&format!("c{n}"), &format!("openid:{n}")));
        }
        assert_eq!(support.cases.lock().unwrap().len(), CASES_MAX);
        assert!(support.find("c0").is_none());
        assert!(support.find("c1").is_some());
    }

    #[test]
    fn nobody_makes_the_cases_of_others_go() {
        let support = Support::default();
        support.keep(case("other", "openid:other"));
        for n in 0..2 * CASES_MAX {
            support.keep(case(&format!("c{n}"), "openid:loud"));
        }
        assert_eq!(support.cases.lock().unwrap().len(), 1 + CASES_OF_ONE_MAX);
        assert!(support.find("other").is_some());
        assert!(
            support
                .find(&format!("c{}", 2 * CASES_MAX - CASES_OF_ONE_MAX))
                .is_some()
        );
    }

    #[test]
    fn a_case_is_small_whatever_was_refused() {
        let mut case = case("c", "openid:a");
        for n in 0..2 * REFUSALS_MAX {
            let path = vec![Segment::Key("p".repeat(2 * TEXT_MAX).into())];
            let error = Error::new(Code::Forbidden, format!("m{n}{}", "é".repeat(2 * TEXT_MAX)));
            case.add(&error.on_path(path));
        }
        case.add(&Error::new(
            Code::Forbidden,
            format!("m0{}", "é".repeat(2 * TEXT_MAX)),
        ));
        assert_eq!(
            (case.refusals.len(), case.omitted),
            (REFUSALS_MAX, REFUSALS_MAX)
        );
        assert_eq!(case.refusals[0].count, 2);
        for refusal in &case.refusals {
            assert_eq!(refusal.path.len(), TEXT_MAX);
            assert_eq!(refusal.message.chars().count(), TEXT_MAX);
        }
    }

    #[test]
    fn codes_are_different_and_found_as_people_write_them() {
        let codes: std::collections::HashSet<_> = (0..100).map(|_| new_code().unwrap()).collect();
        assert_eq!(codes.len(), 100);
        for code in codes {
            assert_eq!(normal(&code.to_lowercase()).unwrap(), code);
        }
        assert_eq!(normal("o0iIlL1abcde").as_deref(), Some("0011111ABCDE"));
        for text in ["", "0", "0123456789ABC", "ééééé01"] {
            assert_eq!(normal(text), None, "{text}");
        }
    }
}
