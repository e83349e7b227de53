//! `$dateFromString`: dates as people write them, or as a format says.

use std::borrow::Cow;

use jiff::civil::{Date, DateTime, ISOWeekDate, Weekday};
use jiff::tz::{Offset, TimeZone};

use super::format::MONTHS;
use super::out_of_range;
use super::zone::{named, offset, zone};
use crate::data::Value;
use crate::mongo::Result;
use crate::mongo::expression::evaluate::{Call, Found};
use crate::mongo::expression::operand::text;
use crate::mongo::expression::operator::Meaning::Form;
use crate::mongo::expression::operator::{Answer, Constant, Operator, Parameter, present};

pub(super) const OPERATORS: &[Operator] = &[Operator::named(
    "$dateFromString",
    &[
        Parameter::required("dateString"),
        Parameter::optional("format"),
        Parameter::optional("timezone"),
        Parameter::optional("onError"),
        Parameter::or("onNull", Constant::Null),
    ],
    Form(from_string),
)];

fn from_string<'a>(call: &Call<'a>) -> Result<Found<'a>> {
    let (written, format, timezone) = (call.value(0)?, call.value(1)?, call.value(2)?);
    let Some(written) = present(written.as_deref()) else {
        return call.value(4);
    };
    let null = |at: usize, value: &Found<'_>| call.gives(at) && present(value.as_deref()).is_none();
    if null(1, &format) || null(2, &timezone) {
        return Ok(Some(Cow::Owned(Value::Null)));
    }
    let format = call.answer(format.as_deref().map(text).transpose())?;
    let zone = call.answer(timezone.as_deref().map(zone).transpose())?;
    match text(written).and_then(|written| moment(written, format, zone)) {
        Ok(ms) => Ok(Some(Cow::Owned(Value::Date(ms)))),
        Err(_) if call.gives(3) => call.value(3),
        Err(reason) => call.answer(Err(reason)),
    }
}

/// The moment that a text without any format or time zone beside it says.
pub(in crate::mongo::expression) fn read_alone(written: &str) -> Answer<i64> {
    moment(written, None, None)
}

fn moment(written: &str, format: Option<&str>, zone: Option<TimeZone>) -> Answer<i64> {
    let mut reader = Reader { rest: written };
    let parts = match format {
        Some(format) => reader.by_format(format),
        None => reader.usual(),
    };
    let refused = || {
        let shown: String = written.chars().take(40).collect();
        format!("cannot read the date `{shown}`")
    };
    let parts = parts
        .filter(|_| reader.rest.is_empty())
        .ok_or_else(refused)?;
    let zone = match (parts.zone.clone(), zone) {
        (Some(_), Some(_)) => {
            return Err("takes no `timezone` for a date that says its own".to_owned());
        }
        (own, other) => own.or(other).unwrap_or(TimeZone::UTC),
    };
    let shown = parts.shown().ok_or_else(refused)?;
    let at = shown.to_zoned(zone).map_err(out_of_range)?;
    Ok(at.timestamp().as_millisecond())
}

/// What a text says of a date.
#[derive(Clone, Debug, Default)]
struct Parts {
    year: Option<i16>,
    month: Option<i8>,
    day: Option<i8>,
    day_of_year: Option<i16>,
    iso_year: Option<i16>,
    iso_week: Option<i8>,
    iso_day: Option<i8>,
    hour: i8,
    minute: i8,
    second: i8,
    ms: i32,
    zone: Option<TimeZone>,
}

impl Parts {
    /// What calendar and clock show; `None` if the day is not said in full, or there is no such day or time.
    fn shown(&self) -> Option<DateTime> {
        let date = match (self.iso_year, self.day_of_year) {
            (Some(year), _) => {
                let day = Weekday::from_monday_one_offset(self.iso_day?).ok()?;
                ISOWeekDate::new(year, self.iso_week?, day).ok()?.date()
            }
            (None, Some(day)) => Date::new(self.year?, 1, 1)
                .ok()?
                .with()
                .day_of_year(day)
                .build()
                .ok()?,
            (None, None) => Date::new(self.year?, self.month?, self.day?).ok()?,
        };
        let time = jiff::civil::Time::new(self.hour, self.minute, self.second, self.ms * 1_000_000);
        Some(date.to_datetime(time.ok()?))
    }
}

/// Takes a text apart from its beginning.
struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    /// `2017-02-08`, `2017/2/8`, with a time after `T` or a blank, with a zone after that.
    fn usual(&mut self) -> Option<Parts> {
        let mut parts = Parts {
            year: Some(self.digits(4, 4)?),
            ..Parts::default()
        };
        let separator = if self.skip("/") { "/" } else { "-" };
        if separator == "-" && !self.skip("-") {
            return None;
        }
        parts.month = Some(self.digits(1, 2)?);
        if !self.skip(separator) {
            return None;
        }
        parts.day = Some(self.digits(1, 2)?);
        if self.rest.starts_with(['T', 't']) || self.rest.get(1..).is_some_and(starts_with_digit) {
            self.rest = &self.rest[1..];
            self.time(&mut parts)?;
        }
        self.skip(" ");
        parts.zone = self.zone()?;
        Some(parts)
    }

    /// `12:10`, `12:10:40`, `12:10:40.787`
    fn time(&mut self, parts: &mut Parts) -> Option<()> {
        parts.hour = self.digits(1, 2)?;
        if !self.skip(":") {
            return None;
        }
        parts.minute = self.digits(2, 2)?;
        if self.skip(":") {
            parts.second = self.digits(2, 2)?;
            if self.skip(".") {
                parts.ms = self.fraction()?;
            }
        }
        Some(())
    }

    /// Milliseconds after a point; what is finer is dropped.
    fn fraction(&mut self) -> Option<i32> {
        let count = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        let shown: String = digits.chars().chain("00".chars()).take(3).collect();
        (1..=9)
            .contains(&count)
            .then(|| shown.parse().ok())
            .flatten()
    }

    /// The zone that is all of the rest; there may be none.
    fn zone(&mut self) -> Option<Option<TimeZone>> {
        let name = std::mem::take(&mut self.rest);
        if name.is_empty() {
            return Some(None);
        }
        named(name).map(Some)
    }

    fn by_format(&mut self, format: &str) -> Option<Parts> {
        let mut parts = Parts::default();
        let mut format = format.chars();
        while let Some(c) = format.next() {
            match c {
                '%' => self.specified(format.next()?, &mut parts)?,
                c => self.rest = self.rest.strip_prefix(c)?,
            }
        }
        Some(parts)
    }

    fn specified(&mut self, specifier: char, parts: &mut Parts) -> Option<()> {
        match specifier {
            'Y' => parts.year = Some(self.digits(4, 4)?),
            'm' => parts.month = Some(self.digits(1, 2)?),
            'd' => parts.day = Some(self.digits(1, 2)?),
            'j' => parts.day_of_year = Some(self.digits(3, 3)?),
            'G' => parts.iso_year = Some(self.digits(4, 4)?),
            'V' => parts.iso_week = Some(self.digits(1, 2)?),
            'u' => parts.iso_day = Some(self.digits(1, 1)?),
            'H' => parts.hour = self.digits(1, 2)?,
            'M' => parts.minute = self.digits(1, 2)?,
            'S' => parts.second = self.digits(1, 2)?,
            'L' => parts.ms = self.digits(1, 3)?,
            'z' => parts.zone = Some(self.offset()?),
            'Z' => parts.zone = Some(self.minutes()?),
            'b' => parts.month = Some(self.month(3)?),
            'B' => parts.month = Some(self.month(usize::MAX)?),
            '%' => self.rest = self.rest.strip_prefix('%')?,
            _ => return None,
        }
        Some(())
    }

    fn offset(&mut self) -> Option<TimeZone> {
        if self.skip("Z") {
            return Some(TimeZone::UTC);
        }
        let sign = |c: char| c == '+' || c == '-' || c == ':' || c.is_ascii_digit();
        let end = self.rest.find(|c| !sign(c)).unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        offset(text).map(TimeZone::fixed)
    }

    /// `+480`
    fn minutes(&mut self) -> Option<TimeZone> {
        let sign = if self.skip("-") { -1 } else { 1 };
        self.skip("+");
        let minutes: i32 = self.digits(1, 4)?;
        Offset::from_seconds(sign * minutes * 60)
            .ok()
            .map(TimeZone::fixed)
    }

    /// An English month, or so many letters of it.
    fn month(&mut self, letters: usize) -> Option<i8> {
        let (number, length) = (1..).zip(MONTHS).find_map(|(number, name)| {
            let name = &name[..letters.min(name.len())];
            let text = self.rest.get(..name.len())?;
            text.eq_ignore_ascii_case(name)
                .then_some((number, name.len()))
        })?;
        self.rest = &self.rest[length..];
        Some(number)
    }

    fn skip(&mut self, text: &str) -> bool {
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// A number of so many digits, as many as there are.
    fn digits<T: std::str::FromStr>(&mut self, least: usize, most: usize) -> Option<T> {
        let count = self
            .rest
            .bytes()
            .take(most)
            .take_while(u8::is_ascii_digit)
            .count();
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        (count >= least).then(|| digits.parse().ok()).flatten()
    }
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}
