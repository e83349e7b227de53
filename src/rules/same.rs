//! Whether two rules say the same.

use super::ast::{Access, Connective, Expr, Get, Key, Kind, Piece, Root, Span};
use super::text::whole;
use crate::data::collation::compare;
use crate::data::{Comparison, Value};

impl Expr {
    /// The expression in one of the forms that mean the same: the sides of `==` and `!=`, the parts of `&&` and `||` and
    /// the members of a list behind `in` in one order, each once; `a > b` as `b < a`; `!!a` as `a`.
    ///
    /// All of these are exact in a logic of three values, where no part is skipped for what another one says.
    pub(super) fn ordered(&self) -> Expr {
        let kind = match &self.kind {
            Kind::Compare(left, comparison, right) => compared(left, *comparison, right),
            Kind::In(item, list) => {
                let list = match &list.kind {
                    Kind::Literal(Value::Array(values)) => Expr::new(any_of(values), list.span),
                    _ => list.ordered(),
                };
                Kind::In(Box::new(item.ordered()), Box::new(list))
            }
            Kind::Not(inner) => match &inner.kind {
                Kind::Not(inner) => return inner.ordered(),
                _ => Kind::Not(Box::new(inner.ordered())),
            },
            Kind::Junction(connective, parts) => return joined(*connective, parts, self.span),
            Kind::Text(pieces) => Kind::Text(ordered_pieces(pieces)),
            Kind::Access(access) => Kind::Access(ordered_access(access)),
            Kind::Literal(value) => Kind::Literal(plain(value)),
            Kind::Null | Kind::Undefined => self.kind.clone(),
        };
        Expr::new(kind, self.span)
    }
}

fn compared(left: &Expr, comparison: Comparison, right: &Expr) -> Kind {
    let (left, right) = (left.ordered(), right.ordered());
    let (turned, comparison) = match comparison {
        Comparison::Gt => (true, Comparison::Lt),
        Comparison::Gte => (true, Comparison::Lte),
        Comparison::Lt | Comparison::Lte => (false, comparison),
        Comparison::Eq | Comparison::Ne => (right.to_string() < left.to_string(), comparison),
    };
    let (left, right) = match turned {
        true => (right, left),
        false => (left, right),
    };
    Kind::Compare(Box::new(left), comparison, Box::new(right))
}

/// Parts that were negated twice may be junctions of the same kind now.
fn joined(connective: Connective, parts: &[Expr], span: Span) -> Expr {
    let mut flat = Vec::with_capacity(parts.len());
    for part in parts.iter().map(Expr::ordered) {
        match part.kind {
            Kind::Junction(inner, nested) if inner == connective => flat.extend(nested),
            _ => flat.push(part),
        }
    }
    let mut parts = flat;
    parts.sort_by_cached_key(ToString::to_string);
    parts.dedup();
    match parts.len() {
        1 => parts.swap_remove(0),
        _ => Expr::new(Kind::Junction(connective, parts), span),
    }
}

/// `1.0` is `1`.
fn plain(value: &Value) -> Value {
    match value {
        Value::Double(double) => whole(*double).map_or(Value::Double(*double), Value::Int),
        other => other.clone(),
    }
}

fn any_of(values: &[Value]) -> Kind {
    let mut values: Vec<Value> = values.iter().map(plain).collect();
    values.sort_by(compare);
    values.dedup();
    Kind::Literal(Value::Array(values))
}

fn ordered_access(access: &Access) -> Access {
    let root = match &access.root {
        Root::Get(get) => Root::Get(Get {
            collection: get.collection.clone(),
            id: ordered_pieces(&get.id),
        }),
        root => root.clone(),
    };
    let key = |key: &Key| match key {
        Key::Computed(expr) => Key::Computed(expr.ordered()),
        Key::Name(_) => key.clone(),
    };
    Access::new(root, access.keys.iter().map(key).collect())
}

fn ordered_pieces(pieces: &[Piece]) -> Vec<Piece> {
    let ordered = |piece: &Piece| match piece {
        Piece::Expr(expr) => Piece::Expr(expr.ordered()),
        Piece::Text(_) => piece.clone(),
    };
    pieces.iter().map(ordered).collect()
}
