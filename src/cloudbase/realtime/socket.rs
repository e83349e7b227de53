//! One socket, from its signature to its end. What is said on it, and what is made of what comes, others decide.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::{ORIGIN, USER_AGENT};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use super::machine::{Event, Link, Login};
use super::sign::Signer;

/// How long the other side may take to agree that a socket ends.
const FAREWELL: Duration = Duration::from_secs(1);

/// The most that waits in memory because the other side takes nothing.
const MAX_WRITE_BUFFER: usize = 4 << 20;

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What a socket is told to do. If whoever tells it is gone, it ends.
#[derive(Debug)]
pub(super) enum Order {
    Say(String),
    Close(u16),
}

/// Why a socket ended by itself.
#[derive(Debug, thiserror::Error)]
enum End {
    #[error(transparent)]
    Unsigned(#[from] crate::cloudbase::Error),
    #[error("{0}")]
    Broken(#[from] tungstenite::Error),
    #[error("the other side closed it with {0:?}")]
    Closed(Option<u16>),
    #[error("the other side takes nothing")]
    Stalled,
}

/// Opens sockets.
#[derive(Debug)]
pub(super) struct Opener {
    pub(super) signer: Signer,
    pub(super) web_origin: Option<String>,
    /// The largest message that is read, in bytes.
    pub(super) max_message: usize,
    /// How long a message may take to be sent.
    pub(super) send_within: Duration,
}

/// Opens a socket and serves it. `inbox` hears of everything, at last that it is gone; unless it was ordered to end.
pub(super) async fn run(
    opener: Arc<Opener>,
    link: Link,
    renew: bool,
    mut orders: mpsc::Receiver<Order>,
    inbox: mpsc::Sender<Event>,
) {
    let opened = tokio::select! {
        // Nothing can be said yet, so any order is to end.
        _ = orders.recv() => return,
        opened = opener.open(renew) => opened,
    };
    let end = match opened {
        Ok((socket, login)) => {
            if inbox.send(Event::Opened { link, login }).await.is_err() {
                return;
            }
            opener.serve(socket, link, &mut orders, &inbox).await
        }
        Err(end) => Err(end),
    };
    if let Err(end) = end {
        tracing::warn!(error = %end, "a realtime socket is gone: it is opened again");
        let code = match end {
            End::Closed(code) => code,
            _ => None,
        };
        // Whoever does not listen any more does not need to know.
        drop(inbox.send(Event::Lost { link, code }).await);
    }
}

impl Opener {
    async fn open(&self, renew: bool) -> Result<(Stream, Login), End> {
        let signed = self.signer.sign(renew).await?;
        let mut request = signed.url.into_client_request()?;
        let agent = concat!("cloudbase-graphql/", env!("CARGO_PKG_VERSION"));
        request
            .headers_mut()
            .insert(USER_AGENT, HeaderValue::from_static(agent));
        if let Some(origin) = &self.web_origin {
            let origin = HeaderValue::from_str(origin).map_err(tungstenite::http::Error::from);
            let origin = origin.map_err(tungstenite::Error::from)?;
            request.headers_mut().insert(ORIGIN, origin);
        }
        let config = WebSocketConfig::default()
            .max_message_size(Some(self.max_message))
            .max_frame_size(Some(self.max_message))
            .max_write_buffer_size(MAX_WRITE_BUFFER);
        let (socket, _) =
            tokio_tungstenite::connect_async_with_config(request, Some(config), true).await?;
        Ok((socket, signed.login))
    }

    /// `Ok`: it was ordered to end, or nobody listens.
    async fn serve(
        &self,
        mut socket: Stream,
        link: Link,
        orders: &mut mpsc::Receiver<Order>,
        inbox: &mpsc::Sender<Event>,
    ) -> Result<(), End> {
        loop {
            tokio::select! {
                order = orders.recv() => match order {
                    Some(Order::Say(text)) => self.say(&mut socket, text).await?,
                    Some(Order::Close(code)) => {
                        close(socket, code).await;
                        return Ok(());
                    }
                    None => return Ok(()),
                },
                frame = socket.next() => {
                    let Some(text) = text(frame)? else {
                        continue;
                    };
                    if inbox.send(Event::Heard { link, text }).await.is_err() {
                        return Ok(());
                    }
                }
            }
        }
    }

    async fn say(&self, socket: &mut Stream, text: String) -> Result<(), End> {
        match timeout(self.send_within, socket.send(Message::text(text))).await {
            Ok(sent) => Ok(sent?),
            Err(_) => Err(End::Stalled),
        }
    }
}

/// What a frame says; `None`: nothing, as the library sees to it.
fn text(frame: Option<Result<Message, tungstenite::Error>>) -> Result<Option<String>, End> {
    match frame {
        Some(Ok(Message::Text(text))) => Ok(Some(text.as_str().to_owned())),
        Some(Ok(Message::Close(frame))) => Err(End::Closed(frame.map(|frame| frame.code.into()))),
        Some(Ok(_)) => Ok(None),
        Some(Err(error)) => Err(error.into()),
        None => Err(End::Closed(None)),
    }
}

/// Says good-bye. Who does not agree in time is left.
async fn close(mut socket: Stream, code: u16) {
    let frame = CloseFrame {
        code: code.into(),
        reason: "".into(),
    };
    let farewell = async {
        socket.close(Some(frame)).await?;
        while socket.next().await.transpose()?.is_some() {}
        Ok::<_, tungstenite::Error>(())
    };
    drop(timeout(FAREWELL, farewell).await);
}
