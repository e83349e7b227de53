//! Tables: an expression, a document, what comes of it. All three are EJSON; what comes of it may also be `missing`
//! or the text of an error.
//!
//! Judged by another implementation too (npm `mingo` 7.2.7), but where it is known to differ from the manual.

mod accumulator;
mod arithmetic;
mod array;
mod bounds;
mod conversion;
mod date;
mod laws;
mod object;
mod set;
mod string;
mod structure;

use super::{Expression, Scope};
use crate::data::Value;
use crate::data::ejson::{Mode, parse_object, parse_value, value_to_string};

/// Whether an int came out as an int and a double as a double is told apart: what comes of it is written canonically.
fn check(table: &[(&str, &str, &str)]) {
    for (expression, document, expected) in table {
        let expected = match parse_value(expected) {
            Ok(value) => value_to_string(&value, Mode::Canonical),
            Err(_) => (*expected).to_owned(),
        };
        assert_eq!(
            outcome(expression, document),
            expected,
            "{expression} of {document}"
        );
    }
}

fn outcome(expression: &str, document: &str) -> String {
    let document = parse_object(document).expect("a document in EJSON");
    let value = Expression::parse(&value(expression))
        .and_then(|expression| expression.evaluate(&Scope::of(&document, 0)));
    match value {
        Ok(Some(value)) => value_to_string(&value, Mode::Canonical),
        Ok(None) => "missing".to_owned(),
        Err(error) => error.to_string(),
    }
}

fn value(text: &str) -> Value {
    parse_value(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}
