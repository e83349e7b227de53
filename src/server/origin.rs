//! Pages of other sites: which of them may ask, and what their browser is told.
//!
//! A browser lets every page send requests to every server, and open sockets there; only what comes back is kept from
//! pages of other sites. So whatever a browser says a page of another site asks is refused before it runs, reads
//! included. Clients that are no browsers say nothing of pages and are not concerned.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::App;
use super::arrival::{Arrival, Trust};
use super::negotiate::MediaType;
use super::refusal::Refusal;

/// How a browser says where the page is from that asks, next to `Origin`.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Mini programs say that they are pages of it.
const MINI_PROGRAMS: &str = "https://servicewechat.com";

/// What pages of allowed origins may send and read. Never cookies: nothing here is proved by them.
const TOLD: [(HeaderName, &str); 4] = [
    (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
    (
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        "accept, authorization, content-type, x-explain, x-request-id",
    ),
    (
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        "retry-after, x-request-id",
    ),
    (header::ACCESS_CONTROL_MAX_AGE, "600"),
];

/// Around everything that pages may ask.
pub(super) async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let trust = Arrival::of(request.extensions()).trust;
    let rules = Rules {
        allowed: &app.config.cors_origins,
        from_mini_programs: matches!(trust, Trust::WxPrivate(_)),
        from_this_machine: app.config.auth.believes(),
    };
    match rules.page(request.headers()) {
        Page::Own => next.run(request).await,
        Page::Foreign => Refusal::ForeignOrigin.into_response(MediaType::Json),
        Page::Allowed(origin) => {
            let mut response = match is_preflight(&request) {
                true => (StatusCode::NO_CONTENT, Body::empty()).into_response(),
                false => next.run(request).await,
            };
            tell(response.headers_mut(), origin);
            response
        }
    }
}

/// Whether a browser asks what it may let a page send.
fn is_preflight(request: &Request) -> bool {
    let headers = request.headers();
    request.method() == Method::OPTIONS
        && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

fn tell(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    for (name, value) in TOLD {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// Where the page is from that asks.
#[derive(Debug, PartialEq, Eq)]
enum Page {
    /// From here, or it is none.
    Own,
    /// From elsewhere, and it may ask.
    Allowed(HeaderValue),
    Foreign,
}

/// Which pages may ask besides those from here.
#[derive(Clone, Copy, Debug)]
struct Rules<'a> {
    allowed: &'a BTreeSet<String>,
    from_mini_programs: bool,
    /// Those that a developer works on: of any port of this machine, or of the host that is asked.
    from_this_machine: bool,
}

impl Rules<'_> {
    fn page(&self, headers: &HeaderMap) -> Page {
        let site = headers.get(FETCH_SITE).map(HeaderValue::as_bytes);
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let (origin, another) = (origins.next(), origins.next());
        if another.is_some() {
            return Page::Foreign;
        }
        match (site, origin) {
            // The browser's own word, which no page can write: `none` is somebody's own doing.
            (Some(b"same-origin" | b"none"), _) | (None, None) => Page::Own,
            (Some(_), None) => Page::Foreign,
            (site, Some(origin)) => match self.page_of(origin, headers.get(header::HOST)) {
                // By another scheme: the browser knows, this server does not.
                Page::Own if site.is_some() => Page::Foreign,
                page => page,
            },
        }
    }

    fn page_of(&self, origin: &HeaderValue, host: Option<&HeaderValue>) -> Page {
        let Ok(text) = origin.to_str() else {
            return Page::Foreign;
        };
        let Ok(from) = text.parse::<Uri>() else {
            return Page::Foreign;
        };
        let to = host.and_then(|host| host.to_str().ok()?.parse::<Authority>().ok());
        let is_allowed = self.allowed.contains(text)
            || (self.from_mini_programs && text == MINI_PROGRAMS)
            || (self.from_this_machine && is_near(&from, to.as_ref()));
        if to.is_some_and(|to| is_same(&from, &to)) {
            Page::Own
        } else if is_allowed {
            Page::Allowed(origin.clone())
        } else {
            Page::Foreign
        }
    }
}

/// Whether an origin is the host that is asked, at the same port.
fn is_same(origin: &Uri, host: &Authority) -> bool {
    let usual = match origin.scheme_str() {
        Some("http") => 80,
        Some("https") => 443,
        _ => return false,
    };
    let name = origin.host().unwrap_or_default();
    let port = origin.port_u16().unwrap_or(usual);
    host.host().eq_ignore_ascii_case(name) && host.port_u16().unwrap_or(usual) == port
}

/// Whether an origin can only be this machine, or is the host that is asked at any port.
fn is_near(origin: &Uri, host: Option<&Authority>) -> bool {
    let Some(name) = origin.host() else {
        return false;
    };
    let address = name.trim_start_matches('[').trim_end_matches(']');
    let address = address.parse::<IpAddr>();
    name.eq_ignore_ascii_case("localhost")
        || address.is_ok_and(|address| address.is_loopback())
        || host.is_some_and(|host| host.host().eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(rules: Rules<'_>, host: &str, site: &str, origins: &[&str]) -> &'static str {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().expect("a header value"));
        if !site.is_empty() {
            headers.insert(FETCH_SITE, site.parse().expect("a header value"));
        }
        for origin in origins {
            headers.append(header::ORIGIN, origin.parse().expect("a header value"));
        }
        match rules.page(&headers) {
            Page::Own => "own",
            Page::Allowed(origin) => {
                assert_eq!(origin, origins[0]);
                "allowed"
            }
            Page::Foreign => "foreign",
        }
    }

    #[test]
    fn pages_of_other_sites_are_told_apart() {
        let allowed = ["https://admin.example".to_owned()].into();
        let rules = Rules {
            allowed: &allowed,
            from_mini_programs: false,
            from_this_machine: false,
        };
        let host = "shop.example";
        for (site, origins, told) in [
            ("", &[][..], "own"),
            ("none", &[], "own"),
            ("same-origin", &[], "own"),
            // Behind a proxy that gives the server another name.
            ("same-origin", &["https://www.shop.example"], "own"),
            ("same-site", &[], "foreign"),
            ("cross-site", &[], "foreign"),
            ("anything", &[], "foreign"),
            ("", &["https://shop.example"], "own"),
            ("", &["http://shop.example"], "foreign"),
            ("", &["https://shop.example:443"], "own"),
            ("", &["https://SHOP.example"], "own"),
            ("", &["https://shop.example:8443"], "foreign"),
            ("", &["https://shop.example.evil.example"], "foreign"),
            ("", &["https://shop.example@evil.example"], "foreign"),
            ("same-site", &["https://www.shop.example"], "foreign"),
            ("cross-site", &["https://shop.example"], "foreign"),
            ("cross-site", &["https://admin.example"], "allowed"),
            ("", &["https://admin.example"], "allowed"),
            ("", &["http://admin.example"], "foreign"),
            ("", &["https://admin.example:444"], "foreign"),
            ("", &["https://servicewechat.com"], "foreign"),
            ("", &["http://localhost:3000"], "foreign"),
            ("", &["null"], "foreign"),
            ("", &[""], "foreign"),
            (
                "",
                &["https://shop.example", "https://evil.example"],
                "foreign",
            ),
        ] {
            // A plain `http` origin is this server only where it is asked at that port.
            let host = match origins {
                ["http://shop.example"] => "shop.example:8080",
                _ => host,
            };
            assert_eq!(page(rules, host, site, origins), told, "{site} {origins:?}");
        }
    }

    #[test]
    fn mini_programs_come_by_the_private_door() {
        let none = BTreeSet::new();
        let rules = Rules {
            allowed: &none,
            from_mini_programs: true,
            from_this_machine: false,
        };
        let page = |origin| page(rules, "10.0.0.1", "", &[origin]);
        assert_eq!(page("https://servicewechat.com"), "allowed");
        assert_eq!(page("https://servicewechat.com.evil.example"), "foreign");
        assert_eq!(page("https://evil.example"), "foreign");
    }

    #[test]
    fn pages_that_a_developer_works_on_may_ask() {
        let none = BTreeSet::new();
        let rules = Rules {
            allowed: &none,
            from_mini_programs: false,
            from_this_machine: true,
        };
        for (origin, host, told) in [
            ("http://localhost:3000", "127.0.0.1:8080", "allowed"),
            ("http://127.0.0.1:3000", "localhost:8080", "allowed"),
            ("http://[::1]:3000", "localhost:8080", "allowed"),
            ("http://192.168.1.5:3000", "192.168.1.5:8080", "allowed"),
            ("http://localhost:8080", "localhost:8080", "own"),
            ("https://servicewechat.com", "localhost:8080", "foreign"),
            ("http://203.0.113.9", "localhost:8080", "foreign"),
            ("http://localhost.example.com", "localhost:8080", "foreign"),
            ("http://localhost@example.com", "localhost:8080", "foreign"),
            ("http://127.0.0.1.example.com", "127.0.0.1:8080", "foreign"),
            ("null", "localhost:8080", "foreign"),
        ] {
            assert_eq!(page(rules, host, "", &[origin]), told, "{origin}");
        }
    }
}
