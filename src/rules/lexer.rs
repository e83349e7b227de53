//! Text to tokens, on demand: inside a template the parser switches to
//! [`Lexer::template_chunk`], since only it knows where an expression ends.

use smol_str::SmolStr;

use super::Problem;
use super::ast::Span;
use crate::data::{Comparison, Value};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Ident(SmolStr),
    Number(Value),
    String(String),
    Backtick,
    Compare(Comparison),
    And,
    Or,
    Not,
    Plus,
    Minus,
    Dot,
    Comma,
    ParenOpen,
    ParenClose,
    BracketOpen,
    BracketClose,
    BraceClose,
    End,
}

/// What ends a piece of template text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChunkEnd {
    /// `${`: an expression follows.
    Expression,
    /// The closing backtick.
    Template,
}

#[derive(Debug)]
pub(super) struct Lexer<'a> {
    text: &'a str,
    rest: &'a str,
}

/// Operators and punctuation, longer before shorter.
const SYMBOLS: &[(&str, Token)] = &[
    ("===", Token::Compare(Comparison::Eq)),
    ("!==", Token::Compare(Comparison::Ne)),
    ("==", Token::Compare(Comparison::Eq)),
    ("!=", Token::Compare(Comparison::Ne)),
    (">=", Token::Compare(Comparison::Gte)),
    ("<=", Token::Compare(Comparison::Lte)),
    ("&&", Token::And),
    ("||", Token::Or),
    (">", Token::Compare(Comparison::Gt)),
    ("<", Token::Compare(Comparison::Lt)),
    ("!", Token::Not),
    ("+", Token::Plus),
    ("-", Token::Minus),
    (".", Token::Dot),
    (",", Token::Comma),
    ("(", Token::ParenOpen),
    (")", Token::ParenClose),
    ("[", Token::BracketOpen),
    ("]", Token::BracketClose),
    ("}", Token::BraceClose),
    ("`", Token::Backtick),
];

impl Token {
    /// How an operator or a punctuation mark is written; empty for the others.
    pub(super) fn spelling(&self) -> &'static str {
        let canonical = |(_, token): &&(&str, Token)| token == self;
        // The shorter of two spellings stands later: `==` after `===`.
        SYMBOLS
            .iter()
            .rev()
            .find(canonical)
            .map_or("", |(text, _)| *text)
    }
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, rest: text }
    }

    /// The byte offset of the next character.
    fn position(&self) -> usize {
        self.text.len().saturating_sub(self.rest.len())
    }

    /// The place before the next character.
    pub(super) fn here(&self) -> Span {
        self.span_from(self.position())
    }

    fn span_from(&self, start: usize) -> Span {
        Span {
            start,
            end: self.position(),
        }
    }

    fn bump(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let next = characters.next();
        self.rest = characters.as_str();
        next
    }

    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest;
        let end = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        let (taken, left) = rest.split_at(end);
        self.rest = left;
        taken
    }

    /// The next token.
    pub(super) fn token(&mut self) -> Result<(Token, Span), Problem> {
        self.take_while(char::is_whitespace);
        let start = self.position();
        let token = match self.rest.chars().next() {
            None => Token::End,
            Some(quote @ ('\'' | '"')) => Token::String(self.string(quote, start)?),
            Some(digit) if digit.is_ascii_digit() => self.number(start)?,
            Some(letter) if is_name_start(letter) => {
                Token::Ident(SmolStr::new(self.take_while(is_name_part)))
            }
            Some(other) => match self.symbol() {
                Some(symbol) => symbol,
                None => return Err(unexpected(other, start)),
            },
        };
        Ok((token, self.span_from(start)))
    }

    fn symbol(&mut self) -> Option<Token> {
        let (rest, token) = SYMBOLS.iter().find_map(|(text, token)| {
            self.rest
                .strip_prefix(text)
                .map(|rest| (rest, token.clone()))
        })?;
        self.rest = rest;
        Some(token)
    }

    fn number(&mut self, start: usize) -> Result<Token, Problem> {
        self.take_while(|c| c.is_ascii_digit());
        if let Some(fraction) = self.rest.strip_prefix('.')
            && fraction.starts_with(|c: char| c.is_ascii_digit())
        {
            self.rest = fraction;
            self.take_while(|c| c.is_ascii_digit());
        }
        if let Some(exponent) = self.rest.strip_prefix(['e', 'E']) {
            self.rest = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        }
        // Letters that cling to the digits belong to the word, so that the message shows all of it.
        self.take_while(is_name_part);
        let span = self.span_from(start);
        let word = self.text.get(start..span.end).unwrap_or_default();
        read_number(word)
            .map(Token::Number)
            .ok_or_else(|| Problem::error(span, format!("`{word}` is not a number")))
    }

    fn string(&mut self, quote: char, start: usize) -> Result<String, Problem> {
        self.bump();
        let mut text = String::new();
        loop {
            match self.bump() {
                Some(end) if end == quote => return Ok(text),
                Some('\\') => text.push(self.escape()?),
                Some(c) if c != '\n' => text.push(c),
                _ => {
                    return Err(
                        Problem::error(self.span_from(start), "this string does not end")
                            .help(format!("close it with `{quote}`")),
                    );
                }
            }
        }
    }

    /// The text of a template up to `${` or the closing backtick, both consumed.
    pub(super) fn template_chunk(&mut self) -> Result<(String, ChunkEnd), Problem> {
        let start = self.position();
        let mut text = String::new();
        loop {
            if let Some(rest) = self.rest.strip_prefix("${") {
                self.rest = rest;
                return Ok((text, ChunkEnd::Expression));
            }
            match self.bump() {
                Some('`') => return Ok((text, ChunkEnd::Template)),
                Some('\\') => text.push(self.escape()?),
                Some(c) => text.push(c),
                None => {
                    return Err(Problem::error(
                        self.span_from(start),
                        "this template does not end",
                    )
                    .help("close it with a backtick"));
                }
            }
        }
    }

    /// The character that an escape stands for; the backslash is consumed already.
    fn escape(&mut self) -> Result<char, Problem> {
        let start = self.position().saturating_sub(1);
        let escaped = match self.bump() {
            Some(c @ ('\\' | '\'' | '"' | '`' | '$')) => Some(c),
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            Some('u') => self.unicode_escape(),
            _ => None,
        };
        escaped.ok_or_else(|| {
            Problem::error(self.span_from(start), "unknown escape in a text")
                .help("write a backslash as `\\\\`")
        })
    }

    fn unicode_escape(&mut self) -> Option<char> {
        let digits = self.rest.get(..4)?;
        let all_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let code = all_hex
            .then(|| u32::from_str_radix(digits, 16).ok())
            .flatten()?;
        self.rest = self.rest.get(4..)?;
        char::from_u32(code)
    }
}

/// Whole numbers are ints while they fit, everything else is a double; `None` for what is neither.
fn read_number(word: &str) -> Option<Value> {
    let digits_only = word.bytes().all(|byte| byte.is_ascii_digit());
    if digits_only && let Ok(int) = word.parse() {
        return Some(Value::Int(int));
    }
    let double: f64 = word.parse().ok()?;
    double.is_finite().then_some(Value::Double(double))
}

pub(super) fn is_name_start(c: char) -> bool {
    c.is_alphabetic() || c == '_' || c == '$'
}

pub(super) fn is_name_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

fn unexpected(c: char, start: usize) -> Problem {
    let end = start.saturating_add(c.len_utf8());
    let problem = Problem::error(Span { start, end }, format!("unexpected character `{c}`"));
    match c {
        '‘' | '’' | '“' | '”' => problem.help("use ASCII quotes: `'` or `\"`"),
        '（' | '）' | '，' | '！' | '＝' | '。' => problem.help("use ASCII punctuation"),
        '=' => problem.help("compare with `==`"),
        '&' => problem.help("join conditions with `&&`"),
        '|' => problem.help("join conditions with `||`"),
        '?' => problem.help("rules have no `? :`; join conditions with `&&` and `||`"),
        '/' => problem
            .help("rules have neither division nor regular expressions; compare values instead"),
        '*' | '%' | '^' | '~' => problem.help("rules have no arithmetic; compare values instead"),
        '{' | ';' => problem.help("a rule is one expression, without functions and statements"),
        _ => problem,
    }
}
