//! An HTTP request becomes a GraphQL request, or is refused with a reason.

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Query;
use axum::http::{HeaderMap, Method, Uri, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::negotiate::is_utf8;
use super::refusal::Refusal;
use crate::graphql::{self, Allowed, DocumentId};

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The parameters of a GraphQL request, as both methods carry them.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Parameters {
    /// Empty if it is not sent: `document_id` is then.
    pub(super) query: String,
    pub(super) document_id: Option<DocumentId>,
    pub(super) operation_name: Option<String>,
    pub(super) variables: Map<String, Value>,
}

impl Parameters {
    /// The operation that is meant, if the transport carries its kind.
    pub(super) fn into_request(self, allowed: Allowed) -> graphql::Request {
        graphql::Request {
            query: self.query,
            document_id: self.document_id,
            operation_name: self.operation_name,
            variables: self.variables,
            allowed,
            ..graphql::Request::default()
        }
    }
}

/// Up to here a body needs no place among those that are read at one time.
const SMALL_BODY: u64 = 16 * 1024;

/// Whether a body is large, or does not say that it is not.
pub(super) fn is_large(body: &Body) -> bool {
    let most = body.size_hint().upper();
    most.is_none_or(|most| most > SMALL_BODY)
}

/// Reads the parameters of a request; of a body at most `max_body` bytes.
pub(super) async fn read(
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: Body,
    max_body: usize,
) -> Result<Parameters, Refusal> {
    match *method {
        Method::GET => from_uri(uri),
        Method::POST => {
            check_content_type(headers)?;
            from_json(&read_body(headers, body, max_body).await?)
        }
        _ => Err(Refusal::MethodNotAllowed),
    }
}

fn check_content_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let plain = headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .all(|coding| coding.as_bytes().eq_ignore_ascii_case(b"identity"));
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let json = types
        .next()
        .and_then(|value| value.to_str().ok())
        .is_some_and(is_json);
    if plain && json && types.next().is_none() {
        Ok(())
    } else {
        Err(Refusal::UnsupportedMediaType)
    }
}

/// `application/json`, in UTF-8 or silent about it.
fn is_json(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    let json = parts
        .next()
        .is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"));
    json && parts.all(|parameter| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        !name.trim().eq_ignore_ascii_case("charset") || is_utf8(value)
    })
}

async fn read_body(headers: &HeaderMap, body: Body, max: usize) -> Result<Bytes, Refusal> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| u64::try_from(max).is_ok_and(|max| length > max)) {
        return Err(Refusal::TooLarge { max });
    }
    match Limited::new(body, max).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Refusal::TooLarge { max }),
        Err(_) => Err(Refusal::Malformed(
            "the request's body could not be read to its end".to_owned(),
        )),
    }
}

/// The body of a POST. Unknown members are ignored, as the specification asks; a
/// member that is there twice is refused, since two readers could disagree.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object with `query`")]
struct Wire {
    query: Option<Value>,
    document_id: Option<Value>,
    operation_name: Option<Value>,
    variables: Option<Value>,
    extensions: Option<Value>,
}

fn from_json(body: &[u8]) -> Result<Parameters, Refusal> {
    // Editors of some systems begin files with it.
    let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    match body.trim_ascii_start().first() {
        None => {
            return Err(malformed(
                "the request's body is empty: send a JSON object with `query`",
            ));
        }
        Some(b'[') => {
            return Err(malformed(
                "batches are not taken: send one request, a JSON object with `query`",
            ));
        }
        Some(_) => {}
    }
    let wire: Wire = serde_json::from_slice(body).map_err(|error| {
        let kind = if error.is_data() {
            "the request's body is not a GraphQL request"
        } else {
            "the request's body cannot be read as JSON"
        };
        Refusal::Malformed(format!("{kind}: {error}"))
    })?;
    wire.parameters()
}

/// The payload of a socket's `subscribe`: as a body, and read from one already.
pub(super) fn from_payload(payload: Map<String, Value>) -> Result<Parameters, Refusal> {
    Wire::deserialize(Value::Object(payload))
        .map_err(|error| Refusal::Malformed(error.to_string()))?
        .parameters()
}

impl Wire {
    fn parameters(self) -> Result<Parameters, Refusal> {
        let extensions = object("extensions", self.extensions)?;
        let document_id = text("documentId", self.document_id)?;
        let document_id = document_id_of(document_id.as_deref(), &extensions)?;
        Ok(Parameters {
            query: query_of(text("query", self.query)?, document_id)?,
            document_id,
            operation_name: text("operationName", self.operation_name)?,
            variables: object("variables", self.variables)?,
        })
    }
}

fn text(name: &str, value: Option<Value>) -> Result<Option<String>, Refusal> {
    match value {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Refusal::Malformed(format!("`{name}` is not a string"))),
    }
}

fn object(name: &str, value: Option<Value>) -> Result<Map<String, Value>, Refusal> {
    match value {
        None => Ok(Map::new()),
        Some(Value::Object(members)) => Ok(members),
        Some(Value::String(_)) => Err(Refusal::Malformed(format!(
            "`{name}` is a string: send the object itself, without quotes around it"
        ))),
        Some(_) => Err(Refusal::Malformed(format!("`{name}` is not an object"))),
    }
}

/// The document that is sent; empty if its id is.
fn query_of(query: Option<String>, document_id: Option<DocumentId>) -> Result<String, Refusal> {
    match query {
        Some(query) => Ok(query),
        None if document_id.is_some() => Ok(String::new()),
        None => Err(malformed(
            "the request has no `query`: send a GraphQL document as a string",
        )),
    }
}

/// The document that is meant by the hash of its text: `documentId`, or as Apollo's clients say it in
/// `extensions.persistedQuery`. No other extension is understood.
fn document_id_of(
    document_id: Option<&str>,
    extensions: &Map<String, Value>,
) -> Result<Option<DocumentId>, Refusal> {
    let document_id = document_id.map(|id| {
        DocumentId::parse(id).ok_or_else(|| {
            malformed("`documentId` is `sha256:` and the SHA-256 of the document in 64 hexadecimal digits")
        })
    });
    let persisted = match extensions.get("persistedQuery") {
        None | Some(Value::Null) => None,
        Some(persisted) => Some(persisted_query(persisted)),
    };
    match (document_id.transpose()?, persisted.transpose()?) {
        (Some(one), Some(other)) if one != other => Err(malformed(
            "`documentId` and `extensions.persistedQuery` mean different documents: send one of them",
        )),
        (one, other) => Ok(one.or(other)),
    }
}

/// `{"version": 1, "sha256Hash": "…"}`
fn persisted_query(value: &Value) -> Result<DocumentId, Refusal> {
    if value.get("version").and_then(Value::as_u64) != Some(1) {
        return Err(malformed(
            "`extensions.persistedQuery` is read in its `version` 1 only",
        ));
    }
    let hash = value.get("sha256Hash").and_then(Value::as_str);
    hash.and_then(DocumentId::from_hex).ok_or_else(|| {
        malformed("`extensions.persistedQuery.sha256Hash` is the SHA-256 of the document in 64 hexadecimal digits")
    })
}

/// The query string of a GET: `query` or `documentId`, `operationName`, `variables` and `extensions` (both JSON
/// objects).
fn from_uri(uri: &Uri) -> Result<Parameters, Refusal> {
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri)
        .map_err(|error| Refusal::Malformed(format!("the query string is malformed: {error}")))?;
    let mut query = None;
    let mut document_id = None;
    let mut operation_name = None;
    let mut variables = None;
    let mut extensions = None;
    for (name, value) in pairs {
        let slot = match name.as_str() {
            "query" => &mut query,
            "documentId" => &mut document_id,
            "operationName" => &mut operation_name,
            "variables" => &mut variables,
            "extensions" => &mut extensions,
            _ => continue,
        };
        if slot.replace(value).is_some() {
            return Err(Refusal::Malformed(format!("`{name}` is given twice")));
        }
    }
    let extensions = json_object("extensions", extensions)?;
    let document_id = document_id_of(document_id.as_deref(), &extensions)?;
    Ok(Parameters {
        query: query_of(query, document_id)?,
        document_id,
        operation_name: operation_name.filter(|name| !name.is_empty()),
        variables: json_object("variables", variables)?,
    })
}

/// A parameter of the query string that holds a JSON object; absent, empty and `null` are an empty one.
fn json_object(name: &str, text: Option<String>) -> Result<Map<String, Value>, Refusal> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(Map::new());
    };
    serde_json::from_str::<Option<Map<String, Value>>>(&text)
        .map(Option::unwrap_or_default)
        .map_err(|error| Refusal::Malformed(format!("`{name}` is not a JSON object: {error}")))
}

fn malformed(message: &str) -> Refusal {
    Refusal::Malformed(message.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(refusal: Refusal) -> String {
        match refusal {
            Refusal::Malformed(message) => message,
            other => panic!("refused otherwise: {other:?}"),
        }
    }

    #[test]
    fn a_body_is_one_object() {
        let parameters = from_json(
            r#" {"query": "{me}", "operationName": null, "variables": {"a": [1]}, "other": 1} "#
                .as_bytes(),
        )
        .expect("a request");
        assert_eq!(parameters.query, "{me}");
        assert_eq!(parameters.operation_name, None);
        assert_eq!(parameters.variables["a"], serde_json::json!([1]));
        let marked = from_json("\u{feff}{\"query\": \"{me}\"}".as_bytes());
        assert_eq!(marked.expect("a request").query, "{me}");
    }

    #[test]
    fn malformed_bodies_say_what_is_wrong() {
        let deep = format!("{{\"variables\":{}", "[".repeat(100_000));
        for (body, message) in [
            (
                "",
                "the request's body is empty: send a JSON object with `query`",
            ),
            (
                "  \n",
                "the request's body is empty: send a JSON object with `query`",
            ),
            (
                "[{\"query\": \"{me}\"}]",
                "batches are not taken: send one request, a JSON object with `query`",
            ),
            (
                "{\"query\": \"{me}\"",
                "the request's body cannot be read as JSON: EOF while parsing an object at line 1 column 16",
            ),
            ("{\"query\": 1}", "`query` is not a string"),
            (
                "\"{me}\"",
                "the request's body is not a GraphQL request: invalid type: string \"{me}\", expected an object with `query` at line 1 column 6",
            ),
            (
                "{\"query\": \"{me}\", \"variables\": [1]}",
                "`variables` is not an object",
            ),
            (
                "{\"query\": \"{me}\", \"variables\": \"{}\"}",
                "`variables` is a string: send the object itself, without quotes around it",
            ),
            (
                "{\"query\": \"{me}\", \"extensions\": 1}",
                "`extensions` is not an object",
            ),
            (
                "{\"query\": \"{me}\", \"operationName\": [\"A\"]}",
                "`operationName` is not a string",
            ),
            (
                "{\"query\": \"a\", \"query\": \"b\"}",
                "the request's body is not a GraphQL request: duplicate field `query` at line 1 column 22",
            ),
            (
                "{\"query\": \"{me}\"} more",
                "the request's body cannot be read as JSON: trailing characters at line 1 column 19",
            ),
            (
                "{\"variables\": {}}",
                "the request has no `query`: send a GraphQL document as a string",
            ),
            (
                &deep,
                "the request's body cannot be read as JSON: recursion limit exceeded at line 1 column 140",
            ),
        ] {
            assert_eq!(reason(from_json(body.as_bytes()).expect_err(body)), message);
        }
        assert!(from_json(b"{\"query\": \"\xff\"}").is_err());
        let deep = format!(
            "{{\"query\":\"a\",\"variables\":{{\"a\":{}",
            "[".repeat(100_000)
        );
        assert!(reason(from_json(deep.as_bytes()).expect_err("deep")).contains("recursion limit"));
    }

    #[test]
    fn a_query_string_is_a_request() {
        let uri = "/graphql?query=%7Bme%7D&operationName=&variables=%7B%22a%22%3A1%7D&other=1"
            .parse()
            .expect("an URI");
        let parameters = from_uri(&uri).expect("a request");
        assert_eq!(parameters.query, "{me}");
        assert_eq!(parameters.operation_name, None);
        assert_eq!(parameters.variables["a"], serde_json::json!(1));
    }

    #[test]
    fn an_id_stands_for_a_document() {
        let id = DocumentId::of("{me}");
        let hash = id.to_string();
        let apollo = serde_json::json!({"version": 1, "sha256Hash": &hash["sha256:".len()..]});
        for payload in [
            serde_json::json!({"documentId": hash}),
            serde_json::json!({"extensions": {"persistedQuery": apollo, "other": 1}}),
        ] {
            let Value::Object(payload) = payload else {
                panic!("no object")
            };
            let parameters = from_payload(payload).expect("a request");
            assert_eq!(parameters.document_id, Some(id));
            assert_eq!(parameters.query, "");
        }
    }

    #[test]
    fn malformed_query_strings_say_what_is_wrong() {
        for (uri, message) in [
            (
                "/graphql",
                "the request has no `query`: send a GraphQL document as a string",
            ),
            ("/graphql?query=a&query=b", "`query` is given twice"),
            (
                "/graphql?query=a&variables=1",
                "`variables` is not a JSON object: invalid type: integer `1`, expected a map at line 1 column 1",
            ),
            (
                "/graphql?query=a&extensions=%5B%5D",
                "`extensions` is not a JSON object: invalid type: sequence, expected a map at line 1 column 0",
            ),
        ] {
            let uri = uri.parse().expect("an URI");
            assert_eq!(reason(from_uri(&uri).expect_err("malformed")), message);
        }
    }

    #[test]
    fn only_json_in_utf8_is_read() {
        for (content_type, taken) in [
            ("application/json", true),
            ("application/json; charset=utf-8", true),
            ("Application/JSON;charset=\"UTF-8\"", true),
            ("application/json; charset=latin1", false),
            ("text/plain", false),
            ("application/graphql", false),
            ("application/x-www-form-urlencoded", false),
            ("application/jsonp", false),
        ] {
            assert_eq!(is_json(content_type), taken, "{content_type}");
        }
    }
}
