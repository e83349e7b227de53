//! The tokens of a document, exactly as section 2.1 of the specification has
//! them. The parser that follows does not split its text into tokens (it reads
//! `queryFoo` as `query Foo` and `[01]` as two numbers) and recurses on every
//! bracket, so tokens are looked at first.

use async_graphql_parser::Pos;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind<'a>,
    /// Byte offsets into the text: where it begins, and what comes after it.
    pub(super) at: usize,
    pub(super) end: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    Name(&'a str),
    Number,
    String,
    /// One of `! $ & ( ) : = @ [ ] { | }`.
    Punctuator(char),
    Spread,
}

/// A text that is not a sequence of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LexError {
    pub(super) what: &'static str,
    pub(super) at: usize,
}

/// The tokens of a text, up to the first that is none.
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip_ignored(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start_matches([' ', '\t', '\n', '\r', ',', '\u{feff}']);
            self.at += rest.len() - trimmed.len();
            if !trimmed.starts_with('#') {
                return;
            }
            self.at += trimmed.find(['\n', '\r']).unwrap_or(trimmed.len());
        }
    }

    fn token(&mut self, first: char) -> Result<Kind<'a>, &'static str> {
        match first {
            '!' | '$' | '&' | '(' | ')' | ':' | '=' | '@' | '[' | ']' | '{' | '|' | '}' => {
                self.at += 1;
                Ok(Kind::Punctuator(first))
            }
            '.' if self.rest().starts_with("...") => {
                self.at += 3;
                Ok(Kind::Spread)
            }
            '_' | 'a'..='z' | 'A'..='Z' => Ok(self.name()),
            '-' | '0'..='9' => self.number(),
            '"' if self.rest().starts_with("\"\"\"") => self.block_string(),
            '"' => self.string(),
            _ => Err("this character has no place outside strings and comments"),
        }
    }

    fn name(&mut self) -> Kind<'a> {
        let rest = self.rest();
        let end = rest.find(|c: char| !is_name_part(c)).unwrap_or(rest.len());
        self.at += end;
        Kind::Name(&rest[..end])
    }

    fn number(&mut self) -> Result<Kind<'a>, &'static str> {
        self.take('-');
        if self.take('0') {
            if self.rest().starts_with(|c: char| c.is_ascii_digit()) {
                return Err("a number does not begin with zeros");
            }
        } else {
            self.digits()?;
        }
        if self.take('.') {
            self.digits()?;
        }
        if self.take('e') || self.take('E') {
            let _sign = self.take('+') || self.take('-');
            self.digits()?;
        }
        if self.rest().starts_with(|c| c == '.' || is_name_part(c)) {
            return Err("a number ends before this");
        }
        Ok(Kind::Number)
    }

    fn digits(&mut self) -> Result<(), &'static str> {
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_ascii_digit());
        let end = end.unwrap_or(rest.len());
        self.at += end;
        if end == 0 {
            return Err("a number needs a digit here");
        }
        Ok(())
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.rest().starts_with(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    /// Only where it ends matters here; the parser reads the escapes.
    fn string(&mut self) -> Result<Kind<'a>, &'static str> {
        let mut escaped = false;
        for (offset, c) in self.rest().char_indices().skip(1) {
            match c {
                '\n' | '\r' => break,
                '"' if !escaped => {
                    self.at += offset + 1;
                    return Ok(Kind::String);
                }
                _ => escaped = c == '\\' && !escaped,
            }
        }
        Err("this string does not end on its line")
    }

    fn block_string(&mut self) -> Result<Kind<'a>, &'static str> {
        let mut from = 3;
        while let Some(quotes) = self.rest()[from..].find("\"\"\"") {
            let end = from + quotes;
            from = end + 3;
            if !self.rest()[..end].ends_with('\\') {
                self.at += from;
                return Ok(Kind::String);
            }
        }
        Err("this block string does not end")
    }
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Result<Token<'a>, LexError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.skip_ignored();
        let at = self.at;
        let first = self.rest().chars().next()?;
        Some(match self.token(first) {
            Ok(kind) => Ok(Token {
                kind,
                at,
                end: self.at,
            }),
            Err(what) => Err(LexError { what, at: self.at }),
        })
    }
}

fn is_name_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Line and column (in characters, both from 1) of a byte offset.
pub(super) fn position(text: &str, at: usize) -> Pos {
    let before = &text[..at];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Pos {
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Result<Vec<Kind<'_>>, LexError> {
        let tokens: Result<Vec<_>, _> = Lexer::new(text).collect();
        Ok(tokens?.into_iter().map(|token| token.kind).collect())
    }

    #[test]
    fn tokens_are_split_as_the_specification_splits_them() {
        use Kind::{Name, Number, Punctuator as P, Spread, String};
        let table: [(&str, &[Kind<'_>]); 7] = [
            ("queryFoo", &[Name("queryFoo")]),
            ("a, b # c\n{", &[Name("a"), Name("b"), P('{')]),
            ("...on", &[Spread, Name("on")]),
            ("-0.5e+3 12", &[Number, Number]),
            (r#""a\"b" """c"d\"""e""" "#, &[String, String]),
            (r#""\\" x"#, &[String, Name("x")]),
            (
                "\u{feff}$a:[B!]",
                &[P('$'), Name("a"), P(':'), P('['), Name("B"), P('!'), P(']')],
            ),
        ];
        for (text, expected) in table {
            assert_eq!(kinds(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for text in [
            "01", "1.", "1e", "-", "1a", "1.2.3", "\"a\nb\"", "\"a", "\"\"\"a", "..", "?", "é",
        ] {
            assert!(kinds(text).is_err(), "{text}");
        }
    }
}
