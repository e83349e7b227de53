//! The permission of a collection, as the console and the cloud API have it.

use serde_json::{Map, Value as Json};

use crate::access::{Permission, Policy, Rules};
use crate::emulator::failure::{Failure, Result};
use crate::rules::{Problem, Rule};

/// `AclTag`: READONLY, PRIVATE, ADMINWRITE, ADMINONLY, CUSTOM.
pub(crate) type AclTag = Permission;

/// The tags as the API spells them.
const TAGS: [(&str, AclTag); 5] = [
    ("READONLY", Permission::ReadOnly),
    ("PRIVATE", Permission::Private),
    ("ADMINWRITE", Permission::AdminWrite),
    ("ADMINONLY", Permission::AdminOnly),
    ("CUSTOM", Permission::Custom),
];

/// The keys of a rule. `write` stands for the three behind it where they are not named.
const KEYS: [&str; 5] = ["read", "write", "create", "update", "delete"];

/// The tag, the text of the rule, and what they mean.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    pub(crate) tag: AclTag,
    /// The JSON text of a custom rule, as it was given.
    pub(crate) rule: Option<String>,
    /// Without grants: those are the gateway's.
    pub(crate) policy: Policy,
}

impl Access {
    /// Reads a tag (`"READONLY"`…) and, for `CUSTOM`, the text of the rule: JSON
    /// `{read, write, create, update, delete}`, each a bool or an expression; `write` stands for the three it names.
    ///
    /// # Errors
    /// An unknown tag, `CUSTOM` without a rule, a rule that cannot be read, with all its problems.
    pub(crate) fn parse(tag: &str, rule: Option<&str>) -> Result<Self> {
        let known = TAGS.iter().find(|(text, _)| *text == tag);
        let tag = known.map(|(_, tag)| *tag).ok_or_else(|| {
            let tags = TAGS.map(|(text, _)| text).join(", ");
            Failure::invalid(format!("`{tag}` is no AclTag; it is one of {tags}"))
        })?;
        if tag != Permission::Custom {
            return Ok(Self::simple(tag));
        }
        let text = rule.ok_or_else(|| Failure::invalid("AclTag `CUSTOM` needs a Rule"))?;
        Ok(Self {
            tag,
            rule: Some(text.to_owned()),
            policy: policy(tag, rules(text)?),
        })
    }

    /// What new collections have: only their creators see documents, and change them.
    pub(super) fn private() -> Self {
        Self::simple(Permission::Private)
    }

    /// The same for clients as a policy of the model, whose grants are not for them.
    pub(super) fn of_policy(model: &Policy) -> Self {
        let custom = model.permission == Permission::Custom;
        Self {
            tag: model.permission,
            rule: custom.then(|| text(&model.rules)),
            policy: policy(model.permission, model.rules.clone()),
        }
    }

    fn simple(tag: AclTag) -> Self {
        Self {
            tag,
            rule: None,
            policy: policy(tag, Rules::default()),
        }
    }

    /// The tag as the API spells it.
    pub(crate) fn tag_text(&self) -> &'static str {
        let mut tags = TAGS.iter();
        let known = tags.find(|(_, tag)| *tag == self.tag);
        known.expect("every tag has a text").0
    }
}

fn policy(permission: Permission, rules: Rules) -> Policy {
    Policy {
        permission,
        rules,
        grants: Vec::new(),
    }
}

fn rules(text: &str) -> Result<Rules> {
    let members: Map<String, Json> = serde_json::from_str(text).map_err(|error| {
        Failure::invalid(format!("the Rule is not a JSON object of rules: {error}"))
    })?;
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
        let problems = problems.join("; ");
        return Err(Failure::invalid(format!("the Rule is wrong: {problems}")));
    }
    Ok(Rules {
        read,
        create: create.or_else(|| write.clone()),
        update: update.or_else(|| write.clone()),
        delete: delete.or(write),
    })
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

/// The JSON text that reads as these rules.
fn text(rules: &Rules) -> String {
    let named = [
        ("read", &rules.read),
        ("create", &rules.create),
        ("update", &rules.update),
        ("delete", &rules.delete),
    ];
    let members: Map<String, Json> = named
        .into_iter()
        .filter_map(|(key, rule)| Some((key.to_owned(), rule.as_ref()?.source().into())))
        .collect();
    Json::Object(members).to_string()
}
