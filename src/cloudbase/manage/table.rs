//! Collections ("tables") and their indexes.

use serde::{Deserialize, Serialize};

use super::envelope::Action;
use super::permission::SafeRule;
use crate::cloudbase::client::Client;
use crate::cloudbase::error::{Error, Refusal, Result};
use crate::data::{CollectionName, Direction, Index, IndexKeys, Order, OrderKey, Path};

/// A collection as the cloud has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    pub indexes: Vec<TableIndex>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableIndex {
    pub name: String,
    /// `None`: of a kind that we do not declare.
    pub index: Option<Index>,
}

/// Which database of the cloud the environment has.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Connector {
    instance_id: &'static str,
    database_name: String,
}

/// The kind of database that all environments have.
const DOCUMENTS: &str = "flexdb";

impl Connector {
    /// Asks for it.
    pub(super) async fn of(client: &Client) -> Result<Self> {
        const ENVIRONMENT: Action = Action::look("DescribeEnvInfo");
        #[derive(Serialize)]
        #[serde(rename_all = "PascalCase")]
        struct Question<'a> {
            env_id: &'a str,
        }
        let env_id = &client.config().env;
        let answer: Environment = ENVIRONMENT
            .call(client, env_id, &Question { env_id })
            .await?;
        let databases = answer
            .env_info
            .and_then(|info| info.env_base_info.databases);
        let first = databases.into_iter().flatten().next();
        let first = first.ok_or_else(|| {
            Error::Malformed(format!("the environment `{env_id}` has no database"))
        })?;
        Ok(Self {
            instance_id: DOCUMENTS,
            database_name: first.instance_id,
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Environment {
    env_info: Option<EnvInfo>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EnvInfo {
    env_base_info: EnvBaseInfo,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EnvBaseInfo {
    databases: Option<Vec<DatabaseInfo>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DatabaseInfo {
    instance_id: String,
}

/// What every question about a collection names.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct About<'a> {
    env_id: &'a str,
    mongo_connector: &'a Connector,
    table_name: &'a str,
}

impl<'a> About<'a> {
    fn new(client: &'a Client, connector: &'a Connector, collection: &'a CollectionName) -> Self {
        Self {
            env_id: &client.config().env,
            mongo_connector: connector,
            table_name: collection.as_str(),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Described {
    indexes: Option<Vec<WireIndex>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireIndex {
    name: String,
    #[serde(default)]
    unique: bool,
    #[serde(default)]
    keys: Vec<WireKey>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireKey {
    name: String,
    direction: serde_json::Value,
}

pub(super) async fn describe(
    client: &Client,
    connector: &Connector,
    collection: &CollectionName,
) -> Result<Option<Table>> {
    const DESCRIBE: Action = Action::look("DescribeTable");
    let about = About::new(client, connector, collection);
    let described: Described = match DESCRIBE.call(client, collection.as_str(), &about).await {
        Err(Error::Refused(refusal)) if means_no_table(&refusal) => return Ok(None),
        described => described?,
    };
    let indexes = described.indexes.unwrap_or_default().into_iter();
    Ok(Some(Table {
        indexes: indexes.map(TableIndex::read).collect(),
    }))
}

/// That the whole environment is not there is said by a longer word.
fn means_no_table(refusal: &Refusal) -> bool {
    let word = refusal.word.as_str();
    word.starts_with("ResourceNotFound") && !word.contains("Env")
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct NewTable<'a> {
    #[serde(flatten)]
    about: About<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permission_info: Option<PermissionInfo<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PermissionInfo<'a> {
    env_id: &'a str,
    acl_tag: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'a str>,
}

/// An answer that says nothing but that it is done.
#[derive(Deserialize)]
struct Done {}

pub(super) async fn create(
    client: &Client,
    connector: &Connector,
    collection: &CollectionName,
    permission: &SafeRule,
) -> Result<()> {
    const CREATE: Action = Action::change("CreateTable");
    let about = || About::new(client, connector, collection);
    let permission = PermissionInfo {
        env_id: &client.config().env,
        acl_tag: &permission.acl_tag,
        rule: permission.rule.as_deref(),
    };
    let table = NewTable {
        about: about(),
        permission_info: Some(permission),
    };
    let subject = collection.as_str();
    let created = match CREATE.call::<Done>(client, subject, &table).await {
        // That a permission may come with it is documented, and seen nowhere.
        Err(Error::Refused(refusal)) if means_a_parameter(&refusal) => {
            let table = NewTable {
                about: about(),
                permission_info: None,
            };
            CREATE.call::<Done>(client, subject, &table).await
        }
        created => created,
    };
    created.map(|Done {}| ())
}

fn means_a_parameter(refusal: &Refusal) -> bool {
    let word = refusal.word.as_str();
    word.starts_with("InvalidParameter") || word.starts_with("UnknownParameter")
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct NewIndexes<'a> {
    #[serde(flatten)]
    about: About<'a>,
    create_indexes: Vec<NewIndex<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct NewIndex<'a> {
    index_name: &'a str,
    mgo_key_schema: KeySchema,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct KeySchema {
    mgo_is_unique: bool,
    mgo_index_keys: Vec<NewKey>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct NewKey {
    name: String,
    direction: &'static str,
}

pub(super) async fn create_indexes(
    client: &Client,
    connector: &Connector,
    collection: &CollectionName,
    indexes: &[TableIndex],
) -> Result<()> {
    const UPDATE: Action = Action::change("UpdateTable");
    let changes = NewIndexes {
        about: About::new(client, connector, collection),
        create_indexes: indexes.iter().filter_map(TableIndex::written).collect(),
    };
    let done = UPDATE
        .call::<Done>(client, collection.as_str(), &changes)
        .await;
    done.map(|Done {}| ())
}

impl TableIndex {
    /// An index of the model, under the name that the database itself would give it: `status_1_createdAt_-1`.
    pub fn of(index: &Index) -> Self {
        let parts = keys(index).map(|(name, direction)| format!("{name}_{direction}"));
        Self {
            name: parts.collect::<Vec<_>>().join("_"),
            index: Some(index.clone()),
        }
    }

    fn read(wire: WireIndex) -> Self {
        let index = indexed(wire.keys).map(|keys| Index {
            keys,
            unique: wire.unique,
        });
        Self {
            name: wire.name,
            index,
        }
    }

    fn written(&self) -> Option<NewIndex<'_>> {
        let index = self.index.as_ref()?;
        let key = |(name, direction)| NewKey { name, direction };
        Some(NewIndex {
            index_name: &self.name,
            mgo_key_schema: KeySchema {
                mgo_is_unique: index.unique,
                mgo_index_keys: keys(index).map(key).collect(),
            },
        })
    }
}

const GEO: &str = "2dsphere";

/// The keys of an index as the wire spells them.
fn keys(index: &Index) -> impl Iterator<Item = (String, &'static str)> {
    let (ordered, geo) = match &index.keys {
        IndexKeys::Ordered(order) => (order.keys.as_slice(), None),
        IndexKeys::Geo(path) => (&[] as &[_], Some(path)),
    };
    let ordered = ordered.iter().map(|key| {
        let direction = match key.direction {
            Direction::Ascending => "1",
            Direction::Descending => "-1",
        };
        (key.path.to_string(), direction)
    });
    ordered.chain(geo.map(|path| (path.to_string(), GEO)))
}

/// The keys that the wire spells so; `None`: of a kind that we do not declare.
fn indexed(keys: Vec<WireKey>) -> Option<IndexKeys> {
    if let [key] = keys.as_slice()
        && key.direction == GEO
    {
        return Path::parse(&key.name).map(IndexKeys::Geo);
    }
    let key = |key: WireKey| {
        Some(OrderKey {
            path: Path::parse(&key.name)?,
            direction: direction(&key.direction)?,
        })
    };
    let keys: Option<Vec<OrderKey>> = keys.into_iter().map(key).collect();
    let keys = keys.filter(|keys| !keys.is_empty())?;
    Some(IndexKeys::Ordered(Order { keys }))
}

/// The cloud's SDK has texts here; a number would mean the same.
fn direction(value: &serde_json::Value) -> Option<Direction> {
    let text = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    match text.as_str() {
        "1" | "1.0" => Some(Direction::Ascending),
        "-1" | "-1.0" => Some(Direction::Descending),
        _ => None,
    }
}
