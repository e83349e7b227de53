//! The address that a client is counted under.
//!
//! What it is not: identity. Many share an address, and whoever reaches a proxy may write what they like into the
//! headers it passes on; so of those only the part counts that the operator's own proxies wrote.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroUsize;

use axum::http::{HeaderMap, HeaderName};

/// Whose word is taken for where a request comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ClientAddress {
    /// The connection's: nothing stands in between, or all behind a proxy are one.
    #[default]
    Peer,
    /// That of proxies, each of which appends to a header the address it was asked from.
    Forwarded {
        header: HeaderName,
        /// How many of them there are between a client and this server: the entry that the outermost of them wrote is
        /// so many from the right. What stands further left is the client's own invention.
        proxies: NonZeroUsize,
    },
}

impl ClientAddress {
    /// Where a request comes from that came by a connection from `peer`: an address, of IPv6 the network of 64 bits,
    /// since whoever has one of its addresses has all of them.
    ///
    /// A header that has too few entries, or where no address stands, was not written by the proxies that are meant:
    /// then it is the connection's, so that what comes past the proxies counts as one.
    pub(super) fn of(&self, headers: &HeaderMap, peer: Option<SocketAddr>) -> Option<IpAddr> {
        let told = match self {
            ClientAddress::Peer => None,
            ClientAddress::Forwarded { header, proxies } => told(headers, header, *proxies),
        };
        told.or(peer.map(|peer| peer.ip())).map(network)
    }
}

/// The entry that stands so many from the right.
fn told(headers: &HeaderMap, name: &HeaderName, from_the_right: NonZeroUsize) -> Option<IpAddr> {
    let values = headers.get_all(name).iter().rev();
    let mut entries = values.flat_map(|value| value.as_bytes().rsplit(|&byte| byte == b','));
    let entry = entries.nth(from_the_right.get() - 1)?;
    address(std::str::from_utf8(entry).ok()?.trim())
}

/// An address, perhaps with a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    let plain = bare.unwrap_or(text).parse::<IpAddr>().ok();
    plain.or_else(|| text.parse::<SocketAddr>().ok().map(|it| it.ip()))
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");

    fn behind(proxies: usize) -> ClientAddress {
        ClientAddress::Forwarded {
            header: FORWARDED,
            proxies: NonZeroUsize::new(proxies).expect("a proxy"),
        }
    }

    fn from(lines: &[&str], whose: &ClientAddress, peer: &str) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED, line.parse().expect("a header value"));
        }
        let peer = peer.parse().expect("a socket's address");
        whose.of(&headers, Some(peer)).expect("a peer").to_string()
    }

    #[test]
    fn the_outermost_trusted_proxy_tells_the_address() {
        let proxy = "10.0.0.9:4711";
        for (lines, proxies, address) in [
            (&["203.0.113.7"][..], 1, "203.0.113.7"),
            (&["203.0.113.7:5000"], 1, "203.0.113.7"),
            (&["1.1.1.1, 203.0.113.7"], 1, "203.0.113.7"),
            (&["1.1.1.1, 203.0.113.7 ,10.0.0.1"], 2, "203.0.113.7"),
            (&["1.1.1.1", "203.0.113.7", "10.0.0.1"], 2, "203.0.113.7"),
            (&["2001:db8:1:2:3:4:5:6"], 1, "2001:db8:1:2::"),
            (&["[2001:db8:1:2:3:4:5:6]"], 1, "2001:db8:1:2::"),
            (&["[2001:db8:1:2:3:4:5:6]:443"], 1, "2001:db8:1:2::"),
            (&["::ffff:203.0.113.7"], 1, "203.0.113.7"),
            // Not what the proxies write: the connection's.
            (&[], 1, "10.0.0.9"),
            (&["203.0.113.7"], 2, "10.0.0.9"),
            (&["203.0.113.7, unknown"], 1, "10.0.0.9"),
            (&["203.0.113.7,"], 1, "10.0.0.9"),
            (&["203.0.113.7, 10.0.0.1"], 3, "10.0.0.9"),
        ] {
            let told = from(lines, &behind(proxies), proxy);
            assert_eq!(told, address, "{lines:?} behind {proxies}");
        }
    }

    #[test]
    fn without_proxies_headers_say_nothing() {
        let peer = ClientAddress::Peer;
        let from = |address| from(&["203.0.113.7"], &peer, address);
        assert_eq!(from("198.51.100.1:1"), "198.51.100.1");
        assert_eq!(from("[2001:db8::1:2:3:4]:1"), "2001:db8::");
        assert_eq!(from("[::ffff:198.51.100.1]:1"), "198.51.100.1");
        assert_eq!(peer.of(&HeaderMap::new(), None), None);
    }

    proptest! {
        #[test]
        fn what_a_client_writes_changes_nothing(forged in "[ -~]{0,60}", client in any::<[u8; 4]>()) {
            let client = IpAddr::from(client).to_string();
            let line = format!("{forged}, {client}");
            prop_assert_eq!(from(&[&line], &behind(1), "10.0.0.9:1"), client);
        }
    }
}
