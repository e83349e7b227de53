//! `$concat`, `$split`, `$trim`, `$toLower`…: functions of texts.

use std::cmp::Ordering;

use super::operand::{as_text, bytes, elements, needs, text};
use super::operator::Meaning::{OfAny, OfValues};
use super::operator::{Answer, Constant, Cost, MANY, Operator, Parameter, present};
use crate::data::Value;

pub(super) const OPERATORS: &[Operator] = &[
    Operator::listed("$concat", 0, MANY, OfValues(concat)),
    Operator::named("$ltrim", TRIM, OfAny(|of| trim(of, Trimmed::Start))),
    Operator::named(
        "$replaceAll",
        REPLACE,
        OfValues(|of| replace(of, usize::MAX)),
    ),
    Operator::named("$replaceOne", REPLACE, OfValues(|of| replace(of, 1))),
    Operator::named("$rtrim", TRIM, OfAny(|of| trim(of, Trimmed::End))),
    Operator::listed("$split", 2, 2, OfValues(split)).costs(Cost::Copies),
    Operator::listed("$strLenBytes", 1, 1, OfAny(|of| length(of, str::len))),
    Operator::listed(
        "$strLenCP",
        1,
        1,
        OfAny(|of| length(of, |text| text.chars().count())),
    ),
    Operator::listed("$strcasecmp", 2, 2, OfAny(compare_without_case)),
    Operator::listed(
        "$toLower",
        1,
        1,
        OfAny(|of| Ok(Some(Value::string(as_text(of[0])?.to_ascii_lowercase())))),
    ),
    Operator::listed(
        "$toUpper",
        1,
        1,
        OfAny(|of| Ok(Some(Value::string(as_text(of[0])?.to_ascii_uppercase())))),
    ),
    Operator::named("$trim", TRIM, OfAny(|of| trim(of, Trimmed::Both))),
];

const TRIM: &[Parameter] = &[Parameter::required("input"), Parameter::or("chars", SPACE)];

const REPLACE: &[Parameter] = &[
    Parameter::required("input"),
    Parameter::required("find"),
    Parameter::required("replacement"),
];

/// What is trimmed where nothing is said: the white space of Unicode, and the null character.
const SPACE: Constant = Constant::Text(
    "\0\t\n\u{b}\u{c}\r \u{a0}\u{1680}\u{2000}\u{2001}\u{2002}\u{2003}\u{2004}\u{2005}\u{2006}\u{2007}\u{2008}\u{2009}\u{200a}",
);

fn concat(of: &[&Value]) -> Answer {
    let mut all = String::new();
    for value in of {
        let part = text(value)?;
        bytes(all.len() + part.len())?;
        all.push_str(part);
    }
    Ok(Value::string(all))
}

fn length(of: &[Option<&Value>], measure: fn(&str) -> usize) -> Answer<Option<Value>> {
    let length = measure(text(of[0].unwrap_or(&Value::Null))?);
    Ok(Some(Value::Int(
        i64::try_from(length).expect("a length in memory"),
    )))
}

fn split(of: &[&Value]) -> Answer {
    let (whole, separator) = (text(of[0])?, text(of[1])?);
    if separator.is_empty() {
        return Err("needs a separator that is not empty".to_owned());
    }
    elements(whole.matches(separator).count() + 1)?;
    Ok(Value::Array(
        whole.split(separator).map(Value::string).collect(),
    ))
}

/// Only letters of ASCII have a case here.
fn compare_without_case(of: &[Option<&Value>]) -> Answer<Option<Value>> {
    let (a, b) = (as_text(of[0])?, as_text(of[1])?);
    let lower = |text: &str| text.to_ascii_lowercase();
    let ordering: Ordering = lower(&a).cmp(&lower(&b));
    Ok(Some(Value::Int(ordering as i64)))
}

/// At which ends a text is trimmed.
#[derive(Clone, Copy)]
enum Trimmed {
    Start,
    End,
    Both,
}

fn trim(of: &[Option<&Value>], at: Trimmed) -> Answer<Option<Value>> {
    let (Some(input), Some(chars)) = (present(of[0]), present(of[1])) else {
        return Ok(Some(Value::Null));
    };
    let (input, chars) = (text(input)?, text(chars)?);
    let among = |c: char| chars.contains(c);
    let rest = match at {
        Trimmed::Start => input.trim_start_matches(among),
        Trimmed::End => input.trim_end_matches(among),
        Trimmed::Both => input.trim_matches(among),
    };
    Ok(Some(Value::string(rest)))
}

/// At most so many times.
fn replace(of: &[&Value], most: usize) -> Answer {
    let found = |at: usize| of[at].as_str().ok_or_else(|| needs("strings", of[at]));
    let (input, find, replacement) = (found(0)?, found(1)?, found(2)?);
    let count = input.matches(find).count().min(most);
    let grown = count
        .saturating_mul(replacement.len())
        .saturating_add(input.len());
    bytes(grown - count * find.len())?;
    Ok(Value::string(input.replacen(find, replacement, most)))
}
