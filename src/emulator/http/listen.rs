//! Connections: accepted, and at the end let go.

use std::pin::pin;
use std::time::Duration;

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::connection::Line;

/// How long accepting rests after an error such as too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How long a connection may be silent before the head of a request, or within its body. The SDKs keep idle ones for
/// 5 s, browsers longer.
pub(super) const SILENCE: Duration = Duration::from_secs(120);

/// Serves until `shutdown` resolves; then accepts nothing more, answers what has begun, and cuts what is left after
/// `grace`. `stop` is told when that begins: what would go on for ever ends.
pub(in crate::emulator) async fn run(
    listener: TcpListener,
    router: Router,
    stop: CancellationToken,
    grace: Duration,
    shutdown: impl Future<Output = ()>,
) {
    let connections = TaskTracker::new();
    let cut = CancellationToken::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let stream = tokio::select! {
            biased;
            () = &mut shutdown => break,
            stream = accept(&listener) => stream,
        };
        let conversation = converse(stream, router.clone(), stop.clone());
        let cut = cut.clone();
        connections.spawn(async move { cut.run_until_cancelled(conversation).await });
    }
    drop(listener);
    connections.close();
    stop.cancel();
    if tokio::time::timeout(grace, connections.wait())
        .await
        .is_err()
    {
        tracing::warn!(connections = connections.len(), "connections are cut off");
    }
    cut.cancel();
    connections.wait().await;
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// One connection, request after request, until `stop`: then the request that has begun is its last.
async fn converse(stream: TcpStream, router: Router, stop: CancellationToken) {
    // Answers are written whole, so there is nothing that waiting for more bytes could join.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection keeps its delay");
    }
    let (line, handle) = Line::new(stream);
    let router = router.layer(Extension(handle.clone()));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(SILENCE)
        .serve_connection(TokioIo::new(line), TowerToHyperService::new(router))
        .with_upgrades();
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = handle.broken() => return,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}
