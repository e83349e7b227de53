//! Moments as text: RFC 3339 with a mandatory offset in, UTC with milliseconds out.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// 0001-01-01T00:00:00Z, in milliseconds since 1970: the first moment with a text.
pub const MIN_MS: i64 = -62_135_596_800_000;
/// 9999-12-31T23:59:59.999Z, in milliseconds since 1970: the last moment with a text.
pub const MAX_MS: i64 = 253_402_300_799_999;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimestampError {
    #[error("`{0}` is not a date and time with an offset, such as `2026-01-02T03:04:05.678Z`")]
    Malformed(String),
    #[error("`{0}` is not between the years 1 and 9999")]
    OutOfRange(String),
    /// Dates are stored in milliseconds; silently dropping digits would make two moments equal.
    #[error("`{0}` is finer than a millisecond")]
    TooFine(String),
}

/// The milliseconds since 1970 that a text spells, exactly.
pub fn parse(text: &str) -> Result<i64, TimestampError> {
    // `time` takes any character in place of the `T`, and leap seconds, which have no millisecond of their own.
    let separated = matches!(text.as_bytes().get(10), Some(b'T' | b't'));
    let moment = separated
        .then(|| OffsetDateTime::parse(text, &Rfc3339).ok())
        .flatten()
        .filter(|_| text.get(17..19) != Some("60"))
        .ok_or_else(|| TimestampError::Malformed(shown(text)))?;
    if has_digits_below_a_millisecond(text) {
        return Err(TimestampError::TooFine(shown(text)));
    }
    let ms = moment.unix_timestamp() * 1000 + i64::from(moment.millisecond());
    (MIN_MS..=MAX_MS)
        .contains(&ms)
        .then_some(ms)
        .ok_or_else(|| TimestampError::OutOfRange(shown(text)))
}

/// `2026-01-02T03:04:05.678Z`; `None` outside of [`MIN_MS`]`..=`[`MAX_MS`].
pub fn format(ms: i64) -> Option<String> {
    if !(MIN_MS..=MAX_MS).contains(&ms) {
        return None;
    }
    let moment = OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000).ok()?;
    Some(format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        moment.year(),
        u8::from(moment.month()),
        moment.day(),
        moment.hour(),
        moment.minute(),
        moment.second(),
        moment.millisecond(),
    ))
}

fn has_digits_below_a_millisecond(text: &str) -> bool {
    let fraction = text.split_once('.').map_or("", |(_, fraction)| fraction);
    let digits = fraction.bytes().take_while(u8::is_ascii_digit);
    digits.skip(3).any(|digit| digit != b'0')
}

/// The beginning of a text, for messages.
fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_moments_exactly() {
        let cases = [
            ("1970-01-01T00:00:00Z", 0),
            ("2026-01-02T03:04:05.678Z", 1_767_323_045_678),
            ("2026-01-02T03:04:05.678000000000Z", 1_767_323_045_678),
            ("2026-01-02t11:04:05.678+08:00", 1_767_323_045_678),
            ("2026-01-01T22:34:05.6-04:30", 1_767_323_045_600),
            ("1969-12-31T23:59:59.999Z", -1),
            ("0001-01-01T00:00:00Z", MIN_MS),
            ("9999-12-31T23:59:59.999Z", MAX_MS),
            ("2024-02-29T00:00:00Z", 1_709_164_800_000),
        ];
        for (text, ms) in cases {
            assert_eq!(parse(text), Ok(ms), "{text}");
        }
    }

    #[test]
    fn refuses_the_rest() {
        for text in [
            "",
            "2026-01-02",
            "2026-01-02T03:04:05",
            "2026-01-02 03:04:05Z",
            "2026-01-02T03:04Z",
            "2026-02-29T00:00:00Z",
            "2026-01-02T24:00:00Z",
            "2016-12-31T23:59:60Z",
            "2026-01-02T03:04:05.Z",
            "2026-01-02T03:04:05Z ",
            "+2026-01-02T03:04:05Z",
            "2026-01-02T03:04:05+8",
            "1767323045678",
        ] {
            let malformed = Err(TimestampError::Malformed(text.to_owned()));
            assert_eq!(parse(text), malformed, "{text}");
        }
        let fine = "2026-01-02T03:04:05.6789Z";
        assert_eq!(parse(fine), Err(TimestampError::TooFine(fine.to_owned())));
        for text in [
            "0000-06-01T00:00:00Z",
            "0001-01-01T00:00:00+01:00",
            "9999-12-31T23:59:59-01:00",
        ] {
            let outside = Err(TimestampError::OutOfRange(text.to_owned()));
            assert_eq!(parse(text), outside, "{text}");
        }
    }

    #[test]
    fn writes_milliseconds_always() {
        assert_eq!(format(0).as_deref(), Some("1970-01-01T00:00:00.000Z"));
        assert_eq!(format(-1).as_deref(), Some("1969-12-31T23:59:59.999Z"));
        assert_eq!(format(MIN_MS).as_deref(), Some("0001-01-01T00:00:00.000Z"));
        assert_eq!(format(MIN_MS - 1), None);
        assert_eq!(format(i64::MAX), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(ms in MIN_MS..=MAX_MS) {
            prop_assert_eq!(parse(&format(ms).expect("in range")), Ok(ms));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,30}|[0-9TZ:.+-]{15,30}") {
            let _ = parse(&text);
        }
    }
}
