//! Texts made of parts: templates and joins with `+`, which are one thing here.

use super::Problem;
use super::ast::{Expr, Kind, Piece, Root, Span};
use crate::data::Value;

/// Appends literal text, keeping neighbours merged.
pub(super) fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    if text.is_empty() {
        return;
    }
    match pieces.last_mut() {
        Some(Piece::Text(last)) => last.push_str(text),
        _ => pieces.push(Piece::Text(text.to_owned())),
    }
}

/// Appends the text of an expression; literals and texts dissolve into the pieces.
pub(super) fn push_expr(pieces: &mut Vec<Piece>, expr: Expr) {
    match expr.kind {
        Kind::Text(inner) => {
            for piece in inner {
                match piece {
                    Piece::Text(text) => push_text(pieces, &text),
                    Piece::Expr(expr) => pieces.push(Piece::Expr(expr)),
                }
            }
        }
        Kind::Literal(ref value) => match spell(value) {
            Some(text) => push_text(pieces, &text),
            None => pieces.push(Piece::Expr(expr)),
        },
        _ => pieces.push(Piece::Expr(expr)),
    }
}

/// A text of these pieces; plain if no expression is among them.
pub(super) fn from_pieces(mut pieces: Vec<Piece>, span: Span) -> Expr {
    let plain = match pieces.as_mut_slice() {
        [] => Some(String::new()),
        [Piece::Text(text)] => Some(std::mem::take(text)),
        _ => None,
    };
    let kind = match plain {
        Some(text) => Kind::Literal(Value::string(text)),
        None => Kind::Text(pieces),
    };
    Expr::new(kind, span)
}

/// What `a + b + …` means.
///
/// One of the first two must be known to be text: then JavaScript, going from left to right, never adds numbers.
pub(super) fn join(parts: Vec<Expr>) -> Result<Expr, Problem> {
    let span = match (parts.first(), parts.last()) {
        (Some(first), Some(last)) => first.span.to(last.span),
        _ => Span::default(),
    };
    if !parts.iter().take(2).any(is_text) {
        return Err(Problem::error(span, "`+` joins texts only").help(
            "rules have no arithmetic; to join values as text write a template: `${a}${b}`",
        ));
    }
    let mut pieces = Vec::new();
    for part in parts {
        push_expr(&mut pieces, part);
    }
    Ok(from_pieces(pieces, span))
}

fn is_text(expr: &Expr) -> bool {
    match &expr.kind {
        Kind::Text(_) | Kind::Literal(Value::String(_)) => true,
        Kind::Access(access) => access.root == Root::Auth && !access.keys.is_empty(),
        _ => false,
    }
}

/// A value as part of a text: strings as they are, numbers in digits; `None` for the rest.
///
/// Equal numbers have one spelling, be they int or double.
pub(super) fn spell(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.as_str().to_owned()),
        Value::Int(int) => Some(int.to_string()),
        Value::Double(double) if double.is_finite() => Some(match whole(*double) {
            Some(int) => int.to_string(),
            None => double.to_string(),
        }),
        _ => None,
    }
}

/// The int that equals a double.
pub(super) fn whole(double: f64) -> Option<i64> {
    /// 2^63, the first double above every int.
    const ABOVE_INTS: f64 = 9_223_372_036_854_775_808.0;
    if double.fract() != 0.0 || !(-ABOVE_INTS..ABOVE_INTS).contains(&double) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a whole number within the range of ints, checked above"
    )]
    Some(double as i64)
}
