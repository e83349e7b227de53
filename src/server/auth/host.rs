//! By which name this server is asked.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, header};

use super::Auth;

/// Whether a request may come to a server with this `auth` under the host's name it gives.
pub(in crate::server) fn host_fits(headers: &HeaderMap, auth: Auth) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let named = hosts.next().and_then(|host| host.to_str().ok());
    let fits = named.is_some_and(is_this_machine) && hosts.next().is_none();
    auth != Auth::DevOnLoopback || fits
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
