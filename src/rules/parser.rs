//! Tokens to an expression: a Pratt parser, in JavaScript's order of precedence.
//!
//! Syntax only. Names, types and limits on `get()` are `check.rs`.

use smol_str::SmolStr;

use super::Problem;
use super::ast::{Access, Connective, Expr, Get, Key, Kind, Piece, Root, Span};
use super::lexer::{ChunkEnd, Lexer, Token, is_name_start};
use super::text;
use crate::data::{CollectionName, Value};

/// The longest rule, in characters, as on the platform.
pub(super) const MAX_CHARACTERS: usize = 1024;

/// How deep brackets, negations and templates may nest: bounds the recursion of everything
/// that walks an expression.
pub(super) const MAX_NESTING: usize = 32;

type Result<T> = std::result::Result<T, Problem>;

pub(super) fn parse(rule: &str) -> Result<Expr> {
    let whole = Span {
        start: 0,
        end: rule.len(),
    };
    if rule.chars().count() > MAX_CHARACTERS {
        let message = format!("a rule has at most {MAX_CHARACTERS} characters");
        return Err(Problem::error(whole, message));
    }
    if rule.trim().is_empty() {
        return Err(Problem::error(whole, "the rule is empty")
            .help("write `true`, `false` or a condition such as `doc._openid == auth.openid`"));
    }
    let mut parser = Parser {
        lexer: Lexer::new(rule),
        ahead: None,
        nesting: 0,
    };
    let expr = parser.expression(Power::Or)?;
    match parser.next()? {
        (Token::End, _) => Ok(expr),
        (token, span) => Err(unexpected(
            &token,
            span,
            "`&&`, `||` or the end of the rule",
        )),
    }
}

/// How tightly an operator binds, loosest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Power {
    Or,
    And,
    Comparison,
    Join,
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    ahead: Option<(Token, Span)>,
    nesting: usize,
}

impl Parser<'_> {
    fn next(&mut self) -> Result<(Token, Span)> {
        match self.ahead.take() {
            Some(token) => Ok(token),
            None => self.lexer.token(),
        }
    }

    fn peek(&mut self) -> Result<(&Token, Span)> {
        if self.ahead.is_none() {
            self.ahead = Some(self.lexer.token()?);
        }
        let (token, span) = self.ahead.as_ref().expect("filled above");
        Ok((token, *span))
    }

    fn expect(&mut self, wanted: &Token, name: &str) -> Result<Span> {
        match self.next()? {
            (token, span) if token == *wanted => Ok(span),
            (token, span) => Err(unexpected(&token, span, name)),
        }
    }

    /// Parses what is nested inside something that starts at `span`.
    fn nested<T>(&mut self, span: Span, parse: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.nesting >= MAX_NESTING {
            let message = format!("the rule nests deeper than {MAX_NESTING} levels");
            return Err(Problem::error(span, message));
        }
        self.nesting = self.nesting.saturating_add(1);
        let result = parse(self);
        self.nesting = self.nesting.saturating_sub(1);
        result
    }

    /// An expression whose operators bind at least as tightly as `least`.
    fn expression(&mut self, least: Power) -> Result<Expr> {
        let mut left = self.unary()?;
        loop {
            let Some(power) = infix_power(self.peek()?.0).filter(|power| *power >= least) else {
                return Ok(left);
            };
            left = match power {
                Power::Or => self.junction(left, Connective::Or, Power::And)?,
                Power::And => self.junction(left, Connective::And, Power::Comparison)?,
                Power::Join => self.join(left)?,
                Power::Comparison => self.comparison(left)?,
            };
        }
    }

    fn junction(&mut self, first: Expr, connective: Connective, tighter: Power) -> Result<Expr> {
        let operator = match connective {
            Connective::And => Token::And,
            Connective::Or => Token::Or,
        };
        let mut span = first.span;
        let mut parts = vec![first];
        while *self.peek()?.0 == operator {
            self.next()?;
            let part = self.expression(tighter)?;
            span = span.to(part.span);
            parts.push(part);
        }
        Ok(Expr::junction(connective, parts, span))
    }

    fn comparison(&mut self, left: Expr) -> Result<Expr> {
        let (operator, _) = self.next()?;
        let right = self.expression(Power::Join)?;
        let span = left.span.to(right.span);
        if let (token, at) = self.peek()?
            && infix_power(token) == Some(Power::Comparison)
        {
            return Err(Problem::error(at, "comparisons cannot be chained")
                .help("join two comparisons with `&&`"));
        }
        let (left, right) = (Box::new(left), Box::new(right));
        let kind = match operator {
            Token::Compare(comparison) => Kind::Compare(left, comparison, right),
            _ => Kind::In(left, right),
        };
        Ok(Expr::new(kind, span))
    }

    fn join(&mut self, first: Expr) -> Result<Expr> {
        let mut parts = vec![first];
        while *self.peek()?.0 == Token::Plus {
            self.next()?;
            parts.push(self.unary()?);
        }
        text::join(parts)
    }

    fn unary(&mut self) -> Result<Expr> {
        match self.peek()? {
            (Token::Not, span) => {
                self.next()?;
                let inner = self.nested(span, Self::unary)?;
                let span = span.to(inner.span);
                Ok(Expr::new(Kind::Not(Box::new(inner)), span))
            }
            (Token::Plus | Token::Minus, _) => self.signed(),
            _ => self.postfix(),
        }
    }

    fn signed(&mut self) -> Result<Expr> {
        let (sign, span) = self.next()?;
        let inner = self.nested(span, Self::unary)?;
        let span = span.to(inner.span);
        let value = match (inner.kind, &sign) {
            (Kind::Literal(Value::Int(int)), Token::Minus) => int.checked_neg().map(Value::Int),
            (Kind::Literal(Value::Double(double)), Token::Minus) => Some(Value::Double(-double)),
            (Kind::Literal(value @ (Value::Int(_) | Value::Double(_))), _) => Some(value),
            _ => None,
        };
        value
            .map(|value| Expr::new(Kind::Literal(value), span))
            .ok_or_else(|| {
                Problem::error(span, "a sign belongs to a number")
                    .help("rules have no arithmetic; compare values instead")
            })
    }

    fn postfix(&mut self) -> Result<Expr> {
        let first = self.primary()?;
        let mut span = first.span;
        let mut keys = Vec::new();
        loop {
            match self.peek()? {
                (Token::Dot, _) => {
                    self.next()?;
                    let (name, end) = self.member_name()?;
                    span = span.to(end);
                    keys.push(Key::Name(name));
                }
                (Token::BracketOpen, open) => {
                    self.next()?;
                    keys.push(self.nested(open, Self::bracketed_key)?);
                    span = span.to(self.expect(&Token::BracketClose, "`]`")?);
                }
                (Token::ParenOpen, open) => {
                    return Err(Problem::error(span.to(open), "rules have no methods")
                        .help("the only function is `get()`"));
                }
                _ => return with_keys(first, keys, span),
            }
        }
    }

    fn member_name(&mut self) -> Result<(SmolStr, Span)> {
        match self.next()? {
            (Token::Ident(name), span) => Ok((name, span)),
            (token, span) => Err(unexpected(&token, span, "the name of a member")),
        }
    }

    fn bracketed_key(&mut self) -> Result<Key> {
        let key = self.expression(Power::Or)?;
        Ok(match key.kind {
            Kind::Literal(Value::String(name)) => Key::Name(name),
            Kind::Literal(Value::Int(index)) if index >= 0 => {
                Key::Name(SmolStr::new(index.to_string()))
            }
            _ => Key::Computed(key),
        })
    }

    fn primary(&mut self) -> Result<Expr> {
        let (token, span) = self.next()?;
        let kind = match token {
            Token::Number(value) => Kind::Literal(value),
            Token::String(text) => Kind::Literal(Value::string(text)),
            Token::Backtick => return self.template(span),
            Token::BracketOpen => return self.list(span),
            Token::ParenOpen => return self.parenthesised(span),
            Token::Ident(name) => return self.named(&name, span),
            other => return Err(unexpected(&other, span, "a value")),
        };
        Ok(Expr::new(kind, span))
    }

    fn parenthesised(&mut self, open: Span) -> Result<Expr> {
        let inner = self.nested(open, |parser| parser.expression(Power::Or))?;
        let close = self.expect(&Token::ParenClose, "`)`")?;
        Ok(Expr::new(inner.kind, open.to(close)))
    }

    fn named(&mut self, name: &SmolStr, span: Span) -> Result<Expr> {
        if *self.peek()?.0 == Token::ParenOpen {
            return self.call(name, span);
        }
        let kind = match name.as_str() {
            "true" => Kind::Literal(Value::Bool(true)),
            "false" => Kind::Literal(Value::Bool(false)),
            "null" => Kind::Null,
            "undefined" => Kind::Undefined,
            "in" => return Err(Problem::error(span, "expected a value before `in`")),
            "auth" => variable(Root::Auth),
            "doc" => variable(Root::Doc),
            "request" => variable(Root::Request),
            "now" => variable(Root::Now),
            _ => variable(Root::Unknown(name.clone())),
        };
        Ok(Expr::new(kind, span))
    }

    fn call(&mut self, name: &str, span: Span) -> Result<Expr> {
        if name != "get" {
            let message = format!("there is no function `{name}`");
            return Err(Problem::error(span, message).help("the only function is `get()`"));
        }
        let open = self.expect(&Token::ParenOpen, "`(`")?;
        let path = self.nested(open, |parser| parser.expression(Power::Or))?;
        let close = self.expect(&Token::ParenClose, "`)`")?;
        let get = get_path(path)?;
        Ok(Expr::new(variable(Root::Get(get)), span.to(close)))
    }

    fn list(&mut self, open: Span) -> Result<Expr> {
        let mut items = Vec::new();
        if let (Token::BracketClose, close) = self.peek()? {
            self.next()?;
            return Ok(Expr::new(
                Kind::Literal(Value::Array(items)),
                open.to(close),
            ));
        }
        loop {
            items.push(self.nested(open, Self::list_item)?);
            match self.next()? {
                (Token::Comma, _) => {}
                (Token::BracketClose, close) => {
                    let span = open.to(close);
                    return Ok(Expr::new(Kind::Literal(Value::Array(items)), span));
                }
                (token, span) => return Err(unexpected(&token, span, "`,` or `]`")),
            }
        }
    }

    fn list_item(&mut self) -> Result<Value> {
        let item = self.expression(Power::Or)?;
        match item.kind {
            Kind::Literal(value @ (Value::Int(_) | Value::Double(_) | Value::String(_))) => {
                Ok(value)
            }
            _ => Err(
                Problem::error(item.span, "a list holds numbers and strings only")
                    .help("write further conditions with `||`"),
            ),
        }
    }

    /// A template whose opening backtick is consumed.
    fn template(&mut self, open: Span) -> Result<Expr> {
        let mut pieces = Vec::new();
        loop {
            let (chunk, end) = self.lexer.template_chunk()?;
            text::push_text(&mut pieces, &chunk);
            if end == ChunkEnd::Template {
                let span = open.to(self.lexer.here());
                return Ok(text::from_pieces(pieces, span));
            }
            let inner = self.nested(open, |parser| parser.expression(Power::Or))?;
            text::push_expr(&mut pieces, inner);
            self.expect(&Token::BraceClose, "`}`")?;
        }
    }
}

fn infix_power(token: &Token) -> Option<Power> {
    match token {
        Token::Or => Some(Power::Or),
        Token::And => Some(Power::And),
        Token::Compare(_) => Some(Power::Comparison),
        Token::Ident(name) if name == "in" => Some(Power::Comparison),
        Token::Plus => Some(Power::Join),
        _ => None,
    }
}

fn variable(root: Root) -> Kind {
    Kind::Access(Access::new(root, Vec::new()))
}

/// `first` with members read of it.
fn with_keys(first: Expr, keys: Vec<Key>, span: Span) -> Result<Expr> {
    if keys.is_empty() {
        return Ok(first);
    }
    let Kind::Access(access) = first.kind else {
        return Err(Problem::error(span, "this has no members")
            .help("members can be read of `auth`, `doc`, `request.data` and `get()`"));
    };
    let mut all = access.keys;
    all.extend(keys);
    let mut root = access.root;
    if root == Root::Request && all.first() == Some(&Key::Name(SmolStr::new_static("data"))) {
        root = Root::Data;
        all.remove(0);
    }
    Ok(Expr::new(Kind::Access(Access::new(root, all)), span))
}

/// Takes the argument of `get()` apart.
fn get_path(path: Expr) -> Result<Get> {
    const HELP: &str = "write `database.<collection>.<id>`, the collection in plain letters: get(`database.users.${auth.openid}`)";
    let span = path.span;
    let mut pieces = Vec::new();
    text::push_expr(&mut pieces, path);
    let wrong = || Problem::error(span, "this is not the path of a document").help(HELP);
    let Some(Piece::Text(prefix)) = pieces.first_mut() else {
        return Err(wrong());
    };
    let mut parts = prefix.splitn(3, '.');
    if parts.next() != Some("database") {
        return Err(wrong());
    }
    let collection = parts.next().and_then(CollectionName::parse);
    let (Some(collection), Some(id)) = (collection, parts.next()) else {
        return Err(wrong());
    };
    *prefix = id.to_owned();
    if pieces
        .iter()
        .any(|piece| matches!(piece, Piece::Text(text) if text.contains('.')))
    {
        return Err(
            Problem::error(span, "the path of `get()` goes on after the id")
                .help("read members after the call: get(`database.users.${auth.openid}`).name"),
        );
    }
    pieces.retain(|piece| !matches!(piece, Piece::Text(text) if text.is_empty()));
    if pieces.is_empty() {
        return Err(wrong());
    }
    Ok(Get {
        collection,
        id: pieces,
    })
}

fn unexpected(token: &Token, span: Span, wanted: &str) -> Problem {
    let found = match token {
        Token::End => "the rule ends here".to_owned(),
        Token::Ident(name) => format!("found `{name}`"),
        Token::Number(_) => "found a number".to_owned(),
        Token::String(_) => "found a text".to_owned(),
        Token::Backtick => "found a backtick".to_owned(),
        symbol => format!("found `{}`", symbol.spelling()),
    };
    let problem = Problem::error(span, format!("expected {wanted}, {found}"));
    match token {
        Token::Ident(name) if name == "and" => problem.help("join conditions with `&&`"),
        Token::Ident(name) if name == "or" => problem.help("join conditions with `||`"),
        Token::Ident(name) if name == "not" => problem.help("negate with `!`"),
        _ => problem,
    }
}

/// Whether a name can follow a dot.
pub(super) fn is_name(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(is_name_start) && letters.all(super::lexer::is_name_part)
}
