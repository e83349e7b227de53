//! A subscriber that is compared with what the same caller's query gives.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use cloudbase_graphql::gateway::Credential;
use cloudbase_graphql::graphql::{End, Event, Reply, Subscription};
use serde_json::Value as Json;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use super::super::subscriber::credential;
use super::subject::Subject;
use crate::harness::TestApp;

/// How long it may take until the truth is told. Generous: a busy machine is not a fault.
const PATIENCE: Duration = Duration::from_secs(30);

/// After so long it is looked again whether time has changed anything.
const GLANCE: Duration = Duration::from_millis(20);

/// A list of documents as it is seen through both members of an event; `None` where one is not selected.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::live) struct Seen {
    pub(in crate::live) now: Option<Vec<Json>>,
    /// With their ids.
    pub(in crate::live) step: Option<Vec<(Json, Json)>>,
}

/// What a query gives at this moment.
#[derive(Debug)]
pub(in crate::live) struct Truth {
    pub(in crate::live) seen: Seen,
    answer: Json,
}

pub(in crate::live) struct Witness {
    pub(in crate::live) principal: &'static str,
    pub(in crate::live) subject: Subject,
    pub(in crate::live) credential: watch::Sender<Credential>,
    /// `None`: refused, or ended.
    subscription: Option<Subscription>,
    /// What the events told.
    pub(in crate::live) seen: Seen,
    sequence: u64,
    pub(in crate::live) events: u64,
    pub(in crate::live) resyncs: u64,
    /// Whether anything was ever told beside the documents: errors, or which fields are denied.
    told_beside: bool,
    /// Every document that was shown without being compared.
    pub(in crate::live) shown: Vec<Json>,
}

impl Witness {
    pub(in crate::live) async fn new(
        app: &TestApp,
        principal: &'static str,
        subject: Subject,
    ) -> Self {
        let (credential, _) = watch::channel(credential(principal, None));
        let mut witness = Self {
            principal,
            subject,
            credential,
            subscription: None,
            seen: Seen::default(),
            sequence: 0,
            events: 0,
            resyncs: 0,
            told_beside: false,
            shown: Vec::new(),
        };
        witness.open(app).await;
        witness
    }

    /// Subscribes anew. What is told first is the truth at once: nothing was written since.
    pub(in crate::live) async fn open(&mut self, app: &TestApp) {
        self.subscription = None;
        let proved = self.credential.subscribe();
        let reply = app.executor.open(self.subject.subscription(), proved).await;
        let truth = self.truth(app).await;
        match (reply, truth) {
            (Reply::Live(mut subscription), Ok(truth)) => {
                let event = timeout(PATIENCE, subscription.next()).await;
                let event = event.expect("a first event within reasonable time");
                self.subscription = Some(subscription);
                (self.seen, self.sequence) = (Seen::default(), 0);
                self.take_in(event, "SNAPSHOT", Some(&truth));
                assert_eq!(self.seen, truth.seen, "{self}: an old state came first");
            }
            (Reply::Once(answer), Err(code)) => {
                let answer: Json = serde_json::from_slice(&answer.body).unwrap();
                assert_eq!(refusal(&answer), Some(code), "{self}");
            }
            (Reply::Live(_), Err(code)) => panic!("{self}: live, but a query is refused: {code}"),
            (Reply::Once(answer), Ok(_)) => panic!("{self}: refused {:?}", answer.body),
        }
    }

    /// What a query gives to whoever this is now, or the code for which it is refused.
    pub(in crate::live) async fn truth(&self, app: &TestApp) -> Result<Truth, String> {
        let proved = self.credential.borrow().clone();
        let standing = app.executor.gateway().standing(&proved).await.unwrap();
        let request = self.subject.query();
        let caller = Arc::clone(&standing.caller);
        let answer = app.executor.execute(request, caller).await;
        let answer: Json = serde_json::from_slice(&answer.body).unwrap();
        match refusal(&answer) {
            Some(code) => Err(code),
            None => Ok(Truth {
                seen: self.subject.read(&answer),
                answer,
            }),
        }
    }

    /// Takes in events until what they made is what a query gives now. One commit was made since the last time.
    pub(in crate::live) async fn settle(&mut self, app: &TestApp) {
        let truth = self.truth(app).await;
        let begun = Instant::now();
        while self.subscription.is_some() {
            let wait = match &truth {
                Ok(truth) if truth.seen == self.seen => Duration::ZERO,
                _ => GLANCE,
            };
            match self.next(wait).await {
                Some(event) => self.take_in(event, "CHANGE", truth.as_ref().ok()),
                None if wait.is_zero() => return,
                None => assert!(
                    begun.elapsed() < PATIENCE,
                    "{self}\n told: {:?}\n true: {truth:?}",
                    self.seen
                ),
            }
        }
        if truth.is_ok() {
            self.open(app).await;
        }
    }

    /// Takes in events, whatever states they tell of, until what they made is what a query gives.
    pub(in crate::live) async fn converge(&mut self, app: &TestApp) {
        let begun = Instant::now();
        loop {
            let truth = self.truth(app).await;
            let is_told = match &truth {
                Ok(truth) => truth.seen == self.seen,
                Err(_) => self.subscription.is_none(),
            };
            if is_told {
                return;
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "{self}\n told: {:?}\n true: {truth:?}",
                self.seen
            );
            match self.next(GLANCE).await {
                Some(event) => drop(self.absorb(event)),
                None if self.subscription.is_none() => self.open(app).await,
                None => {}
            }
        }
    }

    /// Takes in what waits.
    pub(in crate::live) async fn read(&mut self, app: &TestApp) {
        while let Some(event) = self.next(Duration::ZERO).await {
            self.absorb(event);
        }
        if self.subscription.is_none() && self.truth(app).await.is_ok() {
            self.open(app).await;
        }
    }

    /// Takes an event in without a truth to compare it with.
    pub(in crate::live) fn absorb(&mut self, event: Event) -> Option<Json> {
        let Event::Next(bytes) = event else {
            assert_ne!(event, Event::End(End::Failed), "{self}");
            self.subscription = None;
            return None;
        };
        let event: Json = serde_json::from_slice(&bytes).unwrap();
        let kind = event["data"]["e"]["kind"]
            .as_str()
            .unwrap_or_else(|| panic!("{self}: {event}"));
        assert_ne!(kind, "SNAPSHOT", "{self}");
        self.resyncs += u64::from(kind == "RESYNC");
        self.events += 1;
        self.fold(&event, kind);
        self.shown.extend(self.subject.shown(&event["data"]["e"]));
        Some(event)
    }

    /// The next event, if it comes before so much time has passed.
    pub(in crate::live) async fn next(&mut self, wait: Duration) -> Option<Event> {
        let subscription = self.subscription.as_mut()?;
        timeout(wait, subscription.next()).await.ok()
    }

    /// Whether events may still come.
    pub(in crate::live) fn is_live(&self) -> bool {
        self.subscription.is_some()
    }

    /// `truth`: what a query gives since the event's cause, if there is one such; `Err` queries give nothing.
    pub(in crate::live) fn take_in(&mut self, event: Event, kind: &str, truth: Option<&Truth>) {
        let bytes = match event {
            Event::Next(bytes) => bytes,
            Event::End(end) => {
                assert!(truth.is_none(), "{self}: ended: {end:?}");
                assert_ne!(end, End::Failed, "{self}");
                let left = |list: &Vec<_>| list.is_empty();
                let step = self.seen.step.as_ref().is_none_or(|list| list.is_empty());
                assert!(
                    step && self.seen.now.as_ref().is_none_or(left),
                    "{self}: something was left"
                );
                self.subscription = None;
                return;
            }
        };
        let event: Json = serde_json::from_slice(&bytes).unwrap();
        let before = self.seen.clone();
        self.fold(&event, kind);
        self.events += 1;
        self.told_beside |= event.get("errors").is_some() || event.get("extensions").is_some();
        if kind == "CHANGE" && before == self.seen {
            // Then it is about what is told beside the documents, or no longer is, and may come late: nobody waits for
            // that.
            assert!(self.told_beside, "{self}: nothing is different: {event}");
            return;
        }
        match truth {
            Some(truth) => self.compare(&event, truth),
            None => assert!(
                self.seen.step.iter().all(Vec::is_empty) && self.seen.now.iter().all(Vec::is_empty),
                "{self}: nothing may be seen: {event}"
            ),
        }
    }

    /// As a client does it; and whether the event says the same in all its members.
    pub(in crate::live) fn fold(&mut self, event: &Json, kind: &str) {
        let told = &event["data"]["e"];
        assert_eq!(told["kind"], kind, "{self}: {event}");
        let sequence = told["sequence"].as_u64().unwrap();
        assert!(
            sequence > self.sequence,
            "{self}: not after {}: {event}",
            self.sequence
        );
        self.sequence = sequence;
        if self.subject.now.is_some() {
            self.seen.now = Some(self.subject.documents(&told["now"]));
        }
        if self.subject.step.is_some() {
            let list = self.seen.step.take().filter(|_| kind == "CHANGE");
            let list = folded(list.unwrap_or_default(), &told["steps"], kind == "CHANGE");
            self.seen.step =
                Some(list.unwrap_or_else(|problem| panic!("{self}: {problem}: {event}")));
        }
    }

    /// Nothing is told that the query does not tell.
    fn compare(&self, event: &Json, truth: &Truth) {
        assert_eq!(self.seen, truth.seen, "{self}: {event}");
        let (answer, subject) = (&truth.answer, &self.subject);
        if subject.step.is_none() && subject.is_list {
            assert_eq!(paths(event), paths(answer), "{self}");
            assert_eq!(event["extensions"], answer["extensions"], "{self}");
        }
        for part in [errors, denied] {
            let (told, true_) = (part(event), part(answer));
            assert!(told.is_subset(&true_), "{self}: {told:?}, but {true_:?}");
        }
    }
}

impl std::fmt::Display for Witness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?}", self.principal, self.subject)
    }
}

impl Seen {
    /// All that is seen of documents.
    pub(in crate::live) fn documents(&self) -> impl Iterator<Item = Json> {
        let step = self.step.iter().flatten().map(|(_, document)| document);
        self.now.iter().flatten().chain(step).cloned()
    }
}

impl Subject {
    /// All that an event shows of documents.
    fn shown(&self, event: &Json) -> Vec<Json> {
        let steps = event["steps"].as_array().into_iter().flatten();
        let steps = steps.filter(|step| !step["index"].is_null());
        let steps = steps.map(|step| step["step"].clone());
        self.documents(&event["now"])
            .into_iter()
            .chain(steps)
            .collect()
    }

    fn documents(&self, now: &Json) -> Vec<Json> {
        match now {
            Json::Array(nodes) => nodes.clone(),
            Json::Null => Vec::new(),
            node => vec![node.clone()],
        }
    }

    fn read(&self, answer: &Json) -> Seen {
        let data = &answer["data"];
        let data = if self.is_list { &data["e"] } else { data };
        let documents = |alias: &str| self.documents(&data[alias]);
        let pairs = || documents("ids").into_iter().map(|id| id["id"].clone());
        let step = || pairs().zip(self.steps(&data["step"])).collect();
        Seen {
            now: self.now.map(|_| documents("now")),
            step: self.step.map(|_| step()),
        }
    }

    /// A document that cannot be shown is null, also where it is alone.
    fn steps(&self, step: &Json) -> Vec<Json> {
        match step {
            Json::Array(nodes) => nodes.clone(),
            node => vec![node.clone()],
        }
    }
}

/// Takes out all that are named, then puts in those with an index, in order.
fn folded(
    mut list: Vec<(Json, Json)>,
    steps: &Json,
    is_change: bool,
) -> Result<Vec<(Json, Json)>, String> {
    let steps = steps.as_array().ok_or("no changes")?;
    if is_change && steps.is_empty() {
        return Err("no changes".to_owned());
    }
    for step in steps {
        let at = list.iter().position(|(id, _)| *id == step["id"]);
        let kind = step["type"].as_str().ok_or("no type")?;
        if at.is_some() != (kind != "ADDED") {
            return Err(format!("{step} does not follow"));
        }
        if let Some(at) = at {
            list.remove(at);
        }
        if kind == "REMOVED" && !(step["index"].is_null() && step["step"].is_null()) {
            return Err(format!("{step} tells more than an id"));
        }
    }
    for step in steps {
        if let Some(index) = step["index"].as_u64() {
            let index = usize::try_from(index).map_err(|_| "no place")?;
            if index > list.len() {
                return Err(format!("{step} is beyond the end"));
            }
            list.insert(index, (step["id"].clone(), step["step"].clone()));
        }
    }
    Ok(list)
}

/// The code for which there is nothing at all.
fn refusal(answer: &Json) -> Option<String> {
    let data = answer["data"].as_object();
    let root = data.and_then(|data| data.get("e"));
    let error = &answer["errors"][0]["extensions"]["code"];
    let is_refused = |code: &str| matches!(code, "FORBIDDEN" | "UNAUTHENTICATED");
    let code = error.as_str().filter(|code| is_refused(code))?;
    (root.is_none_or(Json::is_null)).then(|| code.to_owned())
}

/// Where errors are.
fn paths(answer: &Json) -> Vec<&Json> {
    let errors = answer["errors"].as_array().into_iter().flatten();
    errors.map(|error| &error["path"]).collect()
}

/// Errors without where they are, and without ids that are made up for each.
fn errors(answer: &Json) -> BTreeSet<String> {
    let errors = answer["errors"].as_array().into_iter().flatten();
    errors
        .map(|error| format!("{} {}", error["message"], error["extensions"]))
        .collect()
}

fn denied(answer: &Json) -> BTreeSet<String> {
    let denied = answer["extensions"]["denied"]
        .as_array()
        .into_iter()
        .flatten();
    denied.map(|denied| denied["field"].to_string()).collect()
}
