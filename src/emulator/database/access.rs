//! The permission of a collection, as the console and the cloud API have it.

use crate::access::{Permission, Policy, Rules};
use crate::emulator::failure::{Failure, Result};

/// `AclTag`: READONLY, PRIVATE, ADMINWRITE, ADMINONLY, CUSTOM.
pub(crate) type AclTag = Permission;

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
        let tag = Permission::of_tag(tag).ok_or_else(|| {
            let tags = Permission::tags();
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
            rule: custom.then(|| model.rules.to_json()),
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
        self.tag.tag()
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
    Rules::from_json(text).map_err(|problems| {
        let problems = problems.join("; ");
        Failure::invalid(format!("the Rule is wrong: {problems}"))
    })
}
