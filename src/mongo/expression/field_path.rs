//! `"$a.b"` and `"$$name.b"`: where a value is found.
//!
//! Unlike a path of a condition it does not know positions: on an array it is followed in each element that is an
//! object, and what is found makes an array.

use std::borrow::Cow;

use smol_str::SmolStr;

use super::evaluate::{Environment, Found};
use crate::data::{Object, Value};
use crate::mongo::{Error, Result};

#[derive(Clone, Debug)]
pub(super) struct FieldPath {
    start: Start,
    segments: Vec<SmolStr>,
}

/// Where a path begins.
#[derive(Clone, Debug, PartialEq)]
enum Start {
    /// `$$ROOT`, `$$CURRENT`, or nothing said.
    Root,
    /// `$$NOW`
    Now,
    /// `$$REMOVE`: always missing.
    Remove,
    Variable(SmolStr),
}

impl FieldPath {
    /// Reads a text that begins with `$`.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let refused = || {
            Err(Error::Malformed(format!(
                "`{text}` is not a field path: names with dots between them are needed after `$`"
            )))
        };
        let (start, segments) = match text.strip_prefix("$$") {
            None => (Start::Root, text.strip_prefix('$')),
            Some(rest) => match rest.split_once('.') {
                None => (Start::parse(rest)?, None),
                Some((name, segments)) => (Start::parse(name)?, Some(segments)),
            },
        };
        let segments: Vec<SmolStr> = segments
            .map(|segments| segments.split('.').map(SmolStr::new).collect())
            .unwrap_or_default();
        if segments
            .iter()
            .any(|name| name.is_empty() || name.starts_with('$'))
        {
            return refused();
        }
        Ok(Self { start, segments })
    }

    /// The whole document.
    pub(super) fn root() -> Self {
        Self {
            start: Start::Root,
            segments: Vec::new(),
        }
    }

    pub(super) fn evaluate<'a>(&'a self, env: Environment<'a>) -> Result<Found<'a>> {
        match &self.start {
            Start::Root => self.in_root(env),
            Start::Now if self.segments.is_empty() => Ok(Some(Cow::Owned(Value::Date(env.now())))),
            Start::Now | Start::Remove => Ok(None),
            Start::Variable(name) => match env.variable(name)? {
                Some(value) => in_value(value, &self.segments, env),
                None => Ok(None),
            },
        }
    }

    fn in_root<'a>(&'a self, env: Environment<'a>) -> Result<Found<'a>> {
        if self.segments.is_empty() {
            let root = Value::Object(env.root().clone());
            env.meter().make(&root)?;
            return Ok(Some(Cow::Owned(root)));
        }
        in_object(env.root(), &self.segments, env)
    }
}

impl Start {
    fn parse(name: &str) -> Result<Self> {
        match name {
            "ROOT" | "CURRENT" => Ok(Start::Root),
            "NOW" => Ok(Start::Now),
            "REMOVE" => Ok(Start::Remove),
            _ => variable_name(name).map(Start::Variable),
        }
    }
}

/// The name of a variable of the user's, without `$$`.
pub(super) fn variable_name(name: &str) -> Result<SmolStr> {
    let lower = |c: char| c.is_ascii_lowercase() || !c.is_ascii();
    let inner = |c: char| c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii();
    if name.starts_with(lower) && name.chars().all(inner) {
        return Ok(SmolStr::new(name));
    }
    Err(Error::Malformed(format!(
        "`{name}` is not a variable: its name needs a small letter first, then letters, digits and `_`"
    )))
}

fn in_value<'a>(value: &'a Value, path: &[SmolStr], env: Environment<'a>) -> Result<Found<'a>> {
    match value {
        _ if path.is_empty() => Ok(Some(Cow::Borrowed(value))),
        Value::Object(object) => in_object(object, path, env),
        Value::Array(items) => in_each(items, path, env).map(Some),
        _ => Ok(None),
    }
}

/// `path` is not empty.
fn in_object<'a>(object: &'a Object, path: &[SmolStr], env: Environment<'a>) -> Result<Found<'a>> {
    match object.get(&path[0]) {
        Some(value) => in_value(value, &path[1..], env),
        None => Ok(None),
    }
}

/// Elements that are no objects, arrays too, and those without such a field leave no trace.
fn in_each<'a>(
    items: &'a [Value],
    path: &[SmolStr],
    env: Environment<'a>,
) -> Result<Cow<'a, Value>> {
    let mut found = Vec::new();
    for item in items {
        env.meter().node()?;
        if let Value::Object(object) = item
            && let Some(value) = in_object(object, path, env)?
        {
            found.push(env.meter().own(value)?);
        }
    }
    Ok(Cow::Owned(Value::Array(found)))
}
