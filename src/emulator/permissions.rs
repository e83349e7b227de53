//! The permissions of collections as a file has them.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::database::{Access, Database};
use super::failure::{Failure, Result};
use crate::cloudbase::Code;
use crate::data::CollectionName;

/// Collections and their permissions: `{"todos": {"AclTag": "PRIVATE"}, "rooms": {"AclTag": "CUSTOM", "Rule": {…}}}`,
/// as the cloud API tells them.
#[derive(Clone, Debug, Default)]
pub struct Permissions(Vec<(CollectionName, Access)>);

/// One collection's.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Written {
    acl_tag: String,
    /// A JSON object, or the text of one.
    rule: Option<Value>,
}

impl Permissions {
    /// Reads the text of a file.
    ///
    /// # Errors
    /// Text that is not JSON of this form, names that no collection can have, rules that cannot be read: all problems,
    /// each on a line.
    pub fn parse(text: &str) -> Result<Self> {
        let written: Map<String, Value> =
            serde_json::from_str(text).map_err(|error| Failure::invalid(error.to_string()))?;
        let (mut permissions, mut problems) = (Vec::new(), Vec::new());
        for (name, written) in written {
            match read(&name, written) {
                Ok(permission) => permissions.push(permission),
                Err(failure) => problems.push(format!("`{name}`: {}", failure.message)),
            }
        }
        if problems.is_empty() {
            Ok(Self(permissions))
        } else {
            Err(Failure::invalid(problems.join("\n")))
        }
    }

    /// Gives collections their permissions; those that are not there are made.
    pub(super) async fn apply(self, database: &Database) -> Result<()> {
        for (name, access) in self.0 {
            match database.create_collection(&name).await {
                Err(failure) if failure.code != Code::DatabaseCollectionAlreadyExist => {
                    return Err(failure);
                }
                _ => database.set_access(&name, access).await?,
            }
        }
        Ok(())
    }
}

fn read(name: &str, written: Value) -> Result<(CollectionName, Access)> {
    let name = CollectionName::parse(name).ok_or_else(|| {
        Failure::invalid("not a name of a collection: a letter, then letters, digits, `_` and `-`")
    })?;
    let written: Written =
        serde_json::from_value(written).map_err(|error| Failure::invalid(error.to_string()))?;
    let rule = written.rule.map(|rule| match rule {
        Value::String(text) => text,
        object => object.to_string(),
    });
    Ok((name, Access::parse(&written.acl_tag, rule.as_deref())?))
}
