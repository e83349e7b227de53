//! `schema`: the served SDL, whole or as a role sees it, or the directives of model files.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{anyhow, bail};

use super::model_file;
use crate::config::Flags;
use crate::data::Role;
use crate::gateway::Abilities;
use crate::graphql::api::Api;
use crate::graphql::{MatchesOperator, sdl};
use crate::model::{Model, PRELUDE};

/// Print the API that a model file gives, as SDL.
///
/// Exit code 1 if the model file has errors; they go to standard error.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The model file [default: schema.graphql]
    #[arg(long, value_name = "FILE")]
    pub schema: Option<String>,
    /// A TOML file with further settings; `graphql.matches` tells here
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Only what callers with this staff role may ever use; several roles are joined.
    #[arg(long = "role", value_name = "ROLE")]
    pub roles: Vec<String>,
    /// Only what callers without any staff role may ever use.
    #[arg(long, conflicts_with = "roles")]
    pub no_role: bool,
    /// Print the directives and scalars that model files are written with instead.
    #[arg(long, conflicts_with_all = ["roles", "no_role"])]
    pub prelude: bool,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if args.prelude {
        io::stdout().write_all(PRELUDE.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let flags = Flags {
        config: args.config.clone(),
        schema: args.schema.clone(),
        ..Flags::default()
    };
    let config = super::configuration(&flags)?;
    let model = model_file::load(&config.schema)?;
    let mut abilities = abilities(args, model)?;
    if config.tickets.is_some() {
        abilities = abilities.with_tickets();
    }
    let text = text(&abilities, config.graphql.matches)?;
    io::stdout().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn abilities(args: &Args, model: Arc<Model>) -> anyhow::Result<Abilities> {
    if args.no_role {
        return Ok(Abilities::of_roles(model, BTreeSet::new()));
    }
    if args.roles.is_empty() {
        return Ok(Abilities::of_anyone(model));
    }
    let declared: Vec<&str> = model.roles.iter().map(|role| role.role.as_str()).collect();
    let unknown = args
        .roles
        .iter()
        .find(|role| !declared.contains(&role.as_str()));
    if let Some(role) = unknown {
        bail!(
            "the model declares no role `{role}`: it has {}",
            declared.join(", ")
        );
    }
    let roles: BTreeSet<Role> = model.expand_roles(args.roles.iter().map(String::as_str));
    Ok(Abilities::of_roles(model, roles))
}

/// The SDL of the API that these abilities give.
fn text(abilities: &Abilities, matches: MatchesOperator) -> anyhow::Result<String> {
    let api = Api::of(abilities, matches).map_err(|clashes| {
        let told: Vec<String> = clashes.iter().map(ToString::to_string).collect();
        anyhow!(told.join("\n"))
    })?;
    Ok(sdl::print(&api))
}
