//! What waits to be sent on a socket, and how a socket is ended from outside.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{mpsc, watch};

/// Messages that may wait, and what they may take in bytes; of those that wait, one may be of any size. A client that
/// lets more wait is cut off: it comes back and asks for what it missed.
const MAX_WAITING: usize = 1024;
const MAX_WAITING_BYTES: usize = 64 << 20;

/// How a socket ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Without a word.
    Drop,
    /// With a code, and why in at most 123 bytes.
    Close(u16, &'static str),
}

/// The near end of a socket's queue. Never waits.
#[derive(Clone, Debug)]
pub(super) struct Outlet {
    texts: mpsc::Sender<String>,
    /// Bytes that wait.
    waiting: Arc<AtomicUsize>,
    end: watch::Sender<Option<End>>,
}

/// The far end, which the socket has.
#[derive(Debug)]
pub(super) struct Queue {
    texts: mpsc::Receiver<String>,
    waiting: Arc<AtomicUsize>,
    end: watch::Receiver<Option<End>>,
}

/// A queue from its end here to its end at the socket.
pub(super) fn queue() -> (Outlet, Queue) {
    let (texts, far) = mpsc::channel(MAX_WAITING);
    let waiting = Arc::new(AtomicUsize::new(0));
    let (end, ended) = watch::channel(None);
    let queue = Queue {
        texts: far,
        waiting: Arc::clone(&waiting),
        end: ended,
    };
    let outlet = Outlet {
        texts,
        waiting,
        end,
    };
    (outlet, queue)
}

impl Outlet {
    /// Sends a message, unless the socket is gone; cuts it off if too much waits already.
    pub(super) fn send(&self, text: String) {
        let size = text.len();
        let waiting = self.waiting.fetch_add(size, Ordering::Relaxed);
        let is_too_much = waiting > 0 && waiting + size > MAX_WAITING_BYTES;
        if is_too_much
            || matches!(
                self.texts.try_send(text),
                Err(mpsc::error::TrySendError::Full(_))
            )
        {
            tracing::debug!("a socket's client takes too few of its messages");
            self.end(End::Drop);
        }
    }

    pub(super) fn end(&self, end: End) {
        self.end.send_replace(Some(end));
    }

    pub(super) fn is_closed(&self) -> bool {
        self.texts.is_closed()
    }

    /// Resolves when the socket is gone.
    pub(super) async fn closed(&self) {
        self.texts.closed().await;
    }

    /// Whether both lead to the same socket.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.texts.same_channel(&other.texts)
    }
}

impl Queue {
    /// The next message, or that somebody ends the socket. Dropping the future loses none.
    pub(super) async fn next(&mut self) -> Result<String, End> {
        let text = tokio::select! {
            biased;
            end = ended(&mut self.end) => return Err(end),
            text = self.texts.recv() => text,
        };
        // The socket has a near end itself, so there is always one more to wait for.
        let text = text.ok_or(End::Drop)?;
        self.waiting.fetch_sub(text.len(), Ordering::Relaxed);
        Ok(text)
    }

    /// Resolves when somebody ends the socket.
    pub(super) async fn ended(&mut self) -> End {
        ended(&mut self.end).await
    }
}

async fn ended(end: &mut watch::Receiver<Option<End>>) -> End {
    let end = end.wait_for(Option::is_some).await;
    end.map_or(None, |end| *end).unwrap_or(End::Drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_socket_that_takes_nothing_is_cut_off() {
        let (outlet, mut queue) = queue();
        for _ in 0..MAX_WAITING {
            outlet.send("x".to_owned());
        }
        assert_eq!(*queue.end.borrow(), None);
        outlet.send("x".to_owned());
        assert_eq!(queue.ended().await, End::Drop);
    }

    #[tokio::test]
    async fn one_message_may_be_of_any_size() {
        let (outlet, mut queue) = queue();
        outlet.send("x".repeat(MAX_WAITING_BYTES + 1));
        assert_eq!(*queue.end.borrow(), None);
        assert_eq!(
            queue.next().await.map(|text| text.len()),
            Ok(MAX_WAITING_BYTES + 1)
        );
        outlet.send("x".to_owned());
        assert_eq!(*queue.end.borrow(), None);
        outlet.send("x".repeat(MAX_WAITING_BYTES));
        assert_eq!(queue.ended().await, End::Drop);
    }
}
