//! Around every request: an id that is also sent back, one log line, and the
//! place where a panic ends.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::FutureExt;

use super::negotiate::MediaType;
use super::refusal::Refusal;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is taken over from a client.
const MAX_ID_LEN: usize = 64;

/// The id of the request that is being answered, among its extensions.
#[derive(Clone, Debug)]
pub(super) struct RequestId(HeaderValue);

impl RequestId {
    /// The client's own id if it sent a fit one, so that its logs and ours can be joined.
    fn of(headers: &HeaderMap) -> Self {
        match headers.get(REQUEST_ID).filter(|value| is_fit(value)) {
            Some(value) => Self(value.clone()),
            None => Self::next(),
        }
    }

    /// Different for every request of every process: a random start, and a count.
    fn next() -> Self {
        static START: LazyLock<u64> = LazyLock::new(|| getrandom::u64().unwrap_or_default());
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let id = format!("{:016x}", START.wrapping_add(count));
        Self(HeaderValue::try_from(id).expect("hexadecimal digits are a header value"))
    }

    /// The one that a request carries on its way through the routes.
    pub(super) fn of_request(request: &Request) -> Self {
        let known = request.extensions().get::<Self>();
        known.cloned().unwrap_or_else(Self::next)
    }

    pub(super) fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }
}

fn is_fit(value: &HeaderValue) -> bool {
    let letter = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    let bytes = value.as_bytes();
    !bytes.is_empty() && bytes.len() <= MAX_ID_LEN && bytes.iter().all(letter)
}

/// Answers a request, says so in the log, and turns a panic into a plain 500. The log never has the query, the
/// token or the address of a client's data: method, path, status and time are enough to find a request again.
pub(super) async fn request(mut request: Request, next: Next) -> Response {
    let start = Instant::now();
    let id = RequestId::of(request.headers());
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    request.extensions_mut().insert(id.clone());
    let mut response = AssertUnwindSafe(next.run(request))
        .catch_unwind()
        .await
        .unwrap_or_else(|panic| panicked(&id, panic.as_ref()).into_response(MediaType::Json));
    tracing::info!(
        request.id = id.as_str(),
        %method,
        path,
        status = response.status().as_u16(),
        duration_ms = start.elapsed().as_secs_f64() * 1000.0,
        "request"
    );
    response.headers_mut().insert(REQUEST_ID, id.0);
    response
}

/// Tells the log of a panic while this was answered, and its client no more than where to find it there.
pub(super) fn panicked(id: &RequestId, panic: &(dyn Any + Send)) -> Refusal {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    tracing::error!(request.id = id.as_str(), panic = text, "a request panicked");
    Refusal::Internal {
        id: id.as_str().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fit_ids_are_kept_and_others_replaced() {
        for (sent, kept) in [
            ("abc-1_2.3", true),
            ("", false),
            ("a b", false),
            ("a\"b", false),
            (&"x".repeat(64), true),
            (&"x".repeat(65), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, sent.parse().expect("a header value"));
            assert_eq!(RequestId::of(&headers).as_str() == sent, kept, "{sent}");
        }
        assert_ne!(RequestId::next().as_str(), RequestId::next().as_str());
    }

    #[tokio::test]
    async fn a_panic_is_one_500_that_tells_nothing() {
        async fn panics() {
            panic!("a secret");
        }
        let app = axum::Router::new()
            .route("/", axum::routing::get(panics))
            .layer(axum::middleware::from_fn(super::request));
        let ask = Request::builder().header(REQUEST_ID, "id-1");
        let ask = ask.body(axum::body::Body::empty()).expect("a request");
        let response = tower::ServiceExt::oneshot(app, ask)
            .await
            .expect("infallible");
        assert_eq!(response.status(), 500);
        assert_eq!(response.headers()[REQUEST_ID], "id-1");
        let body = axum::body::to_bytes(response.into_body(), 1000).await;
        let body = String::from_utf8(body.expect("a body").to_vec()).expect("text");
        assert!(body.contains("INTERNAL") && body.contains("id-1"), "{body}");
        assert!(!body.contains("secret"), "{body}");
    }
}
