//! Which pages of a browser may talk to the emulator.
//!
//! Its keys are no secrets on a developer's machine: by default any key is an administrator's. So a page that the
//! developer merely visits must not be heard. Browsers say where a page is from (`Origin`), and by what name they
//! called (`Host`); only pages of this machine are let in, and those that were allowed. The name counts because a
//! stranger's name may be made to lead here (DNS rebinding): such a page needs no leave of its browser.

use std::net::IpAddr;

/// Origins that are let in besides those of this machine. Empty by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins {
    /// As browsers write them, in lower case.
    allowed: Vec<String>,
    /// Nothing is asked.
    any: bool,
}

/// Why a text is no origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no origin: write `https://app.example.com`, `http://10.0.0.5:5173`, `null`, or `*` for all pages"
)]
pub struct OriginError(String);

impl Origins {
    /// Reads origins as browsers write them, `null` for pages that have none (files), `*` for all.
    ///
    /// # Errors
    /// A text that is neither.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, OriginError> {
        let mut origins = Self::default();
        for text in texts {
            origins.add(text)?;
        }
        Ok(origins)
    }

    fn add(&mut self, text: &str) -> Result<(), OriginError> {
        let origin = text.trim_end_matches('/').to_ascii_lowercase();
        match origin.as_str() {
            "*" => self.any = true,
            "null" => self.allowed.push(origin),
            other => {
                let is_name = |name: &str| !name.is_empty() && !name.contains(['/', '?', '#', '@']);
                let name = other.split_once("://").map(|(_, name)| name);
                if !name.is_some_and(is_name) {
                    return Err(OriginError(text.to_owned()));
                }
                self.allowed.push(origin);
            }
        }
        Ok(())
    }

    /// Whether pages of this origin may send requests.
    pub(super) fn admit(&self, origin: &str) -> bool {
        let origin = origin.to_ascii_lowercase();
        let name = origin
            .split_once("://")
            .map(|(_, authority)| name(authority));
        self.any || name.is_some_and(is_this_machine) || self.allowed.contains(&origin)
    }

    /// Whether the emulator may be called by the name in this `Host`: an address, a name that no public server can
    /// answer for, or that of an allowed origin.
    pub(super) fn are_called(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let name = name(&host);
        let is_allowed = |origin: &String| {
            let authority = origin.split_once("://").map(|(_, authority)| authority);
            authority.is_some_and(|authority| self::name(authority) == name)
        };
        self.any || is_private(name) || self.allowed.iter().any(is_allowed)
    }
}

/// The name or address in `name:port`; of an address of the sixth version without its brackets.
fn name(authority: &str) -> &str {
    let name = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None => authority.split(':').next(),
    };
    name.unwrap_or_default()
}

fn is_this_machine(name: &str) -> bool {
    let is_loopback = |address: IpAddr| address.is_loopback();
    name == "localhost" || name.ends_with(".localhost") || name.parse().is_ok_and(is_loopback)
}

/// Whether a name leads where its owner wants only if that is this machine, or a network that it is in.
fn is_private(name: &str) -> bool {
    let is_address = name.parse::<IpAddr>().is_ok();
    // Machines of the same network, and of containers, have names without a dot; `.internal` is nobody's.
    let is_local_name = !name.is_empty() && !name.contains('.');
    is_this_machine(name) || is_address || is_local_name || name.ends_with(".internal")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_this_machine_are_let_in() {
        let origins = Origins::default();
        for (origin, admitted) in [
            ("http://localhost:5173", true),
            ("https://LOCALHOST", true),
            ("http://app.localhost:80", true),
            ("http://127.0.0.1:3000", true),
            ("http://127.9.9.9", true),
            ("http://[::1]:3000", true),
            ("capacitor://localhost", true),
            ("http://192.168.1.5:5173", false),
            ("https://evil.example", false),
            ("http://localhost.evil.example", false),
            ("http://127.0.0.1.evil.example", false),
            ("http://evil-localhost", false),
            ("null", false),
            ("", false),
            ("localhost", false),
        ] {
            assert_eq!(origins.admit(origin), admitted, "{origin}");
        }
    }

    #[test]
    fn names_that_a_stranger_may_own_are_not_ours() {
        let origins = Origins::default();
        for (host, ours) in [
            ("127.0.0.1:9000", true),
            ("[::1]:9000", true),
            ("192.168.1.5:9000", true),
            ("localhost:9000", true),
            ("emulator:9000", true),
            ("host.docker.internal:9000", true),
            ("evil.example:9000", false),
            ("127.0.0.1.evil.example:9000", false),
            ("localhost.evil.example", false),
            ("", false),
            (":9000", false),
        ] {
            assert_eq!(origins.are_called(host), ours, "{host}");
        }
    }

    #[test]
    fn others_are_allowed_by_name() {
        let origins = Origins::parse(["https://App.example.com/", "http://10.0.0.5:5173", "null"])
            .expect("origins");
        for (origin, admitted) in [
            ("https://app.example.com", true),
            ("http://app.example.com", false),
            ("https://app.example.com:8443", false),
            ("http://10.0.0.5:5173", true),
            ("null", true),
            ("https://example.com", false),
        ] {
            assert_eq!(origins.admit(origin), admitted, "{origin}");
        }
        assert!(origins.are_called("app.example.com:9000"));
        assert!(!origins.are_called("example.com:9000"));
        let any = Origins::parse(["*"]).expect("all");
        assert!(any.admit("https://evil.example") && any.are_called("evil.example"));
        for wrong in ["", "example.com", "https://", "https://a/b", "https://u@a"] {
            assert!(Origins::parse([wrong]).is_err(), "{wrong}");
        }
    }
}
