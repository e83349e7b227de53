//! Whether two rules say the same.

use super::ast::{Access, Expr, Get, Key, Kind, Piece, Root};
use crate::data::Comparison;

impl Expr {
    /// The expression with the sides of each `==` and `!=` in one order, whichever they were written in.
    pub(super) fn ordered(&self) -> Expr {
        let kind = match &self.kind {
            Kind::Compare(left, comparison, right) => {
                let (left, right) = (left.ordered(), right.ordered());
                let is_symmetric = matches!(comparison, Comparison::Eq | Comparison::Ne);
                let (left, right) = match is_symmetric && right.to_string() < left.to_string() {
                    true => (right, left),
                    false => (left, right),
                };
                Kind::Compare(Box::new(left), *comparison, Box::new(right))
            }
            Kind::In(left, right) => Kind::In(Box::new(left.ordered()), Box::new(right.ordered())),
            Kind::Not(inner) => Kind::Not(Box::new(inner.ordered())),
            Kind::Junction(connective, parts) => {
                Kind::Junction(*connective, parts.iter().map(Expr::ordered).collect())
            }
            Kind::Text(pieces) => Kind::Text(ordered_pieces(pieces)),
            Kind::Access(access) => Kind::Access(ordered_access(access)),
            Kind::Null | Kind::Undefined | Kind::Literal(_) => self.kind.clone(),
        };
        Expr::new(kind, self.span)
    }
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
