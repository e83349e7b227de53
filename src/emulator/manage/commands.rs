//! Native commands of the database.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Members, members};
use crate::emulator::failure::Result;
use crate::emulator::rest::{check_commands, run_command};
use crate::emulator::session::Session;
use crate::emulator::wire;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Commands {
    mgo_commands: Vec<Command>,
}

/// The kind and the table that a command names besides are in its text too.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Command {
    /// EJSON.
    command: String,
}

/// Runs commands one after the other; the first that fails ends the request. A list of rows for each, as EJSON texts.
pub(super) async fn run(session: &Session, now: i64, asked: Commands) -> Result<Members> {
    check_commands("MgoCommands", asked.mgo_commands.len())?;
    let mut data: Vec<Value> = Vec::with_capacity(asked.mgo_commands.len());
    for command in asked.mgo_commands {
        let command = wire::read(&command.command, now)?;
        let rows = run_command(session, &command, None).await?;
        data.push(rows.iter().map(wire::write).collect());
    }
    Ok(members(json!({ "Data": data })))
}
