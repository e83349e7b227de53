//! Where a value stands inside a document.

use std::fmt;

use smol_str::SmolStr;

use super::{Object, Value};

/// A path of member names from the root of a document, such as `address.city`.
///
/// Never empty. A segment that is a canonical array index (`0`, `1`, `12`, not
/// `01`) means that element where the path meets an array.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Path {
    segments: Box<[SmolStr]>,
}

impl Path {
    /// A path of one segment; dots in the name are part of the name.
    pub fn field(name: impl Into<SmolStr>) -> Self {
        Self {
            segments: Box::new([name.into()]),
        }
    }

    /// A path of the given segments; `None` if there are none.
    pub fn new(segments: impl IntoIterator<Item = SmolStr>) -> Option<Self> {
        let segments: Box<[SmolStr]> = segments.into_iter().collect();
        (!segments.is_empty()).then_some(Self { segments })
    }

    /// Reads `a.b.0`. `None` for an empty text or an empty segment.
    pub fn parse(text: &str) -> Option<Self> {
        if text.split('.').any(str::is_empty) {
            return None;
        }
        Self::new(text.split('.').map(SmolStr::new))
    }

    pub fn segments(&self) -> &[SmolStr] {
        &self.segments
    }

    /// The first segment: the document's own field that the path begins with.
    pub fn root(&self) -> &SmolStr {
        &self.segments[0]
    }

    pub fn child(&self, name: impl Into<SmolStr>) -> Self {
        let segments = self.segments.iter().cloned().chain([name.into()]).collect();
        Self { segments }
    }

    /// This path below `parent`: `city` under `address` is `address.city`.
    pub fn under(&self, parent: &Path) -> Self {
        let segments = parent
            .segments
            .iter()
            .chain(self.segments.iter())
            .cloned()
            .collect();
        Self { segments }
    }

    pub fn starts_with(&self, prefix: &Path) -> bool {
        self.segments.starts_with(&prefix.segments)
    }

    /// Whether one of the two paths is the other or lies inside it.
    pub fn overlaps(&self, other: &Path) -> bool {
        self.starts_with(other) || other.starts_with(self)
    }

    /// The one value at this path, without fanning out over arrays: an index
    /// segment steps into an array, any other segment on an array finds nothing.
    pub fn lookup<'a>(&self, object: &'a Object) -> Option<&'a Value> {
        let mut value = object.get(self.root())?;
        for segment in &self.segments[1..] {
            value = match value {
                Value::Object(object) => object.get(segment)?,
                Value::Array(items) => items.get(array_index(segment)?)?,
                _ => return None,
            };
        }
        Some(value)
    }

    /// What a document is ordered and indexed by at this path: the value there, or, where the path meets an
    /// array before its end, that array. So a value of any other class was reached without fan-out, and an
    /// index by this value can tell which documents a fan-out could concern.
    pub fn sort_value<'a>(&self, object: &'a Object) -> Option<&'a Value> {
        let mut value = object.get(self.root())?;
        for segment in &self.segments[1..] {
            value = match value {
                Value::Object(object) => object.get(segment)?,
                Value::Array(_) => return Some(value),
                _ => return None,
            };
        }
        Some(value)
    }
}

/// The array index a segment spells, if it is a canonical one.
pub(crate) fn array_index(segment: &str) -> Option<usize> {
    let canonical = segment == "0" || !segment.starts_with('0');
    let digits = segment.bytes().all(|byte| byte.is_ascii_digit());
    (canonical && digits)
        .then(|| segment.parse().ok())
        .flatten()
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, segment) in self.segments.iter().enumerate() {
            if at > 0 {
                f.write_str(".")?;
            }
            f.write_str(segment)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::ejson;

    fn path(text: &str) -> Path {
        Path::parse(text).expect("a path")
    }

    #[test]
    fn parses_dotted_names() {
        assert_eq!(path("a.b.0").segments(), ["a", "b", "0"]);
        assert_eq!(path("a.b.0").to_string(), "a.b.0");
        assert_eq!(path("b").under(&path("a")), path("a.b"));
        assert_eq!(path("a").child("b"), path("a.b"));
        for text in ["", ".", "a.", ".a", "a..b"] {
            assert_eq!(Path::parse(text), None, "{text}");
        }
    }

    #[test]
    fn overlaps_along_segments() {
        assert!(path("a.b").overlaps(&path("a")));
        assert!(path("a").overlaps(&path("a.b")));
        assert!(!path("a.b").overlaps(&path("a.c")));
        assert!(!path("a").overlaps(&path("ab")));
    }

    #[test]
    fn finds_the_one_value_or_the_array_before_it() {
        let object = ejson::parse_object(r#"{"a":{"b":[{"c":1},2]},"n":null}"#).expect("EJSON");
        let show = |value: Option<&Value>| value.map(ToString::to_string);
        let list = "[{c: 1}, 2]";
        let cases = [
            ("a.b", Some(list), Some(list)),
            ("a.b.0.c", Some("1"), Some(list)),
            ("a.b.1", Some("2"), Some(list)),
            ("a.b.2", None, Some(list)),
            ("a.b.c", None, Some(list)),
            ("a.b.00", None, Some(list)),
            ("a.x", None, None),
            ("n", Some("null"), Some("null")),
            ("n.x", None, None),
        ];
        for (text, value, sort_value) in cases {
            assert_eq!(show(path(text).lookup(&object)).as_deref(), value, "{text}");
            let sorted = show(path(text).sort_value(&object));
            assert_eq!(sorted.as_deref(), sort_value, "{text}");
        }
    }
}
