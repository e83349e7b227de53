//! Where an operation comes from, as far as limits are about that.

use std::net::{IpAddr, Ipv6Addr};

use super::arrival::{Arrival, Trust};
use super::refusal::Refusal;
use super::{App, ClientAddress, Config};
use crate::graphql;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Source {
    /// What all who come from there are counted under; `None` if too many may be behind it, or only this machine.
    pub(super) address: Option<IpAddr>,
    /// The largest answer that goes back there, in bytes.
    max_answer: Option<usize>,
}

impl Source {
    pub(super) fn of(arrival: &Arrival, config: &Config) -> Self {
        // A neighbour that nobody calls a proxy may be one all the same, with everybody behind it.
        let is_known = config.client_address != ClientAddress::Peer;
        Self {
            address: arrival
                .client
                .filter(|client| is_known || !is_neighbour(*client)),
            max_answer: match arrival.trust {
                Trust::BearerOnly => None,
                _ => Some(config.private_answer),
            },
        }
    }

    /// Counts one more request from there.
    ///
    /// # Errors
    /// Too many came.
    pub(super) fn knock(self, app: &App) -> Result<(), Refusal> {
        let admission = app.executor.admission();
        admission.knock(self.address).map_err(Refusal::Failed)
    }

    /// The same operation, with what is known of where it comes from.
    pub(super) fn of_request(self, request: graphql::Request) -> graphql::Request {
        graphql::Request {
            address: self.address,
            max_answer: self.max_answer,
            ..request
        }
    }
}

/// Whether an address is of this machine, or of its own network.
fn is_neighbour(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            // 100.64.0.0/10 is shared by those behind one carrier, and by the machines of some clouds.
            let [a, b, ..] = address.octets();
            let is_shared = a == 100 && (64..128).contains(&b);
            address.is_loopback() || address.is_private() || address.is_link_local() || is_shared
        }
        IpAddr::V6(address) => {
            // Of ::1 the network is told.
            let is_loopback = address.is_loopback() || address == Ipv6Addr::UNSPECIFIED;
            is_loopback || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_not_counted_unless_proxies_are_known() {
        for (address, counted) in [
            ("203.0.113.7", true),
            ("127.0.0.1", false),
            ("10.1.2.3", false),
            ("172.16.0.1", false),
            ("192.168.0.1", false),
            ("169.254.0.1", false),
            ("100.64.0.1", false),
            ("100.128.0.1", true),
            ("2001:db8::", true),
            ("::", false),
            ("::1", false),
            ("fd00::", false),
            ("fe80::", false),
        ] {
            let arrival = Arrival {
                client: Some(address.parse().expect("an address")),
                ..Arrival::default()
            };
            let source = Source::of(&arrival, &Config::default());
            assert_eq!(source.address.is_some(), counted, "{address}");
            let behind = Config {
                client_address: ClientAddress::Forwarded {
                    header: axum::http::HeaderName::from_static("x-forwarded-for"),
                    proxies: std::num::NonZeroUsize::MIN,
                },
                ..Config::default()
            };
            assert!(Source::of(&arrival, &behind).address.is_some(), "{address}");
        }
    }
}
