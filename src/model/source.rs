//! The text of a model file: places inside string literals, and what is too
//! much to parse.

use async_graphql_parser::Pos;

/// The text of a model file with the places of its lines.
#[derive(Debug)]
pub(super) struct Source<'a> {
    text: &'a str,
    /// Byte offset of each line's first character.
    lines: Vec<usize>,
}

impl<'a> Source<'a> {
    /// The largest file that is read, in bytes.
    const MAX_LEN: usize = 1 << 20;
    /// How deep brackets may nest. The parser recurses, so that without a bound a hostile file could exhaust the stack.
    const MAX_DEPTH: usize = 64;

    pub(super) fn new(text: &'a str) -> Self {
        let starts = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            text,
            lines: [0].into_iter().chain(starts).collect(),
        }
    }

    /// Why the parser should not be given this text, if it should not.
    pub(super) fn excess(&self) -> Option<(Pos, String)> {
        if self.text.len() > Self::MAX_LEN {
            let message = format!("the file is larger than {} bytes", Self::MAX_LEN);
            return Some((Pos { line: 1, column: 1 }, message));
        }
        let mut depth = 0_usize;
        for (at, token) in Tokens::new(self.text, 0) {
            match token {
                '[' | '{' | '(' => depth += 1,
                ']' | '}' | ')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth > Self::MAX_DEPTH {
                let message = format!("brackets nest more than {} deep", Self::MAX_DEPTH);
                return Some((self.position(at), message));
            }
        }
        None
    }

    /// Whether there is nothing but blanks, commas and comments.
    pub(super) fn is_blank(&self) -> bool {
        Tokens::new(self.text, 0).all(|(_, token)| token == ',' || token == '\u{feff}')
    }

    pub(super) fn starts_with(&self, at: Pos, start: &str) -> bool {
        let rest = self.offset(at).and_then(|offset| self.text.get(offset..));
        rest.is_some_and(|rest| rest.starts_with(start))
    }

    /// The place of byte `inside` of a string value whose literal begins at `literal`; the literal's own place where
    /// escapes or a block string make the two texts differ.
    pub(super) fn inside_string(&self, literal: Pos, value: &str, inside: usize) -> Pos {
        let within = || {
            let start = self.offset(literal)?;
            let content = self.text.get(start..)?.strip_prefix('"')?;
            let same = content.starts_with(value.get(..inside)?);
            let block = content.starts_with("\"\"");
            (same && !block).then(|| self.position(start + 1 + inside))
        };
        within().unwrap_or(literal)
    }

    /// The places of the string literals of a list that begins at `list` (or of the one string that stands for a list).
    pub(super) fn strings_of_list(&self, list: Pos) -> Vec<Pos> {
        let Some(start) = self.offset(list) else {
            return Vec::new();
        };
        let is_list = self.text[start..].starts_with('[');
        Tokens::new(self.text, start)
            .take_while(|(_, token)| *token != ']')
            .filter(|(_, token)| *token == '"')
            .take(if is_list { usize::MAX } else { 1 })
            .map(|(at, _)| self.position(at))
            .collect()
    }

    fn offset(&self, at: Pos) -> Option<usize> {
        let start = *self.lines.get(at.line.checked_sub(1)?)?;
        let column = at.column.checked_sub(1)?;
        let line = &self.text[start..];
        let mut offsets = line.char_indices().map(|(offset, _)| offset);
        Some(start + offsets.nth(column).unwrap_or(line.len()))
    }

    fn position(&self, offset: usize) -> Pos {
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = self.lines[line - 1];
        let column = self.text[start..offset].chars().count() + 1;
        Pos { line, column }
    }
}

/// The characters of the text that are neither blank nor inside a comment or a string, with their offsets; a string is
/// its opening quote.
struct Tokens<'a> {
    text: &'a str,
    at: usize,
    /// A block string was met that nothing closes, so none of those that follow is closed either.
    unclosed: bool,
}

impl<'a> Tokens<'a> {
    fn new(text: &'a str, at: usize) -> Self {
        Self {
            text,
            at,
            unclosed: false,
        }
    }

    /// The length of the string literal that `rest` begins with.
    fn string_len(&mut self, rest: &str) -> usize {
        if !rest.starts_with("\"\"\"") {
            return line_string_len(rest);
        }
        let len = (!self.unclosed).then(|| block_string_len(rest)).flatten();
        self.unclosed |= len.is_none();
        // Without an end it is an empty string to the parser, and what follows is text again.
        len.unwrap_or(2)
    }
}

fn block_string_len(rest: &str) -> Option<usize> {
    let mut from = 3;
    loop {
        let quotes = from + rest[from..].find("\"\"\"")?;
        from = quotes + 3;
        if quotes == 3 || !rest[..quotes].ends_with('\\') {
            return Some(from);
        }
    }
}

fn line_string_len(rest: &str) -> usize {
    let mut escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        match character {
            '\n' | '\r' => return at,
            '"' if !escaped => return at + 1,
            _ => escaped = character == '\\' && !escaped,
        }
    }
    rest.len()
}

impl Iterator for Tokens<'_> {
    type Item = (usize, char);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let rest = &self.text[self.at..];
            let token = rest.chars().next()?;
            let at = self.at;
            self.at += match token {
                '"' => self.string_len(rest),
                '#' => rest.find(['\n', '\r']).unwrap_or(rest.len()),
                _ => token.len_utf8(),
            };
            if token != '#' && !token.is_whitespace() {
                return Some((at, token));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_inside_a_string_count_characters() {
        let source = Source::new("a\n  @x(\"你好 doc.a\")");
        let literal = Pos { line: 2, column: 6 };
        let place = source.inside_string(literal, "你好 doc.a", 7);
        assert_eq!((place.line, place.column), (2, 10));
    }

    #[test]
    fn escapes_fall_back_to_the_literal() {
        let source = Source::new(r#""a \" b""#);
        let literal = Pos { line: 1, column: 1 };
        assert_eq!(source.inside_string(literal, "a \" b", 4), literal);
    }

    #[test]
    fn brackets_in_strings_and_comments_do_not_nest() {
        let open = "[".repeat(1000);
        for text in [
            format!("\"{open}\""),
            format!("# {open}"),
            format!("\"\"\"\n{open}\n\"\"\""),
            // An empty string and one that nothing closes.
            format!("\"\"\"{open}"),
        ] {
            assert!(Source::new(&text).excess().is_none());
        }
        for text in [open.clone(), format!("\"\\\\\"{open}")] {
            assert!(Source::new(&text).excess().is_some());
        }
    }

    #[test]
    fn finds_the_strings_of_a_list() {
        let source = Source::new("x [\"a\", # \"no\"\n  \"b]\"] \"c\"");
        let places = source.strings_of_list(Pos { line: 1, column: 3 });
        let places: Vec<_> = places.iter().map(|at| (at.line, at.column)).collect();
        assert_eq!(places, [(1, 4), (2, 3)]);
    }
}
