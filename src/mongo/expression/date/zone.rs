//! Time zones: `Asia/Shanghai`, `+08:00`, `+0800`, `-05`, `UTC`.

use jiff::tz::{Offset, TimeZone};

use crate::data::Value;
use crate::mongo::expression::operand::text;
use crate::mongo::expression::operator::{Answer, Constant};

/// UTC, as the default of a parameter.
pub(super) const UTC: Constant = Constant::Text("UTC");

pub(super) fn zone(value: &Value) -> Answer<TimeZone> {
    let name = text(value)?;
    named(name).ok_or_else(|| {
        format!("needs a time zone such as `Asia/Shanghai` or `+08:00`, found `{name}`")
    })
}

pub(super) fn named(name: &str) -> Option<TimeZone> {
    if name.starts_with(['+', '-']) {
        return offset(name).map(TimeZone::fixed);
    }
    match name {
        "UTC" | "GMT" | "Z" => Some(TimeZone::UTC),
        name => jiff::tz::db().get(name).ok(),
    }
}

/// A sign, hours of two digits, and maybe minutes, with or without a colon.
pub(super) fn offset(text: &str) -> Option<Offset> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let number = |digits: &str| {
        let two = digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_digit());
        two.then(|| digits.parse::<i32>().ok()).flatten()
    };
    let (hours, rest) = digits.split_at_checked(2)?;
    let minutes = match rest {
        "" => 0,
        rest => number(rest.strip_prefix(':').unwrap_or(rest)).filter(|minutes| *minutes < 60)?,
    };
    Offset::from_seconds(sign * (number(hours)? * 3600 + minutes * 60)).ok()
}
