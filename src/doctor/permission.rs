//! Whether the permission of a collection is the model's.
//!
//! Permissions are compared by what they say: each of the four simple ones is the rule that it stands for, `write` is
//! the three writes it names, and rules are compared as expressions. Grants are the gateway's alone.

use super::report::{Finding, Subject};
use crate::access::{Permission, Policy, Rules};
use crate::cloudbase::manage::SafeRule;
use crate::rules::{Operation, Rule};

const OPERATIONS: [Operation; 4] = [
    Operation::Read,
    Operation::Create,
    Operation::Update,
    Operation::Delete,
];

/// What the cloud's documentation says that the simple permissions stand for.
const OWNER: &str = "doc._openid == auth.openid";

/// The permission of the model as the cloud writes it.
pub(super) fn written(policy: &Policy) -> SafeRule {
    let custom = policy.permission == Permission::Custom;
    SafeRule {
        acl_tag: policy.permission.tag().to_owned(),
        rule: custom.then(|| policy.rules.to_json()),
    }
}

pub(super) fn compare(policy: &Policy, told: &SafeRule) -> Finding {
    let there = match read(told) {
        Ok(rules) => rules,
        Err(why) => return Finding::unknown(Subject::Permission, why),
    };
    let declared = meant(policy.permission, &policy.rules);
    let differences: Vec<String> = OPERATIONS
        .into_iter()
        .filter_map(|operation| difference(operation, &there, &declared))
        .collect();
    if differences.is_empty() {
        return Finding::ok(Subject::Permission);
    }
    let message = format!("{}; {}", differences.join("; "), advice(policy));
    Finding::different(Subject::Permission, message)
}

/// The rules that the cloud's permission means.
fn read(told: &SafeRule) -> Result<Rules, String> {
    let permission = Permission::of_tag(&told.acl_tag).ok_or_else(|| {
        let tags = Permission::tags();
        format!("the cloud says `{}`, which is none of {tags}", told.acl_tag)
    })?;
    let rules = match (permission, &told.rule) {
        (Permission::Custom, Some(text)) => Rules::from_json(text).map_err(|problems| {
            let problems = problems.join("; ");
            format!("the rule in the cloud cannot be read: {problems}")
        })?,
        (Permission::Custom, None) => {
            return Err(
                "the cloud says `CUSTOM` and does not tell the rule: the key pair's account may lack the permission to \
                 call `DescribeSafeRule`"
                    .to_owned(),
            );
        }
        _ => Rules::default(),
    };
    Ok(meant(permission, &rules))
}

fn meant(permission: Permission, rules: &Rules) -> Rules {
    let (read, write) = match permission {
        Permission::Custom => return rules.clone(),
        Permission::ReadOnly => (Some(Rule::constant(true)), owner()),
        Permission::Private => (owner(), owner()),
        Permission::AdminWrite => (Some(Rule::constant(true)), None),
        Permission::AdminOnly => (None, None),
    };
    Rules {
        read,
        create: write.clone(),
        update: write.clone(),
        delete: write,
    }
}

fn owner() -> Option<Rule> {
    Some(Rule::parse(OWNER).expect("a comparison of two members"))
}

/// What both sides say of an operation, if that is not the same. What is not named is refused.
fn difference(operation: Operation, there: &Rules, declared: &Rules) -> Option<String> {
    let rule = |rules: &Rules| {
        let named = rules.get(operation).cloned();
        named.unwrap_or_else(|| Rule::constant(false))
    };
    let (there, declared) = (rule(there), rule(declared));
    let told = || {
        format!(
            "{operation} is `{}` in the cloud, `{}` in the schema",
            there.source(),
            declared.source()
        )
    };
    (!there.says_the_same_as(&declared)).then(told)
}

fn advice(policy: &Policy) -> String {
    let SafeRule { acl_tag, rule } = written(policy);
    match rule {
        Some(rule) => format!(
            "change the schema, or paste this rule in the console (数据库 - 权限设置 - 自定义安全规则): {rule}"
        ),
        None => {
            format!("change the schema, or choose `{acl_tag}` in the console (数据库 - 权限设置)")
        }
    }
}
