//! What can be done about a difference without taking anything from anybody.

use std::fmt;
use std::sync::Arc;

use crate::cloudbase::manage::{Manage, SafeRule, TableIndex};
use crate::cloudbase::{Client, Result};
use crate::data::CollectionName;

/// Something to create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// With its permission from the beginning, so that it is never open to more than the schema says.
    Collection {
        collection: CollectionName,
        permission: SafeRule,
    },
    Index {
        collection: CollectionName,
        index: TableIndex,
    },
}

impl Remedy {
    /// Creates them one after the other, and tells of each how that went. What fails hinders none of the others.
    pub async fn apply(remedies: &[&Remedy], client: &Arc<Client>) -> Vec<Result<()>> {
        let manage = Manage::new(Arc::clone(client));
        let mut outcomes = Vec::with_capacity(remedies.len());
        for remedy in remedies {
            outcomes.push(match remedy {
                Remedy::Collection {
                    collection,
                    permission,
                } => manage.create_table(collection, permission).await,
                Remedy::Index { collection, index } => {
                    let indexes = std::slice::from_ref(index);
                    manage.create_indexes(collection, indexes).await
                }
            });
        }
        outcomes
    }
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Remedy::Collection {
                collection,
                permission,
            } => {
                let tag = &permission.acl_tag;
                write!(f, "create the collection `{collection}`, permission {tag}")?;
                match &permission.rule {
                    Some(rule) => write!(f, " {rule}"),
                    None => Ok(()),
                }
            }
            Remedy::Index { collection, index } => {
                let unique = match index.index.as_ref().is_some_and(|index| index.unique) {
                    true => "unique index",
                    false => "index",
                };
                write!(f, "create the {unique} `{}` of `{collection}`", index.name)
            }
        }
    }
}
