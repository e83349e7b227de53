//! `explain`: which clause of a policy allows or refuses something, or each part of an operation.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};
use clap::ValueEnum;
use smol_str::SmolStr;

use super::{model_file, store};
use crate::config::{Config, Flags};
use crate::data::Caller;
use crate::gateway::{Gateway, Operation, Question, SystemClock};
use crate::graphql::{self, Executor, Request};
use crate::model::{CollectionIx, FieldIx, Model};
use crate::server::dev_user;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Who asks: `openid:<openid>`, `uid:<uid>`, `anonymous:<uid>`, or `none` (not signed in)
    #[arg(long = "as", value_name = "PRINCIPAL")]
    principal: String,
    /// What is to be done
    #[arg(long, value_enum, required_unless_present = "query", requires = "on")]
    op: Option<Op>,
    /// With what: a type, or one of its fields
    #[arg(long, value_name = "TYPE[.FIELD]", required_unless_present = "query")]
    on: Option<String>,
    /// The operation that is to be run, instead: a file, or `-` for what is piped in. Nothing of it is run
    #[arg(long, value_name = "FILE", conflicts_with_all = ["op", "on", "id"])]
    query: Option<PathBuf>,
    /// Its variables, as JSON
    #[arg(long, value_name = "JSON", requires = "query")]
    variables: Option<String>,
    /// Which of several operations
    #[arg(long, value_name = "NAME", requires = "query")]
    operation: Option<String>,
    /// With which document; without, the answer is the condition on documents
    #[arg(long)]
    id: Option<SmolStr>,
    /// The model file [default: schema.graphql]
    #[arg(long, value_name = "FILE")]
    schema: Option<String>,
    /// Where documents live [default: sqlite:data/shop.db]
    #[arg(long, value_name = "sqlite:FILE|cloudbase")]
    store: Option<String>,
    /// A TOML file with further settings
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Op {
    Read,
    Create,
    Update,
    Delete,
}

impl From<Op> for Operation {
    fn from(op: Op) -> Self {
        match op {
            Op::Read => Operation::Read,
            Op::Create => Operation::Create,
            Op::Update => Operation::Update,
            Op::Delete => Operation::Delete,
        }
    }
}

pub(super) fn run(args: &Args) -> Result<ExitCode> {
    let flags = Flags {
        config: args.config.clone(),
        schema: args.schema.clone(),
        store: args.store.clone(),
        ..Flags::default()
    };
    let config = super::configuration(&flags)?;
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the runtime cannot start")?
        .block_on(explain(args, config))
}

async fn explain(args: &Args, config: Config) -> Result<ExitCode> {
    let model = model_file::load(&config.schema)?;
    let asked = asked(args, &model)?;
    let opened = store::open(&config, &model).await?;
    let clock = Arc::new(SystemClock);
    let gateway = Gateway::new(model, opened.store(), clock, config.gateway);
    let gateway = Arc::new(gateway);
    let caller = match args.principal.as_str() {
        "none" => Caller::none(),
        name => {
            let user = dev_user(name).with_context(|| format!("`{name}` names nobody"))?;
            gateway.caller(user).await?
        }
    };
    let caller = Arc::new(caller);
    match asked {
        Asked::Question(question) => {
            let session = gateway.session(caller);
            write!(io::stdout(), "{}", session.explain_access(&question).await?)?;
        }
        Asked::Operation(request) => {
            let executor = Executor::new(gateway, config.graphql)?;
            let permissions = executor.permissions(&request, &caller).map_err(refused)?;
            for permission in permissions {
                writeln!(io::stdout(), "{permission}")?;
            }
        }
    }
    opened.close().await;
    Ok(ExitCode::SUCCESS)
}

/// What is to be explained.
enum Asked {
    Question(Question),
    Operation(Box<Request>),
}

fn asked(args: &Args, model: &Model) -> Result<Asked> {
    if let Some(file) = &args.query {
        return Ok(Asked::Operation(Box::new(operation(args, file)?)));
    }
    // INVARIANT: without a query the flags are required.
    let (Some(op), Some(on)) = (args.op, &args.on) else {
        bail!("say `--op` and `--on`, or `--query`");
    };
    let (collection, field) = subject(model, on)?;
    Ok(Asked::Question(Question {
        collection,
        field,
        operation: op.into(),
        id: args.id.clone(),
    }))
}

fn operation(args: &Args, file: &Path) -> Result<Request> {
    let query = match file.to_str() {
        Some("-") => io::read_to_string(io::stdin()).context("the operation cannot be read")?,
        _ => fs::read_to_string(file)
            .with_context(|| format!("`{}` cannot be read", file.display()))?,
    };
    let variables = match &args.variables {
        Some(text) => serde_json::from_str(text).context("`--variables` is no JSON object")?,
        None => serde_json::Map::new(),
    };
    Ok(Request {
        query,
        operation_name: args.operation.clone(),
        variables,
        ..Request::default()
    })
}

/// What is wrong with the operation, one line each.
fn refused(errors: Vec<graphql::error::Error>) -> anyhow::Error {
    let messages: Vec<String> = errors.into_iter().map(|error| error.message).collect();
    anyhow!("{}", messages.join("\n"))
}

/// What `Order` or `Order.address` means in the model.
fn subject(model: &Model, on: &str) -> Result<(CollectionIx, Option<FieldIx>)> {
    let (type_name, field_name) = match on.split_once('.') {
        Some((type_name, field_name)) => (type_name, Some(field_name)),
        None => (on, None),
    };
    let found = model
        .collections
        .iter()
        .position(|collection| collection.type_name == type_name);
    let Some(at) = found else {
        let names = model.collections.iter().map(|it| it.type_name.as_str());
        bail!(
            "the schema has no type `{type_name}` with a collection; it has {}",
            list(names)
        );
    };
    let Some(field_name) = field_name else {
        return Ok((CollectionIx(at), None));
    };
    let shape = &model.collections[at].shape;
    match shape.field_named(field_name) {
        Some(field) => Ok((CollectionIx(at), Some(field))),
        None => bail!(
            "`{type_name}` has no stored field `{field_name}`; it has {}",
            list(shape.fields.iter().map(|field| field.name.as_str()))
        ),
    }
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}
