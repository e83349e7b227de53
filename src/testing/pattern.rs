//! Values that are expected: as they are written, or as a matcher says.
//!
//! | matcher | is true of |
//! |---|---|
//! | `$any` | whatever is not null |
//! | `{$length: 3}` | a list or text of that length |
//! | `{$unordered: [...]}` | a list of these values, in any order |
//! | `{$includes: [...]}` | a list that has these values, among others |
//! | `{$oneOf: [...]}` | one of these values |
//! | `{$matches: "^a"}` | a text that a regular expression finds something in |
//! | `{$not: value}` | whatever is something else |

use std::fmt::Write;

use regex::Regex;
use serde_json::Value as Json;

use super::Problem;
use super::yaml::{Key, Kind, Node};
use crate::data::ejson;

/// What a value must be.
#[derive(Clone, Debug)]
pub enum Pattern {
    Is(Json),
    List(Vec<Pattern>),
    Object {
        members: Vec<(String, Pattern)>,
        /// Whether there may be others.
        open: bool,
    },
    Any,
    Length(u64),
    Unordered(Vec<Pattern>),
    Includes(Vec<Pattern>),
    OneOf(Vec<Pattern>),
    Matches(Regex),
    Not(Box<Pattern>),
}

/// A place where something else is than was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// `data.orders.nodes[0].id`.
    pub path: String,
    pub expected: String,
    pub actual: String,
}

impl Mismatch {
    pub(super) fn new(
        path: impl Into<String>,
        expected: impl Into<String>,
        actual: impl Into<String>,
    ) -> Self {
        Self {
            path: path.into(),
            expected: expected.into(),
            actual: actual.into(),
        }
    }
}

impl Pattern {
    /// Reads what is written. In an `open` pattern objects may have members that are not named, however deep they lie.
    pub(super) fn read(node: &Node, open: bool) -> Result<Self, Problem> {
        match &node.kind {
            Kind::Text(text) if text == "$any" => Ok(Pattern::Any),
            Kind::Text(text) if text.starts_with('$') && matcher(text) => {
                let message = format!("`{text}` wants a value: write `{{{text}: …}}`");
                Err(Problem::new(node.line, message))
            }
            Kind::List(items) => {
                let items = items.iter().map(|item| Self::read(item, open));
                Ok(Pattern::List(items.collect::<Result<_, _>>()?))
            }
            Kind::Map(members) => match members.as_slice() {
                [(key, value)] if key.name.starts_with('$') => Self::special(key, value, open),
                members => {
                    let member = |(key, value): &(Key, Node)| {
                        Ok((key.name.clone(), Self::read(value, open)?))
                    };
                    let members = members.iter().map(member).collect::<Result<_, _>>()?;
                    Ok(Pattern::Object { members, open })
                }
            },
            _ => Ok(Pattern::Is(node.to_json())),
        }
    }

    /// A matcher, or a value that JSON has no way to write.
    fn special(key: &Key, value: &Node, open: bool) -> Result<Self, Problem> {
        let items = || match &value.kind {
            Kind::List(items) => items.iter().map(|item| Self::read(item, open)).collect(),
            _ => Err(Problem::new(
                key.line,
                format!("`{}` wants a list, not {}", key.name, value.what()),
            )),
        };
        match key.name.as_str() {
            "$length" => match value.to_json().as_u64() {
                Some(length) => Ok(Pattern::Length(length)),
                None => Err(Problem::new(key.line, "`$length` wants a number: `{$length: 3}`")),
            },
            "$unordered" => Ok(Pattern::Unordered(items()?)),
            "$includes" => Ok(Pattern::Includes(items()?)),
            "$oneOf" => Ok(Pattern::OneOf(items()?)),
            "$not" => Ok(Pattern::Not(Box::new(Self::read(value, open)?))),
            "$matches" => {
                let Kind::Text(text) = &value.kind else {
                    let message = "`$matches` wants a regular expression in quotes";
                    return Err(Problem::new(key.line, message));
                };
                let regex = Regex::new(text);
                let regex = regex.map_err(|error| Problem::new(key.line, error.to_string()))?;
                Ok(Pattern::Matches(regex))
            }
            name => extended(name, value).ok_or_else(|| {
                let message = format!(
                    "there is no matcher `{name}`; there are `$any`, `$length`, `$unordered`, `$includes`, `$oneOf`, \
                     `$matches`, `$not`, and values `$date`, `$oid`, `$binary`, `$numberInt`, `$numberLong`, `$numberDouble`"
                );
                Problem::new(key.line, message)
            }),
        }
    }

    /// Adds each place where `actual` is something else.
    pub(super) fn compare(&self, path: &str, actual: &Json, found: &mut Vec<Mismatch>) {
        match (self, actual) {
            (Pattern::List(expected), Json::Array(items)) if expected.len() == items.len() => {
                for (at, (expected, item)) in expected.iter().zip(items).enumerate() {
                    expected.compare(&format!("{path}[{at}]"), item, found);
                }
            }
            (Pattern::Object { members, open }, Json::Object(actual)) => {
                for (name, expected) in members {
                    let path = join(path, name);
                    match actual.get(name) {
                        Some(value) => expected.compare(&path, value, found),
                        None => found.push(Mismatch::new(path, expected.text(), "nothing")),
                    }
                }
                let named = |name: &str| members.iter().any(|(known, _)| known == name);
                let others = actual.iter().filter(|(name, _)| !open && !named(name));
                found.extend(
                    others.map(|(name, value)| {
                        Mismatch::new(join(path, name), "nothing", short(value))
                    }),
                );
            }
            _ if self.is(actual) => {}
            _ => found.push(Mismatch::new(path, self.text(), short(actual))),
        }
    }

    fn is(&self, actual: &Json) -> bool {
        match self {
            Pattern::Is(expected) => equal(expected, actual),
            Pattern::Any => !actual.is_null(),
            Pattern::Length(length) => count(actual) == Some(*length),
            Pattern::Unordered(expected) => actual
                .as_array()
                .is_some_and(|items| items.len() == expected.len() && assign(expected, items)),
            Pattern::Includes(expected) => actual
                .as_array()
                .is_some_and(|items| assign(expected, items)),
            Pattern::OneOf(patterns) => patterns.iter().any(|pattern| pattern.matches(actual)),
            Pattern::Matches(regex) => actual.as_str().is_some_and(|text| regex.is_match(text)),
            Pattern::Not(pattern) => !pattern.matches(actual),
            // Of the right kind they are compared part by part.
            Pattern::List(_) | Pattern::Object { .. } => false,
        }
    }

    fn matches(&self, actual: &Json) -> bool {
        let mut found = Vec::new();
        self.compare("", actual, &mut found);
        found.is_empty()
    }

    /// As it is written, on one line.
    fn text(&self) -> String {
        let list = |patterns: &[Pattern]| {
            let texts: Vec<String> = patterns.iter().map(Pattern::text).collect();
            format!("[{}]", texts.join(", "))
        };
        let text = match self {
            Pattern::Is(value) => value.to_string(),
            Pattern::List(items) => list(items),
            Pattern::Object { members, open } => {
                let mut text = "{".to_owned();
                for (at, (name, pattern)) in members.iter().enumerate() {
                    let comma = if at > 0 { ", " } else { "" };
                    write!(text, "{comma}{name}: {}", pattern.text()).expect("a text takes all");
                }
                text + if *open { ", …}" } else { "}" }
            }
            Pattern::Any => "anything but null".to_owned(),
            Pattern::Length(length) => format!("{length} of them"),
            Pattern::Unordered(items) => format!("in any order {}", list(items)),
            Pattern::Includes(items) => format!("among others {}", list(items)),
            Pattern::OneOf(items) => format!("one of {}", list(items)),
            Pattern::Matches(regex) => format!("a text that /{regex}/ matches"),
            Pattern::Not(pattern) => format!("anything but {}", pattern.text()),
        };
        cut(text)
    }
}

fn matcher(text: &str) -> bool {
    matches!(
        text,
        "$length" | "$unordered" | "$includes" | "$oneOf" | "$matches" | "$not"
    )
}

/// A value in extended JSON, as documents are shown.
fn extended(name: &str, value: &Node) -> Option<Pattern> {
    let text = serde_json::json!({ name: value.to_json() }).to_string();
    let value = ejson::parse_value(&text).ok()?;
    // An unknown name makes an object of it.
    if value.as_object().is_some() {
        return None;
    }
    let shown = ejson::value_to_string(&value, ejson::Mode::Relaxed);
    serde_json::from_str(&shown).ok().map(Pattern::Is)
}

/// Whether each pattern can be given an item of its own. There are few of both: the first that fits is looked for, and
/// given back if another pattern needs it.
fn assign(patterns: &[Pattern], items: &[Json]) -> bool {
    let mut holder: Vec<Option<usize>> = vec![None; items.len()];
    (0..patterns.len()).all(|pattern| {
        let mut asked = vec![false; items.len()];
        give(pattern, patterns, items, &mut holder, &mut asked)
    })
}

fn give(
    pattern: usize,
    patterns: &[Pattern],
    items: &[Json],
    holder: &mut [Option<usize>],
    asked: &mut [bool],
) -> bool {
    for at in 0..items.len() {
        if asked[at] || !patterns[pattern].matches(&items[at]) {
            continue;
        }
        asked[at] = true;
        let free = match holder[at] {
            None => true,
            Some(other) => give(other, patterns, items, holder, asked),
        };
        if free {
            holder[at] = Some(pattern);
            return true;
        }
    }
    false
}

/// Numbers by what they are worth, everything else as it is written.
fn equal(expected: &Json, actual: &Json) -> bool {
    match (expected, actual) {
        (Json::Number(a), Json::Number(b)) => {
            a == b || (a.as_f64() == b.as_f64() && (a.is_f64() || b.is_f64()))
        }
        _ => expected == actual,
    }
}

fn count(value: &Json) -> Option<u64> {
    let count = match value {
        Json::Array(items) => items.len(),
        Json::String(text) => text.chars().count(),
        _ => return None,
    };
    u64::try_from(count).ok()
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

/// A value on one line that can be read at a glance.
pub(super) fn short(value: &Json) -> String {
    cut(value.to_string())
}

fn cut(text: String) -> String {
    const LONGEST: usize = 200;
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}
