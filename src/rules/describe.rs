//! A residual in the words of the language, for explanations.

use std::fmt;

use super::print::comparison_symbol;
use crate::data::ejson::{Mode, value_to_string};
use crate::data::{Filter, Path, Strict, Value};

/// A residual as a rule would say it.
pub fn described(residual: &Filter) -> impl fmt::Display {
    Described(residual)
}

struct Described<'a>(&'a Filter);

impl fmt::Display for Described<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            all if all.is_all() => f.write_str("true"),
            none if none.is_none() => f.write_str("false"),
            Filter::And(parts) => joined(parts, " && ", f),
            Filter::Or(parts) => joined(parts, " || ", f),
            Filter::Strict(leaf) => strict(leaf, f),
            other => write!(f, "{other:?}"),
        }
    }
}

fn joined(parts: &[Filter], operator: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            f.write_str(operator)?;
        }
        match part {
            Filter::And(_) | Filter::Or(_) => write!(f, "({})", Described(part))?,
            _ => write!(f, "{}", Described(part))?,
        }
    }
    Ok(())
}

fn strict(leaf: &Strict, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let text = |value: &Value| value_to_string(value, Mode::Relaxed);
    let list = |values: &[Value]| text(&Value::Array(values.to_vec()));
    match leaf {
        Strict::Compare(path, comparison, value) => {
            write!(
                f,
                "doc.{path} {} {}",
                comparison_symbol(*comparison),
                text(value)
            )
        }
        Strict::CompareFields(left, comparison, right) => {
            write!(
                f,
                "doc.{left} {} doc.{right}",
                comparison_symbol(*comparison)
            )
        }
        Strict::In(path, values) => write!(f, "doc.{path} in {}", list(values)),
        Strict::NotIn(path, values) => write!(f, "!(doc.{path} in {})", list(values)),
        Strict::Contains(path, value) => write!(f, "{} in doc.{path}", text(value)),
        Strict::NotContains(path, value) => write!(f, "!({} in doc.{path})", text(value)),
        Strict::ContainsField {
            array,
            element,
            negated,
        } => contains_field(array, element, *negated, f),
        Strict::Present(path) => write!(f, "doc.{path} != null"),
        Strict::Absent(path) => write!(f, "doc.{path} == null"),
    }
}

fn contains_field(
    array: &Path,
    element: &Path,
    negated: bool,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    if negated {
        write!(f, "!(doc.{element} in doc.{array})")
    } else {
        write!(f, "doc.{element} in doc.{array}")
    }
}
