//! `$dateDiff`, `$dateTrunc`: borders of years, weeks, hours…

use jiff::civil::{Date, Weekday};
use jiff::{Span, Zoned};

use super::unit::{Unit, weekday};
use super::zone::{UTC, zone};
use super::{local, moment, out_of_range};
use crate::data::Value;
use crate::mongo::expression::operand::whole;
use crate::mongo::expression::operator::Meaning::OfValues;
use crate::mongo::expression::operator::{Answer, Constant, Operator, Parameter};

pub(super) const OPERATORS: &[Operator] = &[
    Operator::named(
        "$dateDiff",
        &[
            Parameter::required("startDate"),
            Parameter::required("endDate"),
            Parameter::required("unit"),
            Parameter::or("timezone", UTC),
            Parameter::or("startOfWeek", SUNDAY),
        ],
        OfValues(difference),
    ),
    Operator::named(
        "$dateTrunc",
        &[
            Parameter::required("date"),
            Parameter::required("unit"),
            Parameter::or("binSize", Constant::Int(1)),
            Parameter::or("timezone", UTC),
            Parameter::or("startOfWeek", SUNDAY),
        ],
        OfValues(truncated),
    ),
];

const SUNDAY: Constant = Constant::Text("sunday");

/// Borders are counted from here, so that bins of several units are the same for everybody.
const REFERENCE: Date = Date::constant(2000, 1, 1);

/// How many borders of the unit lie between the two dates.
fn difference(of: &[&Value]) -> Answer {
    let (zone, first_day) = (zone(of[3])?, weekday(of[4])?);
    let start = local(moment(of[0])?, zone.clone())?;
    let end = local(moment(of[1])?, zone)?;
    let borders = match Unit::read(of[2])? {
        Unit::Months(unit) => months(&end).div_euclid(unit) - months(&start).div_euclid(unit),
        Unit::Days(unit) => {
            let border = |at| days(at, unit, first_day).map(|days| days.div_euclid(unit));
            border(&end)? - border(&start)?
        }
        Unit::Time(unit) => {
            // Clocks that were set between the two dates make no hour longer.
            let offset = i64::from(start.offset().seconds()) * 1000;
            let border = |at: &Zoned| (at.timestamp().as_millisecond() + offset).div_euclid(unit);
            border(&end) - border(&start)
        }
    };
    Ok(Value::Int(borders))
}

/// The last border of a bin of units that is not after the date.
fn truncated(of: &[&Value]) -> Answer {
    let (unit, zone, first_day) = (Unit::read(of[1])?, zone(of[3])?, weekday(of[4])?);
    let bin = match whole(of[2])? {
        bin @ 1.. => bin,
        other => return Err(format!("needs a `binSize` from 1, found {other}")),
    };
    let at = local(moment(of[0])?, zone.clone())?;
    let of_bin = |unit: i64| bin.checked_mul(unit).ok_or_else(|| out_of_range(()));
    let day = match unit {
        Unit::Months(unit) => {
            let after = months(&at).rem_euclid(of_bin(unit)?);
            let span = Span::new().try_months(after).map_err(out_of_range)?;
            at.date().first_of_month().checked_sub(span)
        }
        Unit::Days(unit) => {
            let after = days(&at, unit, first_day)?.rem_euclid(of_bin(unit)?);
            let span = Span::new().try_days(after).map_err(out_of_range)?;
            at.date().checked_sub(span)
        }
        Unit::Time(unit) => {
            let reference = REFERENCE.to_zoned(zone).map_err(out_of_range)?;
            let ms = at.timestamp().as_millisecond();
            let after = (ms - reference.timestamp().as_millisecond()).rem_euclid(of_bin(unit)?);
            return Ok(Value::Date(ms - after));
        }
    };
    let border = day
        .and_then(|day| day.to_zoned(zone))
        .map_err(out_of_range)?;
    Ok(Value::Date(border.timestamp().as_millisecond()))
}

/// Months since the reference.
fn months(at: &Zoned) -> i64 {
    let years = i64::from(at.year()) - i64::from(REFERENCE.year());
    years * 12 + i64::from(at.month()) - 1
}

/// Days since the reference; for weeks, since the first of it or after it that starts a week.
fn days(at: &Zoned, unit: i64, first_day: Weekday) -> Answer<i64> {
    let shift = if unit == 7 {
        REFERENCE.weekday().until(first_day).into()
    } else {
        0
    };
    let since = REFERENCE.until(at.date()).map_err(out_of_range)?;
    Ok(i64::from(since.get_days()) - shift)
}
