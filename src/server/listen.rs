//! Connections: accepted, watched, and at the end let go.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::Request;
use futures_util::future::select_all;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use super::arrival::{Arrival, Door};
use super::patience::Patient;
use super::{App, Config};

/// How serving ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Every request was answered, every socket closed.
    Finished,
    /// The time for that was up; this many connections were cut.
    Cut { connections: usize },
}

/// How long accepting rests after an error such as too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves until `shutdown` resolves; then accepts nothing more, answers what has begun, and cuts what is left after
/// [`Config::shutdown_grace`].
pub(super) async fn run(
    doors: Vec<Door>,
    router: Router,
    app: Arc<App>,
    shutdown: impl Future<Output = ()>,
) -> End {
    let config: &Config = &app.config;
    let connections = TaskTracker::new();
    let slots = Arc::new(Semaphore::new(config.max_connections));
    let patience = Patience {
        header: config.header_timeout,
        write: config.write_timeout,
    };
    let mut shutdown = pin!(shutdown);
    loop {
        let (stream, arrival, slot) = tokio::select! {
            biased;
            () = &mut shutdown => break,
            accepted = accept(&doors, &slots) => accepted,
        };
        let router = router.clone();
        let conversation = converse(stream, arrival, router, patience, app.closing.clone());
        let cut = app.cut.clone();
        connections.spawn(async move {
            let _held_until_the_end = slot;
            cut.run_until_cancelled(conversation).await;
        });
    }
    drop(doors);
    connections.close();
    app.closing.cancel();
    let finished = tokio::time::timeout(config.shutdown_grace, async {
        // In this order: a connection may become a socket at its end.
        connections.wait().await;
        app.sockets.wait().await;
    })
    .await;
    let left = connections.len() + app.sockets.open();
    app.cut.cancel();
    connections.wait().await;
    app.sockets.wait().await;
    match finished {
        Ok(()) => End::Finished,
        Err(_) => End::Cut { connections: left },
    }
}

/// The next connection, by whatever door, once there is a slot for it: beyond the limit, clients wait in the kernel's
/// queue.
async fn accept(
    doors: &[Door],
    slots: &Arc<Semaphore>,
) -> (TcpStream, Arrival, OwnedSemaphorePermit) {
    let slot = Arc::clone(slots)
        .acquire_owned()
        .await
        .expect("the semaphore is never closed");
    loop {
        let next = doors.iter().map(|door| Box::pin(accept_by(door)));
        match select_all(next).await.0 {
            Ok((stream, arrival)) => return (stream, arrival, slot),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn accept_by(door: &Door) -> io::Result<(TcpStream, Arrival)> {
    let (stream, peer) = door.listener.accept().await?;
    let arrival = Arrival {
        trust: door.trust.clone(),
        peer: Some(peer),
        client: None,
    };
    Ok((stream, arrival))
}

/// With clients who are slow to ask, or to take what they asked for.
#[derive(Clone, Copy, Debug)]
struct Patience {
    header: Duration,
    write: Duration,
}

/// One connection, request after request, until `closing`: then the request that has begun is its last.
async fn converse(
    stream: TcpStream,
    arrival: Arrival,
    router: Router,
    patience: Patience,
    closing: CancellationToken,
) {
    // Answers are written whole, so there is nothing that waiting for more bytes could join.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection keeps its delay");
    }
    let stream = Patient::new(stream, patience.write);
    let router = router.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(arrival.clone());
        request
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience.header)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
        .with_upgrades();
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = closing.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}
