//! Texts of settings: durations, sizes, lists and addresses.
//!
//! Each function reads one kind of text; its error says what a good one looks like.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::time::Duration;

/// `500ms`, `12s`, `5m`, `1h`: a whole number and a unit.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = split(text);
    let scale = match unit {
        "ms" => Some(1),
        "s" => Some(1000),
        "m" | "min" => Some(60_000),
        "h" => Some(3_600_000),
        _ => None,
    };
    let milliseconds = scale.and_then(|scale: u64| number.parse::<u64>().ok()?.checked_mul(scale));
    milliseconds
        .filter(|&length| length > 0)
        .map(Duration::from_millis)
        .ok_or_else(|| "write a duration such as `500ms`, `12s` or `5m`".to_owned())
}

/// A duration of this range, both ends included.
pub(super) fn duration_between(
    text: &str,
    least: Duration,
    most: Duration,
) -> Result<Duration, String> {
    duration(text)
        .ok()
        .filter(|length| (least..=most).contains(length))
        .ok_or_else(|| format!("write a duration from `{least:?}` to `{}s`", most.as_secs()))
}

/// `4096`, `512KiB`, `1MiB`: bytes.
pub(super) fn size(text: &str) -> Result<usize, String> {
    let (number, unit) = split(text);
    let scale = match unit {
        "" | "B" => Some(1),
        "KiB" => Some(1 << 10),
        "MiB" => Some(1 << 20),
        "GiB" => Some(1 << 30),
        _ => None,
    };
    let bytes = scale.and_then(|scale: usize| number.parse::<usize>().ok()?.checked_mul(scale));
    bytes
        .filter(|&size| size > 0)
        .ok_or_else(|| "write a size such as `65536`, `512KiB` or `1MiB`".to_owned())
}

/// A whole number from 1 to `max`.
pub(super) fn count(text: &str, max: usize) -> Result<NonZeroUsize, String> {
    let number = text.parse().ok();
    number
        .filter(|number: &NonZeroUsize| number.get() <= max)
        .ok_or_else(|| format!("write a whole number from 1 to {max}"))
}

/// `127.0.0.1:8080`, `[::1]:8080` or `localhost:8080`.
pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    let local = text
        .strip_prefix("localhost:")
        .and_then(|port| port.parse().ok())
        .map(|port| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
    local.or_else(|| text.parse().ok()).ok_or_else(|| {
        "write an address and a port, such as `127.0.0.1:8080` (`0.0.0.0:8080` for every interface)"
            .to_owned()
    })
}

pub(super) fn port(text: &str) -> Result<u16, String> {
    text.parse()
        .map_err(|_| "write a port, 0 to 65535".to_owned())
}

/// Texts separated by commas; empty ones do not count.
pub(super) fn list(text: &str) -> Vec<String> {
    text.split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
        .map(str::to_owned)
        .collect()
}

fn split(text: &str) -> (&str, &str) {
    let end = text
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    (number, unit.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit() {
        for (text, milliseconds) in [
            ("500ms", Some(500)),
            ("12s", Some(12_000)),
            ("12 s", Some(12_000)),
            ("5m", Some(300_000)),
            ("1h", Some(3_600_000)),
            ("12", None),
            ("0s", None),
            ("-1s", None),
            ("1.5s", None),
            ("s", None),
            ("", None),
            ("99999999999999999999h", None),
            ("9999999999999999h", None),
        ] {
            let expected = milliseconds.map(Duration::from_millis);
            assert_eq!(duration(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn durations_have_two_ends() {
        let between = |text| {
            let (least, most) = (Duration::from_millis(100), Duration::from_secs(3600));
            duration_between(text, least, most)
        };
        for (text, fits) in [
            ("100ms", true),
            ("1h", true),
            ("99ms", false),
            ("61m", false),
            ("7", false),
        ] {
            assert_eq!(between(text).is_ok(), fits, "{text}");
        }
        let advice = between("2h").expect_err("it is too long");
        assert_eq!(advice, "write a duration from `100ms` to `3600s`");
    }

    #[test]
    fn sizes_are_bytes() {
        for (text, bytes) in [
            ("65536", Some(65_536)),
            ("1 MiB", Some(1 << 20)),
            ("512KiB", Some(512 << 10)),
            ("1MB", None),
            ("0", None),
            ("18446744073709551615GiB", None),
        ] {
            assert_eq!(size(text).ok(), bytes, "{text}");
        }
    }

    #[test]
    fn counts_have_two_ends() {
        for (text, number) in [
            ("1", Some(1)),
            ("64", Some(64)),
            ("65", None),
            ("0", None),
            ("-1", None),
            ("99999999999999999999", None),
            ("many", None),
        ] {
            let expected = number.and_then(NonZeroUsize::new);
            assert_eq!(count(text, 64).ok(), expected, "{text}");
        }
    }

    #[test]
    fn addresses_are_numbers_or_localhost() {
        for (text, expected) in [
            ("127.0.0.1:8080", Some("127.0.0.1:8080")),
            ("localhost:0", Some("127.0.0.1:0")),
            ("[::1]:80", Some("[::1]:80")),
            ("8080", None),
            (":8080", None),
            ("localhost", None),
            ("127.0.0.1:99999", None),
            ("example.com:80", None),
        ] {
            let read = address(text).ok().map(|address| address.to_string());
            assert_eq!(read.as_deref(), expected, "{text}");
        }
    }
}
