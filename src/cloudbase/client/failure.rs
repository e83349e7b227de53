//! What goes wrong below the protocols, in words for people: each says what to check.

use std::error::Error;
use std::io;
use std::time::Duration;

use super::request::Answer;
use crate::cloudbase::error::{self, Refusal};

/// Characters of a foreign answer that are told.
const EXCERPT: usize = 200;

/// Why a connection to `host` brought no answer. What is not about opening the connection leaves it open whether the
/// request was carried out.
pub(super) fn of_connection(error: &reqwest::Error, host: &str) -> error::Error {
    if error.is_builder() {
        return error::Error::Unable(
            "a request cannot be made: check that keys and tokens have no spaces or line breaks"
                .to_owned(),
        );
    }
    if !error.is_connect() {
        return error::Error::Lost(format!(
            "the connection to `{host}` broke before the answer was complete ({})",
            innermost(error)
        ));
    }
    error::Error::Unreachable(unreachable(error, host))
}

fn unreachable(error: &reqwest::Error, host: &str) -> String {
    let cause = innermost(error);
    let check = if causes(error).any(|cause| cause.to_string() == "dns error") {
        format!(
            "the name `{host}` does not resolve: check `CLOUDBASE_ENV_ID`, the region, and this machine's DNS"
        )
    } else if is_io(error, io::ErrorKind::ConnectionRefused) {
        format!(
            "`{host}` refuses connections: check the address, and that what should serve there runs"
        )
    } else if error.is_timeout() || is_io(error, io::ErrorKind::TimedOut) {
        format!("`{host}` did not accept a connection in time: check the network and firewalls")
    } else if is_io(error, io::ErrorKind::InvalidData) {
        format!(
            "no secure connection to `{host}`: check the address, and that nothing on the way replaces certificates"
        )
    } else {
        format!("no connection to `{host}`: check the address and the network")
    };
    format!("{check} ({cause})")
}

/// No answer within the time.
pub(super) fn too_slow(host: &str, time: Duration) -> error::Error {
    error::Error::Lost(format!(
        "`{host}` did not answer within {} ms: check the network, and whether the query has an index",
        time.as_millis()
    ))
}

/// An answer of more bytes than are read.
pub(super) fn too_large(max: usize) -> error::Error {
    error::Error::Malformed(format!(
        "it has more than {max} bytes: ask for fewer documents or fields at once"
    ))
}

/// Why an answer cannot be one of the protocols: all of these are JSON. `None`: it may be.
pub(super) fn foreign(answer: &Answer) -> Option<error::Error> {
    let is_success = (200..300).contains(&answer.status);
    let first = answer.body.iter().find(|byte| !byte.is_ascii_whitespace());
    match first {
        Some(b'{' | b'[') => return None,
        None if is_success => return None,
        _ => {}
    }
    let excerpt = excerpt(&answer.body);
    if is_success {
        return Some(error::Error::Malformed(format!(
            "it is no JSON but `{excerpt}`; check that the address is the cloud's and no proxy's"
        )));
    }
    let hint = match answer.status {
        300..400 => "a redirect, which is not followed: check the address",
        500.. => "a server on the way to the database failed",
        _ => "check the address, and that no proxy is in between",
    };
    Some(error::Error::Refused(Refusal {
        code: None,
        word: answer.status.to_string(),
        message: if excerpt.is_empty() {
            hint.to_owned()
        } else {
            format!("{hint}: `{excerpt}`")
        },
        request_id: None,
    }))
}

/// The beginning of a text of unknown origin, in one line.
fn excerpt(body: &[u8]) -> String {
    let start = &body[..body.len().min(4 * EXCERPT)];
    let text = String::from_utf8_lossy(start);
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    let plain = line.chars().filter(|c| !c.is_control());
    plain.take(EXCERPT).collect()
}

/// The innermost cause: what the operating system or the encryption says.
fn innermost(error: &reqwest::Error) -> String {
    let last = causes(error).last();
    last.map_or_else(|| "no cause told".to_owned(), ToString::to_string)
}

/// Why, from the outside in. Never the error itself: it names the address, with its query.
fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |cause| (*cause).source())
}

/// Whether the operating system, or the encryption in its guise, says this.
fn is_io(error: &reqwest::Error, kind: io::ErrorKind) -> bool {
    causes(error)
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .flat_map(|error| std::iter::successors(Some(error), |error| held(error)))
        .any(|error| error.kind() == kind)
}

/// The error of its own kind that an error holds, which does not count as its cause.
fn held(error: &io::Error) -> Option<&io::Error> {
    error.get_ref()?.downcast_ref()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn told(status: u16, body: &str) -> Option<String> {
        let body = Bytes::copy_from_slice(body.as_bytes());
        foreign(&Answer { status, body }).map(|error| error.to_string())
    }

    #[test]
    fn what_is_no_json_is_refused_with_its_beginning() {
        for (status, body) in [
            (200, "{}"),
            (200, " \n[1]"),
            (204, ""),
            (404, r#"{"code":"X"}"#),
        ] {
            assert_eq!(told(status, body), None, "{body}");
        }
        let page = format!("<html>\n  <h1>Bad\u{7} Gateway</h1>{}", "x".repeat(1_000));
        let text = told(502, &page).expect("it is foreign");
        assert!(
            text.contains("502") && text.contains("<html> <h1>Bad Gateway</h1>xxx"),
            "{text}"
        );
        assert!(text.len() < 400, "{text}");
        assert!(told(503, "").expect("it is foreign").contains("503"));
        assert!(told(302, "").expect("it is foreign").contains("redirect"));
        assert!(
            told(200, "<html>")
                .expect("it is foreign")
                .contains("proxy")
        );
        assert!(told(200, "\u{feff}").is_some());
    }
}
