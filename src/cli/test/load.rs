//! Files → cases that can be run: with what they include, callers by their principals, operations as texts.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};

use crate::gateway::Abilities;
use crate::graphql::api::Api;
use crate::graphql::error::Error;
use crate::graphql::intake::{Intake, Limits};
use crate::graphql::{self, NameClash};
use crate::model::Model;
use crate::server::dev_user;
use crate::testing::{self, Case, File, Include, Operation, Problem, Setting, Step, Who};

/// How deep directories are looked into, and files included by files.
const MAX_DEPTH: usize = 16;

/// A case that lacks nothing.
#[derive(Debug)]
pub(super) struct Ready {
    /// As it is told.
    pub(super) file: String,
    /// Callers are principals here.
    pub(super) setting: Arc<Setting>,
    /// Callers are principals here or `none`, operations are texts.
    pub(super) case: Case,
}

/// All cases of these files and directories, in the order of names.
///
/// # Errors
///
/// Something cannot be read or meant. All problems of the files are printed before.
pub(super) fn cases(paths: &[PathBuf], model: &Arc<Model>) -> Result<Vec<Ready>> {
    let mut loader = Loader {
        model,
        intake: intake(model)?,
        problems: BTreeSet::new(),
        cases: Vec::new(),
    };
    for path in paths {
        let mut files = Vec::new();
        find(path, &mut files, 0)?;
        for file in files {
            loader.take(&file)?;
        }
    }
    for (file, line, message) in &loader.problems {
        eprintln!("{file}:{line}: {message}");
    }
    match loader.problems.len() {
        0 => Ok(loader.cases),
        1 => bail!("a problem was found, so nothing was run"),
        count => bail!("{count} problems were found, so nothing was run"),
    }
}

/// What operations are checked with before any is run.
fn intake(model: &Arc<Model>) -> Result<Intake> {
    let matches = graphql::Config::default().matches;
    let api = Api::of(&Abilities::of_anyone(Arc::clone(model)), matches);
    let clashes = |clashes: Vec<NameClash>| graphql::BuildError::Names(clashes);
    Ok(Intake::new(
        Arc::new(api.map_err(clashes)?),
        Limits::default(),
    )?)
}

/// The file, or the YAML files below the directory.
fn find(path: &Path, files: &mut Vec<PathBuf>, depth: usize) -> Result<()> {
    let unreadable = || format!("`{}` cannot be read", path.display());
    if !fs::metadata(path).with_context(unreadable)?.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    ensure!(depth < MAX_DEPTH, "`{}` lies too deep", path.display());
    let entries: Result<Vec<_>, _> = fs::read_dir(path).with_context(unreadable)?.collect();
    let mut entries: Vec<PathBuf> = entries
        .with_context(unreadable)?
        .into_iter()
        .map(|entry| entry.path())
        .collect();
    entries.sort();
    for entry in entries {
        let is_yaml = entry
            .extension()
            .is_some_and(|extension| extension == "yaml" || extension == "yml");
        if is_yaml || entry.is_dir() {
            find(&entry, files, depth + 1)?;
        }
    }
    Ok(())
}

struct Loader<'m> {
    model: &'m Model,
    intake: Intake,
    /// Files, lines and what is wrong there; files that are included by several are read by each.
    problems: BTreeSet<(String, usize, String)>,
    cases: Vec<Ready>,
}

impl Loader<'_> {
    fn take(&mut self, path: &Path) -> Result<()> {
        let Some(mut file) = self.read(path)? else {
            return Ok(());
        };
        let mut setting = Setting::default();
        self.include(path, &file.with, &mut setting, 0)?;
        merge(&mut setting, std::mem::take(&mut file.setting));
        let setting = Arc::new(setting);
        for mut case in file.cases {
            for step in &mut case.steps {
                self.settle(path, &mut step.who, &setting);
                self.settle_operation(path, step);
            }
            self.cases.push(Ready {
                file: path.display().to_string(),
                setting: Arc::clone(&setting),
                case,
            });
        }
        for named in &setting.callers {
            self.check_principal(path, &named.who);
        }
        Ok(())
    }

    /// The file if it is without problems.
    fn read(&mut self, path: &Path) -> Result<Option<File>> {
        let text = fs::read_to_string(path)
            .with_context(|| format!("`{}` cannot be read", path.display()))?;
        let (file, problems) = match testing::parse(&text) {
            Ok(file) => {
                let problems = file.problems(self.model);
                (Some(file), problems)
            }
            Err(problems) => (None, problems),
        };
        let sound = problems.is_empty();
        for problem in problems {
            self.problem(path, problem);
        }
        Ok(file.filter(|_| sound))
    }

    fn problem(&mut self, path: &Path, problem: Problem) {
        let file = path.display().to_string();
        self.problems.insert((file, problem.line, problem.message));
    }

    /// Adds the settings of other files, those that they include first.
    fn include(
        &mut self,
        by: &Path,
        with: &[Include],
        setting: &mut Setting,
        depth: usize,
    ) -> Result<()> {
        ensure!(
            depth < MAX_DEPTH,
            "`{}` is included by itself, or too deep",
            by.display()
        );
        for include in with {
            let path = beside(by, &include.path);
            if !path.is_file() {
                let message = format!("there is no file `{}`", path.display());
                self.problem(by, Problem::new(include.line, message));
                continue;
            }
            if let Some(file) = self.read(&path)? {
                self.include(&path, &file.with, setting, depth + 1)?;
                merge(setting, file.setting);
            }
        }
        Ok(())
    }

    /// Makes a caller's name the principal that it stands for.
    fn settle(&mut self, path: &Path, who: &mut Who, setting: &Setting) {
        let named = setting.callers.iter().find(|named| named.name == who.name);
        if let Some(named) = named {
            who.name.clone_from(&named.who.name);
        } else if who.name != "none" && !who.name.contains(':') {
            let names: Vec<String> = setting
                .callers
                .iter()
                .map(|named| format!("`{}`", named.name))
                .collect();
            let message = format!(
                "nobody is called `{}`; there are `none` {}: name one of them under `callers`, or a principal such as \
                 `openid:alice`",
                who.name,
                names.join(" ")
            );
            self.problem(path, Problem::new(who.line, message));
        } else {
            self.check_principal(path, who);
        }
        if who.name == "none" && who.roles.is_some() {
            let message = "whoever is not signed in has no roles";
            self.problem(path, Problem::new(who.line, message));
        }
    }

    fn check_principal(&mut self, path: &Path, who: &Who) {
        if who.name != "none" && dev_user(&who.name).is_err() {
            let message = format!(
                "`{}` names nobody: write `openid:alice`, `uid:u1`, `anonymous:u1` or `none`",
                who.name
            );
            self.problem(path, Problem::new(who.line, message));
        }
    }

    /// Reads the operation if it is in a file of its own, and checks it where it stands.
    fn settle_operation(&mut self, path: &Path, step: &mut Step) {
        let Operation::File(include) = &step.operation else {
            return self.check_operation(path, step);
        };
        let file = beside(path, &include.path);
        match fs::read_to_string(&file) {
            Ok(text) => {
                step.operation = Operation::Text { line: 1, text };
                self.check_operation(&file, step);
            }
            Err(error) => {
                let message = format!("`{}` cannot be read: {error}", file.display());
                self.problem(path, Problem::new(include.line, message));
            }
        }
    }

    fn check_operation(&mut self, path: &Path, step: &Step) {
        let Operation::Text { line, text } = &step.operation else {
            return;
        };
        let taken = self.intake.take_in(text, step.operation_name.as_deref());
        for error in taken.err().into_iter().flatten().map(Error::from) {
            let code = error.code.as_str();
            let expect = step.expect.as_ref();
            if expect.is_some_and(|expect| expect.expects(code)) {
                continue;
            }
            let message = format!(
                "this operation is not served: {} (if that is what the case is about, expect `{code}`)",
                error.message.trim_end_matches('.')
            );
            let below = error.locations.first().map_or(1, |place| place.line);
            self.problem(path, Problem::new(line + below - 1, message));
        }
    }
}

/// A name that is meant as seen from a file.
fn beside(file: &Path, name: &str) -> PathBuf {
    file.parent().unwrap_or(Path::new("")).join(name)
}

/// What is said later counts: of the clock, of a caller of one name, of a document of one id.
fn merge(setting: &mut Setting, later: Setting) {
    setting.now = later.now.or(setting.now);
    for named in later.callers {
        setting.callers.retain(|known| known.name != named.name);
        setting.callers.push(named);
    }
    setting.seed.extend(later.seed);
}
