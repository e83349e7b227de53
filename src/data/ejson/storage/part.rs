//! Stored text → the part of a document that is asked for. The rest is skipped
//! without being built, and what comes after is not even looked at.

use std::cell::Cell;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use smol_str::SmolStr;

use super::read::{Seed, damaged};
use super::{Damaged, Object, Path, Value};

pub(super) fn fields(text: &str, fields: &[SmolStr]) -> Result<Object, Damaged> {
    let found = Cell::new(None);
    let visitor = Fields {
        fields,
        found: &found,
    };
    read_part(text, visitor, &found)
}

pub(super) fn lookup(text: &str, path: &Path) -> Result<Option<Value>, Damaged> {
    let found = Cell::new(None);
    let visitor = Lookup {
        segments: path.segments(),
        found: &found,
    };
    read_part(text, visitor, &found)
}

/// Lets a visitor read until it has what it wants. It then leaves that in
/// `found` and stops with an error, which is how one leaves `serde` early.
fn read_part<'de, T>(
    text: &'de str,
    visitor: impl Visitor<'de, Value = ()>,
    found: &Cell<Option<T>>,
) -> Result<T, Damaged> {
    let mut json = serde_json::Deserializer::from_str(text);
    let read = json.deserialize_any(visitor);
    match (found.take(), read) {
        (Some(found), _) => Ok(found),
        (None, Err(error)) => Err(error.into()),
        (None, Ok(())) => Err(damaged("nothing was read")),
    }
}

fn enough<E: de::Error>() -> E {
    E::custom("read as far as needed")
}

/// Keeps some top-level fields.
struct Fields<'a> {
    fields: &'a [SmolStr],
    found: &'a Cell<Option<Object>>,
}

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a stored document")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut json: A) -> Result<(), A::Error> {
        let mut members = Vec::with_capacity(self.fields.len());
        let mut first = true;
        while members.len() < self.fields.len() {
            let wanted = Wanted {
                names: self.fields,
                escaped: std::mem::take(&mut first),
            };
            match json.next_key_seed(wanted)? {
                None => break,
                Some(None) => drop(json.next_value::<IgnoredAny>()?),
                Some(Some(at)) => {
                    let value = json.next_value_seed(Seed)?;
                    members.push((self.fields[at].clone(), value));
                }
            }
        }
        self.found.set(Some(Object::from_unique(members)));
        Err(enough())
    }
}

/// Follows a path; an array on the way is the answer, as in [`Path::sort_value`].
#[derive(Clone, Copy)]
struct Lookup<'a> {
    segments: &'a [SmolStr],
    found: &'a Cell<Option<Option<Value>>>,
}

impl<'de> DeserializeSeed<'de> for Lookup<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl Lookup<'_> {
    fn nothing<E: de::Error>(self) -> Result<(), E> {
        self.found.set(Some(None));
        Err(enough())
    }
}

impl<'de> Visitor<'de> for Lookup<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a stored value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut json: A) -> Result<(), A::Error> {
        let Some((name, rest)) = self.segments.split_first() else {
            return self.nothing();
        };
        let mut first = true;
        loop {
            let wanted = Wanted {
                names: std::slice::from_ref(name),
                escaped: std::mem::take(&mut first),
            };
            match json.next_key_seed(wanted)? {
                None => return self.nothing(),
                Some(None) => drop(json.next_value::<IgnoredAny>()?),
                Some(Some(_)) if rest.is_empty() => {
                    let value = json.next_value_seed(Seed)?;
                    self.found.set(Some(Some(value)));
                    return Err(enough());
                }
                Some(Some(_)) => {
                    return json.next_value_seed(Lookup {
                        segments: rest,
                        ..self
                    });
                }
            }
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, json: A) -> Result<(), A::Error> {
        let items = Seed.visit_seq(json)?;
        self.found.set(Some(Some(items)));
        Err(enough())
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        self.nothing()
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<(), E> {
        self.nothing()
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<(), E> {
        self.nothing()
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<(), E> {
        self.nothing()
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<(), E> {
        self.nothing()
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<(), E> {
        self.nothing()
    }
}

/// A member name, compared where it stands: the index of the wanted name that it is.
struct Wanted<'a> {
    names: &'a [SmolStr],
    /// The first name of an object may have an extra `$`.
    escaped: bool,
}

impl<'de> DeserializeSeed<'de> for Wanted<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Option<usize>, D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for Wanted<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Option<usize>, E> {
        let name = match name.strip_prefix('$') {
            Some(rest) if self.escaped && rest.starts_with('$') => rest,
            // This is not an object but a wrapped value.
            Some(_) if self.escaped => return Ok(None),
            _ => name,
        };
        Ok(self.names.iter().position(|wanted| wanted == name))
    }
}
