//! A collection's permission as the console and the cloud API have it: a tag
//! (`AclTag`) and, for `CUSTOM`, the text of a JSON object of rules.

use serde_json::{Map, Value as Json};

use super::policy::{Permission, Rules};
use crate::rules::{Problem, Rule};

/// The tags as the API spells them.
const TAGS: [(&str, Permission); 5] = [
    ("READONLY", Permission::ReadOnly),
    ("PRIVATE", Permission::Private),
    ("ADMINWRITE", Permission::AdminWrite),
    ("ADMINONLY", Permission::AdminOnly),
    ("CUSTOM", Permission::Custom),
];

/// The keys of a rule. `write` stands for the three behind it where they are not named.
const KEYS: [&str; 5] = ["read", "write", "create", "update", "delete"];

impl Permission {
    /// The tag as the API spells it.
    pub fn tag(self) -> &'static str {
        let mut tags = TAGS.iter();
        let known = tags.find(|(_, permission)| *permission == self);
        known.expect("every permission has a tag").0
    }

    /// The permission that the API spells so.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let known = TAGS.iter().find(|(text, _)| *text == tag);
        known.map(|(_, permission)| *permission)
    }

    /// All tags, for messages.
    pub fn tags() -> String {
        TAGS.map(|(text, _)| text).join(", ")
    }
}

impl Rules {
    /// Reads the text of `CUSTOM`: JSON `{read, write, create, update, delete}`, each a bool or an expression; `write`
    /// stands for the three it names. What is not named is refused.
    ///
    /// # Errors
    /// What is wrong with it; never empty.
    pub fn from_json(text: &str) -> Result<Self, Vec<String>> {
        let members: Map<String, Json> = serde_json::from_str(text)
            .map_err(|error| vec![format!("it is not a JSON object of rules: {error}")])?;
        let mut problems = Vec::new();
        for key in members.keys().filter(|key| !KEYS.contains(&key.as_str())) {
            problems.push(format!("`{key}` is none of {}", KEYS.join(", ")));
        }
        let [read, write, create, update, delete] = KEYS.map(|key| {
            let value = members.get(key)?;
            expression(key, value, &mut problems)
        });
        // A rule of its own that cannot be read is a problem, so nothing falls back to `write` for that.
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Self {
            read,
            create: create.or_else(|| write.clone()),
            update: update.or_else(|| write.clone()),
            delete: delete.or(write),
        })
    }

    /// The JSON text that reads as these rules.
    pub fn to_json(&self) -> String {
        let named = [
            ("read", &self.read),
            ("create", &self.create),
            ("update", &self.update),
            ("delete", &self.delete),
        ];
        let members: Map<String, Json> = named
            .into_iter()
            .filter_map(|(key, rule)| Some((key.to_owned(), written(rule.as_ref()?))))
            .collect();
        Json::Object(members).to_string()
    }
}

/// `true` and `false` are written as such, as everybody does.
fn written(rule: &Rule) -> Json {
    match rule.source() {
        "true" => Json::Bool(true),
        "false" => Json::Bool(false),
        source => source.into(),
    }
}

fn expression(key: &str, value: &Json, problems: &mut Vec<String>) -> Option<Rule> {
    let text = match value {
        Json::Bool(constant) => return Some(Rule::constant(*constant)),
        Json::String(text) => text,
        _ => {
            problems.push(format!("`{key}` must be a bool or an expression in a text"));
            return None;
        }
    };
    let told = |problem: Problem| match problem.help {
        Some(help) => format!("`{key}`: {} ({help})", problem.message),
        None => format!("`{key}`: {}", problem.message),
    };
    match Rule::parse(text) {
        Ok(rule) => Some(rule),
        Err(found) => {
            problems.extend(found.into_iter().map(told));
            None
        }
    }
}
