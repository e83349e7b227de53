//! What a file of permission tests says, once it is read.

use serde_json::{Map, Value as Json};

use super::pattern::Pattern;
use crate::data::Object;
use crate::model::Model;

use super::Problem;

/// One file.
#[derive(Clone, Debug, Default)]
pub struct File {
    /// Files whose setting this one begins with.
    pub with: Vec<Include>,
    pub setting: Setting,
    pub cases: Vec<Case>,
}

/// The name of another file, beside this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Include {
    pub line: usize,
    pub path: String,
}

/// What all cases of a file begin with.
#[derive(Clone, Debug, Default)]
pub struct Setting {
    /// What the gateway's clock shows, in milliseconds since 1970.
    pub now: Option<i64>,
    pub callers: Vec<Named>,
    pub seed: Vec<Seeded>,
}

/// A caller by the name that cases call them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub name: String,
    pub who: Who,
}

/// Somebody who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    pub line: usize,
    /// `none`, a principal, `anonymous:<uid>`, or the name of one of [`Setting::callers`].
    pub name: String,
    /// Staff roles to be written into the `roles` collection before they ask; `None` leaves it as it is.
    pub roles: Option<Vec<String>>,
}

/// A document that is there from the beginning.
#[derive(Clone, Debug)]
pub struct Seeded {
    pub line: usize,
    pub collection: String,
    /// With an `_id`.
    pub fields: Object,
}

/// Steps that share one fresh store.
#[derive(Clone, Debug)]
pub struct Case {
    pub line: usize,
    pub name: String,
    /// Documents besides those of the file, or instead of them.
    pub seed: Vec<Seeded>,
    pub steps: Vec<Step>,
}

/// One operation, and what must come of it.
#[derive(Clone, Debug)]
pub struct Step {
    pub line: usize,
    pub who: Who,
    /// What the clock shows from here on.
    pub now: Option<i64>,
    pub operation: Operation,
    pub operation_name: Option<String>,
    pub variables: Map<String, Json>,
    pub expect: Option<Expect>,
    pub stored: Vec<Stored>,
    pub unchanged: Unchanged,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// The text, and the line of the file that it begins on.
    Text { line: usize, text: String },
    /// A file beside this one.
    File(Include),
}

/// What must come back.
#[derive(Clone, Debug)]
pub enum Expect {
    /// `allow`: no error, nothing withheld, and each root field has a value.
    Allow,
    /// `null`: no error, and each root field is null, as of a document that there is not.
    Null,
    /// An error's code: each error has it, and no root field has a value.
    Refused(String),
    /// Ids, in any order: no error, and the one root field is these documents.
    Ids(Vec<String>),
    Answer {
        data: Option<Pattern>,
        /// All of them, in any order.
        errors: Vec<ExpectedError>,
        /// All of them: `Order.address`, and of how many documents.
        denied: Option<Vec<(String, Option<u64>)>>,
    },
}

impl Expect {
    /// Whether nothing may have been done.
    pub(super) fn is_refusal(&self) -> bool {
        match self {
            Expect::Refused(_) => true,
            Expect::Answer { errors, .. } => !errors.is_empty(),
            Expect::Allow | Expect::Null | Expect::Ids(_) => false,
        }
    }

    /// Whether an error of this code is expected.
    pub fn expects(&self, code: &str) -> bool {
        match self {
            Expect::Refused(expected) => expected == code,
            Expect::Answer { errors, .. } => errors.iter().any(|error| error.code == code),
            Expect::Allow | Expect::Null | Expect::Ids(_) => false,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedError {
    pub code: String,
    /// `orders.nodes.0.total`.
    pub path: Option<String>,
    /// A part of the message.
    pub message: Option<String>,
}

/// A document as it must stand afterwards.
#[derive(Clone, Debug)]
pub struct Stored {
    pub line: usize,
    pub collection: String,
    pub id: String,
    /// `None`: it must not be there.
    pub fields: Option<Pattern>,
}

/// What must be byte for byte as before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unchanged {
    Collections(Vec<(usize, String)>),
    All,
    /// All documents but those of [`Step::stored`].
    Others,
}

impl File {
    /// What of it the model does not know.
    pub fn problems(&self, model: &Model) -> Vec<Problem> {
        let steps = || self.cases.iter().flat_map(|case| &case.steps);
        let seeded = self.setting.seed.iter();
        let seeded = seeded.chain(self.cases.iter().flat_map(|case| &case.seed));
        let stored = steps().flat_map(|step| &step.stored);
        let unchanged = steps().filter_map(|step| match &step.unchanged {
            Unchanged::Collections(named) => Some(named),
            Unchanged::All | Unchanged::Others => None,
        });
        let collections = seeded
            .map(|seeded| (seeded.line, seeded.collection.as_str()))
            .chain(stored.map(|stored| (stored.line, stored.collection.as_str())))
            .chain(
                unchanged
                    .flatten()
                    .map(|(line, name)| (*line, name.as_str())),
            );
        let mut problems: Vec<Problem> = collections
            .filter(|(_, name)| model.collection_named(name).is_none())
            .map(|(line, name)| unknown_collection(model, line, name))
            .collect();
        let callers = self.setting.callers.iter().map(|named| &named.who);
        for who in callers.chain(steps().map(|step| &step.who)) {
            problems.extend(unknown_roles(model, who));
        }
        // The rows of one table name their places again and again.
        problems.sort_by(|a, b| (a.line, &a.message).cmp(&(b.line, &b.message)));
        problems.dedup();
        problems
    }
}

fn unknown_collection(model: &Model, line: usize, name: &str) -> Problem {
    let known = model.collections.iter().map(|known| known.name.as_str());
    let message = format!(
        "the schema has no collection `{name}`; it has {}",
        list(known)
    );
    Problem::new(line, message)
}

fn unknown_roles(model: &Model, who: &Who) -> Vec<Problem> {
    let Some(roles) = &who.roles else {
        return Vec::new();
    };
    if model.collection_named("roles").is_none() {
        let message =
            "`roles` writes a document of the collection `roles`, which the schema does not have";
        return vec![Problem::new(who.line, message)];
    }
    let declared = |role: &str| model.roles.iter().any(|known| known.role.as_str() == role);
    let unknown = roles.iter().filter(|role| !declared(role));
    let problem = |role: &String| {
        let known = model.roles.iter().map(|known| known.role.as_str());
        let message = format!("the schema has no role `{role}`; it has {}", list(known));
        Problem::new(who.line, message)
    };
    unknown.map(problem).collect()
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
