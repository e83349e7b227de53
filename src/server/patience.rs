//! A stream that loses patience with a client who takes nothing of its answer:
//! what waits for such clients would otherwise fill the memory.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// What a client has to take, in bytes, while one patience lasts.
const LEAST: usize = 64 * 1024;

/// Writes fail with [`io::ErrorKind::TimedOut`] once the other side has taken too little for too long.
#[derive(Debug)]
pub(super) struct Patient<S> {
    stream: S,
    patience: Duration,
    /// Since a write had to wait, until everything is written.
    wait: Option<Wait>,
}

#[derive(Debug)]
struct Wait {
    end: Pin<Box<Sleep>>,
    /// In bytes.
    taken: usize,
}

impl<S> Patient<S> {
    pub(super) fn new(stream: S, patience: Duration) -> Self {
        Self {
            stream,
            patience,
            wait: None,
        }
    }

    fn watch(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(taken)) => {
                if let Some(wait) = &mut self.wait {
                    wait.taken = wait.taken.saturating_add(taken);
                }
                // Enough for now: the next wait begins anew.
                self.wait.take_if(|wait| wait.taken >= LEAST);
                Poll::Ready(Ok(taken))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                let patience = self.patience;
                let wait = self.wait.get_or_insert_with(|| Wait {
                    end: Box::pin(tokio::time::sleep(patience)),
                    taken: 0,
                });
                ready!(wait.end.as_mut().poll(cx));
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.watch(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, pieces);
        self.watch(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Called when everything is written.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.wait = None;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    const PATIENCE: Duration = Duration::from_millis(100);

    #[tokio::test]
    async fn who_takes_nothing_is_cut_off() {
        let (ours, _theirs) = duplex(1024);
        let mut ours = Patient::new(ours, PATIENCE);
        ours.write_all(&[0; 1024]).await.expect("there is room");
        let error = ours.write_all(&[0; 1024]).await.expect_err("nobody reads");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn who_takes_drops_is_cut_off() {
        let (ours, mut theirs) = duplex(1024);
        let mut ours = Patient::new(ours, PATIENCE);
        let sip = async {
            let mut drop = [0; 16];
            while theirs.read_exact(&mut drop).await.is_ok() {
                tokio::time::sleep(PATIENCE / 20).await;
            }
        };
        let error = tokio::select! {
            written = ours.write_all(&[0; 1 << 20]) => written.expect_err("drops are too little"),
            () = sip => unreachable!("the stream is open"),
        };
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn who_is_slow_but_takes_enough_is_served() {
        let (ours, mut theirs) = duplex(LEAST);
        let mut ours = Patient::new(ours, PATIENCE);
        let answer = vec![7; 10 * LEAST];
        let read = async {
            let mut gulp = vec![0; LEAST];
            for _ in 0..10 {
                tokio::time::sleep(PATIENCE / 5).await;
                theirs
                    .read_exact(&mut gulp)
                    .await
                    .expect("the answer goes on");
            }
        };
        let write = async {
            ours.write_all(&answer).await.expect("somebody reads");
            ours.flush().await.expect("all is written");
        };
        tokio::join!(read, write);

        // A wait that is over does not count against the next answer.
        tokio::time::sleep(2 * PATIENCE).await;
        ours.write_all(&[7; LEAST]).await.expect("there is room");
        let read = async {
            tokio::time::sleep(PATIENCE / 5).await;
            let mut gulp = vec![0; LEAST + 1];
            theirs.read_exact(&mut gulp).await.expect("the answer");
        };
        let (written, ()) = tokio::join!(ours.write_all(&[7]), read);
        written.expect("somebody reads");
    }
}
