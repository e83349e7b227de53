//! `emulate`: the database's own protocols, until told to stop.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result};
use tokio_util::sync::CancellationToken;

use super::model_file;
use super::process::{Signals, listen, run_until_done, start_logging, told_twice};
use crate::clock::SystemClock;
use crate::config::{self, Config, EmulatorFlags, Flags};
use crate::emulator::{self, Credentials, Emulator, Permissions, TicketKey, User};
use crate::store::sqlite::SqliteStore;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Address and port to listen on [default: 127.0.0.1:9000]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Where documents are kept [default: they go with the process]
    #[arg(long, value_name = "sqlite:FILE")]
    store: Option<String>,
    /// The one environment that is served [default: whatever clients call theirs]
    #[arg(long)]
    env: Option<String>,
    /// A model file: its collections, indexes and permissions
    #[arg(long, value_name = "FILE")]
    schema: Option<String>,
    /// A JSON file of permissions: {"todos": {"AclTag": "PRIVATE"}}
    #[arg(long, value_name = "FILE")]
    permissions: Option<String>,
    /// A JSON file of users who can sign in
    #[arg(long, value_name = "FILE")]
    users: Option<String>,
    /// The key file of the custom login
    #[arg(long, value_name = "FILE")]
    custom_login: Option<String>,
    /// The folder of cloud files [default: they go with the process]
    #[arg(long, value_name = "DIR")]
    files: Option<String>,
    /// A secret that signatures are verified with; better: `GATEWAY_EMULATOR_SECRETS`
    #[arg(long = "secret", value_name = "ID:KEY")]
    secrets: Vec<String>,
    /// A key of administrators; better: `GATEWAY_EMULATOR_API_KEYS`
    #[arg(long = "api-key", value_name = "KEY")]
    api_keys: Vec<String>,
    /// A key of clients who are nobody in particular
    #[arg(long = "publishable-key", value_name = "KEY")]
    publishable_keys: Vec<String>,
    /// Something that goes wrong on purpose, such as `code=EXCEED_REQUEST_LIMIT every=3`
    #[arg(long = "fault", value_name = "FAULT")]
    faults: Vec<String>,
    /// Pages of a browser that may use it, besides those of this machine: `https://app.example.com`, `null` (files), `*`
    #[arg(long = "allow-origin", value_name = "ORIGIN")]
    origins: Vec<String>,
    /// Let other machines reach it: whoever does may do everything
    #[arg(long)]
    insecure_listen: bool,
    /// A TOML file with further settings
    #[arg(long, value_name = "FILE")]
    config: Option<std::path::PathBuf>,
}

impl Args {
    fn flags(&self) -> Flags {
        Flags {
            config: self.config.clone(),
            emulator: EmulatorFlags {
                listen: self.listen.clone(),
                store: self.store.clone(),
                env: self.env.clone(),
                schema: self.schema.clone(),
                permissions: self.permissions.clone(),
                users: self.users.clone(),
                custom_login: self.custom_login.clone(),
                files: self.files.clone(),
                secrets: self.secrets.clone(),
                api_keys: self.api_keys.clone(),
                publishable_keys: self.publishable_keys.clone(),
                faults: self.faults.clone(),
                origins: self.origins.clone(),
                anywhere: self.insecure_listen,
            },
            ..Flags::default()
        }
    }
}

pub(super) fn run(args: &Args) -> Result<ExitCode> {
    let config = super::configuration(&args.flags())?;
    start_logging(&config.log)?;
    run_until_done(emulate(config))
}

async fn emulate(config: Config) -> Result<ExitCode> {
    let start = start(&config.emulator)?;
    // Before the store is touched: an emulator that cannot listen leaves no trace.
    let listener = listen(config.emulator.listen).await?;
    let address = listener.local_addr()?;
    let store = open(&config)?;
    let credentials = start.identity.clone();
    let emulator = Emulator::open(Arc::clone(&store), Arc::new(SystemClock), start)
        .await
        .map_err(|failure| anyhow::anyhow!(failure.message))?;
    let signals = Signals::listen().context("signals cannot be awaited")?;
    writeln!(io::stdout(), "http://{address}")?;
    eprint!("{}", welcome(&address.to_string(), &credentials));
    let stop = CancellationToken::new();
    let stopped = stop.clone().cancelled_owned();
    tokio::select! {
        () = emulator.serve(listener, stopped) => tracing::info!("stopped"),
        () = told_twice(signals, stop) => {
            tracing::warn!("stopped at once; requests were not waited for");
        }
    }
    store.close();
    Ok(ExitCode::SUCCESS)
}

/// What the emulator begins with: the settings, and the files that they name.
fn start(settings: &config::Emulator) -> Result<emulator::Config> {
    let mut identity = settings.credentials.clone();
    if let Some(path) = &settings.users {
        identity.users = read(path, User::parse_file)?;
    }
    if let Some(path) = &settings.custom_login {
        identity.custom_login = Some(read(path, TicketKey::parse_file)?);
    }
    let permissions = settings.permissions.as_deref();
    let permissions = permissions.map(|path| read(path, Permissions::parse));
    let model = settings.schema.as_deref().map(model_file::load);
    Ok(emulator::Config {
        env: settings.env.clone(),
        identity,
        model: model.transpose()?,
        permissions: permissions.transpose()?.unwrap_or_default(),
        files: settings.files.clone(),
        origins: settings.origins.clone(),
        faults: settings.faults.clone(),
        ..emulator::Config::default()
    })
}

fn read<T, E: std::fmt::Display>(path: &Path, parse: impl Fn(&str) -> Result<T, E>) -> Result<T> {
    let place = || format!("`{}`", path.display());
    let text = fs::read_to_string(path).with_context(place)?;
    parse(&text).map_err(|error| anyhow::anyhow!("{}: {error}", place()))
}

/// The store that is named, or one that goes with the process.
fn open(config: &Config) -> Result<Arc<SqliteStore>> {
    Ok(match &config.emulator.store {
        Some(path) => SqliteStore::open(path, &config.sqlite)?,
        None => SqliteStore::temporary()?,
    })
}

/// How SDKs find it, and whom it believes.
fn welcome(address: &str, credentials: &Credentials) -> String {
    let administrators = if credentials.is_credulous() {
        "whoever signs, with any secret; whoever has a key, any key".to_owned()
    } else {
        let (secrets, keys) = (credentials.secrets.len(), credentials.api_keys.len());
        format!("whoever signs with one of {secrets} secrets, or has one of {keys} API keys")
    };
    format!(
        "\nNode SDKs, unmodified:\n  \
         TCB_CONTEXT_CNFG='{{\"URL\":\"http://{address}/admin\"}}' \\\n  \
         TENCENTCLOUD_SECRETID=x TENCENTCLOUD_SECRETKEY=y TENCENTCLOUD=true node app.js\n\
         manager SDK:  TCB_BASE_URL=http://{address}\n\
         web SDK 2.x:  app.registerEndPoint(\"//{address}/web\", \"http\")\n\
         web SDK 3.x:  app.registerHost(\"{address}\", \"http\")\n\n\
         administrators: {administrators}\n\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_welcome_tells_whom_it_believes_and_no_secret() {
        let everybody = welcome("127.0.0.1:9000", &Credentials::default());
        assert!(everybody.contains(r#"'{"URL":"http://127.0.0.1:9000/admin"}'"#));
        assert!(everybody.contains("any secret") && everybody.contains("any key"));
        let some = Credentials {
            secrets: [("id".to_owned(), "hidden".to_owned())].into(),
            api_keys: vec!["hidden".to_owned()],
            ..Credentials::default()
        };
        let some = welcome("127.0.0.1:9000", &some);
        assert!(some.contains("1 secrets") && some.contains("1 API keys"));
        assert!(!some.contains("hidden"), "{some}");
    }
}
