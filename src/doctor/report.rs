//! What was found, for people and for programs.

use std::fmt;

use serde::{Serialize, Serializer};

use super::Remedy;
use crate::data::CollectionName;

/// What was found, one entry for each collection of the model, in its order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The worst of all states.
    pub verdict: State,
    pub collections: Vec<Examination>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Examination {
    #[serde(serialize_with = "as_text")]
    pub collection: CollectionName,
    pub findings: Vec<Finding>,
    /// What can be done about it without asking anybody, in this order.
    #[serde(skip)]
    pub remedies: Vec<Remedy>,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub subject: Subject,
    /// Of an index.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub state: State,
    /// What is wrong, with both sides, and what to do; empty if there is nothing to say.
    pub message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Subject {
    Collection,
    Index,
    Permission,
}

/// From the best to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Ok,
    /// It could not be looked at; never counts as ok.
    Unknown,
    /// Not there, or not what the model says.
    Different,
}

fn as_text<S: Serializer>(name: &CollectionName, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(name.as_str())
}

impl Report {
    pub(super) fn new(collections: Vec<Examination>) -> Self {
        let states = collections.iter().map(Examination::verdict);
        Self {
            verdict: states.max().unwrap_or(State::Ok),
            collections,
        }
    }

    /// Everything that can be done without asking anybody, in this order.
    pub fn remedies(&self) -> Vec<&Remedy> {
        let remedies = self.collections.iter().map(|it| &it.remedies);
        remedies.flatten().collect()
    }
}

impl Examination {
    pub(super) fn of(collection: &CollectionName) -> Self {
        Self {
            collection: collection.clone(),
            findings: Vec::new(),
            remedies: Vec::new(),
        }
    }

    /// Nothing could be looked at.
    pub(super) fn unknown(collection: &CollectionName, why: String) -> Self {
        let mut examination = Self::of(collection);
        examination.add(Finding::unknown(Subject::Collection, why));
        examination
    }

    pub(super) fn add(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    pub(super) fn propose(&mut self, remedy: Remedy) {
        self.remedies.push(remedy);
    }

    /// The worst of all states.
    pub fn verdict(&self) -> State {
        let states = self.findings.iter().map(|finding| finding.state);
        states.max().unwrap_or(State::Unknown)
    }

    /// The worst of what was found of this. Where it is not sure that there is a collection, nothing about it is.
    pub fn state(&self, subject: Subject) -> State {
        let worst = |subject| {
            let findings = self.findings.iter().filter(|it| it.subject == subject);
            findings.map(|finding| finding.state).max()
        };
        match worst(Subject::Collection).unwrap_or(State::Unknown) {
            State::Ok => worst(subject).unwrap_or(State::Ok),
            state => state,
        }
    }
}

impl Finding {
    pub(super) fn ok(subject: Subject) -> Self {
        Self {
            subject,
            name: None,
            state: State::Ok,
            message: String::new(),
        }
    }

    pub(super) fn unknown(subject: Subject, message: impl Into<String>) -> Self {
        Self {
            state: State::Unknown,
            message: message.into(),
            ..Self::ok(subject)
        }
    }

    pub(super) fn different(subject: Subject, message: impl Into<String>) -> Self {
        Self {
            state: State::Different,
            message: message.into(),
            ..Self::ok(subject)
        }
    }

    /// `index status_1`, `permission`.
    fn title(&self) -> String {
        match &self.name {
            Some(name) => format!("{} {name}", self.subject),
            None => self.subject.to_string(),
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            State::Ok => "ok",
            State::Unknown => "unknown",
            State::Different => "different",
        })
    }
}

/// `permission: read is …`.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.title(), self.message)
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Subject::Collection => "collection",
            Subject::Index => "index",
            Subject::Permission => "permission",
        })
    }
}

/// A table with a line for each finding, and a last line that sums up.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = || {
            let examinations = self.collections.iter();
            examinations.flat_map(|it| it.findings.iter().map(|finding| (&it.collection, finding)))
        };
        let names = lines().map(|(collection, _)| collection.as_str().len());
        let titles = lines().map(|(_, finding)| finding.title().chars().count());
        let (names, titles) = (names.max().unwrap_or(0), titles.max().unwrap_or(0));
        for (collection, finding) in lines() {
            let (state, title) = (finding.state, finding.title());
            let line = format!(
                "{state:<9}  {collection:<names$}  {title:<titles$}  {}",
                finding.message,
                collection = collection.as_str(),
            );
            writeln!(f, "{}", line.trim_end())?;
        }
        writeln!(f, "{}", self.summary())
    }
}

impl Report {
    /// `4 collections: 2 ok, 1 different, 1 unknown`.
    fn summary(&self) -> String {
        let count = |state| {
            let verdicts = self.collections.iter().map(Examination::verdict);
            verdicts.filter(|verdict| *verdict == state).count()
        };
        let counts =
            [State::Ok, State::Different, State::Unknown].map(|state| (count(state), state));
        let told = counts.into_iter().filter(|(count, _)| *count > 0);
        let told: Vec<String> = told
            .map(|(count, state)| format!("{count} {state}"))
            .collect();
        let plural = if self.collections.len() == 1 { "" } else { "s" };
        format!(
            "{} collection{plural}: {}",
            self.collections.len(),
            told.join(", ")
        )
    }
}
