//! The shape of a rule after parsing: normalised, so that equal rules have
//! equal trees whatever their spaces, quotes and `===`.
//!
//! Chains of `&&` and `||` are one flat node, texts joined with `+` are
//! templates, signs are part of their number, `doc['a']` is `doc.a`.

use smol_str::SmolStr;

use crate::data::{CollectionName, Comparison, Path, Value};

/// Byte offsets into the text of a rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Span {
    /// From the start of this to the end of the other.
    pub(crate) fn to(self, other: Span) -> Span {
        Span {
            start: self.start,
            end: other.end,
        }
    }
}

/// An expression and where it stands. Equality looks at the expression only.
#[derive(Clone, Debug)]
pub(crate) struct Expr {
    pub(crate) kind: Kind,
    pub(crate) span: Span,
}

impl PartialEq for Expr {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    Null,
    Undefined,
    /// A bool, number, string, or list of numbers and strings.
    Literal(Value),
    Access(Access),
    /// Text with at least one expression in it.
    Text(Vec<Piece>),
    Not(Box<Expr>),
    Compare(Box<Expr>, Comparison, Box<Expr>),
    In(Box<Expr>, Box<Expr>),
    /// At least two operands, none of which is a junction of the same kind.
    Junction(Connective, Vec<Expr>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Connective {
    And,
    Or,
}

impl Connective {
    /// What it becomes under a negation (De Morgan).
    pub(crate) fn dual(self) -> Self {
        match self {
            Connective::And => Connective::Or,
            Connective::Or => Connective::And,
        }
    }
}

/// A part of a text.
///
/// INVARIANT: in a list of pieces no text is empty and no two texts are neighbours.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece {
    Text(String),
    Expr(Expr),
}

/// A variable or `get()` and the members read of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Access {
    pub(crate) root: Root,
    pub(crate) keys: Vec<Key>,
    /// The keys as a path, if all of them are names and there is one.
    pub(crate) path: Option<Path>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Root {
    Auth,
    Doc,
    /// `request` without `.data`.
    Request,
    /// `request.data`.
    Data,
    Now,
    Get(Get),
    /// A name that no variable has.
    Unknown(SmolStr),
}

/// `get(...)`: the path taken apart.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Get {
    pub(crate) collection: CollectionName,
    /// Not empty.
    pub(crate) id: Vec<Piece>,
}

/// One step into a value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Key {
    /// `.name`, `['name']`, or an index, as its digits.
    Name(SmolStr),
    Computed(Expr),
}

impl Access {
    pub(crate) fn new(root: Root, keys: Vec<Key>) -> Self {
        let names: Option<Vec<SmolStr>> = keys
            .iter()
            .map(|key| match key {
                Key::Name(name) => Some(name.clone()),
                Key::Computed(_) => None,
            })
            .collect();
        Self {
            root,
            keys,
            path: names.and_then(Path::new),
        }
    }

    /// The names before the first computed key.
    pub(crate) fn static_prefix(&self) -> Vec<SmolStr> {
        self.keys
            .iter()
            .map_while(|key| match key {
                Key::Name(name) => Some(name.clone()),
                Key::Computed(_) => None,
            })
            .collect()
    }
}

impl Get {
    /// The expressions in the path.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &Expr> {
        expressions(&self.id)
    }
}

/// The expressions among the pieces of a text.
pub(crate) fn expressions(pieces: &[Piece]) -> impl Iterator<Item = &Expr> {
    pieces.iter().filter_map(|piece| match piece {
        Piece::Expr(expr) => Some(expr),
        Piece::Text(_) => None,
    })
}

impl Expr {
    pub(crate) fn new(kind: Kind, span: Span) -> Self {
        Self { kind, span }
    }

    /// Joins conditions; a part that is a junction of the same kind becomes part of this one.
    pub(crate) fn junction(connective: Connective, parts: Vec<Expr>, span: Span) -> Self {
        let mut flat = Vec::with_capacity(parts.len());
        for part in parts {
            match part.kind {
                Kind::Junction(inner, nested) if inner == connective => flat.extend(nested),
                _ => flat.push(part),
            }
        }
        Self::new(Kind::Junction(connective, flat), span)
    }

    /// The expressions directly inside this one, from left to right.
    pub(crate) fn children(&self) -> Vec<&Expr> {
        match &self.kind {
            Kind::Null | Kind::Undefined | Kind::Literal(_) => Vec::new(),
            Kind::Text(pieces) => expressions(pieces).collect(),
            Kind::Not(inner) => vec![inner],
            Kind::Compare(left, _, right) | Kind::In(left, right) => vec![left, right],
            Kind::Junction(_, parts) => parts.iter().collect(),
            Kind::Access(access) => access.children(),
        }
    }

    /// Calls `visit` with every variable and `get()`, outer before inner.
    pub(crate) fn for_each_access<'a>(&'a self, visit: &mut impl FnMut(&'a Expr, &'a Access)) {
        if let Kind::Access(access) = &self.kind {
            visit(self, access);
        }
        for child in self.children() {
            child.for_each_access(visit);
        }
    }

    /// Whether some variable or `get()` anywhere in this satisfies the test.
    pub(crate) fn any_access(&self, mut test: impl FnMut(&Access) -> bool) -> bool {
        let mut found = false;
        self.for_each_access(&mut |_, access| found = found || test(access));
        found
    }
}

impl Access {
    fn children(&self) -> Vec<&Expr> {
        let mut children: Vec<&Expr> = match &self.root {
            Root::Get(get) => get.variables().collect(),
            _ => Vec::new(),
        };
        children.extend(self.keys.iter().filter_map(|key| match key {
            Key::Computed(expr) => Some(expr),
            Key::Name(_) => None,
        }));
        children
    }
}
