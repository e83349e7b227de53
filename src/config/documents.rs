//! Registered documents: where they are, and what follows if one does not fit the API.

use std::path::PathBuf;

use super::layers::Layers;
use super::{on_or_off, path};

/// Where registered documents are read from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Documents {
    /// A directory of files with one document each, or a list of documents.
    pub path: Option<PathBuf>,
    pub invalid: Invalid,
}

/// What follows from a registered document that does not fit the API.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Invalid {
    /// It is told. Clients that ask for it are refused, all others are served.
    #[default]
    Warn,
    /// Nothing is served.
    Refuse,
}

/// The documents, and whether what clients send with its hash is remembered. `required`: some callers may ask for
/// registered documents only.
pub(super) fn read(layers: &mut Layers, required: bool) -> (Documents, bool) {
    let invalid = |text: &str| match text {
        "warn" => Ok(Invalid::Warn),
        "refuse" => Ok(Invalid::Refuse),
        _ => Err("write `warn` or `refuse`".to_owned()),
    };
    let some_path = |text: &str| path(text).map(Some);
    let documents = Documents {
        path: layers.read("documents.path", some_path, None),
        invalid: layers.read("documents.invalid", invalid, Invalid::default()),
    };
    if required && documents.path.is_none() {
        layers.problem(
            "`limits.documents`",
            "there are no registered documents, so that callers could ask for nothing: say with `documents.path` where they are",
        );
    }
    let automatic = layers.read("documents.automatic", on_or_off, false);
    (documents, automatic)
}
