//! Frames: messages come in, messages go out.
//!
//! What comes in is read by the library, which also answers the other side's
//! pings. What goes out is framed here, so that a payload which thousands of
//! subscribers share is copied for none of them, and a socket that is idle keeps
//! no buffer as large as the largest message it ever sent.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::buf::Chain;
use bytes::{Buf, BufMut, Bytes, BytesMut};
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Utf8Bytes};
use tokio_util::io::poll_write_buf;

use super::protocol::Close;

/// The buffer of a socket that reads nothing, in bytes: most messages fit.
const READ_BUFFER: usize = 1024;

/// What the library may keep to be written, in bytes: its answers to pings.
const WRITE_BUFFER: usize = 4096;

/// What may wait to be written, in bytes, however many messages it is. A client can ask for many answers before it
/// takes the first, and one that takes none would fill the memory.
const MAX_UNSENT: usize = 64 << 20;

/// How long the other side may take to agree that a socket ends.
const FAREWELL: Duration = Duration::from_secs(2);

/// The first byte of a frame that is a whole message.
const TEXT: u8 = 0x81;
const CLOSE: u8 = 0x88;
const PING: [u8; 2] = [0x89, 0];

/// The first bytes of a frame that is not masked have at most this length.
const MAX_HEADER: usize = 10;

/// What stands before a payload, the payload, and what stands after it.
type Frame = Chain<Chain<Bytes, Bytes>, Bytes>;

/// One end of a socket.
#[derive(Debug)]
pub(super) struct Wire<S> {
    socket: WebSocketStream<S>,
    /// Frames that wait to be written, the first perhaps in part.
    unsent: VecDeque<Frame>,
    /// Whether a frame of ours is being written: until it is, the library must write nothing between.
    writing: bool,
}

/// What happened on a wire.
#[derive(Debug)]
pub(super) enum Turn {
    /// A text message.
    Text(Utf8Bytes),
    Binary,
    /// A sign of life: the answer to a ping, or a ping.
    Alive,
    /// The other side wants to end it.
    Closed {
        code: u16,
    },
    /// A message is larger than is taken.
    TooLarge,
    NotText,
    /// Frames that are none; what is wrong with them.
    Malformed(String),
    /// Everything that waited was written.
    Sent,
    /// The other side is gone, or takes nothing any more.
    Broken,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    /// A wire over a stream of which `part` was read already. Messages have at most so many bytes.
    pub(super) async fn new(stream: S, part: &[u8], max_message: usize) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(0)
            .max_write_buffer_size(WRITE_BUFFER)
            .max_message_size(Some(max_message))
            .max_frame_size(Some(max_message));
        let (part, role) = (part.to_owned(), Role::Server);
        Self {
            socket: WebSocketStream::from_partially_read(stream, part, role, Some(config)).await,
            unsent: VecDeque::new(),
            writing: false,
        }
    }

    /// Whether nothing waits to be written.
    pub(super) fn is_idle(&self) -> bool {
        self.unsent.is_empty()
    }

    /// Whether the other side lets more wait for it than it may. One message, however large, always may.
    pub(super) fn is_overfull(&self) -> bool {
        let unsent: usize = self.unsent.iter().map(Buf::remaining).sum();
        self.unsent.len() > 1 && unsent > MAX_UNSENT
    }

    /// Sends a text message: what stands before the payload, the payload, what stands after it.
    pub(super) fn send(&mut self, before: &[&str], payload: Bytes, after: &'static str) {
        let before_len: usize = before.iter().map(|piece| piece.len()).sum();
        let mut head = BytesMut::with_capacity(MAX_HEADER + before_len);
        head.put_u8(TEXT);
        put_length(&mut head, before_len + payload.len() + after.len());
        for piece in before {
            head.put_slice(piece.as_bytes());
        }
        self.push(head.freeze(), payload, Bytes::from_static(after.as_bytes()));
    }

    /// Asks the other side for a sign of life.
    pub(super) fn ping(&mut self) {
        self.push(Bytes::from_static(&PING), Bytes::new(), Bytes::new());
    }

    fn push(&mut self, before: Bytes, payload: Bytes, after: Bytes) {
        self.unsent.push_back(before.chain(payload).chain(after));
    }

    /// Writes what waits to be written, else reads. Who takes nothing is not listened to, or they could make more and
    /// more wait for them. Dropping the future loses nothing.
    pub(super) async fn turn(&mut self) -> Turn {
        std::future::poll_fn(|cx| self.poll_turn(cx)).await
    }

    fn poll_turn(&mut self, cx: &mut Context<'_>) -> Poll<Turn> {
        if !self.is_idle() {
            let sent = ready!(self.poll_send(cx));
            return Poll::Ready(sent.map_or(Turn::Broken, |()| Turn::Sent));
        }
        let Some(read) = ready!(self.socket.poll_next_unpin(cx)) else {
            return Poll::Ready(Turn::Broken);
        };
        Poll::Ready(read.map_or_else(|error| failed(&error), received))
    }

    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), tungstenite::Error>> {
        if !self.writing {
            // What the library began, such as an answer to a ping, is finished first.
            ready!(self.socket.poll_flush_unpin(cx))?;
            self.writing = true;
        }
        let mut stream = Pin::new(self.socket.get_mut());
        while let Some(frame) = self.unsent.front_mut() {
            if !frame.has_remaining() {
                self.unsent.pop_front();
            } else if ready!(poll_write_buf(stream.as_mut(), cx, frame))? == 0 {
                return Poll::Ready(Err(io::Error::from(io::ErrorKind::WriteZero).into()));
            }
        }
        ready!(stream.poll_flush(cx))?;
        self.writing = false;
        Poll::Ready(Ok(()))
    }

    /// Sends what waits, then the reason why this ends, and hears the other side out for a moment: bytes that nobody
    /// reads would make the system withdraw what was sent last.
    pub(super) async fn close(mut self: Box<Self>, close: &Close) {
        let reason = close.reason.as_bytes();
        let mut frame = BytesMut::with_capacity(MAX_HEADER + reason.len());
        frame.put_u8(CLOSE);
        put_length(&mut frame, 2 + reason.len());
        frame.put_u16(close.code);
        frame.put_slice(reason);
        self.push(frame.freeze(), Bytes::new(), Bytes::new());
        let sent = std::future::poll_fn(|cx| self.poll_send(cx)).await;
        if sent.is_ok() {
            self.part().await;
        }
    }

    /// Agrees to the other side's wish to end this.
    pub(super) async fn agree(mut self: Box<Self>) {
        // The library queued its agreement and ends once it is written.
        let agreeing = async { while self.socket.next().await.is_some() {} };
        if tokio::time::timeout(FAREWELL, agreeing).await.is_ok() {
            self.part().await;
        }
    }

    /// Waits until the other side ends the connection too.
    async fn part(&mut self) {
        let stream = self.socket.get_mut();
        let parting = async {
            stream.shutdown().await?;
            let mut dropped = [0; 256];
            while stream.read(&mut dropped).await? > 0 {}
            io::Result::Ok(())
        };
        // Whoever stays, or is gone already, is left.
        drop(tokio::time::timeout(FAREWELL, parting).await);
    }
}

/// The length of what follows in a frame that is not masked.
fn put_length(head: &mut BytesMut, length: usize) {
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(length), _) if length < 126 => head.put_u8(length),
        (_, Ok(length)) => {
            head.put_u8(126);
            head.put_u16(length);
        }
        _ => {
            head.put_u8(127);
            head.put_u64(length as u64);
        }
    }
}

fn received(message: tungstenite::Message) -> Turn {
    match message {
        tungstenite::Message::Text(text) => Turn::Text(text),
        tungstenite::Message::Ping(_) | tungstenite::Message::Pong(_) => Turn::Alive,
        tungstenite::Message::Close(frame) => Turn::Closed {
            // 1005: it said no code.
            code: frame.map_or(1005, |frame| frame.code.into()),
        },
        tungstenite::Message::Binary(_) | tungstenite::Message::Frame(_) => Turn::Binary,
    }
}

fn failed(error: &tungstenite::Error) -> Turn {
    match error {
        tungstenite::Error::Capacity(_) => Turn::TooLarge,
        tungstenite::Error::Utf8(_) => Turn::NotText,
        tungstenite::Error::Protocol(violation) if !is_gone(violation) => {
            Turn::Malformed(violation.to_string())
        }
        error => {
            tracing::debug!(%error, "a socket broke");
            Turn::Broken
        }
    }
}

/// Whether the other side left without a word, which the library counts among its mistakes.
fn is_gone(violation: &ProtocolError) -> bool {
    matches!(
        violation,
        ProtocolError::ResetWithoutClosingHandshake | ProtocolError::ReceivedAfterClosing
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn so_much_may_wait_to_be_written() {
        let (ours, _theirs) = tokio::io::duplex(64);
        let mut wire = Wire::new(ours, &[], 1024).await;
        // One buffer, however often it is sent.
        let large = Bytes::from(vec![b'x'; MAX_UNSENT + 1]);
        let quarter = large.slice(..MAX_UNSENT / 4);
        for _ in 0..3 {
            wire.send(&[], quarter.clone(), "");
            assert!(!wire.is_overfull());
        }
        wire.send(&[], quarter, "");
        assert!(wire.is_overfull());
        wire.unsent.clear();
        wire.send(&[], large, "");
        assert!(!wire.is_overfull(), "it is the only one");
        wire.ping();
        assert!(wire.is_overfull());
    }
}
