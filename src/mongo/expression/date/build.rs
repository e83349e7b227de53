//! `$dateFromParts`: a date of year, month, day… in a time zone. A part beyond its range carries over: month 14 is
//! February of the next year.

use std::borrow::Cow;

use jiff::civil::{Date, DateTime, ISOWeekDate, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};

use super::out_of_range;
use super::zone::{UTC, zone};
use crate::data::Value;
use crate::mongo::Result;
use crate::mongo::expression::evaluate::{Call, Found};
use crate::mongo::expression::operand::whole;
use crate::mongo::expression::operator::Meaning::Form;
use crate::mongo::expression::operator::{Answer, Constant, Operator, Parameter, present};

pub(super) const OPERATORS: &[Operator] = &[Operator::named(
    "$dateFromParts",
    &[
        Parameter::optional("year"),
        Parameter::or("month", Constant::Int(1)),
        Parameter::or("day", Constant::Int(1)),
        Parameter::optional("isoWeekYear"),
        Parameter::or("isoWeek", Constant::Int(1)),
        Parameter::or("isoDayOfWeek", Constant::Int(1)),
        Parameter::or("hour", Constant::Int(0)),
        Parameter::or("minute", Constant::Int(0)),
        Parameter::or("second", Constant::Int(0)),
        Parameter::or("millisecond", Constant::Int(0)),
        Parameter::or("timezone", UTC),
    ],
    Form(from_parts),
)];

const YEAR: usize = 0;
const ISO_WEEK_YEAR: usize = 3;
const HOUR: usize = 6;
const TIMEZONE: usize = 10;

/// Null if one of the parts is.
fn from_parts<'a>(call: &Call<'a>) -> Result<Found<'a>> {
    let first = match (call.gives(YEAR), call.gives(ISO_WEEK_YEAR)) {
        (true, false) => YEAR,
        (false, true) => ISO_WEEK_YEAR,
        _ => return call.answer(Err("needs either `year` or `isoWeekYear`".to_owned())),
    };
    let (Some(day), Some(time), Some(timezone)) = (
        parts::<3>(call, first)?,
        parts::<4>(call, HOUR)?,
        call.value(TIMEZONE)?,
    ) else {
        return Ok(Some(Cow::Owned(Value::Null)));
    };
    if present(Some(&timezone)).is_none() {
        return Ok(Some(Cow::Owned(Value::Null)));
    }
    let zone = call.answer(zone(&timezone))?;
    let date = if first == YEAR {
        calendar_day(day)
    } else {
        iso_day(day)
    };
    let ms = date.and_then(|date| moment(date, time, zone));
    Ok(Some(Cow::Owned(Value::Date(call.answer(ms)?))))
}

/// So many parts, from this one on.
fn parts<const N: usize>(call: &Call<'_>, first: usize) -> Result<Option<[i64; N]>> {
    let mut parts = [0; N];
    for (part, at) in parts.iter_mut().zip(first..) {
        let value = call.value(at)?;
        let Some(value) = present(value.as_deref()) else {
            return Ok(None);
        };
        *part = call.answer(self::part(value))?;
    }
    Ok(Some(parts))
}

fn part(value: &Value) -> Answer<i64> {
    let part = whole(value)?;
    if i16::try_from(part).is_err() {
        return Err(format!("needs parts of 16 bits, found {part}"));
    }
    Ok(part)
}

fn year_of_four_digits(year: i64) -> Answer<i64> {
    if (1..=9999).contains(&year) {
        return Ok(year);
    }
    Err(format!("needs a year from 1 to 9999, found {year}"))
}

fn calendar_day([year, month, day]: [i64; 3]) -> Answer<Date> {
    let months = year_of_four_digits(year)? * 12 + month - 1;
    let year = i16::try_from(months.div_euclid(12)).map_err(out_of_range)?;
    let month = i8::try_from(months.rem_euclid(12) + 1).expect("one of twelve");
    let first = Date::new(year, month, 1).map_err(out_of_range)?;
    first.checked_add((day - 1).days()).map_err(out_of_range)
}

fn iso_day([year, week, day]: [i64; 3]) -> Answer<Date> {
    let year = i16::try_from(year_of_four_digits(year)?).map_err(out_of_range)?;
    let first = ISOWeekDate::new(year, 1, Weekday::Monday).map_err(out_of_range)?;
    let days = (week - 1) * 7 + day - 1;
    first.date().checked_add(days.days()).map_err(out_of_range)
}

/// When the clocks of the zone show this time of this day.
fn moment(date: Date, [hour, minute, second, ms]: [i64; 4], zone: TimeZone) -> Answer<i64> {
    let time = ((hour * 60 + minute) * 60 + second) * 1000 + ms;
    let shown: DateTime = date
        .to_datetime(jiff::civil::Time::midnight())
        .checked_add(SignedDuration::from_millis(time))
        .map_err(out_of_range)?;
    let at = shown.to_zoned(zone).map_err(out_of_range)?;
    Ok(at.timestamp().as_millisecond())
}
