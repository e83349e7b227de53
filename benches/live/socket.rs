//! A WebSocket client that costs next to nothing, so that the load leaves the machine to the server: it knows only what
//! this server sends.

use std::net::SocketAddr;

use bytes::{Buf, BytesMut};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const TEXT: u8 = 0x81;
const CLOSE: u8 = 0x88;

pub(crate) struct Socket {
    stream: TcpStream,
    buffer: BytesMut,
    /// How much of the buffer is the message that was handed out last.
    taken: usize,
}

impl Socket {
    /// Connects, says who it is, subscribes.
    pub(crate) async fn open(address: SocketAddr, token: &str, query: &str) -> Self {
        let stream = TcpStream::connect(address).await.expect("a connection");
        stream.set_nodelay(true).expect("a socket");
        let mut socket = Self {
            stream,
            buffer: BytesMut::new(),
            taken: 0,
        };
        socket.upgrade(address).await;
        let init = json!({"type": "connection_init", "payload": {"token": token}});
        socket.send(&init.to_string()).await;
        let answer = socket.message().await.expect("an answer");
        assert!(answer.starts_with(b"{\"type\":\"connection_ack\""));
        let subscribe = json!({"id": "1", "type": "subscribe", "payload": {"query": query}});
        socket.send(&subscribe.to_string()).await;
        socket
    }

    async fn upgrade(&mut self, address: SocketAddr) {
        let request = format!(
            "GET /graphql HTTP/1.1\r\nhost: {address}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             sec-websocket-protocol: graphql-transport-ws\r\n\r\n"
        );
        self.stream
            .write_all(request.as_bytes())
            .await
            .expect("it is sent");
        loop {
            self.read().await.expect("an answer");
            if let Some(end) = memchr::memmem::find(&self.buffer, b"\r\n\r\n") {
                assert!(
                    self.buffer.starts_with(b"HTTP/1.1 101"),
                    "{:?}",
                    self.buffer
                );
                return self.buffer.advance(end + 4);
            }
        }
    }

    /// One text, masked with zeros, which the protocol allows.
    async fn send(&mut self, text: &str) {
        let mut frame = vec![TEXT];
        match u8::try_from(text.len()) {
            Ok(length) if length < 126 => frame.push(0x80 | length),
            _ => {
                let length = u16::try_from(text.len()).expect("a short message");
                frame.push(0x80 | 126);
                frame.extend_from_slice(&length.to_be_bytes());
            }
        }
        frame.extend_from_slice(&[0; 4]);
        frame.extend_from_slice(text.as_bytes());
        self.stream.write_all(&frame).await.expect("it is sent");
    }

    /// The next text; `None` when the server closes. Pings need no answer within the time that a load takes.
    pub(crate) async fn message(&mut self) -> Option<&[u8]> {
        self.buffer.advance(self.taken);
        self.taken = 0;
        loop {
            while let Some((kind, head, length)) = self.frame() {
                match kind {
                    TEXT => {
                        self.taken = head + length;
                        return Some(&self.buffer[head..head + length]);
                    }
                    CLOSE => return None,
                    _ => self.buffer.advance(head + length),
                }
            }
            self.read().await?;
        }
    }

    /// Kind, length of the head and of the payload of a frame that arrived whole.
    fn frame(&self) -> Option<(u8, usize, usize)> {
        let buffer = &self.buffer;
        let (kind, short) = (*buffer.first()?, *buffer.get(1)?);
        let (head, length) = match short {
            126 => (
                4,
                usize::from(u16::from_be_bytes(buffer.get(2..4)?.try_into().ok()?)),
            ),
            127 => {
                let length = u64::from_be_bytes(buffer.get(2..10)?.try_into().ok()?);
                (10, usize::try_from(length).ok()?)
            }
            short => (2, usize::from(short)),
        };
        (buffer.len() >= head + length).then_some((kind, head, length))
    }

    async fn read(&mut self) -> Option<()> {
        self.buffer.reserve(4096);
        let read = self.stream.read_buf(&mut self.buffer).await.ok()?;
        (read > 0).then_some(())
    }
}
