//! `$dateAdd`, `$dateSubtract`: units of a calendar, where `$add` knows milliseconds only.

use jiff::Span;

use super::unit::Unit;
use super::zone::{UTC, zone};
use super::{local, moment, out_of_range};
use crate::data::Value;
use crate::mongo::expression::operand::whole;
use crate::mongo::expression::operator::Meaning::OfValues;
use crate::mongo::expression::operator::{Answer, Operator, Parameter};

pub(super) const OPERATORS: &[Operator] = &[
    Operator::named("$dateAdd", PARAMETERS, OfValues(|of| shifted(of, 1))),
    Operator::named("$dateSubtract", PARAMETERS, OfValues(|of| shifted(of, -1))),
];

const PARAMETERS: &[Parameter] = &[
    Parameter::required("startDate"),
    Parameter::required("unit"),
    Parameter::required("amount"),
    Parameter::or("timezone", UTC),
];

/// Days and longer units keep the time of day in the zone; a day that a month does not have is its last one.
fn shifted(of: &[&Value], sign: i64) -> Answer {
    let (start, unit, amount) = (moment(of[0])?, Unit::read(of[1])?, whole(of[2])?);
    let times = |unit: i64| {
        let amount = amount.checked_mul(unit * sign);
        amount.ok_or_else(|| out_of_range(()))
    };
    let span = match unit {
        Unit::Months(unit) => Span::new().try_months(times(unit)?),
        Unit::Days(unit) => Span::new().try_days(times(unit)?),
        Unit::Time(unit) => Span::new().try_milliseconds(times(unit)?),
    };
    let end = local(start, zone(of[3])?)?.checked_add(span.map_err(out_of_range)?);
    let ms = end.map_err(out_of_range)?.timestamp().as_millisecond();
    Ok(Value::Date(ms))
}
