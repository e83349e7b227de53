//! Where an operator changes something.

use std::fmt;

use smol_str::{SmolStr, format_smolstr};

use crate::data::{Object, Path, Value, ejson};
use crate::mongo::{Error, Query, Result};

/// The segment that means every element of an array.
const EACH: &str = "$[]";

/// The segment that means the element of an array by which the document was found.
const MATCHED: &str = "$";

/// The database's own words, by which clients know it.
const NO_MATCH: &str = "The positional operator did not find the match needed from the query.";

/// A path of which segments may mean elements of an array: `lines.$.price`, `lines.$[].price`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Target(Path);

impl Target {
    /// Reads a dotted path.
    ///
    /// # Errors
    /// Empty segments, names that begin with `$`, more segments than a document has levels; a `$` that is not the
    /// first segment to mean elements, as conditions tell nothing of arrays inside elements.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let path = Path::parse(text).ok_or_else(|| {
            Error::Malformed(format!(
                "the update path `{text}` has an empty name between, before or after its dots"
            ))
        })?;
        if path.segments().len() > ejson::MAX_DEPTH {
            return Err(Error::Malformed(format!(
                "an update path has {} names, at most {} are allowed",
                path.segments().len(),
                ejson::MAX_DEPTH
            )));
        }
        for (at, segment) in path.segments().iter().enumerate() {
            match segment.as_str() {
                EACH if at > 0 => {}
                MATCHED if at > 0 && path.segments()[..at].iter().all(is_name) => {}
                name if name.starts_with('$') => return Err(refused(text, name)),
                _ => {}
            }
        }
        Ok(Self(path))
    }

    /// The one path it is, if it is one.
    pub(super) fn one(&self) -> Option<&Path> {
        self.0.segments().iter().all(is_name).then_some(&self.0)
    }

    /// The path as it is written.
    pub(super) fn written(&self) -> &Path {
        &self.0
    }

    /// Whether it may lead to an element of an array.
    pub(super) fn may_enter_array(&self) -> bool {
        let mut below_root = self.0.segments().iter().skip(1);
        below_root.any(enters)
    }

    /// The path up to the first array it may enter.
    pub(super) fn outside_arrays(&self) -> Path {
        let (root, rest) = self
            .0
            .segments()
            .split_first()
            .expect("a path is not empty");
        let outside = rest.iter().take_while(|segment| !enters(segment));
        outside.fold(Path::field(root.clone()), |path, segment| {
            path.child(segment.clone())
        })
    }

    /// The paths it means in a document that was found by a condition, if it is not new.
    ///
    /// # Errors
    /// Something else than an array where every element is meant; no element that the condition was true of where
    /// that one is meant; more paths than `max`.
    pub(super) fn within(
        &self,
        document: &Object,
        found_by: Option<&Query>,
        max: usize,
    ) -> Result<Vec<Path>> {
        let mut paths: Vec<Path> = vec![Path::field(self.0.root().clone())];
        for segment in &self.0.segments()[1..] {
            let mut next = Vec::with_capacity(paths.len());
            for path in &paths {
                match segment.as_str() {
                    EACH => next.extend(elements(path, document)?),
                    MATCHED => next.push(matched(path, document, found_by)?),
                    name => next.push(path.child(name)),
                }
            }
            paths = next;
            if paths.len() > max {
                return Err(Error::Failed(format!(
                    "`{self}` means more than {max} elements"
                )));
            }
        }
        Ok(paths)
    }
}

/// Whether a segment is no sign for elements.
fn is_name(segment: &SmolStr) -> bool {
    segment != EACH && segment != MATCHED
}

fn enters(segment: &SmolStr) -> bool {
    !is_name(segment) || segment.bytes().all(|byte| byte.is_ascii_digit())
}

fn elements<'a>(array: &'a Path, document: &Object) -> Result<impl Iterator<Item = Path> + 'a> {
    let Some(Value::Array(items)) = array.lookup(document) else {
        return Err(Error::Failed(format!(
            "`{array}` must be an array for `{EACH}` to mean its elements"
        )));
    };
    Ok((0..items.len()).map(|at| element(array, at)))
}

/// The first element of an array that made the condition true.
fn matched(array: &Path, document: &Object, found_by: Option<&Query>) -> Result<Path> {
    let at = found_by.and_then(|query| query.element(array, document));
    let at = at.ok_or_else(|| Error::Failed(NO_MATCH.to_owned()))?;
    Ok(element(array, at))
}

fn element(array: &Path, at: usize) -> Path {
    array.child(format_smolstr!("{at}"))
}

fn refused(path: &str, name: &str) -> Error {
    Error::Malformed(match name {
        MATCHED => format!(
            "`{MATCHED}` may stand in the update path `{path}` once, behind an array and before any `{EACH}`"
        ),
        _ if name.starts_with("$[") && name.ends_with(']') => format!(
            "the positional operator `{name}` in the update path `{path}` is not supported: use an index, `{MATCHED}` or `{EACH}`"
        ),
        _ => format!("`{name}` in the update path `{path}` begins with `$`, a field cannot"),
    })
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
