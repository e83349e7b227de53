//! `@constraint`: which values a field takes.

use async_graphql_parser::Positioned;
use regex::{Regex, RegexBuilder};

use super::arguments::{Arguments, Directives};
use super::diagnostic::Problems;
use super::{BaseType, Constraint, FieldType, Scalar};
use crate::data::{Value, collation};

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
    /// Every way in which one value, or one element of a list, breaks the constraint: `must be at least 1`, …
    ///
    /// Values of other types than the constraint is about break nothing.
    pub fn value_problems(&self, value: &Value) -> Vec<String> {
        match value {
            Value::String(text) => self.text_problems(text),
            Value::Int(_) | Value::Double(_) => self.number_problems(value),
            _ => Vec::new(),
        }
    }

    /// Every way in which a number of elements breaks the constraint: `must have at least 1 item`, …
    pub fn count_problems(&self, count: usize) -> Vec<String> {
        bounds(count, self.min_items, self.max_items, "item")
    }

    fn text_problems(&self, text: &str) -> Vec<String> {
        let (min, max) = (self.min_length, self.max_length);
        let mut problems = bounds(text.chars().count(), min, max, "character");
        let pattern = self.pattern.as_ref();
        let unmatched = pattern.filter(|pattern| !pattern.is_match(text));
        problems.extend(unmatched.map(|pattern| format!("must match `{pattern}`")));
        problems
    }

    fn number_problems(&self, number: &Value) -> Vec<String> {
        let order = |bound: f64| collation::compare(number, &Value::Double(bound));
        let low = self.min.filter(|min| order(*min).is_lt());
        let high = self.max.filter(|max| order(*max).is_gt());
        let low = low.map(|min| format!("must be at least {min}"));
        let high = high.map(|max| format!("must be at most {max}"));
        low.into_iter().chain(high).collect()
    }
}

fn bounds(count: usize, min: Option<u64>, max: Option<u64>, noun: &str) -> Vec<String> {
    let count = u64::try_from(count).unwrap_or(u64::MAX);
    let several = |bound: u64| if bound == 1 { "" } else { "s" };
    let few = min.filter(|min| count < *min);
    let many = max.filter(|max| count > *max);
    let few = few.map(|min| format!("must have at least {min} {noun}{}", several(min)));
    let many = many.map(|max| format!("must have at most {max} {noun}{}", several(max)));
    few.into_iter().chain(many).collect()
}
