//! Stored text → the part of a document that is asked for. The rest is skipped
//! without being built, and what comes after is not even looked at.
//!
//! To skip a value one only has to find its end, and the text is compact: what
//! is skipped is checked no further than that.

use std::borrow::Cow;

use smol_str::SmolStr;

use super::read::{damaged, value};
use super::{Damaged, Object, Path, Value};

pub(super) fn fields(text: &str, fields: &[SmolStr]) -> Result<Object, Damaged> {
    let mut members = Vec::with_capacity(fields.len());
    let mut object = Members::open(Scanner::new(text))?;
    while members.len() < fields.len()
        && let Some(name) = object.next()?
    {
        match fields.iter().find(|wanted| name == wanted.as_str()) {
            Some(name) => members.push((name.clone(), object.scanner.read()?)),
            None => object.scanner.skip()?,
        }
    }
    Ok(Object::from_unique(members))
}

/// Follows a path; an array on the way is the answer, as in [`Path::sort_value`].
pub(super) fn lookup(text: &str, path: &Path) -> Result<Option<Value>, Damaged> {
    let mut scanner = Scanner::new(text);
    for segment in path.segments() {
        match scanner.peek()? {
            b'{' => {}
            b'[' => break,
            _ => return Ok(None),
        }
        let mut object = Members::open(scanner)?;
        if !object.find(segment)? {
            return Ok(None);
        }
        scanner = object.scanner;
    }
    scanner.read().map(Some)
}

/// The members of an object, one after another. The caller reads or skips each value.
struct Members<'a> {
    scanner: Scanner<'a>,
    first: bool,
}

impl<'a> Members<'a> {
    fn open(mut scanner: Scanner<'a>) -> Result<Self, Damaged> {
        scanner.expect(b'{')?;
        Ok(Self {
            scanner,
            first: true,
        })
    }

    /// Goes on to the value of this name; says whether there is one.
    fn find(&mut self, wanted: &str) -> Result<bool, Damaged> {
        while let Some(name) = self.next()? {
            if name == wanted {
                return Ok(true);
            }
            self.scanner.skip()?;
        }
        Ok(false)
    }

    /// The next name; the scanner then stands before its value.
    fn next(&mut self) -> Result<Option<Cow<'a, str>>, Damaged> {
        let first = std::mem::take(&mut self.first);
        if self.scanner.peek()? == b'}' {
            return Ok(None);
        }
        if !first {
            self.scanner.expect(b',')?;
        }
        let name = self.scanner.name()?;
        self.scanner.expect(b':')?;
        if !first || !name.starts_with('$') {
            return Ok(Some(name));
        }
        // The first name of an object has an extra `$`; with only one, this is no object but a wrapped value.
        if !name[1..].starts_with('$') {
            return Ok(None);
        }
        Ok(Some(match name {
            Cow::Borrowed(name) => Cow::Borrowed(&name[1..]),
            Cow::Owned(name) => Cow::Owned(name[1..].to_owned()),
        }))
    }
}

/// A place in a stored text.
struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// What has not been passed yet.
    fn rest(&self) -> &'a [u8] {
        &self.text.as_bytes()[self.at..]
    }

    fn peek(&self) -> Result<u8, Damaged> {
        let next = self.rest().first().copied();
        next.ok_or_else(|| damaged("it ends early"))
    }

    fn expect(&mut self, byte: u8) -> Result<(), Damaged> {
        if self.peek()? != byte {
            return Err(damaged("another character was expected"));
        }
        self.at += 1;
        Ok(())
    }

    /// Builds the value that begins here.
    fn read(&mut self) -> Result<Value, Damaged> {
        let start = self.at;
        self.skip()?;
        value(&self.text[start..self.at])
    }

    /// Passes the value that begins here.
    fn skip(&mut self) -> Result<(), Damaged> {
        match self.peek()? {
            b'"' => self.skip_string(),
            b'{' | b'[' => self.skip_nested(),
            _ => self.skip_word(),
        }
    }

    /// A number, `true`, `false` or `null`.
    fn skip_word(&mut self) -> Result<(), Damaged> {
        let within = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
        let length = self.rest().iter().take_while(|byte| within(byte)).count();
        if length == 0 {
            return Err(damaged("a value was expected"));
        }
        self.at += length;
        Ok(())
    }

    fn skip_string(&mut self) -> Result<(), Damaged> {
        self.expect(b'"')?;
        loop {
            let end = memchr::memchr2(b'"', b'\\', self.rest());
            self.at += end.ok_or_else(|| damaged("a text does not end"))?;
            if self.peek()? == b'"' {
                self.at += 1;
                return Ok(());
            }
            // A backslash and what it escapes, which may be a quotation mark.
            self.at += 1;
            self.peek()?;
            self.at += 1;
        }
    }

    /// An object or an array, at any depth without recursion.
    fn skip_nested(&mut self) -> Result<(), Damaged> {
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'"' => {
                    self.skip_string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Ok(());
            }
        }
    }

    /// A member's name, borrowed if nothing in it is escaped.
    fn name(&mut self) -> Result<Cow<'a, str>, Damaged> {
        let start = self.at;
        self.skip_string()?;
        let quoted = &self.text[start..self.at];
        let plain = &quoted[1..quoted.len() - 1];
        if memchr::memchr(b'\\', plain.as_bytes()).is_none() {
            return Ok(Cow::Borrowed(plain));
        }
        Ok(Cow::Owned(serde_json::from_str(quoted)?))
    }
}
