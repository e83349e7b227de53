//! Permissions of collections: the four simple ones, or a rule. What is set holds at once; the cloud may take minutes.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Members, done, existing, members};
use crate::data::CollectionName;
use crate::emulator::database::{Access, Database};
use crate::emulator::failure::{Failure, Result};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Collection {
    collection_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Permission {
    collection_name: String,
    acl_tag: String,
    rule: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Resources {
    resource_type: String,
    resources: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Resource {
    resource_type: String,
    resource: String,
    permission: String,
    security_rule: Option<String>,
}

/// `DescribeDatabaseACL` and `DescribeSafeRule` tell the same.
pub(super) fn describe(database: &Database, of: &Collection) -> Result<Members> {
    let name = existing(database, &of.collection_name)?;
    let access = database.access(&name)?;
    Ok(members(
        json!({ "AclTag": access.tag_text(), "Rule": access.rule }),
    ))
}

/// `ModifyDatabaseACL`: one of the four that need no rule.
pub(super) async fn set_tag(database: &Database, permission: &Permission) -> Result<Members> {
    let name = existing(database, &permission.collection_name)?;
    let access = Access::parse(&permission.acl_tag, None)?;
    database.set_access(&name, access).await?;
    Ok(done())
}

pub(super) async fn set_rule(database: &Database, permission: &Permission) -> Result<Members> {
    let name = existing(database, &permission.collection_name)?;
    set(
        database,
        &name,
        &permission.acl_tag,
        permission.rule.as_deref(),
    )
    .await?;
    Ok(done())
}

pub(super) fn describe_resources(database: &Database, asked: &Resources) -> Result<Members> {
    check_type(&asked.resource_type)?;
    let names = match &asked.resources {
        Some(named) => named
            .iter()
            .map(|name| existing(database, name))
            .collect::<Result<_>>()?,
        None => database.collections(),
    };
    let permissions: Result<Vec<Value>> = names
        .iter()
        .map(|name| {
            let access = database.access(name)?;
            Ok(json!({
                "ResourceType": asked.resource_type,
                "Resource": name.as_str(),
                "Permission": access.tag_text(),
                "SecurityRule": access.rule.clone().unwrap_or_default(),
            }))
        })
        .collect();
    let data = json!({ "TotalCount": names.len(), "PermissionList": permissions? });
    Ok(members(json!({ "Data": data })))
}

pub(super) async fn set_resource(database: &Database, resource: &Resource) -> Result<Members> {
    check_type(&resource.resource_type)?;
    let name = existing(database, &resource.resource)?;
    let rule = resource.security_rule.as_deref();
    set(database, &name, &resource.permission, rule).await?;
    Ok(members(json!({ "Data": { "Success": true } })))
}

/// A rule beside a tag that has none is left out, as an empty one often stands there.
async fn set(
    database: &Database,
    name: &CollectionName,
    tag: &str,
    rule: Option<&str>,
) -> Result<()> {
    let rule = rule.filter(|_| tag == "CUSTOM");
    database.set_access(name, Access::parse(tag, rule)?).await
}

fn check_type(resource_type: &str) -> Result<()> {
    if resource_type == "collection" {
        return Ok(());
    }
    Err(Failure::invalid(format!(
        "the emulator has permissions of the resource type `collection` only, not `{resource_type}`"
    )))
}
