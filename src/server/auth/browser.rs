//! What browsers tell of the page that asks, and of the name that this server is asked by.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, Uri, header};

use super::Auth;

/// Whether a request may come to a server with this `auth` under the host's name it gives.
pub(in crate::server) fn host_fits(headers: &HeaderMap, auth: Auth) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let named = hosts.next().and_then(|host| host.to_str().ok());
    let fits = named.is_some_and(is_this_machine) && hosts.next().is_none();
    auth != Auth::DevOnLoopback || fits
}

/// Whether a page that opens a socket may speak here. Where identities are believed without proof, a page of any other
/// site could say it were a developer: browsers let every page open sockets to this machine, and only tell where it
/// came from. So the page must come from this machine too, or from the host it speaks to. Who sends no `Origin` is no
/// page.
pub(in crate::server) fn origin_fits(headers: &HeaderMap, auth: Auth) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let Some(origin) = origins.next() else {
        return true;
    };
    let origin = origin
        .to_str()
        .ok()
        .and_then(|origin| origin.parse::<Uri>().ok());
    let from = origin.as_ref().and_then(Uri::host);
    let to = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let fits = from.is_some_and(|from| is_loopback(from) || to.is_some_and(|to| is_host(from, to)));
    !auth.believes() || (fits && origins.next().is_none())
}

/// Whether a host (without a port) can only be this machine.
fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let address = address.parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

/// Whether a `Host` header (perhaps with a port) names this host.
fn is_host(host: &str, header: &str) -> bool {
    header.parse::<Uri>().is_ok_and(|uri| {
        uri.host()
            .is_some_and(|named| named.eq_ignore_ascii_case(host))
    })
}

/// `localhost` or an address, with or without a port: nothing that a name server decides.
fn is_this_machine(host: &str) -> bool {
    let is_address =
        |text: &str| text.parse::<SocketAddr>().is_ok() || text.parse::<IpAddr>().is_ok();
    let name = host.split_once(':').map_or(host, |(name, _)| name);
    name.eq_ignore_ascii_case("localhost")
        || is_address(host)
        || is_address(host.trim_start_matches('[').trim_end_matches(']'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_comes_from_this_machine() {
        for (origin, host, fits) in [
            ("http://localhost:3000", "127.0.0.1:8080", true),
            ("http://127.0.0.1:3000", "localhost:8080", true),
            ("http://[::1]:3000", "localhost:8080", true),
            ("http://192.168.1.5:3000", "192.168.1.5:8080", true),
            ("https://servicewechat.com", "localhost:8080", false),
            ("http://203.0.113.9", "localhost:8080", false),
            ("http://localhost.example.com", "localhost:8080", false),
            ("http://localhost@example.com", "localhost:8080", false),
            ("http://127.0.0.1.example.com", "127.0.0.1:8080", false),
            ("null", "localhost:8080", false),
            ("", "localhost:8080", false),
            ("file://", "localhost:8080", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ORIGIN, origin.parse().expect("a header value"));
            headers.insert(header::HOST, host.parse().expect("a header value"));
            for auth in [Auth::DevOnLoopback, Auth::DevAnywhere] {
                assert_eq!(origin_fits(&headers, auth), fits, "{origin} to {host}");
            }
            assert!(origin_fits(&headers, Auth::Closed));
        }
        assert!(origin_fits(&HeaderMap::new(), Auth::DevOnLoopback));
        let mut two = HeaderMap::new();
        for origin in ["http://localhost", "http://example.com"] {
            two.append(header::ORIGIN, origin.parse().expect("a header value"));
        }
        assert!(!origin_fits(&two, Auth::DevOnLoopback));
    }

    #[test]
    fn on_loopback_the_host_is_this_machine() {
        for (host, fits) in [
            ("127.0.0.1:8080", true),
            ("127.0.0.1", true),
            ("localhost:8080", true),
            ("LOCALHOST", true),
            ("[::1]:8080", true),
            ("[::1]", true),
            ("example.com", false),
            ("localhost.example.com:8080", false),
            ("127.0.0.1.example.com", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().expect("a header value"));
            assert_eq!(host_fits(&headers, Auth::DevOnLoopback), fits, "{host}");
            assert!(host_fits(&headers, Auth::DevAnywhere));
            assert!(host_fits(&headers, Auth::Closed));
        }
        assert!(!host_fits(&HeaderMap::new(), Auth::DevOnLoopback));
        let mut two = HeaderMap::new();
        for host in ["localhost", "example.com"] {
            two.append(header::HOST, host.parse().expect("a header value"));
        }
        assert!(!host_fits(&two, Auth::DevOnLoopback));
    }
}
