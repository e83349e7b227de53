//! Settings as they were written, in layers: flags over environment over file.
//!
//! A setting has one dotted name, such as `server.max_body`. In the file it is
//! `max_body` of the table `[server]`, in the environment it is
//! `GATEWAY_SERVER_MAX_BODY`. Some tables have further ones inside, which operators name:
//! `limits.support.depth` is `depth` of `[limits.support]` and `GATEWAY_LIMITS_SUPPORT_DEPTH`.
//! What nobody asks for is a mistake and reported.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt;
use std::path::Path;

const PREFIX: &str = "GATEWAY_";

/// Tables inside each other.
const DEPTH: usize = 2;

/// How many letters may be wrong in a name for another to be suggested; of a short name, not half.
const SLIP: usize = 3;

/// Variables that are not named by us, known by their own names.
pub(super) const PLATFORM_VARIABLES: [&str; 8] = [
    "CBR_ENV_ID",
    "CLOUDBASE_APIKEY",
    "CLOUDBASE_ENV_ID",
    "PORT",
    "RUST_LOG",
    "TENCENTCLOUD_SECRETID",
    "TENCENTCLOUD_SECRETKEY",
    "TENCENTCLOUD_SESSIONTOKEN",
];

/// One thing that is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where the setting stands, as an operator would say it.
    pub place: String,
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

/// A setting as it was written, and where.
#[derive(Clone, Debug)]
pub(super) struct Written {
    pub(super) text: String,
    pub(super) place: String,
}

/// Everything that was written, by layer; the first layer wins.
#[derive(Debug, Default)]
pub(super) struct Layers {
    flags: BTreeMap<String, Written>,
    /// By the name as [`in_environment`] spells it.
    environment: BTreeMap<String, Written>,
    file: BTreeMap<String, Written>,
    pub(super) asked: BTreeSet<String>,
    pub(super) problems: Vec<Problem>,
}

impl Layers {
    pub(super) fn set_flag(&mut self, name: &str, flag: &str, text: String) {
        let place = format!("`{flag}`");
        self.flags.insert(name.to_owned(), Written { text, place });
    }

    /// Takes the `GATEWAY_…` variables; empty ones count as absent.
    pub(super) fn add_environment(
        &mut self,
        variables: impl IntoIterator<Item = (OsString, OsString)>,
    ) {
        for (variable, text) in variables {
            // Ours are ASCII; what is not UTF-8 is somebody else's.
            let Ok(variable) = variable.into_string() else {
                continue;
            };
            let Some(name) = spelled(&variable) else {
                continue;
            };
            let place = format!("`{variable}`");
            match text.into_string() {
                Ok(text) if text.is_empty() => {}
                Ok(text) => {
                    self.environment.insert(name, Written { text, place });
                }
                Err(_) => self.problem(place, "is not UTF-8"),
            }
        }
    }

    /// Takes a TOML file: settings at the top, in tables, and in tables inside these.
    pub(super) fn add_file(&mut self, path: &Path, text: &str) {
        match text.parse::<toml::Table>() {
            Ok(table) => self.add_table(path, "", table),
            Err(error) => self.problem(
                format!("`{}`", path.display()),
                format!("not TOML: {}", error.to_string().trim_end()),
            ),
        }
    }

    fn add_table(&mut self, path: &Path, prefix: &str, table: toml::Table) {
        for (key, value) in table {
            let name = format!("{prefix}{key}");
            let place = format!("`{name}` in `{}`", path.display());
            match value {
                toml::Value::Table(inner) if prefix.matches('.').count() < DEPTH => {
                    self.add_table(path, &format!("{name}."), inner);
                }
                value => match plain(value) {
                    Some(text) => {
                        self.file.insert(name, Written { text, place });
                    }
                    None => self.problem(
                        place,
                        "write a text, a number, `true`, `false` or a list of texts",
                    ),
                },
            }
        }
    }

    pub(super) fn problem(&mut self, place: impl Into<String>, message: impl Into<String>) {
        self.problems.push(Problem {
            place: place.into(),
            message: message.into(),
        });
    }

    /// The setting of this name, from the topmost layer that has it.
    pub(super) fn written(&mut self, name: &str) -> Option<Written> {
        self.asked.insert(name.to_owned());
        self.flags
            .get(name)
            .or_else(|| self.environment.get(&in_environment(name)))
            .or_else(|| self.file.get(name))
            .cloned()
    }

    /// A setting that only the environment may make, by the name of its variable.
    pub(super) fn variable(&mut self, variable: &'static str) -> Option<Written> {
        let written = self.environment.remove(&spelled(variable)?);
        written.filter(|written| !written.text.is_empty())
    }

    /// The setting of this name, read; the default if it is absent or, with a problem noted, unreadable.
    pub(super) fn read<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, String>,
        default: T,
    ) -> T {
        let Some(Written { text, place }) = self.written(name) else {
            return default;
        };
        read(&text).unwrap_or_else(|message| {
            self.problem(place, format!("`{text}` cannot be read: {message}"));
            default
        })
    }

    /// The names of the tables inside this one, where each may have `settings` and the table itself has these and
    /// `others`. The file's own spelling goes before that of variables, which cannot tell capitals and dashes.
    pub(super) fn levels(&self, table: &str, settings: &[&str], others: &[&str]) -> Vec<String> {
        let prefix = format!("{table}.");
        let in_file = self.file.keys().filter_map(|name| {
            let (level, _) = name.strip_prefix(&prefix)?.split_once('.')?;
            Some(level.to_owned())
        });
        let mut levels: Vec<String> = in_file.collect();
        let prefix = format!("{table}_");
        let in_environment = self.environment.keys().filter_map(|name| {
            let rest = name.strip_prefix(&prefix)?;
            let of_the_table = settings.contains(&rest) || others.contains(&rest);
            let level = settings
                .iter()
                .find_map(|setting| rest.strip_suffix(setting)?.strip_suffix('_'))?;
            (!of_the_table).then(|| level.to_owned())
        });
        levels.extend(in_environment);
        let mut seen = BTreeSet::new();
        levels.retain(|level| seen.insert(in_variables(level)));
        levels
    }

    /// Notes what was written and never asked for. Call it last.
    pub(super) fn report_unknown(&mut self) {
        let names: Vec<String> = self.asked.iter().cloned().collect();
        let variables: Vec<String> = names.iter().map(|name| in_environment(name)).collect();
        let in_environment = unknown(&self.environment, &variables, |name| {
            format!("{PREFIX}{}", name.to_ascii_uppercase())
        });
        let in_file = unknown(&self.file, &names, str::to_owned);
        self.problems.extend(in_environment);
        self.problems.extend(in_file);
    }
}

/// A name as variables spell it, in small letters: they cannot tell dots and dashes, nor capitals.
pub fn in_variables(name: &str) -> String {
    name.replace(['.', '-'], "_").to_ascii_lowercase()
}

/// Under which name the layer of the environment keeps a setting.
fn in_environment(name: &str) -> String {
    match PLATFORM_VARIABLES.contains(&name) {
        true => name.to_owned(),
        false => in_variables(name),
    }
}

/// The name under which the layer of the environment keeps a variable; `None`: it is somebody else's.
fn spelled(variable: &str) -> Option<String> {
    let ours = variable.strip_prefix(PREFIX).map(str::to_ascii_lowercase);
    ours.or_else(|| {
        PLATFORM_VARIABLES
            .contains(&variable)
            .then(|| variable.to_owned())
    })
}

/// What a layer has that is not known, with what may be meant. `spell` writes a name as one does in this layer.
fn unknown(
    layer: &BTreeMap<String, Written>,
    known: &[String],
    spell: impl Fn(&str) -> String,
) -> Vec<Problem> {
    let close = |name: &str| {
        let candidates = known
            .iter()
            .map(|candidate| (distance(name, candidate), candidate));
        candidates
            .min()
            .filter(|(distance, _)| *distance <= SLIP && distance * 2 < name.chars().count())
            .map(|(_, candidate)| spell(candidate))
    };
    let unknown = layer.iter().filter(|(name, _)| !known.contains(name));
    unknown
        .map(|(name, written)| Problem {
            place: written.place.clone(),
            message: match close(name) {
                Some(candidate) => format!("no such setting; is `{candidate}` meant?"),
                None => "no such setting".to_owned(),
            },
        })
        .collect()
}

/// How many letters one must insert, delete or replace to make `b` of `a`.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

/// A value of the file as the text that a flag or a variable would have; lists by commas.
fn plain(value: toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(switch) => Some(switch.to_string()),
        toml::Value::Array(entries) => {
            let texts: Option<Vec<String>> = entries
                .into_iter()
                .map(|entry| match entry {
                    toml::Value::String(text) if !text.contains(',') => Some(text),
                    _ => None,
                })
                .collect();
            Some(texts?.join(","))
        }
        toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Table(_) => None,
    }
}
