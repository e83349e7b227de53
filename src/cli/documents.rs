//! Registered documents as files: read when a server starts, and looked at against its API.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use crate::config::{Documents, Invalid};
use crate::graphql::error::Error;
use crate::graphql::trusted::{Document, read_manifest};
use crate::graphql::{Executor, Trusted};

/// Files and documents.
const MOST: usize = 10_000;
/// Of all files together, in bytes: they are held in memory.
const BYTES_MAX: u64 = 64 << 20;

/// What the operator registered.
#[derive(Debug)]
pub(super) struct Registered {
    documents: Vec<Document>,
    invalid: Invalid,
}

impl Registered {
    /// Reads a directory of `.graphql` and `.gql` files with one document each, or a list of documents.
    pub(super) fn read(config: &Documents) -> Result<Self> {
        let documents = match &config.path {
            None => Vec::new(),
            Some(path) => read(path)?,
        };
        Ok(Self {
            documents,
            invalid: config.invalid,
        })
    }

    pub(super) fn trusted(&self) -> Trusted {
        Trusted::of(self.documents.iter().map(|one| one.text.as_str()))
    }

    /// Tells of each document that does not fit the API.
    ///
    /// # Errors
    /// There is one, and nothing is to be served then.
    pub(super) fn look(&self, executor: &Executor) -> Result<()> {
        let misfits = self.documents.iter().filter_map(|document| {
            let errors = executor.check(&document.text).err()?;
            Some(told(document, &errors))
        });
        match self.invalid {
            Invalid::Refuse => {
                let misfits: Vec<String> = misfits.collect();
                ensure!(
                    misfits.is_empty(),
                    "registered documents do not fit the API, and `documents.invalid` says to refuse them:\n{}",
                    misfits.join("\n")
                );
            }
            Invalid::Warn => misfits
                .for_each(|misfit| tracing::warn!("a registered document does not fit: {misfit}")),
        }
        if !self.documents.is_empty() {
            tracing::info!(documents = self.documents.len(), "documents are registered");
        }
        Ok(())
    }
}

/// A document's first error, with its place.
fn told(document: &Document, errors: &[Error]) -> String {
    let source = &document.source;
    match errors {
        [] => source.clone(),
        [error, ..] => match error.locations.first() {
            Some(at) => format!("{source}, {}:{}: {}", at.line, at.column, error.message),
            None => format!("{source}: {}", error.message),
        },
    }
}

fn read(path: &Path) -> Result<Vec<Document>> {
    let mut left = BYTES_MAX;
    let documents = if path.is_dir() {
        let files = files(path)?;
        let files = files.iter();
        files
            .map(|file| {
                Ok(Document {
                    text: text(file, &mut left)?,
                    source: format!("`{}`", file.display()),
                })
            })
            .collect::<Result<_>>()?
    } else {
        let list = text(path, &mut left)?;
        read_manifest(&path.display().to_string(), &list).map_err(anyhow::Error::msg)?
    };
    let shown = path.display();
    ensure!(
        !documents.is_empty(),
        "`{shown}` has no documents: `documents.path` is a directory of `.graphql` or `.gql` files, or a list of documents in JSON"
    );
    ensure!(
        documents.len() <= MOST,
        "`{shown}` has more than {MOST} documents"
    );
    Ok(documents)
}

/// The files of a directory that are documents, in the order of their names.
fn files(directory: &Path) -> Result<Vec<PathBuf>> {
    let unreadable = || format!("`{}` cannot be read", directory.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).with_context(unreadable)? {
        let path = entry.with_context(unreadable)?.path();
        let kind = path.extension().and_then(|kind| kind.to_str());
        if matches!(kind, Some("graphql" | "gql")) {
            files.push(path);
        }
        if files.len() > MOST {
            bail!("`{}` has more than {MOST} documents", directory.display());
        }
    }
    files.sort();
    Ok(files)
}

/// A file's text; `left`: how many bytes more may be read.
fn text(file: &Path, left: &mut u64) -> Result<String> {
    let unreadable = || format!("`{}` cannot be read", file.display());
    let size = fs::metadata(file).with_context(unreadable)?.len();
    *left = left.checked_sub(size).with_context(|| {
        format!(
            "`{}` is too much: registered documents come to at most {} MiB together",
            file.display(),
            BYTES_MAX >> 20
        )
    })?;
    fs::read_to_string(file).with_context(unreadable)
}
