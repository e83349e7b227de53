//! What lasts of what is found as one looks again and again.
//!
//! A change of a permission takes minutes to be seen everywhere, and a question may go unanswered: what was right a
//! moment ago counts as right until it has been seen otherwise twice.

use super::report::{Examination, Finding, Report, State, Subject};

const SUBJECTS: [Subject; 3] = [Subject::Collection, Subject::Index, Subject::Permission];

/// The last look, and what is told of it.
#[derive(Debug, Default)]
pub struct Lasting(Option<Looks>);

#[derive(Debug)]
struct Looks {
    last: Report,
    told: Report,
}

impl Lasting {
    /// Takes in one more look; gives what is to be told. The first look counts as it is.
    pub fn take(&mut self, now: Report) -> &Report {
        let told = match &self.0 {
            Some(before) => Report::new(
                now.collections
                    .iter()
                    .map(|now| settled(now, before))
                    .collect(),
            ),
            None => now.clone(),
        };
        let looks = Looks { last: now, told };
        &self.0.insert(looks).told
    }

    /// Whether something was seen that is not told yet: another look soon would decide.
    pub fn is_in_doubt(&self) -> bool {
        self.0
            .as_ref()
            .is_some_and(|looks| looks.last != looks.told)
    }
}

fn settled(now: &Examination, before: &Looks) -> Examination {
    let find = |report: &Report| {
        let mut known = report.collections.iter();
        known.find(|it| it.collection == now.collection).cloned()
    };
    let (Some(last), Some(told)) = (find(&before.last), find(&before.told)) else {
        return now.clone();
    };
    let mut settled = Examination {
        remedies: now.remedies.clone(),
        ..Examination::of(&now.collection)
    };
    for subject in SUBJECTS {
        let is_new = last.state(subject) == State::Ok && now.state(subject) != State::Ok;
        let source = if is_new { &told } else { now };
        settled.findings.extend(of(source, subject));
    }
    settled
}

fn of(examination: &Examination, subject: Subject) -> impl Iterator<Item = Finding> {
    let findings = examination.findings.iter();
    findings.filter(move |it| it.subject == subject).cloned()
}
