//! A connection that can be broken on purpose.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

/// The connection that a request came on, among the request's extensions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Connection {
    broken: Arc<AtomicBool>,
    /// Told when it breaks: whoever speaks on the connection lets it go.
    end: CancellationToken,
}

impl Connection {
    /// Ends the connection with a reset: the client sees it break, and what was not yet sent is lost. A connection that
    /// has become a socket breaks when the socket is dropped.
    pub(crate) fn reset(&self) {
        self.broken.store(true, Ordering::SeqCst);
        self.end.cancel();
    }

    /// Resolves once it is broken.
    pub(super) async fn broken(&self) {
        self.end.cancelled().await;
    }
}

/// The bytes of a connection. Closed in order when dropped, or reset if it is broken.
#[derive(Debug)]
pub(super) struct Line {
    stream: TcpStream,
    connection: Connection,
}

impl Line {
    pub(super) fn new(stream: TcpStream) -> (Self, Connection) {
        let connection = Connection::default();
        let line = Self {
            stream,
            connection: connection.clone(),
        };
        (line, connection)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if self.connection.broken.load(Ordering::SeqCst)
            && let Err(error) = self.stream.set_zero_linger()
        {
            tracing::debug!(%error, "a connection is closed, not reset");
        }
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
