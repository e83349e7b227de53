//! Whether the cloud is what the model says: collections, indexes, permissions.
//!
//! The gateway's own permission checks stand on the schema; other clients of the same database meet the database's. Where
//! the two differ, somebody is wrong, and the operator is told.
//!
//! - what is compared: `indexes.rs`, `permission.rs`; what was found: `report.rs`; what lasts of it: `lasting.rs`
//! - what can be done about it: `remedy.rs`
//!
//! What it is not: it repairs nothing by itself, it drops nothing ever, and it changes no permission of a collection that
//! is there.

mod indexes;
mod lasting;
mod permission;
mod remedy;
mod report;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use tokio::time::{Instant, timeout_at};

use crate::cloudbase::database::{Context, Find};
use crate::cloudbase::manage::{Manage, TableIndex};
use crate::cloudbase::{self, Client, Code, Database, Error};
use crate::data::Object;
use crate::model::{Collection, Model};

pub use self::lasting::Lasting;
pub use self::remedy::Remedy;
pub use self::report::{Examination, Finding, Report, State, Subject};

/// Collections that are looked at at one time: what serves users goes first.
const AT_ONCE: usize = 4;

/// After so long whatever was not looked at stays unknown.
const PATIENCE: Duration = Duration::from_secs(60);

/// What to set so that everything can be looked at.
pub const KEY_PAIR: &str = "the cloud tells it to a key pair of the account only: set `TENCENTCLOUD_SECRETID` and \
                            `TENCENTCLOUD_SECRETKEY`";

/// Looks at everything. What cannot be looked at is in the report as unknown.
pub async fn examine(client: &Arc<Client>, model: &Model) -> Report {
    let doctor = Doctor::new(client);
    let until = Instant::now() + PATIENCE;
    let collections = stream::iter(&model.collections).map(|collection| {
        let examined = timeout_at(until, doctor.examine(collection));
        async { examined.await.unwrap_or_else(|_| overdue(collection)) }
    });
    Report::new(collections.buffered(AT_ONCE).collect().await)
}

fn overdue(collection: &Collection) -> Examination {
    let message = format!("the cloud took longer than {} s", PATIENCE.as_secs());
    Examination::unknown(&collection.name, message)
}

/// By which way the cloud is looked at.
enum Doctor {
    Manage(Manage),
    /// Without a key pair only documents can be asked for.
    Documents(Arc<dyn Database>),
}

impl Doctor {
    fn new(client: &Arc<Client>) -> Self {
        let client = Arc::clone(client);
        match client.credentials().key_pair {
            Some(_) => Doctor::Manage(Manage::new(client)),
            None => Doctor::Documents(cloudbase::database::open(client)),
        }
    }

    async fn examine(&self, collection: &Collection) -> Examination {
        match self {
            Doctor::Manage(manage) => thorough(manage, collection).await,
            Doctor::Documents(database) => superficial(database.as_ref(), collection).await,
        }
    }
}

async fn thorough(manage: &Manage, collection: &Collection) -> Examination {
    let name = &collection.name;
    let table = match manage.table(name).await {
        Ok(Some(table)) => table,
        Ok(None) => return missing(collection),
        Err(error) => return Examination::unknown(name, error.to_string()),
    };
    let mut examination = Examination::of(name);
    examination.add(Finding::ok(Subject::Collection));
    indexes::compare(collection, &table.indexes, &mut examination);
    examination.add(match manage.safe_rule(name).await {
        Ok(told) => permission::compare(&collection.policy, &told),
        Err(error) => Finding::unknown(Subject::Permission, error.to_string()),
    });
    examination
}

/// Whether there is such a collection, which every key may ask.
async fn superficial(database: &dyn Database, collection: &Collection) -> Examination {
    let name = &collection.name;
    let find = Find::any(name, Object::new());
    match database.find(&Context::default(), &find).await {
        Ok(_) => {}
        Err(error) if is_missing(&error) => return missing(collection),
        Err(error) => return Examination::unknown(name, error.to_string()),
    }
    let mut examination = Examination::of(name);
    examination.add(Finding::ok(Subject::Collection));
    if !collection.indexes.is_empty() {
        examination.add(Finding::unknown(Subject::Index, KEY_PAIR));
    }
    examination.add(Finding::unknown(Subject::Permission, KEY_PAIR));
    examination
}

fn is_missing(error: &Error) -> bool {
    error.code() == Some(Code::DatabaseCollectionNotExist)
}

fn missing(collection: &Collection) -> Examination {
    let name = &collection.name;
    let mut examination = Examination::of(name);
    let message = "there is no such collection: create it in the console, or by `doctor --apply`";
    examination.add(Finding::different(Subject::Collection, message));
    examination.propose(Remedy::Collection {
        collection: name.clone(),
        permission: permission::written(&collection.policy),
    });
    for index in &collection.indexes {
        examination.propose(Remedy::Index {
            collection: name.clone(),
            index: TableIndex::of(index),
        });
    }
    examination
}
