//! An expression as text, in one normal form: parsing it gives the same expression.

use std::fmt::{self, Display, Formatter, Write as _};

use super::ast::{Access, Connective, Expr, Get, Key, Kind, Piece, Root};
use super::parser::is_name;
use crate::data::{Comparison, Value};

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Null => f.write_str("null"),
            Kind::Undefined => f.write_str("undefined"),
            Kind::Literal(value) => literal(value, f),
            Kind::Access(access) => access.fmt(f),
            Kind::Text(pieces) => template("", pieces, f),
            Kind::Not(inner) => {
                f.write_char('!')?;
                operand(inner, f)
            }
            Kind::Compare(left, comparison, right) => {
                infix(left, comparison_symbol(*comparison), right, f)
            }
            Kind::In(left, right) => infix(left, "in", right, f),
            Kind::Junction(connective, parts) => junction(*connective, parts, f),
        }
    }
}

impl Display for Access {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.root {
            Root::Auth => f.write_str("auth")?,
            Root::Doc => f.write_str("doc")?,
            Root::Request => f.write_str("request")?,
            Root::Data => f.write_str("request.data")?,
            Root::Now => f.write_str("now")?,
            Root::Get(get) => get.fmt(f)?,
            Root::Unknown(name) => f.write_str(name)?,
        }
        self.keys.iter().try_for_each(|key| key.fmt(f))
    }
}

impl Display for Get {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("get(")?;
        template(&format!("database.{}.", self.collection), &self.id, f)?;
        f.write_char(')')
    }
}

impl Display for Key {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Key::Name(name) if is_name(name) => write!(f, ".{name}"),
            Key::Name(name) if is_index(name) => write!(f, "[{name}]"),
            Key::Name(name) => {
                f.write_char('[')?;
                quoted(name, '\'', f)?;
                f.write_char(']')
            }
            Key::Computed(expr) => write!(f, "[{expr}]"),
        }
    }
}

/// The symbol of a comparison.
pub(super) fn comparison_symbol(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Eq => "==",
        Comparison::Ne => "!=",
        Comparison::Lt => "<",
        Comparison::Lte => "<=",
        Comparison::Gt => ">",
        Comparison::Gte => ">=",
    }
}

fn is_index(name: &str) -> bool {
    name.parse::<i64>()
        .is_ok_and(|index| index >= 0 && index.to_string() == name)
}

fn infix(left: &Expr, symbol: &str, right: &Expr, f: &mut Formatter<'_>) -> fmt::Result {
    operand(left, f)?;
    write!(f, " {symbol} ")?;
    operand(right, f)
}

/// An expression where only something that binds tighter than a comparison may stand bare.
fn operand(expr: &Expr, f: &mut Formatter<'_>) -> fmt::Result {
    match expr.kind {
        Kind::Compare(..) | Kind::In(..) | Kind::Junction(..) => write!(f, "({expr})"),
        _ => write!(f, "{expr}"),
    }
}

fn junction(connective: Connective, parts: &[Expr], f: &mut Formatter<'_>) -> fmt::Result {
    let symbol = match connective {
        Connective::And => " && ",
        Connective::Or => " || ",
    };
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            f.write_str(symbol)?;
        }
        match part.kind {
            Kind::Junction(Connective::Or, _) => write!(f, "({part})")?,
            _ => write!(f, "{part}")?,
        }
    }
    Ok(())
}

fn literal(value: &Value, f: &mut Formatter<'_>) -> fmt::Result {
    match value {
        Value::Bool(bool) => write!(f, "{bool}"),
        Value::Int(int) => write!(f, "{int}"),
        // The debug form keeps the point or the exponent that makes it a double.
        Value::Double(double) => write!(f, "{double:?}"),
        Value::String(text) => quoted(text, '\'', f),
        Value::Array(items) => {
            f.write_char('[')?;
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    f.write_str(", ")?;
                }
                literal(item, f)?;
            }
            f.write_char(']')
        }
        other => f.write_str(other.kind()),
    }
}

fn template(prefix: &str, pieces: &[Piece], f: &mut Formatter<'_>) -> fmt::Result {
    write!(f, "`{prefix}")?;
    for piece in pieces {
        match piece {
            Piece::Text(text) => escaped(text, '`', f)?,
            Piece::Expr(expr) => write!(f, "${{{expr}}}")?,
        }
    }
    f.write_char('`')
}

fn quoted(text: &str, quote: char, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_char(quote)?;
    escaped(text, quote, f)?;
    f.write_char(quote)
}

fn escaped(text: &str, quote: char, f: &mut Formatter<'_>) -> fmt::Result {
    for c in text.chars() {
        match c {
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            // Without the backslash a `{` after it would open an expression.
            '$' if quote == '`' => f.write_str("\\$")?,
            _ if c == quote => write!(f, "\\{c}")?,
            _ if c.is_control() => write!(f, "\\u{:04x}", u32::from(c))?,
            _ => f.write_char(c)?,
        }
    }
    Ok(())
}
