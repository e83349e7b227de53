//! `$year`, `$dayOfWeek`, `$week`… and all of them at once, `$dateToParts`.

use jiff::Zoned;

use super::zone::{UTC, zone};
use super::{local, moment};
use crate::data::Value;
use crate::mongo::expression::is_true;
use crate::mongo::expression::operator::Meaning::OfAny;
use crate::mongo::expression::operator::{
    Answer, Constant, Meaning, Operator, Parameter, Parameters, present,
};

pub(super) const OPERATORS: &[Operator] = &[
    Operator::named(
        "$dateToParts",
        &[
            Parameter::required("date"),
            Parameter::or("timezone", UTC),
            Parameter::or("iso8601", Constant::Bool(false)),
        ],
        OfAny(parts),
    ),
    of_date("$dayOfMonth", OfAny(|of| part(of, |at| at.day().into()))),
    of_date("$dayOfWeek", OfAny(|of| part(of, day_of_week))),
    of_date(
        "$dayOfYear",
        OfAny(|of| part(of, |at| at.day_of_year().into())),
    ),
    of_date("$hour", OfAny(|of| part(of, |at| at.hour().into()))),
    of_date("$isoDayOfWeek", OfAny(|of| part(of, iso_day_of_week))),
    of_date("$isoWeek", OfAny(|of| part(of, iso_week))),
    of_date("$isoWeekYear", OfAny(|of| part(of, iso_week_year))),
    of_date(
        "$millisecond",
        OfAny(|of| part(of, |at| at.millisecond().into())),
    ),
    of_date("$minute", OfAny(|of| part(of, |at| at.minute().into()))),
    of_date("$month", OfAny(|of| part(of, |at| at.month().into()))),
    of_date("$second", OfAny(|of| part(of, |at| at.second().into()))),
    of_date("$week", OfAny(|of| part(of, week))),
    of_date("$year", OfAny(|of| part(of, |at| at.year().into()))),
];

const fn of_date(name: &'static str, meaning: Meaning) -> Operator {
    const PARAMETERS: &[Parameter] = &[Parameter::required("date"), Parameter::or("timezone", UTC)];
    Operator::new(name, Parameters::FirstOrNamed(PARAMETERS), meaning)
}

fn part(of: &[Option<&Value>], part: fn(&Zoned) -> i64) -> Answer<Option<Value>> {
    let (Some(date), Some(timezone)) = (present(of[0]), present(of[1])) else {
        return Ok(Some(Value::Null));
    };
    let at = local(moment(date)?, zone(timezone)?)?;
    Ok(Some(Value::Int(part(&at))))
}

/// From 1, Sunday.
pub(super) fn day_of_week(at: &Zoned) -> i64 {
    at.weekday().to_sunday_one_offset().into()
}

/// From 1, Monday.
pub(super) fn iso_day_of_week(at: &Zoned) -> i64 {
    at.weekday().to_monday_one_offset().into()
}

/// From 1; the first week of a year is the one with its first Thursday.
pub(super) fn iso_week(at: &Zoned) -> i64 {
    at.date().iso_week_date().week().into()
}

/// The year that the ISO week belongs to.
pub(super) fn iso_week_year(at: &Zoned) -> i64 {
    at.date().iso_week_date().year().into()
}

/// From 0: the days before the first Sunday of the year are week 0.
pub(super) fn week(at: &Zoned) -> i64 {
    let since_sunday = i64::from(at.weekday().to_sunday_zero_offset());
    (i64::from(at.day_of_year()) + 6 - since_sunday) / 7
}

fn parts(of: &[Option<&Value>]) -> Answer<Option<Value>> {
    let (Some(date), Some(timezone), Some(iso)) = (present(of[0]), present(of[1]), present(of[2]))
    else {
        return Ok(Some(Value::Null));
    };
    let at = local(moment(date)?, zone(timezone)?)?;
    let day = if is_true(Some(iso)) {
        [
            ("isoWeekYear", iso_week_year(&at)),
            ("isoWeek", iso_week(&at)),
            ("isoDayOfWeek", iso_day_of_week(&at)),
        ]
    } else {
        [
            ("year", at.year().into()),
            ("month", at.month().into()),
            ("day", at.day().into()),
        ]
    };
    let time = [
        ("hour", at.hour().into()),
        ("minute", at.minute().into()),
        ("second", at.second().into()),
        ("millisecond", at.millisecond().into()),
    ];
    let members = day.into_iter().chain(time);
    Ok(Some(Value::Object(
        members
            .map(|(name, part)| (name, Value::Int(part)))
            .collect(),
    )))
}
