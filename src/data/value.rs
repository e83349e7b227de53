//! One value of a document, as the cloud document database stores it.

use std::fmt;

use smol_str::SmolStr;

use super::members::Members;

/// A value of a document.
///
/// Equality here is *structural* (an int is not a double, objects compare in
/// member order, doubles by bits), fit for tests and cache keys. What the
/// database calls equal (`1 == 1.0`) is [`super::collation::compare`].
#[derive(Clone, Debug)]
pub enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    String(SmolStr),
    /// Milliseconds since 1970-01-01T00:00:00Z; may be negative.
    Date(i64),
    Array(Vec<Value>),
    Object(Object),
    Binary(Binary),
    ObjectId(ObjectId),
}

/// Bytes with their BSON subtype.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Binary {
    pub subtype: u8,
    pub bytes: Vec<u8>,
}

/// A 12-byte identifier, written as 24 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId(pub [u8; 12]);

impl ObjectId {
    /// Reads 24 hexadecimal digits of either case; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 24 {
            return None;
        }
        let mut bytes = [0; 12];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).ok()?;
            if pair.starts_with('+') {
                return None;
            }
            *byte = u8::from_str_radix(pair, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// An object: members in the order they were written, names unique.
///
/// Documents have few members, so a look-up is a linear scan: faster than
/// hashing at these sizes, and the order is kept for free.
#[derive(Clone, Debug, Default)]
pub struct Object {
    members: Vec<(SmolStr, Value)>,
}

impl Object {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            members: Vec::with_capacity(capacity),
        }
    }

    pub fn get(&self, name: &str) -> Option<&Value> {
        self.members
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }

    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        self.members
            .iter_mut()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }

    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Sets a member: in place if the name exists, at the end otherwise.
    pub fn insert(&mut self, name: impl Into<SmolStr>, value: Value) {
        let name = name.into();
        match self.get_mut(&name) {
            Some(slot) => *slot = value,
            None => self.members.push((name, value)),
        }
    }

    /// The value of a member, which is added if there is none of that name.
    pub fn get_or_insert(&mut self, name: &str, new: Value) -> &mut Value {
        let at = self.members.iter().position(|(key, _)| key == name);
        let at = at.unwrap_or_else(|| {
            self.members.push((SmolStr::new(name), new));
            self.members.len() - 1
        });
        &mut self.members[at].1
    }

    /// How many levels of objects and arrays there are, this one included.
    pub fn depth(&self) -> usize {
        1 + deepest(self.members.iter().map(|(_, value)| value))
    }

    /// Appends a member whose name the caller knows to be new (a decoder that
    /// reads unique keys, a projection). Skips the scan of [`Object::insert`].
    pub fn push_new(&mut self, name: SmolStr, value: Value) {
        debug_assert!(!self.contains(&name), "member `{name}` is there already");
        self.members.push((name, value));
    }

    /// An object of members whose names the caller knows to be unique.
    pub fn from_unique(members: Vec<(SmolStr, Value)>) -> Self {
        Self { members }
    }

    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let at = self.members.iter().position(|(key, _)| key == name)?;
        Some(self.members.remove(at).1)
    }

    pub fn len(&self) -> usize {
        self.members.len()
    }

    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&SmolStr, &Value)> {
        self.members.iter().map(|(name, value)| (name, value))
    }
}

fn deepest<'a>(values: impl Iterator<Item = &'a Value>) -> usize {
    values.map(Value::depth).max().unwrap_or(0)
}

impl IntoIterator for Object {
    type Item = (SmolStr, Value);
    type IntoIter = std::vec::IntoIter<(SmolStr, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.members.into_iter()
    }
}

/// Of equal names the last value wins, at the place of the first.
impl<K: Into<SmolStr>> FromIterator<(K, Value)> for Object {
    fn from_iter<I: IntoIterator<Item = (K, Value)>>(members: I) -> Self {
        let mut collected = Members::default();
        for (name, value) in members {
            collected.insert(name.into(), value);
        }
        collected.into_object()
    }
}

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        self.members == other.members
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) | (Value::Date(a), Value::Date(b)) => a == b,
            (Value::Double(a), Value::Double(b)) => a.to_bits() == b.to_bits(),
            (Value::String(a), Value::String(b)) => a == b,
            (Value::Array(a), Value::Array(b)) => a == b,
            (Value::Object(a), Value::Object(b)) => a == b,
            (Value::Binary(a), Value::Binary(b)) => a == b,
            (Value::ObjectId(a), Value::ObjectId(b)) => a == b,
            _ => false,
        }
    }
}

impl Value {
    pub fn string(text: impl Into<SmolStr>) -> Self {
        Value::String(text.into())
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }

    pub fn as_array(&self) -> Option<&[Value]> {
        match self {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }

    /// How many things this says there are: a whole number that is not negative, of whatever type.
    pub fn as_count(&self) -> Option<u64> {
        /// Beyond it not every whole number is a double.
        const MAX: f64 = 9_007_199_254_740_992.0;
        match self {
            Value::Int(count) => u64::try_from(*count).ok(),
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "whole and in range"
            )]
            Value::Double(count) if count.fract() == 0.0 && (0.0..=MAX).contains(count) => {
                Some(*count as u64)
            }
            _ => None,
        }
    }

    /// The number this is, if it is one; a large int loses its last digits.
    #[expect(clippy::cast_precision_loss, reason = "the nearest double is wanted")]
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Value::Int(int) => Some(*int as f64),
            Value::Double(double) => Some(*double),
            _ => None,
        }
    }

    /// How many levels of objects and arrays there are; 0 for a scalar.
    pub fn depth(&self) -> usize {
        match self {
            Value::Array(items) => 1 + deepest(items.iter()),
            Value::Object(object) => object.depth(),
            _ => 0,
        }
    }

    /// How many values there are, this one included.
    pub fn size(&self) -> usize {
        match self {
            Value::Array(items) => 1 + items.iter().map(Value::size).sum::<usize>(),
            Value::Object(object) => {
                1 + object.iter().map(|(_, value)| value.size()).sum::<usize>()
            }
            _ => 1,
        }
    }

    /// What kind of value this is, in the words of messages: `a string`, `an int`…
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "a bool",
            Value::Int(_) => "an int",
            Value::Double(_) => "a double",
            Value::String(_) => "a string",
            Value::Date(_) => "a date",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
            Value::Binary(_) => "binary data",
            Value::ObjectId(_) => "an ObjectId",
        }
    }
}
