//! What dates are counted in: years, days, hours…

use jiff::civil::Weekday;

use crate::data::Value;
use crate::mongo::expression::operand::text;
use crate::mongo::expression::operator::Answer;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Months(i64),
    Days(i64),
    /// Milliseconds, for hours and what is shorter.
    Time(i64),
}

impl Unit {
    pub(super) fn read(value: &Value) -> Answer<Self> {
        Ok(match text(value)? {
            "year" => Unit::Months(12),
            "quarter" => Unit::Months(3),
            "month" => Unit::Months(1),
            "week" => Unit::Days(7),
            "day" => Unit::Days(1),
            "hour" => Unit::Time(3_600_000),
            "minute" => Unit::Time(60_000),
            "second" => Unit::Time(1000),
            "millisecond" => Unit::Time(1),
            other => {
                return Err(format!(
                    "needs a unit such as `year`, `day` or `millisecond`, found `{other}`"
                ));
            }
        })
    }
}

/// The day a week starts with, by its English name or the first three letters of it.
pub(super) fn weekday(value: &Value) -> Answer<Weekday> {
    let name = text(value)?.to_ascii_lowercase();
    Ok(match name.as_str() {
        "monday" | "mon" => Weekday::Monday,
        "tuesday" | "tue" => Weekday::Tuesday,
        "wednesday" | "wed" => Weekday::Wednesday,
        "thursday" | "thu" => Weekday::Thursday,
        "friday" | "fri" => Weekday::Friday,
        "saturday" | "sat" => Weekday::Saturday,
        "sunday" | "sun" => Weekday::Sunday,
        other => {
            return Err(format!(
                "needs a day of the week as `startOfWeek`, found `{other}`"
            ));
        }
    })
}
