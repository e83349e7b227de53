//! Collections ("tables") and their indexes.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Members, done, existing, members};
use crate::data::{CollectionName, Direction};
use crate::emulator::database::{Access, Database, Index, IndexDirection};
use crate::emulator::failure::{Failure, Result};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Table {
    table_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NewTable {
    table_name: String,
    /// So that a collection is never open in between.
    permission_info: Option<PermissionInfo>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PermissionInfo {
    acl_tag: String,
    rule: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Page {
    mgo_limit: Option<u64>,
    mgo_offset: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct IndexChanges {
    table_name: String,
    create_indexes: Option<Vec<NewIndex>>,
    drop_indexes: Option<Vec<OldIndex>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NewIndex {
    index_name: String,
    mgo_key_schema: KeySchema,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct KeySchema {
    mgo_is_unique: bool,
    mgo_index_keys: Vec<Key>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Key {
    name: String,
    direction: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OldIndex {
    index_name: String,
}

/// Collections on a page, if the request does not say; the manager SDK always does.
const PAGE: u64 = 100;

pub(super) async fn create(database: &Database, table: NewTable) -> Result<Members> {
    let name = CollectionName::parse(&table.table_name).ok_or_else(|| {
        Failure::invalid(format!(
            "`{}` is no name of a collection: a letter, then at most {} letters, digits, `_` and `-`",
            table.table_name,
            CollectionName::MAX_LEN - 1
        ))
    })?;
    let given = table.permission_info;
    let access = given
        .map(|given| Access::parse(&given.acl_tag, given.rule.as_deref()))
        .transpose()?;
    database.create_collection(&name).await?;
    if let Some(access) = access {
        database.set_access(&name, access).await?;
    }
    Ok(done())
}

pub(super) async fn delete(database: &Database, table: &Table) -> Result<Members> {
    let name = existing(database, &table.table_name)?;
    database.drop_collection(&name).await?;
    Ok(done())
}

pub(super) fn describe(database: &Database, table: &Table) -> Result<Members> {
    let name = existing(database, &table.table_name)?;
    let indexes = database.indexes(&name)?;
    let shown: Vec<Value> = indexes.iter().map(show).collect();
    Ok(members(
        json!({ "Indexes": shown, "IndexNum": indexes.len() }),
    ))
}

/// The size and use of an index are not measured here.
fn show(index: &Index) -> Value {
    let key = |(name, direction): &(String, IndexDirection)| {
        let direction = match direction {
            IndexDirection::Ordered(Direction::Ascending) => "1",
            IndexDirection::Ordered(Direction::Descending) => "-1",
            IndexDirection::Sphere => "2dsphere",
        };
        json!({ "Name": name, "Direction": direction })
    };
    json!({
        "Name": index.name,
        "Size": 0,
        "Unique": index.unique,
        "Keys": index.keys.iter().map(key).collect::<Vec<_>>(),
        "Accesses": { "Ops": 0, "Since": "" },
    })
}

pub(super) async fn list(database: &Database, page: &Page) -> Result<Members> {
    let (offset, limit) = (page.mgo_offset.unwrap_or(0), page.mgo_limit.unwrap_or(PAGE));
    let names = database.collections();
    let (skip, take) = (
        usize::try_from(offset).unwrap_or(usize::MAX),
        usize::try_from(limit).unwrap_or(usize::MAX),
    );
    let mut tables = Vec::new();
    for name in names.iter().skip(skip).take(take) {
        let statistics = database.statistics(name).await?;
        tables.push(json!({
            "TableName": name.as_str(),
            "Count": statistics.documents,
            "Size": statistics.size,
            "IndexCount": database.indexes(name)?.len(),
            "IndexSize": 0,
        }));
    }
    let pager = json!({ "Offset": offset, "Limit": limit, "Total": names.len() });
    Ok(members(json!({ "Tables": tables, "Pager": pager })))
}

pub(super) async fn update(database: &Database, changes: IndexChanges) -> Result<Members> {
    let name = existing(database, &changes.table_name)?;
    let create = changes.create_indexes.unwrap_or_default();
    let create: Result<Vec<Index>> = create.into_iter().map(index).collect();
    let drop = changes.drop_indexes.unwrap_or_default();
    let drop: Vec<String> = drop.into_iter().map(|index| index.index_name).collect();
    database.change_indexes(&name, create?, &drop).await?;
    Ok(done())
}

fn index(new: NewIndex) -> Result<Index> {
    let key = |key: Key| {
        let direction = match key.direction.as_str() {
            "1" => IndexDirection::Ordered(Direction::Ascending),
            "-1" => IndexDirection::Ordered(Direction::Descending),
            "2dsphere" => IndexDirection::Sphere,
            other => {
                return Err(Failure::invalid(format!(
                    "the direction of an index key is `1`, `-1` or `2dsphere`, not `{other}`"
                )));
            }
        };
        Ok((key.name, direction))
    };
    let keys: Result<Vec<_>> = new
        .mgo_key_schema
        .mgo_index_keys
        .into_iter()
        .map(key)
        .collect();
    Ok(Index {
        name: new.index_name,
        unique: new.mgo_key_schema.mgo_is_unique,
        keys: keys?,
    })
}
