//! `extensions.plan`: how an operation was carried out, for those who may know.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::gateway::{Action, Session, Step};

/// When each phase of an operation ended.
#[derive(Debug)]
pub(crate) struct Phases {
    last: Instant,
    ended: Vec<(&'static str, Duration)>,
}

impl Phases {
    pub(crate) fn begin() -> Self {
        Self {
            last: Instant::now(),
            ended: Vec::with_capacity(4),
        }
    }

    pub(crate) fn end(&mut self, phase: &'static str) {
        let now = Instant::now();
        self.ended.push((phase, now - self.last));
        self.last = now;
    }

    /// With how long all of them together waited for the store.
    fn to_json(&self, waited: Duration) -> Json {
        let phases = self.ended.iter().copied();
        phases
            .chain([("store", waited)])
            .map(|(phase, took)| {
                let ms = (took.as_secs_f64() * 1e6).round() / 1e3;
                (phase.to_owned(), Json::from(ms))
            })
            .collect::<serde_json::Map<_, _>>()
            .into()
    }
}

/// What the session did and how long each phase took. Without what rules read by `get()`: that they did may tell that
/// there is a document, which the caller must not see.
pub(crate) fn describe(session: &Session, phases: &Phases) -> Json {
    let (trace, costs) = (session.trace(), session.costs());
    let filters: Json = trace
        .filters
        .iter()
        .map(|added| {
            let filter = added.filter.as_ref().map_or_else(
                || "depends on other documents".to_owned(),
                ToString::to_string,
            );
            json!({
                "on": added.coordinate,
                "operation": added.operation,
                "filter": filter,
            })
        })
        .collect();
    let steps = trace.steps.iter();
    let steps: Vec<&Step> = steps.filter(|step| step.action != Action::Get).collect();
    let mut plan = json!({
        "reads": steps.iter().filter(|step| step.action.is_read()).count(),
        "steps": steps.into_iter().map(line).collect::<Vec<_>>(),
        "filters": filters,
        "ms": phases.to_json(costs.waited),
    });
    if session.gateway().upstream().is_some() {
        plan["upstream"] = json!({ "requests": costs.requests });
    }
    plan
}

/// `findPerKey users: 12 keys, 12 documents`.
fn line(step: &Step) -> String {
    let mut line = format!("{} {}:", step.action.as_str(), step.collection);
    if let Some(keys) = step.keys {
        let _ = write!(line, " {keys} keys,");
    }
    let _ = write!(line, " {} documents", step.documents);
    line
}
