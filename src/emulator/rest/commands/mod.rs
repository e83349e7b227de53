//! The database's native commands, for administrators. The answer has a list of rows for each: what a read found, or
//! one row that tells what a write did, as the native answer does (the real service's form is not documented).

mod find_and_modify;

use axum::Json;
use serde::Serialize;

use super::answer::{self, Text};
use super::call::Call;
use super::documents::write;
use super::lists::{pipeline, projection};
use super::members::Members;
use crate::cloudbase::Code;
use crate::data::{CollectionName, DocId, Filter, Object, Value};
use crate::emulator::database::{
    Aggregate, Find, MAX_ROWS, Modified, Modify, Remove, Selection, TransactionId,
};
use crate::emulator::failure::{Failure, Result};
use crate::emulator::session::Session;
use crate::emulator::wire::number;
use crate::mongo;

/// Commands of one request.
const MAX_COMMANDS: usize = 100;

#[derive(Debug, Serialize)]
pub(super) struct Lists {
    list: Vec<Vec<Text>>,
}

/// Runs commands one after the other; the first that fails ends the request.
pub(super) async fn run(call: Call) -> answer::Result<Lists> {
    call.session.administer()?;
    let commands = call.body.required_objects("commands")?;
    check_number("commands", commands.len())?;
    let within = call.transaction()?;
    let mut list = Vec::with_capacity(commands.len());
    for command in commands {
        let rows = run_one(&call.session, command, within.as_ref()).await?;
        list.push(answer::documents(&rows));
    }
    Ok(Json(Lists { list }))
}

/// # Errors
/// More commands than one request may have, in the member of this name.
pub(in crate::emulator) fn check_number(name: &str, commands: usize) -> Result<()> {
    if commands <= MAX_COMMANDS {
        return Ok(());
    }
    let told = format!("`{name}` needs at most {MAX_COMMANDS}");
    Err(Failure::invalid(told))
}

/// Runs a command; its rows. The sender must be an administrator.
pub(in crate::emulator) async fn run_one(
    session: &Session,
    command: &Object,
    within: Option<&TransactionId>,
) -> Result<Vec<Object>> {
    session.administer()?;
    Command::read(session, command, within)?.run().await
}

/// A command on its collection.
#[derive(Debug)]
struct Command<'a> {
    session: &'a Session,
    within: Option<&'a TransactionId>,
    /// The first member's.
    name: &'a str,
    collection: CollectionName,
    members: Members,
}

impl<'a> Command<'a> {
    fn read(
        session: &'a Session,
        command: &'a Object,
        within: Option<&'a TransactionId>,
    ) -> Result<Self> {
        let (name, collection) = command
            .iter()
            .next()
            .ok_or_else(|| Failure::invalid("a command needs a name"))?;
        let text = collection
            .as_str()
            .ok_or_else(|| Failure::invalid(format!("`{name}` needs the name of a collection")))?;
        Ok(Self {
            session,
            within,
            name,
            collection: CollectionName::parse(text).ok_or_else(|| Failure::no_collection(text))?,
            members: Members(command.clone()),
        })
    }

    async fn run(&self) -> Result<Vec<Object>> {
        match self.name {
            "find" => self.find().await,
            "aggregate" => self.aggregate().await,
            "count" => self.count().await,
            "insert" => self.insert().await,
            "update" => self.update().await,
            "delete" => self.delete().await,
            "findAndModify" | "findandmodify" => self.find_and_modify().await,
            name => Err(Failure::new(
                Code::DatabaseRequestFailed,
                format!("[FailedOperation] no such command: `{name}`"),
            )),
        }
    }

    fn select(&self, condition: &Object) -> Result<Selection> {
        self.session.select(&self.collection, condition)
    }

    /// The documents that a member says; all if it is not there.
    fn selected(&self, name: &str) -> Result<Selection> {
        match self.members.object(name)? {
            Some(condition) => self.select(condition),
            None => self.select(&Object::new()),
        }
    }

    async fn find(&self) -> Result<Vec<Object>> {
        let none = Object::new();
        let members = &self.members;
        let limit = members.count("limit")?.filter(|limit| *limit > 0);
        let find = Find {
            selection: self.selected("filter")?,
            order: mongo::order(members.object("sort")?.unwrap_or(&none))?,
            skip: members.count("skip")?.unwrap_or(0),
            limit: limit.unwrap_or(MAX_ROWS).min(MAX_ROWS),
            projection: projection(members.object("projection")?.unwrap_or(&none))?,
        };
        self.session.find(find, self.within).await
    }

    async fn aggregate(&self) -> Result<Vec<Object>> {
        self.outside_of_transactions()?;
        let aggregate = Aggregate {
            collection: self.collection.clone(),
            pipeline: pipeline(self.session, &self.members.required_objects("pipeline")?)?,
            also: Filter::all(),
            limit: MAX_ROWS,
        };
        self.session.aggregate(aggregate).await
    }

    async fn count(&self) -> Result<Vec<Object>> {
        self.outside_of_transactions()?;
        let count = self.session.count(self.selected("query")?).await?;
        Ok(done([("n", number(count))]))
    }

    /// What a transaction has written itself is not seen by these, so they refuse.
    fn outside_of_transactions(&self) -> Result<()> {
        match self.within {
            Some(_) => Err(Failure::invalid(format!(
                "`{}` is not done within a transaction",
                self.name
            ))),
            None => Ok(()),
        }
    }

    async fn insert(&self) -> Result<Vec<Object>> {
        let documents = self.members.required_objects("documents")?;
        let documents = documents.into_iter().cloned().collect();
        let ids = self
            .session
            .insert(&self.collection, documents, self.within);
        Ok(done([("n", number(ids.await?.len() as u64))]))
    }

    async fn update(&self) -> Result<Vec<Object>> {
        let mut sum = Modified::default();
        let mut upserted = Vec::new();
        for update in self.members.required_objects("updates")? {
            let modified = self.update_by(&Members(update.clone())).await?;
            sum.matched += modified.matched;
            sum.updated += modified.updated;
            upserted.extend(modified.upserted.as_ref().map(DocId::to_value));
        }
        Ok(done([
            ("n", number(sum.matched + upserted.len() as u64)),
            ("nModified", number(sum.updated)),
            ("upserted", Value::Array(upserted)),
        ]))
    }

    async fn update_by(&self, update: &Members) -> Result<Modified> {
        let many = update.flag("multi")?;
        let modify = Modify {
            selection: self.select(update.required_object("q")?)?,
            many,
            write: write(update.required_object("u")?, false, many)?,
            upsert: update.flag("upsert")?,
        };
        self.session.modify(modify, self.within).await
    }

    async fn delete(&self) -> Result<Vec<Object>> {
        let mut removed = 0;
        for delete in self.members.required_objects("deletes")? {
            let delete = Members(delete.clone());
            let remove = Remove {
                selection: self.select(delete.required_object("q")?)?,
                many: delete.count("limit")?.unwrap_or(0) != 1,
            };
            removed += self.session.remove(remove, self.within).await?;
        }
        Ok(done([("n", number(removed))]))
    }
}

/// The one row of a write.
fn done<const N: usize>(members: [(&str, Value); N]) -> Vec<Object> {
    let ok = ("ok", Value::Int(1));
    vec![members.into_iter().chain([ok]).collect()]
}
