//! `@constraint`: which values a field takes.

use std::cmp::Ordering;

use async_graphql_parser::Positioned;
use regex::{Regex, RegexBuilder};

use super::arguments::{Arguments, Directives};
use super::diagnostic::Problems;
use super::{BaseType, Constraint, FieldType, Scalar};
use crate::data::Value;

/// The largest compiled pattern, in bytes.
const PATTERN_MAX: usize = 1 << 20;

pub(super) fn read(
    directives: &Directives<'_>,
    ty: FieldType,
    problems: &mut Problems,
) -> Constraint {
    let Some(arguments) = directives.one("constraint") else {
        return Constraint::default();
    };
    refuse_unfit(&arguments, ty, problems);
    let constraint = Constraint {
        min: arguments.float("min").map(|min| min.node),
        max: arguments.float("max").map(|max| max.node),
        min_length: length(&arguments, "minLength", problems),
        max_length: length(&arguments, "maxLength", problems),
        min_items: length(&arguments, "minItems", problems),
        max_items: length(&arguments, "maxItems", problems),
        pattern: arguments
            .string("pattern")
            .and_then(|text| pattern(text, problems)),
    };
    for (least, most) in [
        ("min", "max"),
        ("minLength", "maxLength"),
        ("minItems", "maxItems"),
    ] {
        let bounds = arguments.float(least).zip(arguments.float(most));
        if let Some((low, high)) = bounds
            && low.node > high.node
        {
            let message = format!("`{least}` {} is above `{most}` {}", low.node, high.node);
            problems
                .error(low.pos, message)
                .hint("no value lies between them; exchange the two");
        }
    }
    constraint
}

/// Reports arguments that say nothing of values of this type.
fn refuse_unfit(arguments: &Arguments<'_>, ty: FieldType, problems: &mut Problems) {
    let number = matches!(
        ty.base,
        BaseType::Scalar(Scalar::Int | Scalar::Float | Scalar::Long)
    );
    let text = matches!(
        ty.base,
        BaseType::Scalar(Scalar::Id | Scalar::String | Scalar::FileId)
    );
    let kinds = [
        (number, "numbers", ["min", "max"].as_slice()),
        (text, "texts", &["minLength", "maxLength", "pattern"]),
        (ty.list.is_some(), "lists", &["minItems", "maxItems"]),
    ];
    let mut given = false;
    for (fits, what, names) in kinds {
        for name in names {
            let value = arguments.value(name);
            given |= value.is_some();
            if let Some(value) = value.filter(|_| !fits) {
                problems
                    .error(value.pos, format!("`{name}` is a constraint of {what}"))
                    .hint(fitting(number, text, ty.list.is_some()));
            }
        }
    }
    if !given {
        problems
            .error(arguments.at, "this `@constraint` says nothing")
            .hint(fitting(number, text, ty.list.is_some()));
    }
}

fn fitting(number: bool, text: bool, list: bool) -> String {
    let mut names = Vec::new();
    if number {
        names.push("`min` and `max`");
    }
    if text {
        names.push("`minLength`, `maxLength` and `pattern`");
    }
    if list {
        names.push("`minItems` and `maxItems`");
    }
    if names.is_empty() {
        "values of this type cannot be constrained; remove the directive".to_owned()
    } else {
        format!("this field may have {}", names.join(", "))
    }
}

fn length(arguments: &Arguments<'_>, name: &str, problems: &mut Problems) -> Option<u64> {
    let length = arguments.int(name)?;
    let number = u64::try_from(length.node).ok();
    if number.is_none() {
        problems.error(length.pos, format!("`{name}` is not negative"));
    }
    number
}

fn pattern(text: Positioned<&str>, problems: &mut Problems) -> Option<Regex> {
    let compiled = RegexBuilder::new(text.node).size_limit(PATTERN_MAX).build();
    compiled
        .map_err(|error| {
            let error = error.to_string();
            let reason = error.lines().last().unwrap_or(&error);
            let reason = reason.trim_start_matches("error: ");
            problems
                .error(text.pos, format!("`pattern` is not a regular expression: {reason}"))
                .hint("the syntax is that of Rust's `regex`: no look-around, no back references; a `\\` is written `\\\\`");
        })
        .ok()
}

impl Constraint {
    /// Every way in which a stored value, not null, breaks the constraint: `must be at least 1`, …
    ///
    /// Values of other types than the constraint is about are left to the check of types.
    pub fn violations(&self, value: &Value) -> Vec<String> {
        let mut found = Vec::new();
        match value {
            Value::Array(items) => {
                let count = u64::try_from(items.len()).unwrap_or(u64::MAX);
                bounds(count, self.min_items, self.max_items, "item", &mut found);
                let items = items.iter().filter(|item| !matches!(item, Value::Array(_)));
                for violation in items.flat_map(|item| self.violations(item)) {
                    let violation = format!("each item {violation}");
                    if !found.contains(&violation) {
                        found.push(violation);
                    }
                }
            }
            Value::String(text) => self.text_violations(text, &mut found),
            Value::Int(number) => self.int_violations(*number, &mut found),
            Value::Double(number) => self.double_violations(*number, &mut found),
            _ => {}
        }
        found
    }

    fn text_violations(&self, text: &str, found: &mut Vec<String>) {
        let count = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
        bounds(count, self.min_length, self.max_length, "character", found);
        if let Some(pattern) = &self.pattern
            && !pattern.is_match(text)
        {
            found.push(format!("must match the pattern `{pattern}`"));
        }
    }

    fn int_violations(&self, number: i64, found: &mut Vec<String>) {
        // Compared as a double: a bound of the model file is one, and nobody draws a line between two
        // neighbours beyond 2^53.
        #[expect(clippy::cast_precision_loss, reason = "see above")]
        self.double_violations(number as f64, found);
    }

    /// What is not a number lies within no bounds.
    fn double_violations(&self, number: f64, found: &mut Vec<String>) {
        if let Some(min) = self.min
            && number.partial_cmp(&min).is_none_or(Ordering::is_lt)
        {
            found.push(format!("must be at least {min}"));
        }
        if let Some(max) = self.max
            && number.partial_cmp(&max).is_none_or(Ordering::is_gt)
        {
            found.push(format!("must be at most {max}"));
        }
    }
}

fn bounds(count: u64, min: Option<u64>, max: Option<u64>, what: &str, found: &mut Vec<String>) {
    let several = |bound: u64| if bound == 1 { "" } else { "s" };
    if let Some(min) = min.filter(|min| count < *min) {
        let s = several(min);
        found.push(format!("must have at least {min} {what}{s}, has {count}"));
    }
    if let Some(max) = max.filter(|max| count > *max) {
        let s = several(max);
        found.push(format!("must have at most {max} {what}{s}, has {count}"));
    }
}
