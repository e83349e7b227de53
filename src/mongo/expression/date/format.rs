//! `$dateToString`.

use jiff::Zoned;

use super::part::{day_of_week, iso_day_of_week, iso_week, iso_week_year, week};
use super::zone::{UTC, zone};
use super::{local, moment};
use crate::data::Value;
use crate::mongo::expression::operand::{bytes, text};
use crate::mongo::expression::operator::Meaning::OfAny;
use crate::mongo::expression::operator::{Answer, Constant, Operator, Parameter, present};

pub(super) const OPERATORS: &[Operator] = &[Operator::named(
    "$dateToString",
    &[
        Parameter::required("date"),
        Parameter::optional("format"),
        Parameter::or("timezone", UTC),
        Parameter::or("onNull", Constant::Null),
    ],
    OfAny(to_string),
)];

/// English, as the specifiers are.
pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn to_string(of: &[Option<&Value>]) -> Answer<Option<Value>> {
    let Some(date) = present(of[0]) else {
        return Ok(of[3].cloned());
    };
    let Some(timezone) = present(of[2]) else {
        return Ok(Some(Value::Null));
    };
    let at = local(moment(date)?, zone(timezone)?)?;
    let format = match of[1] {
        None if is_utc(&at) => "%Y-%m-%dT%H:%M:%S.%LZ",
        None => "%Y-%m-%dT%H:%M:%S.%L",
        Some(Value::Null) => return Ok(Some(Value::Null)),
        Some(format) => text(format)?,
    };
    written(&at, format).map(|text| Some(Value::string(text)))
}

/// Whether it is so all year, unlike in London.
fn is_utc(at: &Zoned) -> bool {
    let always = at.time_zone().to_fixed_offset();
    always.is_ok_and(|offset| offset.is_zero())
}

fn written(at: &Zoned, format: &str) -> Answer<String> {
    let mut out = String::new();
    let mut rest = format.chars();
    while let Some(c) = rest.next() {
        match c {
            '%' => out.push_str(&specified(at, rest.next())?),
            c => out.push(c),
        }
        bytes(out.len())?;
    }
    Ok(out)
}

fn specified(at: &Zoned, specifier: Option<char>) -> Answer<String> {
    let month = || MONTHS[usize::try_from(at.month() - 1).expect("from 1")];
    Ok(match specifier {
        Some('b') => month()[..3].to_owned(),
        Some('B') => month().to_owned(),
        Some('d') => padded(at.day(), 2),
        Some('G') => padded(year(iso_week_year(at))?, 4),
        Some('H') => padded(at.hour(), 2),
        Some('j') => padded(at.day_of_year(), 3),
        Some('L') => padded(at.millisecond(), 3),
        Some('m') => padded(at.month(), 2),
        Some('M') => padded(at.minute(), 2),
        Some('S') => padded(at.second(), 2),
        Some('u') => padded(iso_day_of_week(at), 1),
        Some('U') => padded(week(at), 2),
        Some('V') => padded(iso_week(at), 2),
        Some('w') => padded(day_of_week(at), 1),
        Some('Y') => padded(year(at.year().into())?, 4),
        Some('z') => offset(at),
        Some('Z') => padded(at.offset().seconds() / 60, 1),
        Some('%') => "%".to_owned(),
        Some(other) => return Err(format!("has no format specifier `%{other}`")),
        None => return Err("needs a specifier after `%` in `format`".to_owned()),
    })
}

/// With zeros in front up to so many digits.
fn padded(number: impl Into<i64>, width: usize) -> String {
    format!("{:0width$}", number.into())
}

fn year(year: i64) -> Answer<i64> {
    if (0..=9999).contains(&year) {
        return Ok(year);
    }
    Err(format!(
        "needs a year from 0 to 9999 to write it, found {year}"
    ))
}

/// `+0800`
fn offset(at: &Zoned) -> String {
    let minutes = at.offset().seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    let minutes = minutes.abs();
    format!("{sign}{:02}{:02}", minutes / 60, minutes % 60)
}
