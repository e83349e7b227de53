//! What the database is said to allow: the permissions of its collections.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use crate::access::{Permission, Policy, Rules};
use crate::data::CollectionName;
use crate::model::Model;

/// One policy for each collection, without grants: those are the gateway's.
#[derive(Clone, Debug)]
pub struct Permissions(BTreeMap<CollectionName, Policy>);

/// One collection of a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Written {
    acl_tag: String,
    /// A JSON object, or the text of one.
    rule: Option<Json>,
}

impl Permissions {
    /// Those that the model says the database has.
    pub fn of_model(model: &Model) -> Self {
        let own = |policy: &Policy| Policy {
            grants: Vec::new(),
            ..policy.clone()
        };
        let collections = model.collections.iter();
        Self(
            collections
                .map(|it| (it.name.clone(), own(&it.policy)))
                .collect(),
        )
    }

    /// These, with what a file says of some collections: `{"orders": {"AclTag": "CUSTOM", "Rule": {…}}}`, as the cloud
    /// API tells them.
    ///
    /// # Errors
    /// The text is not of this form, names a collection that is not there, or a rule cannot be read: all problems, each
    /// on a line.
    pub fn with_file(mut self, text: &str) -> Result<Self, String> {
        let collections: Map<String, Json> =
            serde_json::from_str(text).map_err(|error| error.to_string())?;
        let mut problems = Vec::new();
        for (name, written) in collections {
            let known = CollectionName::parse(&name).filter(|name| self.0.contains_key(name));
            match (known, read(written)) {
                (Some(name), Ok(policy)) => drop(self.0.insert(name, policy)),
                (None, _) => {
                    problems.push(format!("`{name}`: the schema has no such collection"));
                }
                (_, Err(problem)) => problems.push(format!("`{name}`: {problem}")),
            }
        }
        match problems.is_empty() {
            true => Ok(self),
            false => Err(problems.join("\n")),
        }
    }

    /// The text of a file that says all of it.
    pub fn to_json(&self) -> String {
        let written = |(name, policy): (&CollectionName, &Policy)| {
            let tag = policy.permission.tag();
            let entry = match policy.permission {
                Permission::Custom => json!({ "AclTag": tag, "Rule": policy.rules.to_json() }),
                _ => json!({ "AclTag": tag }),
            };
            (name.to_string(), entry)
        };
        Json::Object(self.0.iter().map(written).collect()).to_string()
    }

    /// What a collection of the model has.
    pub fn policy(&self, collection: &CollectionName) -> &Policy {
        // INVARIANT: made from the collections of a model, and nothing is ever taken out.
        &self.0[collection]
    }
}

fn read(written: Json) -> Result<Policy, String> {
    let Written { acl_tag, rule } =
        serde_json::from_value(written).map_err(|error| error.to_string())?;
    let permission = Permission::of_tag(&acl_tag)
        .ok_or_else(|| format!("`{acl_tag}` is none of {}", Permission::tags()))?;
    let rules = match (permission, rule) {
        (Permission::Custom, None) => return Err("`CUSTOM` needs a `Rule`".to_owned()),
        (Permission::Custom, Some(rule)) => {
            let text = match rule {
                Json::String(text) => text,
                object => object.to_string(),
            };
            Rules::from_json(&text).map_err(|problems| problems.join("; "))?
        }
        _ => Rules::default(),
    };
    Ok(Policy {
        permission,
        rules,
        grants: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shop() -> Permissions {
        let model = Model::parse(include_str!("../../schema.graphql")).expect("the shop");
        Permissions::of_model(&model.model)
    }

    #[test]
    fn a_file_says_what_was_written_to_it() {
        let changed = shop()
            .with_file(r#"{"items":{"AclTag":"CUSTOM","Rule":{"read":"doc.price > 1"}},"users":{"AclTag":"READONLY"}}"#)
            .expect("a file");
        let again = shop().with_file(&changed.to_json()).expect("its own text");
        assert_eq!(changed.to_json(), again.to_json());
        let items = CollectionName::parse("items").expect("a name");
        let read = again.policy(&items).rules.read.as_ref().expect("a rule");
        assert_eq!(read.source(), "doc.price > 1");
    }

    #[test]
    fn what_is_wrong_with_a_file_is_told() {
        for (text, told) in [
            ("[]", "expected a map"),
            (r#"{"nothing":{"AclTag":"PRIVATE"}}"#, "no such collection"),
            (r#"{"items":{"AclTag":"SECRET"}}"#, "none of READONLY"),
            (r#"{"items":{"AclTag":"CUSTOM"}}"#, "needs a `Rule`"),
            (
                r#"{"items":{"AclTag":"CUSTOM","Rule":{"read":"doc."}}}"#,
                "`read`",
            ),
            (r#"{"items":{"Acl":"PRIVATE"}}"#, "unknown field"),
        ] {
            let problem = shop().with_file(text).expect_err(text);
            assert!(problem.contains(told), "{text}: {problem}");
        }
    }
}
