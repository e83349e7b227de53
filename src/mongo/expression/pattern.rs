//! `$regexMatch`, `$regexFind`, `$regexFindAll`.
//!
//! A pattern means what it means in a condition ([`crate::mongo::query`]).

use std::borrow::Cow;

use fancy_regex::{Captures, Error, Match, Regex};

use super::evaluate::{Call, Found};
use super::operand::{elements, needs, text};
use super::operator::Meaning::Form;
use super::operator::{Answer, Operator, Parameter, present};
use crate::data::{Object, Value};
use crate::mongo::Result;
use crate::mongo::query::regex::{Compiled, engine};

pub(super) const OPERATORS: &[Operator] = &[
    Operator::named("$regexFind", PARAMETERS, Form(|call| searched(call, find))),
    Operator::named(
        "$regexFindAll",
        PARAMETERS,
        Form(|call| searched(call, find_all)),
    ),
    Operator::named(
        "$regexMatch",
        PARAMETERS,
        Form(|call| searched(call, is_match)),
    ),
];

const PARAMETERS: &[Parameter] = &[
    Parameter::required("input"),
    Parameter::required("regex"),
    Parameter::optional("options"),
];

/// Looks for the pattern; there is nothing to be found in null.
fn searched<'a>(
    call: &Call<'a>,
    search: fn(Option<(&Regex, &str)>) -> Answer,
) -> Result<Found<'a>> {
    let (input, pattern, options) = (call.value(0)?, call.value(1)?, call.value(2)?);
    let meter = call.env.meter();
    let found = match (present(input.as_deref()), present(pattern.as_deref())) {
        (Some(input), Some(pattern)) => {
            meter.compile()?;
            meter.read(input)?;
            let regex = call.answer(compile(pattern, present(options.as_deref())))?;
            let input = call.answer(text(input))?;
            search(Some((&regex, input)))
        }
        _ => search(None),
    };
    let found = call.answer(found)?;
    meter.make(&found)?;
    Ok(Some(Cow::Owned(found)))
}

/// A pattern as text, or as EJSON writes it with options of its own.
fn compile(pattern: &Value, options: Option<&Value>) -> Answer<Compiled> {
    let (pattern, own_options) = match pattern {
        Value::String(pattern) => Some((pattern.as_str(), "")),
        Value::Object(object) => written(object),
        _ => None,
    }
    .ok_or_else(|| needs("a regular expression as `regex`", pattern))?;
    let options = options.map_or(Ok(own_options), text)?;
    engine(pattern, options)
}

/// `{$regularExpression: {pattern, options}}` or `{$regex, $options}`.
fn written(object: &Object) -> Option<(&str, &str)> {
    let (object, pattern, options) = match object.get("$regularExpression") {
        Some(inner) => (inner.as_object()?, "pattern", "options"),
        None => (object, "$regex", "$options"),
    };
    let options = object
        .get(options)
        .and_then(Value::as_str)
        .unwrap_or_default();
    Some((object.get(pattern)?.as_str()?, options))
}

fn is_match(search: Option<(&Regex, &str)>) -> Answer {
    let Some((regex, text)) = search else {
        return Ok(Value::Bool(false));
    };
    regex.is_match(text).map(Value::Bool).map_err(given_up)
}

fn find(search: Option<(&Regex, &str)>) -> Answer {
    let Some((regex, text)) = search else {
        return Ok(Value::Null);
    };
    let found = regex.captures(text).map_err(given_up)?;
    Ok(found.map_or(Value::Null, |captures| {
        let position = code_points(&text[..whole(&captures).start()]);
        finding(&captures, position)
    }))
}

fn find_all(search: Option<(&Regex, &str)>) -> Answer {
    let Some((regex, text)) = search else {
        return Ok(Value::Array(Vec::new()));
    };
    let mut findings = Vec::new();
    // Counted from one finding to the next: from the beginning each time would be quadratic.
    let (mut position, mut counted) = (0, 0);
    for captures in regex.captures_iter(text) {
        let captures = captures.map_err(given_up)?;
        elements(findings.len() + 1)?;
        let at = whole(&captures).start();
        position += code_points(&text[counted..at]);
        counted = at;
        findings.push(finding(&captures, position));
    }
    Ok(Value::Array(findings))
}

fn given_up(_: Error) -> String {
    "needs a regular expression that takes fewer ways back".to_owned()
}

fn whole<'t>(captures: &Captures<'t, str>) -> Match<'t> {
    captures.get(0).expect("group 0 is the match itself")
}

fn code_points(text: &str) -> i64 {
    i64::try_from(text.chars().count()).expect("a length in memory")
}

/// `{match, idx, captures}`; a group that took no part is null.
fn finding(captures: &Captures<'_, str>, position: i64) -> Value {
    let group =
        |group: Option<Match<'_>>| group.map_or(Value::Null, |group| Value::string(group.as_str()));
    let groups = captures.iter().skip(1).map(group).collect();
    let members = [
        ("match", Value::string(whole(captures).as_str())),
        ("idx", Value::Int(position)),
        ("captures", Value::Array(groups)),
    ];
    Value::Object(members.into_iter().collect())
}
