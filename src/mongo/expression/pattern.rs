//! `$regexMatch`, `$regexFind`, `$regexFindAll`.
//!
//! Patterns are those of the `regex` crate: linear time, no look-around and no back-references.

use std::borrow::Cow;

use regex::{Captures, Regex, RegexBuilder};

use super::evaluate::{Call, Found};
use super::operand::{elements, needs, text};
use super::operator::Meaning::Form;
use super::operator::{Answer, Operator, Parameter, present};
use crate::data::{Object, Pattern, Value};
use crate::mongo::Result;

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

/// Memory a compiled pattern may take, in bytes.
const MAX_COMPILED: usize = 1 << 20;

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
fn compile(pattern: &Value, options: Option<&Value>) -> Answer<Regex> {
    let (pattern, own_options) = match pattern {
        Value::String(pattern) => (pattern.as_str(), ""),
        Value::Object(object) => {
            written(object).ok_or_else(|| needs("a regular expression as `regex`", pattern))?
        }
        other => return Err(needs("a regular expression as `regex`", other)),
    };
    let options = match options {
        Some(options) => text(options)?,
        None => own_options,
    };
    if pattern.len() > Pattern::MAX_LEN {
        return Err(format!(
            "needs a pattern of at most {} bytes",
            Pattern::MAX_LEN
        ));
    }
    let mut builder = RegexBuilder::new(pattern);
    builder
        .size_limit(MAX_COMPILED)
        .dfa_size_limit(MAX_COMPILED);
    for option in options.chars() {
        match option {
            'i' => builder.case_insensitive(true),
            'm' => builder.multi_line(true),
            's' => builder.dot_matches_new_line(true),
            'x' => builder.ignore_whitespace(true),
            'g' | 'u' => &mut builder,
            other => return Err(format!("has no option `{other}`")),
        };
    }
    builder
        .build()
        .map_err(|_| format!("cannot read the pattern `{pattern}`"))
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
    Ok(Value::Bool(
        search.is_some_and(|(regex, text)| regex.is_match(text)),
    ))
}

fn find(search: Option<(&Regex, &str)>) -> Answer {
    let found = search.and_then(|(regex, text)| Some((regex.captures(text)?, text)));
    Ok(found.map_or(Value::Null, |(captures, text)| {
        let position = code_points(&text[..start(&captures)]);
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
        elements(findings.len() + 1)?;
        let at = start(&captures);
        position += code_points(&text[counted..at]);
        counted = at;
        findings.push(finding(&captures, position));
    }
    Ok(Value::Array(findings))
}

fn start(captures: &Captures<'_>) -> usize {
    captures.get_match().start()
}

fn code_points(text: &str) -> i64 {
    i64::try_from(text.chars().count()).expect("a length in memory")
}

/// `{match, idx, captures}`; a group that took no part is null.
fn finding(captures: &Captures<'_>, position: i64) -> Value {
    let group = |group: Option<regex::Match<'_>>| {
        group.map_or(Value::Null, |group| Value::string(group.as_str()))
    };
    let groups = captures.iter().skip(1).map(group).collect();
    let members = [
        ("match", Value::string(captures.get_match().as_str())),
        ("idx", Value::Int(position)),
        ("captures", Value::Array(groups)),
    ];
    Value::Object(members.into_iter().collect())
}
