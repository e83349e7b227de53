//! Dates: a moment, seen in a time zone.
//!
//! A date is milliseconds since 1970; whoever asks for a day or an hour says in which time zone, or means UTC.
//!
//! - `zone.rs`: time zones by name and offset; `part.rs`: `$year`, `$week`, `$dateToParts`
//! - `build.rs`: `$dateFromParts`; `format.rs`: `$dateToString`; `read.rs`: `$dateFromString`
//! - `shift.rs`: `$dateAdd`; `between.rs`: `$dateDiff`, `$dateTrunc`; `unit.rs`: what they count in

mod between;
mod build;
mod format;
mod part;
mod read;
mod shift;
mod unit;
mod zone;

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

pub(super) use self::read::read_alone as read;
use super::operand::needs;
use super::operator::{Answer, Operator};
use crate::data::Value;

pub(super) const FAMILIES: &[&[Operator]] = &[
    between::OPERATORS,
    build::OPERATORS,
    format::OPERATORS,
    part::OPERATORS,
    read::OPERATORS,
    shift::OPERATORS,
];

/// The moment that a value is: an `ObjectId` tells when it was made.
pub(super) fn moment(value: &Value) -> Answer<i64> {
    match value {
        Value::Date(ms) => Ok(*ms),
        Value::ObjectId(id) => {
            let [a, b, c, d, ..] = id.0;
            Ok(i64::from(u32::from_be_bytes([a, b, c, d])) * 1000)
        }
        other => Err(needs("a date", other)),
    }
}

/// The moment as clocks in the time zone show it.
fn local(ms: i64, zone: TimeZone) -> Answer<Zoned> {
    Timestamp::from_millisecond(ms)
        .map(|moment| moment.to_zoned(zone))
        .map_err(|_| "needs a date within 9999 years".to_owned())
}

/// What a date operator says of a date that it cannot reach.
fn out_of_range<E>(_: E) -> String {
    "leaves the range of dates".to_owned()
}
