//! `serve`: the API of a schema over HTTP, until told to stop.

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use tokio_util::sync::CancellationToken;

use super::documents::Registered;
use super::process::{Signals, listen, run_until_done, start_logging, told_twice};
use super::{demo, model_file, store};
use crate::config::{Config, Flags, in_variables};
use crate::data::Role;
use crate::gateway::{self, Gateway, SystemClock, Vouch};
use crate::graphql::{self, Executor};
use crate::identity::{self, Introspect, Tickets, Tokens};
use crate::model::Model;
use crate::server::{self, Auth, Door, Trust};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The model file [default: schema.graphql]
    #[arg(long, value_name = "FILE")]
    schema: Option<String>,
    /// Address and port to listen on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Where documents live [default: sqlite:data/shop.db]
    #[arg(long, value_name = "sqlite:FILE|cloudbase")]
    store: Option<String>,
    /// A TOML file with further settings
    #[arg(long, value_name = "FILE")]
    config: Option<std::path::PathBuf>,
    /// Fill an empty store with a shop, and take development tokens
    #[arg(long)]
    demo: bool,
    /// Take development tokens (`Bearer dev:<principal>`) and believe them
    #[arg(long)]
    dev_auth: bool,
    /// Let a server that takes development tokens listen beyond loopback, if `GATEWAY_DEV_AUTH_ANYWHERE=yes` as well
    #[arg(long)]
    dev_auth_insecure_listen: bool,
    /// How many orders the demo shop has; users and items grow along
    #[arg(long, hide = true, value_name = "NUMBER", default_value_t = demo::Size::USUAL_ORDERS)]
    demo_orders: usize,
}

impl Args {
    fn flags(&self) -> Flags {
        Flags {
            config: self.config.clone(),
            schema: self.schema.clone(),
            listen: self.listen.clone(),
            store: self.store.clone(),
            auth: match (self.demo || self.dev_auth, self.dev_auth_insecure_listen) {
                (false, _) => Auth::Closed,
                (true, false) => Auth::DevOnLoopback,
                (true, true) => Auth::DevAnywhere,
            },
            ..Flags::default()
        }
    }
}

pub(super) fn run(args: &Args) -> Result<ExitCode> {
    let config = super::configuration(&args.flags())?;
    start_logging(&config.log)?;
    run_until_done(serve(args, config))
}

async fn serve(args: &Args, config: Config) -> Result<ExitCode> {
    let model = model_file::load(&config.schema)?;
    check_access(&config.gateway, &model)?;
    let registered = Registered::read(&config.documents)?;
    let graphql = graphql::Config {
        trusted: registered.trusted(),
        ..with_roles_of(config.graphql.clone(), &model)?
    };
    // Before the store is touched: a server that cannot listen leaves no trace.
    let mut doors = Vec::new();
    for (address, trust) in &config.doors {
        let listener = listen(*address).await?;
        let trust = trust.clone();
        if let Trust::WxPrivate(_) = trust {
            tracing::warn!(
                %address,
                "the platform's headers are believed here: let nothing but its private link reach this address, neither public nor internal access"
            );
        }
        doors.push(Door { listener, trust });
    }
    let opened = store::open(&config, &model).await?;
    let store = opened.store();
    if args.demo {
        opened.prepare_demo().await?;
        demo::fill(store.as_ref(), &model, demo::Size::of(args.demo_orders)).await?;
    }
    opened.look().await?;
    let gateway = Gateway::new(model, store, Arc::new(SystemClock), config.gateway);
    let mut gateway = gateway.with_live(config.live).with_mirror(opened.mirror());
    if let Some(files) = opened.files() {
        gateway = gateway.with_files(files);
    }
    let tickets = config.tickets.map(|key| Arc::new(Tickets::new(key)));
    if let Some(tickets) = &tickets {
        gateway = gateway.with_tickets(Arc::clone(tickets) as Arc<dyn gateway::Tickets>);
    }
    let tokens = config.tokens.as_ref().map(tokens).transpose()?;
    if let Some((tokens, Introspect::Staff)) = &tokens {
        gateway = gateway.with_vouch(Arc::clone(tokens) as Arc<dyn Vouch>);
    }
    let gateway = Arc::new(gateway);
    let executor = Arc::new(Executor::new(Arc::clone(&gateway), graphql)?);
    registered.look(&executor)?;
    let signals = Signals::listen().context("signals cannot be awaited")?;
    for Door { listener, .. } in &doors {
        writeln!(io::stdout(), "http://{}/graphql", listener.local_addr()?)?;
    }
    if args.demo {
        demo::print_tokens();
    }
    let stop = CancellationToken::new();
    let stopped = stop.clone().cancelled_owned();
    let serving = server::Config {
        tickets,
        tokens: tokens.map(|(tokens, _)| tokens),
        ..config.server
    };
    let end = tokio::select! {
        end = server::serve(doors, executor, serving, stopped) => Some(end),
        () = told_twice(signals, stop) => None,
        never = opened.follow(&gateway) => match never {},
    };
    // Writes that have begun are completed, however urgent the end is.
    gateway.drain().await;
    opened.close().await;
    match end {
        Some(server::End::Finished) => tracing::info!("stopped"),
        Some(server::End::Cut { connections }) => {
            tracing::warn!(connections, "stopped; some requests were cut off");
        }
        None => tracing::warn!("stopped at once; requests were not waited for"),
    }
    Ok(ExitCode::SUCCESS)
}

/// Limits of roles by the names that the model has for them: a variable cannot spell every one.
fn with_roles_of(mut config: graphql::Config, model: &Model) -> Result<graphql::Config> {
    let written = std::mem::take(&mut config.limits.roles);
    for (name, allowance) in written {
        let meant = |known: &&Role| in_variables(known.as_str()) == in_variables(name.as_str());
        let mut known = model.roles.iter().map(|known| &known.role);
        let exact = known.clone().find(|known| **known == name);
        let role = exact.or_else(|| known.find(meant)).with_context(|| {
            format!(
                "`limits.{name}` is about a role that the schema does not declare: a level is `guest`, `anonymous`, `user` or a role"
            )
        })?;
        config.limits.roles.insert(role.clone(), allowance);
    }
    Ok(config)
}

/// Who judges access tokens, and about whose they ask besides. Nobody is asked for keys yet, so a server starts although
/// nobody would answer.
fn tokens(config: &identity::Config) -> Result<(Arc<Tokens>, Introspect)> {
    let tokens = Tokens::new(config.clone(), Arc::new(SystemClock));
    let tokens = tokens.context("access tokens cannot be verified: no connections can be made")?;
    Ok((Arc::new(tokens), config.introspect))
}

/// Owners whose role means nothing, and collections that there are not, would be noticed too late.
fn check_access(config: &gateway::Config, model: &Model) -> Result<()> {
    let missing = config
        .sensitive
        .iter()
        .find(|name| model.collection_named(name.as_str()).is_none());
    if let Some(name) = missing {
        bail!(
            "`access.sensitive` names the collection `{name}`, which the schema does not declare"
        );
    }
    let role = &config.owner_role;
    let declared = model.roles.iter().any(|known| known.role == *role);
    ensure!(
        declared || config.owners.is_empty(),
        "`access.owners` gives the role `{role}`, which the schema does not declare: \
         write `extend schema @role(name: \"{role}\")` and what is granted to it, or leave the setting out"
    );
    let owned = model.expand_roles([role.as_str()]);
    let beyond = model
        .roles
        .iter()
        .filter(|known| declared && !owned.contains(&known.role));
    for role in beyond {
        tracing::warn!(role = %role.role, "owners do not include this role, so nobody can give it to the first who is to have it");
    }
    Ok(())
}
