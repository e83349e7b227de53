//! Paths of fields as clients write them.

use super::{Error, Result};
use crate::data::{Path, ejson};

/// Reads `a.b.0`: no longer than documents may be deep, so that walks along it stay short.
///
/// # Errors
/// Empty names, more names than that.
pub(super) fn path(text: &str) -> Result<Path> {
    let shown: String = text.chars().take(64).collect();
    let path = Path::parse(text).ok_or_else(|| {
        let reason = format!("`{shown}` is not a path of field names");
        Error::Malformed(reason)
    })?;
    if path.segments().len() > ejson::MAX_DEPTH {
        let reason = format!("a path may have {} names, not `{shown}…`", ejson::MAX_DEPTH);
        return Err(Error::Malformed(reason));
    }
    Ok(path)
}
