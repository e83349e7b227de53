//! Regular expressions of conditions: the syntax of PCRE, which is what the database runs.
//!
//! How that syntax is told to the engine: `dialect.rs`; how many there may be at a time: `held.rs`.

mod dialect;
mod held;

use std::ops::Deref;

use self::held::{Held, PLACES};
use super::super::{Error, Result};
use super::condition::Predicate;
use crate::data::{Object, Test, Value};

/// A regular expression, compiled.
#[derive(Clone, Debug)]
pub(super) struct Regex {
    compiled: Compiled,
    prefix: Option<String>,
}

/// What finds a pattern. Copies of it share their memory.
#[derive(Clone, Debug)]
pub(in crate::mongo) struct Compiled {
    engine: fancy_regex::Regex,
    _held: Held,
}

/// The longest pattern, in bytes: as in the database.
const MAX_LEN: usize = 32_764;

/// How often a match may take another way back before it is given up: milliseconds.
const MAX_BACKTRACKS: usize = 100_000;

/// Memory a compiled expression may take, in bytes.
const MAX_COMPILED: usize = 1 << 20;

impl Regex {
    /// A regular expression in the place of a value: `{$regularExpression: {pattern, options}}`, or
    /// `{$regex, $options?}` and nothing else. `None` for other values.
    pub(super) fn literal(value: &Value) -> Option<Result<Predicate>> {
        let members = value.as_object()?;
        if let (Some(inner), 1) = (members.get("$regularExpression"), members.len()) {
            return Some(canonical(inner));
        }
        let known = |name: &str| matches!(name, "$regex" | "$options");
        let plain = members.contains("$regex") && members.iter().all(|(name, _)| known(name));
        plain.then(|| {
            let pattern = members.get("$regex").unwrap_or(&Value::Null);
            Self::operator(pattern, members.get("$options"))
        })
    }

    /// `{$regex: pattern, $options: "i"}`, where the pattern may be a regular expression itself.
    pub(super) fn operator(pattern: &Value, options: Option<&Value>) -> Result<Predicate> {
        let needed = || malformed("`$regex` needs a pattern, and `$options` text");
        let options = match options {
            None => None,
            Some(options) => Some(options.as_str().ok_or_else(needed)?),
        };
        match pattern {
            Value::String(pattern) => compile(pattern, options.unwrap_or("")),
            Value::Object(object) => {
                let inner = object.get("$regularExpression").and_then(Value::as_object);
                let (pattern, own) = members(inner.ok_or_else(needed)?)?;
                compile(pattern, options.unwrap_or(own))
            }
            _ => Err(needed()),
        }
    }

    /// Whether it is found anywhere in the text. One that takes too long is not.
    pub(super) fn is_match(&self, text: &str) -> bool {
        self.compiled.is_match(text).unwrap_or(false)
    }

    /// What every text begins with that it is found in, if it says so.
    pub(super) fn prefix(&self) -> Option<&str> {
        self.prefix.as_deref()
    }
}

fn canonical(inner: &Value) -> Result<Predicate> {
    let needed = || malformed("`$regularExpression` needs a pattern and options");
    let (pattern, options) = members(inner.as_object().ok_or_else(needed)?)?;
    compile(pattern, options)
}

fn members(object: &Object) -> Result<(&str, &str)> {
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    let pattern = text("pattern")
        .ok_or_else(|| malformed("`$regularExpression` needs a pattern and options"))?;
    Ok((pattern, text("options").unwrap_or("")))
}

/// The predicate of a pattern: a plain [`Test`] where it is only about a literal text.
fn compile(pattern: &str, options: &str) -> Result<Predicate> {
    let plain = !options.contains(['i', 'm', 'x']);
    if plain
        && check(pattern, options).is_ok()
        && let Some(test) = literal_test(pattern)
    {
        return Ok(Predicate::Test(test));
    }
    let compiled =
        engine(pattern, options).map_err(|reason| malformed(format!("`$regex` {reason}")))?;
    let prefix = plain.then(|| prefix(pattern)).flatten();
    Ok(Predicate::Regex(Regex { compiled, prefix }))
}

/// What finds a pattern, also for the operators of expressions; or why nothing can, to be read after the operator's
/// name.
pub(in crate::mongo) fn engine(pattern: &str, options: &str) -> Result<Compiled, String> {
    check(pattern, options)?;
    let held = PLACES
        .take()
        .ok_or("is one of too many regular expressions at a time")?;
    let has = |option| options.contains(option);
    fancy_regex::RegexBuilder::new(&dialect::translated(pattern, has('m'), has('x')))
        .case_insensitive(has('i'))
        .multi_line(has('m'))
        .dot_matches_new_line(has('s'))
        .ignore_whitespace(has('x'))
        .backtrack_limit(MAX_BACKTRACKS)
        .delegate_size_limit(MAX_COMPILED)
        .delegate_dfa_size_limit(MAX_COMPILED)
        .build()
        .map(|engine| Compiled {
            engine,
            _held: held,
        })
        .map_err(|error| format!("needs a regular expression: {}", one_line(&error)))
}

impl Deref for Compiled {
    type Target = fancy_regex::Regex;

    fn deref(&self) -> &fancy_regex::Regex {
        &self.engine
    }
}

fn check(pattern: &str, options: &str) -> Result<(), String> {
    if pattern.len() > MAX_LEN {
        return Err(format!("takes a pattern of at most {MAX_LEN} bytes"));
    }
    match options.chars().find(|option| !"imsxu".contains(*option)) {
        Some(unknown) => Err(format!("knows the options i, m, s and x, not `{unknown}`")),
        None => Ok(()),
    }
}

const SPECIAL: [char; 14] = [
    '\\', '^', '$', '.', '|', '?', '*', '+', '(', ')', '[', ']', '{', '}',
];

/// The test that means the same, for a pattern of a literal text, from the start or anywhere, and perhaps `.*` after it.
fn literal_test(pattern: &str) -> Option<Test> {
    let pattern = pattern.strip_suffix(".*").unwrap_or(pattern);
    let (anchored, literal) = match pattern.strip_prefix('^') {
        Some(rest) => (true, rest),
        None => (false, pattern),
    };
    if literal.contains(SPECIAL) {
        return None;
    }
    Some(match anchored {
        true => Test::StartsWith(literal.to_owned()),
        false => Test::Contains(literal.to_owned()),
    })
}

/// The literal text after `^`. The last character may be repeated by what follows, or not be there.
fn prefix(pattern: &str) -> Option<String> {
    let rest = pattern.strip_prefix('^')?;
    if rest.contains('|') {
        return None;
    }
    let end = rest.find(SPECIAL).unwrap_or(rest.len());
    let mut literal = rest[..end].to_owned();
    if rest[end..].starts_with(['?', '*', '+', '{']) {
        literal.pop();
    }
    (!literal.is_empty()).then_some(literal)
}

fn malformed(reason: impl Into<String>) -> Error {
    Error::Malformed(reason.into())
}

/// The reason, without the drawing of where it is.
fn one_line(error: &fancy_regex::Error) -> String {
    let text = error.to_string();
    text.lines().last().unwrap_or_default().trim().to_owned()
}
