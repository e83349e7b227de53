//! JSON, written straight into the buffer of the answer.

use crate::data::{Value, timestamp};

pub(super) fn null(out: &mut Vec<u8>) {
    out.extend_from_slice(b"null");
}

pub(super) fn boolean(out: &mut Vec<u8>, value: bool) {
    out.extend_from_slice(if value { b"true" } else { b"false" });
}

pub(super) fn integer(out: &mut Vec<u8>, number: impl itoa::Integer) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// An integer in quotes.
pub(super) fn quoted(out: &mut Vec<u8>, number: impl itoa::Integer) {
    out.push(b'"');
    integer(out, number);
    out.push(b'"');
}

/// A finite number; JSON has no others, and `false` says so.
pub(super) fn double(out: &mut Vec<u8>, number: f64) -> bool {
    let finite = number.is_finite();
    if finite {
        serde_json::to_writer(out, &number).expect("a vector takes all bytes");
    }
    finite
}

/// A string with its quotes. Only quotes, backslashes and control characters are escaped.
pub(super) fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut written = 0;
    for (at, byte) in bytes.iter().enumerate() {
        if *byte >= b' ' && *byte != b'"' && *byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[written..at]);
        written = at + 1;
        escape(out, *byte);
    }
    out.extend_from_slice(&bytes[written..]);
    out.push(b'"');
}

fn escape(out: &mut Vec<u8>, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    match byte {
        b'"' => out.extend_from_slice(b"\\\""),
        b'\\' => out.extend_from_slice(b"\\\\"),
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\r' => out.extend_from_slice(b"\\r"),
        b'\t' => out.extend_from_slice(b"\\t"),
        control => {
            out.extend_from_slice(b"\\u00");
            out.push(HEX[usize::from(control >> 4)]);
            out.push(HEX[usize::from(control & 15)]);
        }
    }
}

/// `"2026-01-02T03:04:05.678Z"`; `false` for moments without such a text.
///
/// The text of [`timestamp::format`], without its allocations: lists are full of times.
pub(super) fn moment(out: &mut Vec<u8>, ms: i64) -> bool {
    const DAY_MS: i64 = 86_400_000;
    if !(timestamp::MIN_MS..=timestamp::MAX_MS).contains(&ms) {
        return false;
    }
    let (year, month, day) = civil(ms.div_euclid(DAY_MS));
    let ms = ms.rem_euclid(DAY_MS);
    let mut text = *b"\"0000-00-00T00:00:00.000Z\"";
    digits(&mut text[1..5], year);
    digits(&mut text[6..8], month);
    digits(&mut text[9..11], day);
    digits(&mut text[12..14], ms / 3_600_000);
    digits(&mut text[15..17], ms / 60_000 % 60);
    digits(&mut text[18..20], ms / 1_000 % 60);
    digits(&mut text[21..24], ms % 1_000);
    out.extend_from_slice(&text);
    true
}

/// Year, month and day of a number of days since 1970, in the Gregorian calendar. Months are counted from March, so
/// that the leap day is the last of its year; 146,097 days are 400 years.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day)
}

/// A number that is not negative, right-aligned; the zeros are there already.
fn digits(place: &mut [u8], mut number: i64) {
    for digit in place.iter_mut().rev() {
        *digit += u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
    }
}

/// Any stored value as JSON: dates, ids and bytes as text, numbers that JSON lacks as null.
pub(super) fn json(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => null(out),
        Value::Bool(value) => boolean(out, *value),
        Value::Int(number) => integer(out, *number),
        Value::Double(number) => {
            if !double(out, *number) {
                null(out);
            }
        }
        Value::String(text) => string(out, text),
        Value::Date(ms) => {
            if !moment(out, *ms) {
                integer(out, *ms);
            }
        }
        Value::ObjectId(id) => string(out, &id.to_string()),
        Value::Binary(binary) => {
            use base64::Engine as _;
            string(
                out,
                &base64::engine::general_purpose::STANDARD.encode(&binary.bytes),
            );
        }
        Value::Array(items) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                json(out, item);
            }
            out.push(b']');
        }
        Value::Object(object) => {
            out.push(b'{');
            for (at, (name, value)) in object.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                string(out, name);
                out.push(b':');
                json(out, value);
            }
            out.push(b'}');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_what_serde_writes() {
        for text in [
            "",
            "plain",
            "中文",
            "a\"b\\c",
            "\n\r\t\u{1}\u{1f}\u{7f}",
            "😀/é",
        ] {
            let mut out = Vec::new();
            string(&mut out, text);
            let read: String = serde_json::from_slice(&out).unwrap();
            assert_eq!(read, text);
        }
    }

    #[test]
    fn moments_are_what_the_vocabulary_writes() {
        let days = (-719_162..2_932_896).step_by(97);
        let moments = days.map(|day: i64| day * 86_400_000 + day.rem_euclid(86_399_999));
        let edges = [
            timestamp::MIN_MS,
            timestamp::MAX_MS,
            0,
            -1,
            951_782_399_999,
            951_782_400_000,
        ];
        for ms in moments.chain(edges) {
            let mut out = Vec::new();
            assert!(moment(&mut out, ms), "{ms}");
            let text = timestamp::format(ms).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), format!("\"{text}\""));
        }
        for ms in [timestamp::MIN_MS - 1, timestamp::MAX_MS + 1, i64::MIN] {
            assert!(!moment(&mut Vec::new(), ms));
        }
    }

    #[test]
    fn only_finite_numbers_are_written() {
        for (number, written) in [(1.5, "1.5"), (-0.0, "-0.0"), (1e300, "1e+300")] {
            let mut out = Vec::new();
            assert!(double(&mut out, number));
            assert_eq!(String::from_utf8(out).unwrap(), written);
        }
        let mut out = Vec::new();
        assert!(!double(&mut out, f64::NAN) && !double(&mut out, f64::INFINITY));
        assert!(out.is_empty());
    }
}
