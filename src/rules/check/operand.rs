//! The operands of comparisons: names and types.

use smol_str::SmolStr;

use super::super::ast::{Access, Expr, Key, Kind, Piece, Root, Span, expressions};
use super::super::operand::{AUTH_MEMBERS, is_plain_segment};
use super::super::{FieldKind, Operation, Problem};
use super::{Checker, Type, looks_at_document};

impl Checker<'_> {
    /// Checks an expression where a value is wanted, and tells its type.
    pub(super) fn operand(&mut self, expr: &Expr) -> Type {
        match &expr.kind {
            Kind::Null | Kind::Undefined => Type::Null,
            Kind::Literal(value) => Type::of(value),
            Kind::Access(access) => self.access(access, expr.span),
            Kind::Text(pieces) => self.text(pieces, expr),
            Kind::Not(_) | Kind::Compare(..) | Kind::In(..) | Kind::Junction(..) => {
                self.report(
                    Problem::error(expr.span, "a condition cannot be compared")
                        .help("join conditions with `&&` and `||`, negate one with `!( … )`"),
                );
                Type::Any
            }
        }
    }

    fn text(&mut self, pieces: &[Piece], expr: &Expr) -> Type {
        self.parts(pieces);
        if !self.has_document() && expressions(pieces).any(looks_at_document) {
            self.report(
                Problem::error(expr.span, "a text made of the document's values cannot be searched for")
                    .help("compare fields with each other, or with texts made of `auth` and `request.data`"),
            );
        }
        Type::String
    }

    /// The expressions inside a text.
    pub(super) fn parts(&mut self, pieces: &[Piece]) {
        for part in expressions(pieces) {
            let ty = self.operand(part);
            if !matches!(ty, Type::Any | Type::String | Type::Number) {
                let message = format!("`{part}` is {} and cannot be part of a text", ty.name());
                self.report(
                    Problem::error(part.span, message)
                        .help("texts are made of strings and numbers"),
                );
            }
        }
    }

    fn access(&mut self, access: &Access, span: Span) -> Type {
        if !self.keys(access, span) {
            return Type::Any;
        }
        let whole = access.keys.is_empty();
        match &access.root {
            Root::Now if whole => Type::Number,
            Root::Now => self.wrong(span, "`now` is a number and has no members", None),
            Root::Auth => self.auth(access, span),
            Root::Doc if whole => Type::Object,
            Root::Doc => self.field(access, span),
            Root::Data => self.data(access, span),
            Root::Request => self.wrong(
                span,
                "only `request.data` can be read of `request`",
                Some("write `request.data.<field>`".to_owned()),
            ),
            Root::Get(_) if whole => Type::Object,
            Root::Get(_) => Type::Any,
            Root::Unknown(name) => self.unknown(name, span),
        }
    }

    /// Reports a problem of an operand; its type is anybody's guess then.
    fn wrong(&mut self, span: Span, message: impl Into<String>, help: Option<String>) -> Type {
        let problem = Problem::error(span, message);
        self.report(match help {
            Some(help) => problem.help(help),
            None => problem,
        });
        Type::Any
    }

    fn unknown(&mut self, name: &SmolStr, span: Span) -> Type {
        let is_field = self.fields.kind(std::slice::from_ref(name)) != FieldKind::Unknown;
        let help = if is_field {
            format!("a field is `doc.{name}`; a text stands in quotes: `'{name}'`")
        } else {
            "the variables are `auth`, `doc`, `request.data` and `now`; a text stands in quotes"
                .to_owned()
        };
        self.wrong(span, format!("there is no variable `{name}`"), Some(help))
    }

    fn auth(&mut self, access: &Access, span: Span) -> Type {
        match access.keys.as_slice() {
            [] => Type::Object,
            [Key::Name(name)] if AUTH_MEMBERS.contains(&name.as_str()) => Type::String,
            [Key::Name(name)] => self.wrong(
                span,
                format!("`auth` has no member `{name}`"),
                Some("its members are `openid`, `uid` and `loginType`".to_owned()),
            ),
            [Key::Name(_), ..] => self.wrong(span, "the members of `auth` are strings", None),
            [Key::Computed(_), ..] => {
                self.wrong(span, "name the member: `auth.openid` or `auth.uid`", None)
            }
        }
    }

    fn data(&mut self, access: &Access, span: Span) -> Type {
        if !matches!(self.operation, Operation::Create | Operation::Update) {
            let message = format!("there is no `request.data` on {}", self.operation);
            return self.wrong(
                span,
                message,
                Some("it exists on create and update only".to_owned()),
            );
        }
        match access.keys.is_empty() {
            true => Type::Object,
            false => self.field(access, span),
        }
    }

    /// The type of a field of the document, or of the payload, which has the same fields.
    fn field(&mut self, access: &Access, span: Span) -> Type {
        let names = access.static_prefix();
        if names.is_empty() {
            return self.wrong(
                span,
                "the first key of a document must be written out",
                Some("name the field: `doc.roles[auth.uid]`".to_owned()),
            );
        }
        let root = match access.root {
            Root::Data => "request.data",
            _ => "doc",
        };
        for end in 1..=names.len() {
            let path = names.get(..end).unwrap_or_default();
            let next = access.keys.get(end);
            match (self.kind(path), next) {
                (FieldKind::Unknown, _) => return self.unknown_field(path, span),
                (FieldKind::Any, _) => return Type::Any,
                (FieldKind::Object, Some(Key::Computed(_))) => return Type::Any,
                (FieldKind::Object, Some(Key::Name(_))) => {}
                (FieldKind::ListOfScalars | FieldKind::ListOfObjects, Some(key))
                    if may_be_index(key) =>
                {
                    return Type::Any;
                }
                (kind, Some(_)) => return self.no_members(root, path, kind, span),
                (kind, None) => return type_of(kind),
            }
        }
        Type::Any
    }

    /// The kind of a field. The two fields that every document has need no declaration.
    fn kind(&self, path: &[SmolStr]) -> FieldKind {
        match (self.fields.kind(path), path) {
            (FieldKind::Unknown, [name]) if name == "_id" => FieldKind::Any,
            (FieldKind::Unknown, [name]) if name == "_openid" => FieldKind::String,
            (kind, _) => kind,
        }
    }

    fn unknown_field(&mut self, path: &[SmolStr], span: Span) -> Type {
        let near = self.fields.suggestions(path);
        let help = match near.as_slice() {
            [] => None,
            names => {
                let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                Some(format!("did you mean {}", names.join(" or ")))
            }
        };
        let message = format!("there is no field `{}`", path.join("."));
        self.wrong(span, message, help)
    }

    fn no_members(&mut self, root: &str, path: &[SmolStr], kind: FieldKind, span: Span) -> Type {
        let path = format!("{root}.{}", path.join("."));
        let ty = type_of(kind);
        let message = match ty {
            Type::ListOfObjects => {
                format!("`{path}` is a list of objects, no path leads through it")
            }
            _ => format!("`{path}` is {} and has no members", ty.name()),
        };
        let help = match ty {
            Type::List | Type::ListOfObjects => Some(format!(
                "name one element, `{path}[0]`, or keep what the rule needs in a field of its own"
            )),
            _ => None,
        };
        self.wrong(span, message, help)
    }

    /// The names and computed keys of an access; whether all names can be one.
    fn keys(&mut self, access: &Access, span: Span) -> bool {
        let mut all_names = true;
        for key in &access.keys {
            match key {
                Key::Name(name) if is_plain_segment(name) => {}
                Key::Name(name) => {
                    all_names = false;
                    self.wrong(
                        span,
                        format!("`{name}` cannot be the name of a member"),
                        Some(
                            "names are not empty, have no dots and do not begin with `$`"
                                .to_owned(),
                        ),
                    );
                }
                Key::Computed(expr) => self.computed_key(expr),
            }
        }
        all_names
    }

    fn computed_key(&mut self, key: &Expr) {
        let ty = self.operand(key);
        if !matches!(ty, Type::Any | Type::String | Type::Number) {
            let message = format!("`{key}` is {} and cannot be a key", ty.name());
            self.wrong(key.span, message, None);
        }
        if !self.has_document() && looks_at_document(key) {
            self.wrong(
                key.span,
                "a key that depends on the document cannot be searched for",
                Some("use a key made of `auth`, `request.data` or literals".to_owned()),
            );
        }
    }
}

/// Whether a key may be the index of an element.
fn may_be_index(key: &Key) -> bool {
    match key {
        Key::Name(name) => name.bytes().all(|byte| byte.is_ascii_digit()),
        Key::Computed(_) => true,
    }
}

fn type_of(kind: FieldKind) -> Type {
    match kind {
        FieldKind::Unknown | FieldKind::Any => Type::Any,
        FieldKind::Bool => Type::Bool,
        FieldKind::Number => Type::Number,
        FieldKind::String => Type::String,
        FieldKind::Date => Type::Date,
        FieldKind::Object => Type::Object,
        FieldKind::ListOfScalars => Type::List,
        FieldKind::ListOfObjects => Type::ListOfObjects,
        FieldKind::Binary => Type::Binary,
    }
}
