//! Looks at the tokens of a document before it is parsed: few enough, not
//! nested too deep, and nothing that the parser would take although the
//! specification does not.

use std::collections::HashSet;

use super::lexer::{Kind, LexError, Lexer, position};
use super::{IntakeError, Limits};

/// How many tokens there are.
///
/// # Errors
///
/// The first problem found.
pub(super) fn prescan(text: &str, limits: &Limits) -> Result<usize, IntakeError> {
    if text.len() > limits.bytes {
        return Err(limit("bytes", limits.bytes));
    }
    let mut scan = Scan {
        text,
        limits,
        open: Vec::new(),
        before: None,
        definition: Definition::Start,
    };
    let mut seen = 0;
    let mut tokens = Lexer::new(text).enumerate().peekable();
    while let Some((count, token)) = tokens.next() {
        let token = token.map_err(|error| scan.not_a_token(error))?;
        if count >= limits.tokens {
            return Err(limit("tokens", limits.tokens));
        }
        let next = tokens.peek().and_then(|(_, next)| next.as_ref().ok());
        scan.token(token.kind, token.at, next.map(|next| next.kind))?;
        seen = count + 1;
    }
    Ok(seen)
}

fn limit(what: &'static str, limit: usize) -> IntakeError {
    IntakeError::Limit { what, limit }
}

struct Scan<'a> {
    text: &'a str,
    limits: &'a Limits,
    open: Vec<Bracket<'a>>,
    before: Option<Kind<'a>>,
    definition: Definition,
}

/// An open bracket.
enum Bracket<'a> {
    Round,
    Square,
    /// A selection set.
    Selections,
    /// An input object with the members seen so far.
    Object(HashSet<&'a str>),
}

/// Where we are outside all brackets.
#[derive(Clone, Copy)]
enum Definition {
    Start,
    FragmentName,
    Head,
}

impl<'a> Scan<'a> {
    fn token(
        &mut self,
        kind: Kind<'a>,
        at: usize,
        next: Option<Kind<'a>>,
    ) -> Result<(), IntakeError> {
        if self.open.is_empty() {
            self.outside(kind, at)?;
        }
        match kind {
            Kind::Punctuator('(') if next == Some(Kind::Punctuator(')')) => {
                return Err(self.syntax("these parentheses are empty", at));
            }
            Kind::Punctuator(bracket @ ('(' | '[' | '{')) => self.open(bracket)?,
            Kind::Punctuator(')' | ']' | '}') => self.close(),
            Kind::Name(name) => self.name(name, at, next)?,
            Kind::Punctuator(_) | Kind::Number | Kind::String | Kind::Spread => {}
        }
        self.before = Some(kind);
        Ok(())
    }

    /// The parser takes `queryFoo` for `query Foo`, and fragments named `on`.
    fn outside(&mut self, kind: Kind<'a>, at: usize) -> Result<(), IntakeError> {
        self.definition = match (self.definition, kind) {
            (Definition::Start, Kind::Punctuator('{')) => Definition::Head,
            (Definition::Start, Kind::Name("query" | "mutation" | "subscription")) => {
                Definition::Head
            }
            (Definition::Start, Kind::Name("fragment")) => Definition::FragmentName,
            (Definition::Start, _) => {
                return Err(self.syntax("an operation or a fragment begins here", at));
            }
            (Definition::FragmentName, Kind::Name("on")) => {
                return Err(self.syntax("a fragment cannot be named `on`", at));
            }
            (Definition::FragmentName | Definition::Head, _) => Definition::Head,
        };
        Ok(())
    }

    fn open(&mut self, bracket: char) -> Result<(), IntakeError> {
        if self.open.len() >= self.limits.nesting {
            return Err(limit("nested brackets", self.limits.nesting));
        }
        let in_arguments = !matches!(self.open.last(), None | Some(Bracket::Selections));
        self.open.push(match bracket {
            '(' => Bracket::Round,
            '[' => Bracket::Square,
            _ if in_arguments => Bracket::Object(HashSet::new()),
            _ => Bracket::Selections,
        });
        Ok(())
    }

    /// Whether brackets match is the parser's concern.
    fn close(&mut self) {
        let closed = self.open.pop();
        if self.open.is_empty() && matches!(closed, Some(Bracket::Selections)) {
            self.definition = Definition::Start;
        }
    }

    fn name(
        &mut self,
        name: &'a str,
        at: usize,
        next: Option<Kind<'a>>,
    ) -> Result<(), IntakeError> {
        if next == Some(Kind::Punctuator(':')) {
            if let Some(Bracket::Object(members)) = self.open.last_mut()
                && !members.insert(name)
            {
                return Err(IntakeError::Invalid {
                    message: format!("there can be only one input field named `{name}`"),
                    locations: vec![position(self.text, at)],
                });
            }
            return Ok(());
        }
        let value = matches!(
            self.open.last(),
            Some(Bracket::Round | Bracket::Square | Bracket::Object(_))
        ) && !matches!(self.before, Some(Kind::Punctuator('$' | '@')));
        let keyword = ["true", "false", "null"]
            .into_iter()
            .any(|keyword| name.len() > keyword.len() && name.starts_with(keyword));
        if value && keyword {
            // The parser would take `nullable` for `null` and `able`.
            let message = "names of enum values here cannot begin with `true`, `false` or `null`";
            return Err(self.syntax(message, at));
        }
        Ok(())
    }

    fn not_a_token(&self, error: LexError) -> IntakeError {
        self.syntax(error.what, error.at)
    }

    fn syntax(&self, message: &str, at: usize) -> IntakeError {
        IntakeError::Syntax {
            message: format!("syntax error: {message}"),
            location: Some(position(self.text, at)),
        }
    }
}
