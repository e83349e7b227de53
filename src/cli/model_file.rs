//! Reading the model file for a command that goes on with it.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, bail};

use super::check;
use crate::model::Model;

/// The model of a file. Its problems are printed, all of them; only errors stop.
pub(super) fn load(path: &Path) -> Result<Arc<Model>> {
    let source = check::read(path)?;
    let print = |problems: &[_]| {
        eprint!(
            "{}",
            check::render(problems, &path.display().to_string(), &source)
        );
    };
    match Model::parse(&source) {
        Ok(checked) => {
            print(&checked.warnings);
            Ok(Arc::new(checked.model))
        }
        Err(problems) => {
            print(&problems);
            bail!("the model file `{}` cannot be served", path.display())
        }
    }
}
