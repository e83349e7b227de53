//! Where an operator changes something.

use std::fmt;

use crate::data::{Object, Path, Value, ejson};
use crate::mongo::{Error, Result};

/// The segment that means every element of an array.
const EACH: &str = "$[]";

/// A path of which segments may mean every element of an array: `lines.$[].price`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Target(Path);

impl Target {
    /// Reads a dotted path.
    ///
    /// # Errors
    /// Empty segments, names that begin with `$`, more segments than a document has levels.
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
                name if name.starts_with('$') => return Err(refused(text, name)),
                _ => {}
            }
        }
        Ok(Self(path))
    }

    /// The one path it is, if it is one.
    pub(super) fn one(&self) -> Option<&Path> {
        (!self.is_each()).then_some(&self.0)
    }

    /// The path as it is written.
    pub(super) fn written(&self) -> &Path {
        &self.0
    }

    pub(super) fn is_each(&self) -> bool {
        self.0.segments().iter().any(|segment| segment == EACH)
    }

    /// Whether it may lead to an element of an array.
    pub(super) fn may_enter_array(&self) -> bool {
        let mut below_root = self.0.segments().iter().skip(1);
        below_root.any(|segment| enters(segment))
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

    /// The paths it means in a document.
    ///
    /// # Errors
    /// Something else than an array where every element is meant; more paths than `max`.
    pub(super) fn within(&self, document: &Object, max: usize) -> Result<Vec<Path>> {
        let mut paths: Vec<Path> = vec![Path::field(self.0.root().clone())];
        for segment in &self.0.segments()[1..] {
            if segment == EACH {
                paths = elements(&paths, document)?;
            } else {
                paths = paths
                    .iter()
                    .map(|path| path.child(segment.clone()))
                    .collect();
            }
            if paths.len() > max {
                return Err(Error::Failed(format!(
                    "`{self}` means more than {max} elements"
                )));
            }
        }
        Ok(paths)
    }
}

fn enters(segment: &str) -> bool {
    segment == EACH || segment.bytes().all(|byte| byte.is_ascii_digit())
}

fn elements(paths: &[Path], document: &Object) -> Result<Vec<Path>> {
    let mut elements = Vec::new();
    for path in paths {
        let Some(Value::Array(items)) = path.lookup(document) else {
            return Err(Error::Failed(format!(
                "`{path}` must be an array for `{EACH}` to mean its elements"
            )));
        };
        let indexes = (0..items.len()).map(|at| path.child(smol_str::format_smolstr!("{at}")));
        elements.extend(indexes);
    }
    Ok(elements)
}

fn refused(path: &str, name: &str) -> Error {
    let positional = name == "$" || (name.starts_with("$[") && name.ends_with(']'));
    Error::Malformed(match positional {
        true => format!(
            "the positional operator `{name}` in the update path `{path}` is not supported: use an index or `{EACH}`"
        ),
        false => format!("`{name}` in the update path `{path}` begins with `$`, a field cannot"),
    })
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
