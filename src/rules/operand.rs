//! What an operand of a comparison is, as far as it is known.
//!
//! The three uses of a rule differ in one thing only: with a document at hand
//! (`eval`) every operand is known; without one (`residual`, `proof`) a path of
//! the document stays a path, and inside `get()` it must be pinned.

use std::borrow::Cow;

use smol_str::SmolStr;

use super::ast::{Access, Expr, Get, Key, Kind, Piece, Root};
use super::{Context, Reference, text};
use crate::data::{DocId, Document, Identity, Object, Path, User, Value};

/// The value of an expression that is not a condition.
#[derive(Debug)]
pub(super) enum Operand<'a> {
    /// A value other than null.
    Value(Cow<'a, Value>),
    /// Null, or missing in something that is there.
    Absent,
    /// There, but nothing to compare with: `auth`, `doc`, `request.data`, a whole document.
    Whole,
    /// No answer: a member of what is null, a key that cannot be one, a document that nothing pins.
    Unknown,
    /// The value at this path of a document that is not at hand.
    Field(Path),
}

/// Documents that must be loaded first.
pub(super) type Missing = Vec<Reference>;

/// The document that a rule is about.
#[derive(Clone, Copy)]
pub(super) enum Subject<'a> {
    Known(&'a Object),
    /// Only what a condition says of it.
    Described(&'a dyn Pins),
}

/// A condition that leaves some paths a single value.
pub(super) trait Pins {
    fn pinned(&self, path: &Path) -> Option<&Value>;
}

/// Paths whose pinned value an answer relied on: it holds where the document has exactly these.
pub(super) type Assumptions = Vec<(Path, Value)>;

/// Finds out what expressions are.
#[derive(Clone, Copy)]
pub(super) struct Resolver<'a> {
    pub(super) cx: &'a Context<'a>,
    pub(super) subject: Subject<'a>,
}

impl<'a> Resolver<'a> {
    pub(super) fn operand(
        &self,
        expr: &'a Expr,
        assumed: &mut Assumptions,
    ) -> Result<Operand<'a>, Missing> {
        match &expr.kind {
            Kind::Null | Kind::Undefined => Ok(Operand::Absent),
            Kind::Literal(value) => Ok(Operand::known(Some(value))),
            Kind::Access(access) => self.access(access, assumed),
            Kind::Text(pieces) => Ok(match self.text(pieces, assumed)? {
                Some(text) => Operand::Value(Cow::Owned(Value::string(text))),
                None => Operand::Unknown,
            }),
            Kind::Not(_) | Kind::Compare(..) | Kind::In(..) | Kind::Junction(..) => {
                Ok(Operand::Unknown)
            }
        }
    }

    fn access(
        &self,
        access: &'a Access,
        assumed: &mut Assumptions,
    ) -> Result<Operand<'a>, Missing> {
        let whole = access.keys.is_empty();
        match &access.root {
            Root::Now if whole => Ok(Operand::Value(Cow::Owned(Value::Int(self.cx.now)))),
            Root::Auth => Ok(self.auth(access)),
            Root::Doc if whole => Ok(Operand::Whole),
            Root::Doc => Ok(match self.path(access, assumed)? {
                Some(path) => self.field(path),
                None => Operand::Unknown,
            }),
            Root::Data => self.data(access, assumed),
            Root::Get(get) => self.got(get, access, assumed),
            Root::Now | Root::Request | Root::Unknown(_) => Ok(Operand::Unknown),
        }
    }

    fn auth(&self, access: &Access) -> Operand<'a> {
        let Identity::User(user) = &self.cx.caller.identity else {
            return match access.keys.is_empty() {
                true => Operand::Absent,
                false => Operand::Unknown,
            };
        };
        match access.keys.as_slice() {
            [] => Operand::Whole,
            [Key::Name(name)] => match auth_member(user, name) {
                Some(text) => Operand::Value(Cow::Owned(Value::String(text))),
                None => Operand::Absent,
            },
            _ => Operand::Unknown,
        }
    }

    fn field(&self, path: Cow<'a, Path>) -> Operand<'a> {
        match self.subject {
            Subject::Known(document) => Operand::known(path.lookup(document)),
            Subject::Described(_) => Operand::Field(path.into_owned()),
        }
    }

    fn data(&self, access: &'a Access, assumed: &mut Assumptions) -> Result<Operand<'a>, Missing> {
        let Some(request) = self.cx.request else {
            return Ok(Operand::Unknown);
        };
        if access.keys.is_empty() {
            return Ok(Operand::Whole);
        }
        Ok(match self.path(access, assumed)? {
            Some(path) => request.value(&path),
            None => Operand::Unknown,
        })
    }

    fn got(
        &self,
        get: &'a Get,
        access: &'a Access,
        assumed: &mut Assumptions,
    ) -> Result<Operand<'a>, Missing> {
        let Some(document) = self.document(get, assumed)? else {
            return Ok(Operand::Unknown);
        };
        let whole = access.keys.is_empty();
        Ok(match document {
            None if whole => Operand::Absent,
            Some(_) if whole => Operand::Whole,
            None => Operand::Unknown,
            Some(document) => match self.path(access, assumed)? {
                Some(path) => Operand::known(document.lookup(&path)),
                None => Operand::Unknown,
            },
        })
    }

    /// The document that `get()` names; the outer `None`: it names none.
    #[expect(
        clippy::option_option,
        reason = "which document, and whether it exists"
    )]
    fn document(
        &self,
        get: &'a Get,
        assumed: &mut Assumptions,
    ) -> Result<Option<Option<&'a Document>>, Missing> {
        let Some(id) = self.id(&get.id, assumed)? else {
            return Ok(None);
        };
        let reference = Reference {
            collection: get.collection.clone(),
            id,
        };
        match self.cx.facts.documents.get(&reference) {
            Some(document) => Ok(Some(document.as_deref())),
            None => Err(vec![reference]),
        }
    }

    /// The id that the rest of a path spells: a lone expression keeps its type.
    fn id(&self, pieces: &'a [Piece], assumed: &mut Assumptions) -> Result<Option<DocId>, Missing> {
        if let [Piece::Expr(expr)] = pieces {
            let value = self.constant(expr, assumed)?;
            return Ok(value.and_then(|value| match *value {
                Value::Double(double) => text::whole(double).map(DocId::Int),
                ref other => DocId::from_value(other).filter(|id| *id != DocId::string("")),
            }));
        }
        let id = self.text(pieces, assumed)?;
        Ok(id.filter(|id| !id.is_empty()).map(DocId::string))
    }

    fn text(
        &self,
        pieces: &'a [Piece],
        assumed: &mut Assumptions,
    ) -> Result<Option<String>, Missing> {
        let mut text = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(part) => text.push_str(part),
                Piece::Expr(expr) => match self.constant(expr, assumed)? {
                    Some(value) => match text::spell(&value) {
                        Some(part) => text.push_str(&part),
                        None => return Ok(None),
                    },
                    None => return Ok(None),
                },
            }
        }
        Ok(Some(text))
    }

    /// The value of an expression inside a text or a key; a path of the document must be pinned.
    fn constant(
        &self,
        expr: &'a Expr,
        assumed: &mut Assumptions,
    ) -> Result<Option<Cow<'a, Value>>, Missing> {
        Ok(match (self.operand(expr, assumed)?, self.subject) {
            (Operand::Value(value), _) => Some(value),
            (Operand::Field(path), Subject::Described(pins)) => pins.pinned(&path).map(|value| {
                assumed.push((path, value.clone()));
                Cow::Borrowed(value)
            }),
            _ => None,
        })
    }

    /// The keys of an access as a path; `None` if a computed key cannot be one.
    pub(super) fn path(
        &self,
        access: &'a Access,
        assumed: &mut Assumptions,
    ) -> Result<Option<Cow<'a, Path>>, Missing> {
        if let Some(path) = &access.path {
            return Ok(Some(Cow::Borrowed(path)));
        }
        // A computed first key could name any field, so nothing could tell which fields a rule looks at.
        if !matches!(access.keys.first(), Some(Key::Name(_))) {
            return Ok(None);
        }
        let mut segments = Vec::with_capacity(access.keys.len());
        for key in &access.keys {
            segments.push(match key {
                Key::Name(name) => name.clone(),
                Key::Computed(expr) => {
                    let value = self.constant(expr, assumed)?;
                    match value.as_deref().and_then(segment) {
                        Some(segment) => segment,
                        None => return Ok(None),
                    }
                }
            });
        }
        Ok(Path::new(segments).map(Cow::Owned))
    }
}

impl<'a> Operand<'a> {
    /// A value that is known, null and missing being the same.
    pub(super) fn known(value: Option<&'a Value>) -> Self {
        match value {
            None | Some(Value::Null) => Operand::Absent,
            Some(value) => Operand::Value(Cow::Borrowed(value)),
        }
    }

    /// Whether no comparison with this has an answer, whatever the other side is.
    pub(super) fn answers_nothing(&self) -> bool {
        matches!(self, Operand::Absent | Operand::Whole | Operand::Unknown)
    }
}

/// The segment a computed key stands for. A database would read dots and `$` in its own way, so they make no key.
fn segment(value: &Value) -> Option<SmolStr> {
    match value {
        Value::String(name) if is_plain_segment(name) => Some(name.clone()),
        Value::Int(index) if *index >= 0 => Some(SmolStr::new(index.to_string())),
        _ => None,
    }
}

/// Whether a name is safe as one segment of a path in every store.
pub(super) fn is_plain_segment(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('$') && !name.contains(['.', '\0'])
}

/// The members of `auth`.
pub(super) const AUTH_MEMBERS: [&str; 3] = ["openid", "uid", "loginType"];

fn auth_member(user: &User, name: &str) -> Option<SmolStr> {
    match name {
        "openid" => user.openid.clone(),
        "uid" => user.uid.clone(),
        "loginType" => Some(SmolStr::new(user.login_type.as_str())),
        _ => None,
    }
}
