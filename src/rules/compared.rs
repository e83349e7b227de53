//! What a rule compares with what: for those who make up documents to try it on.

use super::ast::{Access, Expr, Key, Kind, Root};
use crate::data::{CollectionName, Path, Value};
use smol_str::SmolStr;

/// One side of a comparison, as far as it can be said without a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// `doc.a.b`
    Doc(Path),
    /// `auth.openid`
    Auth(SmolStr),
    /// `request.data.a.b`
    Data(Path),
    /// `get(…).a.b`, of a document of this collection.
    Got(CollectionName, Path),
    /// `now`
    Now,
    /// `null` and `undefined`
    Nothing,
    /// A constant.
    Literal(Value),
    /// The id of a document of this collection, or a part of it: it stands inside the path of a `get()`.
    IdOf(CollectionName),
}

/// Two terms that decide something together.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// The left side; of `in`, the element.
    pub left: Term,
    /// The right side; of `in`, the list, or a member of it where it is written out.
    pub right: Term,
    /// Whether the right side is a list that is to hold the left one.
    pub is_membership: bool,
}

/// All of them, from left to right.
pub(super) fn compared(expr: &Expr) -> Vec<Compared> {
    let mut found = Vec::new();
    conditions(expr, &mut found);
    expr.for_each_access(&mut |_, access| {
        if let Root::Get(get) = &access.root {
            let id = || Term::IdOf(get.collection.clone());
            let parts = get.variables().filter_map(term);
            found.extend(parts.map(|part| pair(part, id())));
        }
    });
    found
}

fn conditions(expr: &Expr, found: &mut Vec<Compared>) {
    match &expr.kind {
        Kind::Not(inner) => conditions(inner, found),
        Kind::Junction(_, parts) => parts.iter().for_each(|part| conditions(part, found)),
        Kind::Compare(left, _, right) => {
            let sides = term(left).zip(term(right));
            found.extend(sides.map(|(left, right)| pair(left, right)));
        }
        Kind::In(item, list) => member(item, list, found),
        _ => {
            let flag = Term::Literal(Value::Bool(true));
            found.extend(term(expr).map(|term| pair(term, flag)));
        }
    }
}

fn member(item: &Expr, list: &Expr, found: &mut Vec<Compared>) {
    let Some((left, right)) = term(item).zip(term(list)) else {
        return;
    };
    match right {
        Term::Literal(Value::Array(values)) => {
            let each = values.into_iter().map(Term::Literal);
            found.extend(each.map(|value| pair(left.clone(), value)));
        }
        right => found.push(Compared {
            left,
            right,
            is_membership: true,
        }),
    }
}

fn pair(left: Term, right: Term) -> Compared {
    Compared {
        left,
        right,
        is_membership: false,
    }
}

/// `None` for what is neither a constant nor a member by names.
fn term(expr: &Expr) -> Option<Term> {
    match &expr.kind {
        Kind::Null | Kind::Undefined => Some(Term::Nothing),
        Kind::Literal(value) => Some(Term::Literal(value.clone())),
        Kind::Access(access) => of_access(access),
        _ => None,
    }
}

fn of_access(access: &Access) -> Option<Term> {
    let path = access.path.clone();
    match &access.root {
        Root::Doc => path.map(Term::Doc),
        Root::Data => path.map(Term::Data),
        Root::Get(get) => path.map(|path| Term::Got(get.collection.clone(), path)),
        Root::Now => Some(Term::Now),
        Root::Auth => match access.keys.as_slice() {
            [Key::Name(name)] => Some(Term::Auth(name.clone())),
            _ => None,
        },
        Root::Request | Root::Unknown(_) => None,
    }
}
