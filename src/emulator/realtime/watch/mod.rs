//! One watch: its own task, from the moment it is asked for until nobody can come back to it.
//!
//! It belongs to a client, not to a socket: while its client is away it goes on
//! noting what happens. Commands come from sockets, commits from the database;
//! both are dealt with one after the other.
//!
//! Who may see what is judged as for any read when the watch begins, and again
//! when the permission of the collection changed since: at the next commit, or
//! when the watch is taken up again. What a rule looks up elsewhere (`get()`) and
//! the time (`now`) count as they were when it was judged, as in the cloud.

mod list;

use std::ops::ControlFlow::{self, Break, Continue};
use std::sync::Arc;

use smol_str::{SmolStr, format_smolstr};
use tokio::sync::{broadcast, mpsc};
use tokio::time::{Instant, sleep_until};

use self::list::WatchedList;
use super::history::{Event, History, Missed};
use super::kept::{Handle, Place, QueryId};
use super::message::{Events, Message};
use super::outlet::Outlet;
use super::record::Record;
use super::refusal::Refusal;
use super::request::List;
use super::trouble::Trouble;
use crate::emulator::app::App;
use crate::emulator::database::Commit;
use crate::emulator::fault::SocketEvent;
use crate::emulator::identity::Identity;

/// Commands that may wait for a watch; a socket that sends more waits.
const COMMANDS: usize = 8;

/// What a socket wants of a watch.
#[derive(Debug)]
pub(super) enum Command {
    /// To go on with this client, who knows all events up to one.
    Rebuild {
        client: Client,
        request_id: SmolStr,
        event_id: i64,
    },
    /// To tell what the last event is.
    Check { client: Client, request_id: SmolStr },
    /// To end, if the client is still on this socket.
    Close { outlet: Outlet },
}

/// The client of a watch while its socket is open.
#[derive(Clone, Debug)]
pub(super) struct Client {
    pub(super) outlet: Outlet,
    /// What it calls the watch.
    pub(super) watch_id: SmolStr,
}

impl Client {
    pub(super) fn tell(&self, message: &Message<'_>, request_id: &str) {
        let text = message.text(Some(&self.watch_id), request_id);
        self.outlet.send(text);
    }
}

/// See the module.
#[derive(Debug)]
struct Watch {
    app: Arc<App>,
    query_id: QueryId,
    list: WatchedList,
    history: History,
    place: Place,
    /// `None`: it may come back until `ends`.
    client: Option<Client>,
    ends: Option<Instant>,
    /// Nothing is pushed before, and no commit is taken.
    quiet_until: Option<Instant>,
    /// What is pushed then.
    held: Option<Event>,
}

/// Begins a watch of a list, on a task of its own. The client is told how it begins.
pub(super) fn begin(
    app: &Arc<App>,
    who: &Identity,
    list: List,
    client: Client,
    request_id: SmolStr,
) -> Result<Handle, Refusal> {
    let (commands, received) = mpsc::channel(COMMANDS);
    let handle = Handle {
        query_id: QueryId::random().map_err(|error| Refusal::internal(error.to_string()))?,
        commands,
    };
    let begun = Begun {
        app: Arc::clone(app),
        who: who.clone(),
        list,
        handle: handle.clone(),
        client,
        request_id,
    };
    let closing = app.realtime.closing.clone();
    // The end of the emulator waits for it.
    app.realtime
        .tracker
        .spawn(closing.run_until_cancelled_owned(begun.run(received)));
    Ok(handle)
}

/// A watch that has not been told its list.
struct Begun {
    app: Arc<App>,
    who: Identity,
    list: List,
    handle: Handle,
    client: Client,
    request_id: SmolStr,
}

impl Begun {
    async fn run(self, commands: mpsc::Receiver<Command>) {
        let (client, request_id) = (self.client.clone(), self.request_id.clone());
        match self.open().await {
            Ok(Some(watch)) => watch.serve(commands).await,
            Ok(None) => {}
            Err(refusal) => client.tell(&Message::Refused(&refusal), &request_id),
        }
    }

    /// `None`: its client is gone already, or is to think so.
    async fn open(self) -> Result<Option<Watch>, Refusal> {
        let collection = self.list.collection.clone();
        let trouble = Trouble::at(&self.app, SocketEvent::Watch, Some(collection.as_str()));
        if trouble.strikes(&self.client, &self.request_id) {
            return Ok(None);
        }
        let session = self.app.session(self.who.clone());
        let list = WatchedList::read(&self.app, session, &self.list).await?;
        let limits = self.app.realtime.limits;
        let mut watch = Watch {
            query_id: self.handle.query_id.clone(),
            list,
            history: History::new(limits.history),
            place: self.app.realtime.kept.add(self.handle, self.who),
            app: self.app,
            client: None,
            ends: None,
            quiet_until: None,
            held: None,
        };
        watch.answer_begin(self.client, &self.request_id);
        let is_met = watch
            .client
            .as_ref()
            .is_some_and(|it| !it.outlet.is_closed());
        Ok(is_met.then_some(watch))
    }
}

/// Why a watch ends: what its client is told, if anything.
type Ended = Option<Refusal>;

impl Watch {
    async fn serve(mut self, mut commands: mpsc::Receiver<Command>) {
        let ended = self.go_on(&mut commands).await;
        if let (Some(refusal), Some(client)) = (&ended, &self.client) {
            client.tell(&Message::Refused(refusal), "watch-ended");
        }
        // Nobody finds it any more; who had found it before is not left waiting.
        drop(self);
        commands.close();
        while let Some(command) = commands.recv().await {
            command.refuse();
        }
    }

    async fn go_on(&mut self, commands: &mut mpsc::Receiver<Command>) -> Ended {
        loop {
            let flow = tokio::select! {
                () = self.place.forgotten.cancelled() => Break(None),
                () = at(self.ends) => Break(None),
                command = commands.recv() => match command {
                    Some(command) => self.obey(command).await,
                    None => Break(None),
                },
                () = gone(self.client.as_ref()) => self.detach(),
                () = at(self.quiet_until) => self.speak_again(),
                commit = self.list.commit(), if self.quiet_until.is_none() => {
                    self.take(commit).await
                }
            };
            if let Break(ended) = flow {
                return ended;
            }
        }
    }

    async fn obey(&mut self, command: Command) -> ControlFlow<Ended> {
        match command {
            Command::Rebuild {
                client,
                request_id,
                event_id,
            } => self.rebuild(client, &request_id, event_id).await,
            Command::Check { client, request_id } => {
                self.check(&client, &request_id);
                Continue(())
            }
            Command::Close { outlet } if self.is_on(&outlet) => Break(None),
            Command::Close { .. } => Continue(()),
        }
    }

    fn is_on(&self, outlet: &Outlet) -> bool {
        let client = self.client.as_ref();
        client.is_some_and(|client| client.outlet.is(outlet))
    }

    /// Tells the list as it is.
    fn answer_begin(&mut self, client: Client, request_id: &str) {
        let init = Event {
            id: self.history.current(),
            records: self.list.window.init().into(),
        };
        let events = self.events(std::slice::from_ref(&init));
        client.tell(&Message::Init(events), request_id);
        self.attach(client);
    }

    async fn rebuild(
        &mut self,
        client: Client,
        request_id: &str,
        event_id: i64,
    ) -> ControlFlow<Ended> {
        if self
            .trouble(SocketEvent::Rebuild)
            .strikes(&client, request_id)
        {
            return Continue(());
        }
        let judged = if self.list.is_judged_otherwise() {
            self.read_again().await
        } else {
            Ok(None)
        };
        let told = judged.and_then(|_noted| self.tell_missed(&client, request_id, event_id));
        match told {
            Ok(()) => self.attach(client),
            Err(refusal) => {
                client.tell(&Message::Refused(&refusal), request_id);
                return Break(None);
            }
        }
        Continue(())
    }

    /// Tells what followed an event, or the whole list if that is forgotten.
    fn tell_missed(
        &mut self,
        client: &Client,
        request_id: &str,
        event_id: i64,
    ) -> Result<(), Refusal> {
        let missed = match self.history.after(event_id) {
            Missed::Events(events) => events,
            Missed::Unknown => return Err(Refusal::no_query()),
            // A list of no documents cannot be told as events.
            Missed::Forgotten if self.list.window.shown().is_empty() => {
                return Err(Refusal::no_query());
            }
            Missed::Forgotten => {
                self.history.restart(event_id + 1);
                vec![Event {
                    id: event_id + 1,
                    records: self.list.window.init().into(),
                }]
            }
        };
        client.tell(&Message::Next(self.events(&missed)), request_id);
        Ok(())
    }

    fn check(&mut self, client: &Client, request_id: &str) {
        if self.trouble(SocketEvent::Check).strikes(client, request_id) {
            return;
        }
        let position = Message::Check {
            query_id: self.query_id.as_str(),
            current: self.history.current(),
        };
        let refusal = Refusal::no_query();
        let answer = if self.is_on(&client.outlet) {
            position
        } else {
            Message::Refused(&refusal)
        };
        client.tell(&answer, request_id);
    }

    fn attach(&mut self, client: Client) {
        self.place.attach();
        self.client = Some(client);
        self.ends = None;
        // What was held is in the answer that the client was just given.
        self.held = None;
        self.quiet_until = Some(Instant::now() + self.app.realtime.limits.pause);
    }

    fn detach(&mut self) -> ControlFlow<Ended> {
        self.client = None;
        self.held = None;
        self.quiet_until = None;
        self.ends = Some(Instant::now() + self.app.realtime.limits.keep);
        self.place.detach();
        Continue(())
    }

    fn speak_again(&mut self) -> ControlFlow<Ended> {
        self.quiet_until = None;
        if let Some(event) = self.held.take() {
            self.push(&event);
        }
        Continue(())
    }

    /// Notes and tells what a commit does to the list.
    async fn take(
        &mut self,
        commit: Result<Arc<Commit>, broadcast::error::RecvError>,
    ) -> ControlFlow<Ended> {
        let noted = match commit {
            Ok(commit) if !self.list.is_news(&commit) => return Continue(()),
            Ok(_) if self.list.is_judged_otherwise() => self.read_again().await,
            Ok(commit) => self.list.apply(&commit).map(|records| self.note(records)),
            // More happened than waits for those who are slow.
            Err(broadcast::error::RecvError::Lagged(_)) => self.read_again().await,
            Err(broadcast::error::RecvError::Closed) => return Break(None),
        };
        match noted {
            Ok(Some(event)) => self.tell(event),
            Ok(None) => {}
            Err(refusal) => return Break(Some(refusal)),
        }
        Continue(())
    }

    /// Reads the list anew, judged as the collection's permission is now, and notes what is different.
    async fn read_again(&mut self) -> Result<Option<Event>, Refusal> {
        if self.list.is_judged_otherwise() {
            // What the client might see then, it may not see now.
            self.history.trim();
        }
        let records = self.list.read_again().await?;
        Ok(self.note(records))
    }

    fn note(&mut self, records: Vec<Record>) -> Option<Event> {
        (!records.is_empty()).then(|| self.history.add(records))
    }

    /// Pushes an event to the client, if it is there, with what is set to happen to it.
    fn tell(&mut self, event: Event) {
        let Some(client) = self.client.clone() else {
            return;
        };
        let trouble = self.trouble(SocketEvent::Push);
        if trouble.strikes(&client, "push") {
            return;
        }
        if let Some(delay) = trouble.delay {
            self.quiet_until = Some(Instant::now() + delay);
            self.held = Some(event);
            return;
        }
        let event = Event {
            id: event.id + i64::from(trouble.leaves_gap),
            ..event
        };
        for _ in 0..=usize::from(trouble.is_doubled) {
            self.push(&event);
        }
    }

    fn push(&self, event: &Event) {
        let events = Events {
            query_id: self.query_id.as_str(),
            current: event.id,
            events: std::slice::from_ref(event),
        };
        if let Some(client) = &self.client {
            let request_id = format_smolstr!("push-{}", event.id);
            client.tell(&Message::Next(events), &request_id);
        }
    }

    fn events<'a>(&'a self, events: &'a [Event]) -> Events<'a> {
        Events {
            query_id: self.query_id.as_str(),
            current: self.history.current(),
            events,
        }
    }

    /// What is set to go wrong now. What is to be forgotten is.
    fn trouble(&mut self, event: SocketEvent) -> Trouble {
        let trouble = Trouble::at(&self.app, event, Some(self.list.collection().as_str()));
        if trouble.forgets {
            self.history.trim();
        }
        trouble
    }
}

impl Command {
    /// Answers that there is no such watch.
    pub(super) fn refuse(self) {
        match self {
            Command::Rebuild {
                client, request_id, ..
            }
            | Command::Check { client, request_id } => {
                client.tell(&Message::Refused(&Refusal::no_query()), &request_id);
            }
            Command::Close { .. } => {}
        }
    }
}

/// Resolves at this moment; never, if there is none.
async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// Resolves when the client's socket is gone; never, if it has none.
async fn gone(client: Option<&Client>) {
    match client {
        Some(client) => client.outlet.closed().await,
        None => std::future::pending().await,
    }
}
