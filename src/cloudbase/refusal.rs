//! Reading refusals, and telling those apart whose code does not.

use super::Code;
use super::answer::Members;
use super::error::{Error, Refusal};

/// The longest text of the upstream's that goes into an error, in characters.
const MAX_TEXT: usize = 300;

/// The refusal that an answer is: by its status, or by a member `code`, which on `/admin` comes with status 200.
pub(super) fn read(status: u16, members: Option<&Members<'_>>) -> Option<Refusal> {
    let word = members.and_then(|members| members.word("code"));
    if word.is_none() && (200..300).contains(&status) {
        return None;
    }
    let text = |name| members.and_then(|members| members.text(name));
    let code = word.as_deref().and_then(Code::parse);
    let mut message = text("message").unwrap_or_else(|| format!("HTTP status {status}"));
    let word = match word {
        // What a code means that we do not know is told by the status: whether something was carried out may be open.
        Some(word) if code.is_none() && matches!(status, 408 | 429 | 500..) => {
            message = format!("{word}: {message}");
            status.to_string()
        }
        Some(word) => word,
        None => status.to_string(),
    };
    Some(Refusal {
        code,
        word: shortened(&word),
        message: shortened(without_values(&message)),
        request_id: text("requestId").map(|id| shortened(&id)),
    })
}

/// The database's message of a duplicate key ends with the key itself, and others with the document or the part of it
/// that something does not fit (`Cannot create field 'b' in element {a: "…"}`); that may not be logged.
fn without_values(message: &str) -> &str {
    let ends = ["dup key:", "{"].map(|sign| message.find(sign));
    match ends.into_iter().flatten().min() {
        Some(at) => message[..at].trim_end(),
        None => message,
    }
}

/// As much of a text of the upstream's as goes into an error.
pub(super) fn shortened(text: &str) -> String {
    text.chars().take(MAX_TEXT).collect()
}

/// The refusal to create a collection that is there, by its code. The cloud documents that code for REST only;
/// elsewhere the text says it.
pub(super) fn of_creation(error: Error) -> Error {
    match error {
        Error::Refused(refusal) if says_that_it_exists(&refusal) => Error::Refused(Refusal {
            code: Some(Code::DatabaseCollectionAlreadyExist),
            ..refusal
        }),
        other => other,
    }
}

fn says_that_it_exists(refusal: &Refusal) -> bool {
    let message = refusal.message.to_lowercase();
    let may_mean_it = matches!(refusal.code, None | Some(Code::DatabaseRequestFailed));
    may_mean_it && message.contains("exist") && !message.contains("not exist")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloudbase::client::Answer;

    fn refused(status: u16, body: &str) -> Option<Refusal> {
        let answer = Answer {
            status,
            body: bytes::Bytes::copy_from_slice(body.as_bytes()),
        };
        match Members::of(&answer) {
            Err(Error::Refused(refusal)) => Some(refusal),
            _ => None,
        }
    }

    #[test]
    fn a_refusal_has_a_code_or_a_status() {
        let busy = Some(Code::ExceedRequestLimit);
        for (status, body, expected) in [
            (200, "{}", None),
            (201, r#"{"code":null}"#, None),
            (
                200,
                r#"{"code":"SYS_ERR"}"#,
                Some((Some(Code::SysErr), "SYS_ERR")),
            ),
            (200, r#"{"code":"NEW","data":{}}"#, Some((None, "NEW"))),
            (200, r#"{"code":-501}"#, Some((None, "-501"))),
            (
                422,
                r#"{"code":"EXCEED_REQUEST_LIMIT"}"#,
                Some((busy, "EXCEED_REQUEST_LIMIT")),
            ),
            // Whether that was carried out only the status tells.
            (504, r#"{"code":"A_CODE_OF_TOMORROW"}"#, Some((None, "504"))),
            (
                400,
                r#"{"code":"A_CODE_OF_TOMORROW"}"#,
                Some((None, "A_CODE_OF_TOMORROW")),
            ),
            (503, "<html>", Some((None, "503"))),
            (502, "", Some((None, "502"))),
            (302, "{}", Some((None, "302"))),
            (404, r#"{"code":{}}"#, Some((None, "404"))),
        ] {
            let found = refused(status, body);
            let found = found.as_ref().map(|it| (it.code, it.word.as_str()));
            assert_eq!(found, expected, "{status} {body}");
        }
    }

    #[test]
    fn a_message_is_short_and_has_no_values() {
        let long = "x".repeat(10_000);
        for (message, expected) in [
            ("no", "no"),
            (
                r#"E11000 duplicate key error collection: todos index: slug_1 dup key: { slug: \"secret\" }"#,
                "E11000 duplicate key error collection: todos index: slug_1",
            ),
            (
                r#"Cannot create field 'b' in element {a: \"secret\"}"#,
                "Cannot create field 'b' in element",
            ),
            (&long, &long[..MAX_TEXT]),
        ] {
            let body = format!(r#"{{"code":"{long}","message":"{message}","requestId":"r1"}}"#);
            let refusal = refused(400, &body).expect("a refusal");
            assert_eq!(refusal.message, expected);
            assert_eq!(refusal.request_id.as_deref(), Some("r1"));
            assert_eq!(refusal.word.len(), MAX_TEXT);
        }
    }

    #[test]
    fn a_collection_that_is_there_is_told_by_code_or_text() {
        for (code, message, exists) in [
            ("DATABASE_COLLECTION_ALREADY_EXIST", "", true),
            (
                "DATABASE_REQUEST_FAILED",
                "[FailedOperation.CreateTable] table already exists",
                true,
            ),
            ("ResourceExist", "Table exist", true),
            ("DATABASE_REQUEST_FAILED", "Db or Table not exist", false),
            (
                "DATABASE_PERMISSION_DENIED",
                "the key exists, but may not",
                false,
            ),
            ("DATABASE_COLLECTION_EXCEED_LIMIT", "too many exist", false),
        ] {
            let body = format!(r#"{{"code":"{code}","message":"{message}"}}"#);
            let refusal = refused(400, &body).expect("a refusal");
            let code = of_creation(Error::Refused(refusal)).code();
            let found = code == Some(Code::DatabaseCollectionAlreadyExist);
            assert_eq!(found, exists, "{body}");
        }
    }
}
