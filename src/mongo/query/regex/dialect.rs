//! From the syntax and meaning of PCRE to those of the engine.
//!
//! The two are alike. What differs: in PCRE `\d`, `\w`, `\s` and `\b` are about
//! ASCII, `$` matches also before a last newline, a `[` within a class and a
//! `{` that begins no repetition are literal, and so is every escaped character
//! that is neither letter nor digit.

use std::str::Chars;

const WORD: &str = "A-Za-z0-9_";
const SPACE: &str = r"\t\n\x0b\x0c\r\x20";

/// The pattern as the engine reads it, for the options `m` and `x`.
pub(super) fn translated(pattern: &str, multi_line: bool, extended: bool) -> String {
    let mut translation = Translation {
        rest: pattern.chars(),
        text: String::with_capacity(pattern.len()),
        line_ends: multi_line || sets_option(pattern, 'm'),
        comments: extended || sets_option(pattern, 'x'),
    };
    while let Some(next) = translation.rest.next() {
        translation.outside(next);
    }
    translation.text
}

/// Whether a group such as `(?im)` sets an option; it then counts for the whole pattern here.
fn sets_option(pattern: &str, option: char) -> bool {
    pattern.split("(?").skip(1).any(|group| {
        let mut flags = group.chars().take_while(char::is_ascii_alphabetic);
        flags.any(|flag| flag == option)
    })
}

struct Translation<'a> {
    rest: Chars<'a>,
    text: String,
    /// `$` matches at the end of every line.
    line_ends: bool,
    /// White space and `#` to the end of a line say nothing.
    comments: bool,
}

impl Translation<'_> {
    fn outside(&mut self, next: char) {
        match next {
            '\\' => self.escaped(),
            '[' => self.class(),
            '$' if !self.line_ends => self.text.push_str(r"(?=\n?\z)"),
            '{' if !is_repetition(self.rest.as_str()) => self.text.push_str(r"\{"),
            '{' => self.repetition(),
            '}' => self.text.push_str(r"\}"),
            '#' if self.comments => self.comment(),
            other => self.text.push(other),
        }
    }

    fn escaped(&mut self) {
        let Some(next) = self.rest.next() else {
            return self.text.push('\\');
        };
        match next {
            'd' => self.text.push_str("[0-9]"),
            'D' => self.text.push_str("[^0-9]"),
            'w' => self.push_class("[", WORD),
            'W' => self.push_class("[^", WORD),
            's' => self.push_class("[", SPACE),
            'S' => self.push_class("[^", SPACE),
            'b' => self.boundary("(?!", "(?="),
            'B' => self.boundary("(?=", "(?!"),
            'Z' => self.text.push_str(r"(?=\n?\z)"),
            other => self.literal(other),
        }
    }

    fn push_class(&mut self, open: &str, members: &str) {
        self.text.push_str(open);
        self.text.push_str(members);
        self.text.push(']');
    }

    /// Between a word character and what must, and one that is none and what must, follow.
    fn boundary(&mut self, after_word: &str, after_other: &str) {
        let word = format!("[{WORD}]");
        let parts = [
            "(?:(?<=",
            &word,
            ")",
            after_word,
            &word,
            ")|(?<!",
            &word,
            ")",
            after_other,
            &word,
            "))",
        ];
        self.text.extend(parts);
    }

    /// An escaped character: letters and digits mean something to the engine, as they do in PCRE.
    fn literal(&mut self, escaped: char) {
        match escaped {
            ' ' => self.text.push_str(r"\x20"),
            '#' => self.text.push_str(r"\x23"),
            other
                if other.is_ascii_alphanumeric()
                    || other.is_ascii_punctuation() && other != '_' && other != '/' =>
            {
                self.text.extend(['\\', other]);
            }
            other => self.text.push(other),
        }
    }

    fn comment(&mut self) {
        let line = self.rest.as_str().split('\n').next().unwrap_or_default();
        let rest = &self.rest.as_str()[line.len()..];
        self.rest = rest.chars();
    }

    /// `{2,5}`, which both write alike.
    fn repetition(&mut self) {
        self.text.push('{');
        for next in self.rest.by_ref() {
            self.text.push(next);
            if next == '}' {
                return;
            }
        }
    }

    fn class(&mut self) {
        self.text.push('[');
        self.take("^");
        if self.rest.as_str().starts_with(']') {
            self.rest.next();
            self.text.push_str(r"\]");
        }
        while let Some(next) = self.rest.next() {
            match next {
                ']' => return self.text.push(']'),
                '\\' => self.escaped_in_class(),
                '[' if self.rest.as_str().starts_with(':') => self.posix(),
                '[' | '&' | '~' | '#' => self.text.extend(['\\', next]),
                ' ' => self.text.push_str(r"\x20"),
                other => self.text.push(other),
            }
        }
    }

    fn escaped_in_class(&mut self) {
        match self.rest.next() {
            None => self.text.push('\\'),
            Some('d') => self.text.push_str("0-9"),
            Some('w') => self.text.push_str(WORD),
            Some('s') => self.text.push_str(SPACE),
            Some('b') => self.text.push_str(r"\x08"),
            Some(other) => self.literal(other),
        }
    }

    /// `[:alpha:]`, if it is one.
    fn posix(&mut self) {
        let name = self.rest.as_str().find(":]").map(|end| end + 2);
        match name {
            Some(end) => {
                let (name, rest) = self.rest.as_str().split_at(end);
                self.text.push('[');
                self.text.push_str(name);
                self.rest = rest.chars();
            }
            None => self.text.push_str(r"\["),
        }
    }

    /// Copies what comes next, if it does.
    fn take(&mut self, text: &str) {
        if let Some(rest) = self.rest.as_str().strip_prefix(text) {
            self.text.push_str(text);
            self.rest = rest.chars();
        }
    }
}

/// Whether this is what follows the `{` of `{2}`, `{2,}` or `{2,5}`.
fn is_repetition(rest: &str) -> bool {
    let Some((bounds, _)) = rest.split_once('}') else {
        return false;
    };
    let (least, most) = bounds.split_once(',').unwrap_or((bounds, "0"));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    !least.is_empty() && digits(least) && digits(most)
}
