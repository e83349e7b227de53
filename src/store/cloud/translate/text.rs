//! Tests of texts, as regular expressions of the database (PCRE).

use super::condition::{Condition, Operation};
use super::filter::Said;
use crate::data::{Test, Value};

/// The longest pattern that is sent; the database takes 32,764 bytes.
const MAX_LEN: usize = 32_000;

/// One of the tests that are about texts.
pub(super) fn say(name: &str, test: &Test) -> Said {
    let (operation, exact) = operation(std::slice::from_ref(&test));
    let condition = Condition::field(name, [operation]);
    match exact {
        true => Said::exactly(condition),
        false => Said::at_least(condition),
    }
}

/// A text that passes all these tests, and whether no other value does.
pub(super) fn operation(tests: &[&Test]) -> (Operation, bool) {
    let patterns: Vec<String> = tests.iter().filter_map(|test| pattern(test)).collect();
    let exact = !tests.iter().any(|test| matches!(test, Test::Matches(_)));
    let pattern = match patterns.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        several => Some(together(several)),
    };
    match pattern {
        Some(pattern) if pattern.len() <= MAX_LEN => (("$regex", Value::string(pattern)), exact),
        Some(_) => (("$type", Value::string("string")), false),
        None => (("$type", Value::string("string")), exact),
    }
}

/// `None` where every text passes, or the pattern is one in another syntax.
fn pattern(test: &Test) -> Option<String> {
    match test {
        Test::StartsWith(part) if !part.is_empty() => Some(format!("^{}", escaped(part))),
        Test::Contains(part) if !part.is_empty() => Some(escaped(part)),
        // `$` would also match before a newline at the end.
        Test::EndsWith(part) if !part.is_empty() => Some(format!(r"{}\z", escaped(part))),
        _ => None,
    }
}

/// Each of them is found: looks ahead from the start, one after the other.
fn together(patterns: &[String]) -> String {
    let mut all = "^".to_owned();
    for pattern in patterns {
        match pattern.strip_prefix('^') {
            Some(start) => all.extend(["(?=", start, ")"]),
            None => all.extend(["(?=(?s:.*)", pattern, ")"]),
        }
    }
    all
}

/// A text as the pattern that is found where that text is.
fn escaped(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '\0' => pattern.push_str(r"\x00"),
            '\\' | '^' | '$' | '.' | '|' | '?' | '*' | '+' | '(' | ')' | '[' | ']' | '{' | '}' => {
                pattern.extend(['\\', char]);
            }
            other => pattern.push(other),
        }
    }
    pattern
}
