//! Which media type an answer is written in, from `Accept`.

use axum::http::{HeaderMap, HeaderValue, header};

/// The media types of answers (GraphQL over HTTP, 4.1; GraphQL over Server-Sent Events).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MediaType {
    /// `application/json`: a well-formed request is answered with 200, whatever became of it.
    Json,
    /// `application/graphql-response+json`: the status says whether the operation ran.
    GraphqlResponse,
    /// `text/event-stream`: a well-formed request is answered with 200, and its results are events.
    EventStream,
}

impl MediaType {
    pub(super) fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            MediaType::Json => "application/json; charset=utf-8",
            MediaType::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            MediaType::EventStream => "text/event-stream; charset=utf-8",
        })
    }

    /// What a refusal is written in: where no stream began, there is only an error to read.
    pub(super) fn of_refusals(self) -> Self {
        match self {
            MediaType::EventStream => MediaType::Json,
            MediaType::Json | MediaType::GraphqlResponse => self,
        }
    }

    /// The types that a range such as `application/*` names; JSON is meant by an open one.
    fn named_by(range: &str) -> Option<Self> {
        match range {
            "application/json" | "application/*" | "*/*" => Some(MediaType::Json),
            "application/graphql-response+json" => Some(MediaType::GraphqlResponse),
            "text/event-stream" => Some(MediaType::EventStream),
            _ => None,
        }
    }
}

/// The type the client likes best; the first of equals. Without `Accept` it is
/// JSON, for the clients from before the specification. `None`: none of them is accepted.
pub(super) fn media_type(headers: &HeaderMap) -> Option<MediaType> {
    let mut best: Option<(u16, MediaType)> = None;
    let mut asked = false;
    for range in headers.get_all(header::ACCEPT) {
        let Ok(ranges) = range.to_str() else { continue };
        for (weight, media_type) in ranges.split(',').filter_map(|range| {
            asked |= !range.trim().is_empty();
            accepted(range)
        }) {
            if best.is_none_or(|(most, _)| weight > most) {
                best = Some((weight, media_type));
            }
        }
    }
    match best {
        Some((_, media_type)) => Some(media_type),
        None => (!asked).then_some(MediaType::Json),
    }
}

/// One range with its weight in thousandths, if it names a type of ours in UTF-8 and is not refused with `q=0`.
fn accepted(range: &str) -> Option<(u16, MediaType)> {
    let mut parts = range.split(';').map(str::trim);
    let media_type = MediaType::named_by(&parts.next()?.to_ascii_lowercase())?;
    let mut weight = 1000;
    for parameter in parts {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            "q" => weight = thousandths(value.trim())?,
            "charset" if !is_utf8(value) => return None,
            _ => {}
        }
    }
    (weight > 0).then_some((weight, media_type))
}

/// Whether a `charset` parameter means UTF-8.
pub(super) fn is_utf8(charset: &str) -> bool {
    let charset = charset.trim().trim_matches('"');
    charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8")
}

/// A weight such as `0.75`, with at most three decimals.
fn thousandths(weight: &str) -> Option<u16> {
    let (whole, decimals) = weight.split_once('.').unwrap_or((weight, ""));
    let digits = decimals.len() <= 3 && decimals.bytes().all(|digit| digit.is_ascii_digit());
    let fraction: u16 = format!("{decimals:0<3}").parse().ok()?;
    match whole {
        "0" if digits => Some(fraction),
        "1" if digits && fraction == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn negotiated(accept: &str) -> Option<MediaType> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().expect("a header value"));
        media_type(&headers)
    }

    #[test]
    fn the_best_liked_type_wins() {
        use MediaType::{EventStream, GraphqlResponse, Json};
        for (accept, expected) in [
            ("application/json", Some(Json)),
            ("application/json; charset=utf-8", Some(Json)),
            ("application/json; charset=\"UTF-8\"", Some(Json)),
            ("application/json; charset=latin1", None),
            ("application/graphql-response+json", Some(GraphqlResponse)),
            (
                "application/graphql-response+json, application/json;q=0.9",
                Some(GraphqlResponse),
            ),
            (
                "application/graphql-response+json;q=0.5, application/json;q=0.51",
                Some(Json),
            ),
            (
                "application/json, application/graphql-response+json",
                Some(Json),
            ),
            ("application/json;q=0, */*", Some(Json)),
            ("*/*", Some(Json)),
            (
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                Some(Json),
            ),
            ("APPLICATION/JSON", Some(Json)),
            ("text/event-stream", Some(EventStream)),
            ("text/event-stream, */*;q=0.1", Some(EventStream)),
            ("text/event-stream, multipart/mixed", Some(EventStream)),
            (
                "application/graphql-response+json, application/json, text/event-stream",
                Some(GraphqlResponse),
            ),
            ("text/*", None),
            ("text/html", None),
            ("application/json;q=0", None),
            ("application/json;q=nonsense", None),
            ("", Some(Json)),
        ] {
            assert_eq!(negotiated(accept), expected, "{accept}");
        }
    }

    #[test]
    fn no_accept_is_json() {
        assert_eq!(media_type(&HeaderMap::new()), Some(MediaType::Json));
    }
}
