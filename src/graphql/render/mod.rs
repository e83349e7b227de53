//! Documents → the bytes of the answer, in the order of the selection, in one
//! buffer.
//!
//! A place that fails becomes null; where the API says `!`, the null moves up to
//! the nearest place that may be null: the buffer is cut back to where that place
//! began. What was denied is counted, never told apart from null by more than that.

mod address;
mod connection;
mod document;
pub(crate) mod event;
mod leaf;
mod root;
mod text;

use async_graphql_value::{ConstValue, Name};
use bytes::Bytes;
use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;
use smol_str::SmolStr;

use super::bind::{Item, Object};
use super::error::{Code, Error, Segment};
use super::load::Loads;
use super::skeleton::Field;
use crate::data::Caller;

/// How many errors an answer lists; a list of broken documents would say the same many times.
const ERRORS_MAX: usize = 100;

/// How many fields `extensions.denied` lists.
const DENIED_MAX: usize = 100;

/// The place has no value; null moves up to the nearest place that may be null.
#[derive(Debug)]
pub(super) struct NullMovesUp;

type Written = Result<(), NullMovesUp>;

/// One answer, written.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) body: Bytes,
    /// Whether it is what was asked for, and not only that this is too large.
    pub(crate) is_whole: bool,
}

/// What an answer tells of how it came about, to those who may know.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) plan: Option<serde_json::Value>,
    pub(crate) permissions: Option<serde_json::Value>,
}

/// Writes one answer.
#[derive(Debug)]
pub(crate) struct Renderer<'a> {
    out: Vec<u8>,
    path: Vec<Step<'a>>,
    errors: Vec<Error>,
    errors_omitted: usize,
    /// How often a field was denied, by type and field name.
    denied: IndexMap<(&'a str, &'a str), u64, FxBuildHasher>,
    caller: &'a Caller,
    introspection: IndexMap<Name, ConstValue>,
    room: Room,
    /// Whether what is written is only compared: without what looks different each time.
    is_sketch: bool,
}

/// How much may still be written.
#[derive(Debug)]
struct Room {
    /// The largest answer, in bytes.
    max: usize,
    /// Bytes that were written and cut off again: they were work all the same.
    cut: usize,
    /// Whether the answer is given up: null moves up to its root then, whatever may be null on the way.
    exceeded: bool,
}

/// A step of the path to where the renderer is.
#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

/// What one member of an object needs to be written.
type Member<'a, G> = (&'a Field, &'a G);

impl<'a> Renderer<'a> {
    /// `max`: the largest answer, in bytes.
    pub(crate) fn new(
        caller: &'a Caller,
        introspection: IndexMap<Name, ConstValue>,
        max: usize,
    ) -> Self {
        Self {
            out: Vec::with_capacity(4096),
            path: Vec::new(),
            errors: Vec::new(),
            errors_omitted: 0,
            denied: IndexMap::default(),
            caller,
            introspection,
            room: Room {
                max,
                cut: 0,
                exceeded: false,
            },
            is_sketch: false,
        }
    }

    /// `data`, which is null if a null moves up as far.
    fn whole(&mut self, write: impl FnOnce(&mut Self) -> Written) {
        self.out.extend_from_slice(b"{\"data\":");
        let mark = self.out.len();
        if let Err(NullMovesUp) = write(self) {
            self.out.truncate(mark);
            text::null(&mut self.out);
        }
    }

    /// `{…}` with these members, each written by `member`.
    fn object<G>(
        &mut self,
        object: &'a Object<'a, G>,
        mut member: impl FnMut(&mut Self, Member<'a, G>) -> Written,
    ) -> Written {
        self.out.push(b'{');
        for (at, item) in object.items.iter().enumerate() {
            if at > 0 {
                self.out.push(b',');
            }
            self.item(object.type_name, item, &mut member)?;
        }
        self.out.push(b'}');
        Ok(())
    }

    fn item<G>(
        &mut self,
        type_name: &str,
        item: &'a Item<'a, G>,
        member: impl FnOnce(&mut Self, Member<'a, G>) -> Written,
    ) -> Written {
        let field = item.field;
        if self.out.len() + self.room.cut > self.room.max {
            return self.too_large(field);
        }
        self.out.extend_from_slice(&field.label);
        let Some(get) = &item.get else {
            text::string(&mut self.out, type_name);
            return Ok(());
        };
        self.path.push(Step::Key(&field.key));
        let mark = self.out.len();
        let written = member(self, (field, get));
        self.path.pop();
        self.settle(written, mark, field.required)
    }

    /// `[…]`, each element written by `element`.
    fn list<T>(
        &mut self,
        field: &'a Field,
        items: impl IntoIterator<Item = T>,
        mut element: impl FnMut(&mut Self, T) -> Written,
    ) -> Written {
        self.out.push(b'[');
        for (at, item) in items.into_iter().enumerate() {
            if at > 0 {
                self.out.push(b',');
            }
            self.path.push(Step::Index(at));
            let mark = self.out.len();
            let written = element(self, item);
            self.path.pop();
            self.settle(written, mark, field.element_required)?;
        }
        self.out.push(b']');
        Ok(())
    }

    /// A null stays where it may be; what was begun there is cut off.
    fn settle(&mut self, written: Written, mark: usize, required: bool) -> Written {
        if written.is_err() && !required && !self.room.exceeded {
            self.room.cut += self.out.len() - mark;
            self.out.truncate(mark);
            text::null(&mut self.out);
            return Ok(());
        }
        written
    }

    /// Notes an error at the place where the renderer is.
    fn fail(&mut self, field: &Field, error: Error) -> Written {
        if self.errors.len() < ERRORS_MAX {
            let path = self.path.iter().map(|step| step.to_segment()).collect();
            self.errors.push(error.at(field.positions()).on_path(path));
        } else {
            self.errors_omitted += 1;
        }
        Err(NullMovesUp)
    }

    /// Gives the whole answer up; nothing that was said of a part of it matters any more.
    fn too_large(&mut self, field: &Field) -> Written {
        self.give_up(self.too_large_error().at(field.positions()));
        Err(NullMovesUp)
    }

    fn give_up(&mut self, error: Error) {
        self.room.exceeded = true;
        self.errors_omitted = 0;
        self.denied.clear();
        self.errors = vec![error];
    }

    fn too_large_error(&self) -> Error {
        let message = format!(
            "the answer is larger than {} bytes: ask for fewer fields or smaller pages",
            self.room.max
        );
        Error::new(Code::LimitExceeded, message)
    }

    /// A field the caller may not read: null, and counted.
    fn denied(&mut self, type_name: &'a str, field: &'a Field) -> Written {
        *self.denied.entry((type_name, &field.name)).or_default() += 1;
        if field.required {
            let coordinate = format!("{type_name}.{}", field.name);
            let message = format!("read of {coordinate} is not allowed");
            let error = Error::new(Code::Forbidden, message)
                .with("operation", "read")
                .with("coordinate", coordinate);
            return self.fail(field, error);
        }
        text::null(&mut self.out);
        Ok(())
    }

    fn null(&mut self) -> Written {
        text::null(&mut self.out);
        Ok(())
    }

    fn string(&mut self, value: &str) -> Written {
        text::string(&mut self.out, value);
        Ok(())
    }

    /// What went wrong so far.
    pub(crate) fn errors_mut(&mut self) -> &mut [Error] {
        &mut self.errors
    }

    /// Writes what comes after `data` and gives the whole answer; one that is too large tells that alone.
    pub(crate) fn finish(mut self, told: Told) -> Answer {
        let told = match self.room.exceeded {
            true => Told::default(),
            false => told,
        };
        self.write_rest(told);
        if !self.room.exceeded && self.out.len() > self.room.max {
            // The last field, or what comes after all of them, was one too many.
            self.give_up(self.too_large_error());
            self.out.clear();
            self.out.extend_from_slice(b"{\"data\":null");
            self.write_rest(Told::default());
        }
        Answer {
            body: self.out.into(),
            is_whole: !self.room.exceeded,
        }
    }

    fn write_rest(&mut self, told: Told) {
        if !self.errors.is_empty() {
            self.out.extend_from_slice(b",\"errors\":");
            let errors: serde_json::Value = self.errors.iter().map(Error::to_json).collect();
            serde_json::to_writer(&mut self.out, &errors).expect("a vector takes all bytes");
        }
        let extensions = self.extensions(told);
        if !extensions.is_empty() {
            self.out.extend_from_slice(b",\"extensions\":");
            serde_json::to_writer(&mut self.out, &extensions).expect("a vector takes all bytes");
        }
        self.out.push(b'}');
    }

    fn extensions(&self, told: Told) -> serde_json::Map<String, serde_json::Value> {
        let mut extensions = serde_json::Map::new();
        if !self.denied.is_empty() {
            let entry = |((type_name, field), count): (&(&str, &str), &u64)| serde_json::json!({"field": format!("{type_name}.{field}"), "count": count});
            let denied = self.denied.iter().take(DENIED_MAX).map(entry).collect();
            extensions.insert("denied".to_owned(), denied);
        }
        if self.errors_omitted > 0 {
            extensions.insert("errorsOmitted".to_owned(), self.errors_omitted.into());
        }
        for (name, told) in [("plan", told.plan), ("permissions", told.permissions)] {
            if let Some(told) = told {
                extensions.insert(name.to_owned(), told);
            }
        }
        extensions
    }
}

impl Step<'_> {
    fn to_segment(self) -> Segment {
        match self {
            Step::Key(key) => Segment::Key(SmolStr::new(key)),
            Step::Index(index) => Segment::Index(index),
        }
    }
}

/// What a document's relations are written from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Below<'a>(&'a Loads);
