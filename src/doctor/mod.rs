//! Whether the cloud is what the model says: collections, indexes, permissions.
//!
//! The gateway's own permission checks stand on the schema; other clients of the same database meet the database's. Where
//! the two differ, somebody is wrong, and the operator is told.

use std::sync::Arc;

use crate::cloudbase::Client;
use crate::data::CollectionName;
use crate::model::Model;

/// What was found, one entry for each collection of the model.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    pub collections: Vec<Examination>,
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Examination {
    pub collection: String,
    pub findings: Vec<Finding>,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    pub subject: Subject,
    pub state: State,
    /// What is wrong, with both sides, and what to do; empty if nothing is.
    pub message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Subject {
    Collection,
    Index,
    Permission,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Ok,
    /// Not there, or not what the model says.
    Different,
    /// It could not be looked at; never counts as ok.
    Unknown,
}

/// Looks at everything. What cannot be looked at is in the report as unknown.
pub async fn examine(_client: &Arc<Client>, _model: &Model) -> Report {
    unimplemented!("doctor helper")
}

impl Report {
    /// Collections whose permission is not known to be the model's.
    pub fn unsure_permissions(&self) -> Vec<CollectionName> {
        unimplemented!("doctor helper")
    }
}
