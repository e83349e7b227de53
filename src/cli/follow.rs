//! Looking at the cloud again and again while serving it: whether it is still what the schema says.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use crate::cloudbase::Client;
use crate::doctor::{self, Examination, Lasting, Report, State, Subject};
use crate::gateway::{Agreement, Agreements, Gateway};

/// How soon it is looked again at something that was right a moment ago.
const SOON: Duration = Duration::from_secs(60);

/// Tells log and gateway what lasts of what is found, for ever.
pub(super) async fn follow(
    client: &Arc<Client>,
    gateway: &Gateway,
    interval: Duration,
) -> Infallible {
    let mut lasting = Lasting::default();
    let mut before = None;
    loop {
        let found = doctor::examine(client, gateway.model()).await;
        let told = lasting.take(found).clone();
        log(&told, before.as_ref());
        let collections = told.collections.iter();
        let agreements: BTreeMap<_, _> = collections
            .map(|it| (it.collection.clone(), agreements(it)))
            .collect();
        gateway.tell_agreements(agreements);
        before = Some(told);
        let is_in_doubt = lasting.is_in_doubt();
        sleep(if is_in_doubt {
            interval.min(SOON)
        } else {
            interval
        })
        .await;
    }
}

fn agreements(examination: &Examination) -> Agreements {
    let agreement = |subject| match examination.state(subject) {
        State::Ok => Agreement::Ok,
        State::Different => Agreement::Different,
        State::Unknown => Agreement::Unknown,
    };
    Agreements {
        collection: agreement(Subject::Collection),
        indexes: agreement(Subject::Index),
        permission: agreement(Subject::Permission),
    }
}

/// One line for each collection that is another than before.
fn log(now: &Report, before: Option<&Report>) {
    for examination in &now.collections {
        let collections = before.map(|before| &before.collections);
        let mut known = collections.into_iter().flatten();
        let known = known.find(|it| it.collection == examination.collection);
        if known.is_some_and(|known| known.findings == examination.findings) {
            continue;
        }
        if examination.verdict() != State::Ok {
            warn(examination);
        } else if known.is_some_and(|known| known.verdict() != State::Ok) {
            tracing::info!(collection = %examination.collection, "the cloud is what the schema says again");
        }
    }
}

fn warn(examination: &Examination) {
    let wrong = examination
        .findings
        .iter()
        .filter(|it| it.state != State::Ok);
    let wrong: Vec<String> = wrong.map(ToString::to_string).collect();
    tracing::warn!(
        collection = %examination.collection,
        state = %examination.state(Subject::Collection),
        indexes = %examination.state(Subject::Index),
        permission = %examination.state(Subject::Permission),
        findings = wrong.join("; "),
        "the cloud is not known to be what the schema says; `doctor` tells more"
    );
}
