//! What every command that serves has in common: its runtime, its listener, its log, and
//! the signals that end it.

use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::{Context, Result};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};

/// Runs a command that serves, on all cores.
pub(super) fn run_until_done(command: impl Future<Output = Result<ExitCode>>) -> Result<ExitCode> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the runtime cannot start")?
        .block_on(command)
}

/// Binds the address; the error says what may help.
pub(super) async fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let advice = match error.kind() {
            io::ErrorKind::AddrInUse => {
                "another process listens there; stop it or give another --listen"
            }
            io::ErrorKind::PermissionDenied => {
                "ports below 1024 may need privileges; give another --listen"
            }
            io::ErrorKind::AddrNotAvailable => {
                "this machine has no such address; give another --listen"
            }
            _ => "give another --listen",
        };
        anyhow::anyhow!("cannot listen on `{address}`: {advice} ({error})")
    })
}

/// SIGTERM (the platform stops an instance) and SIGINT (Ctrl-C).
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Cancels the token at the first signal and resolves at the second: whoever sends that does not want to wait.
pub(super) async fn told_twice(mut signals: Signals, stop: CancellationToken) {
    signals.next().await;
    tracing::info!("stopping");
    stop.cancel();
    signals.next().await;
}

pub(super) fn start_logging(log: &Log) -> Result<()> {
    let filter = EnvFilter::try_new(&log.filter)
        .with_context(|| format!("the log filter `{}` cannot be read", log.filter))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr);
    let started = match log.format {
        LogFormat::Text => builder
            .with_ansi(io::IsTerminal::is_terminal(&io::stderr()))
            .try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("logging cannot start: {error}"))
}
