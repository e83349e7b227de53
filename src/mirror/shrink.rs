//! Making an example small: whatever a difference is there without is taken out of its document.

use super::ask::{Error, Sides};
use super::compare::{Comparison, Difference, Judged, Verdict};
use super::trial::{Act, Probe, Round};
use crate::data::Object;

/// The difference in a round of its own, with as little in its document as is possible.
pub(super) async fn shrink(
    sides: &Sides,
    round: &Round,
    judged: &Judged,
    found: &Difference,
) -> Result<Option<(Round, Judged)>, Error> {
    let Some(mut small) = alone(round, judged) else {
        return Ok(None);
    };
    let Some(mut least) = again(sides, &small, found).await? else {
        return Ok(None);
    };
    let names: Vec<_> = subject(&mut small)
        .iter()
        .map(|(name, _)| name.clone())
        .collect();
    for name in names.iter().filter(|name| *name != "_id") {
        let mut smaller = small.clone();
        subject(&mut smaller).remove(name);
        if let Some(judged) = again(sides, &smaller, found).await? {
            (small, least) = (smaller, judged);
        }
    }
    least.case = judged.case;
    Ok(Some((small, least)))
}

/// The round with nothing in it but one document and one probe; `None` where others matter.
fn alone(round: &Round, judged: &Judged) -> Option<Round> {
    let Probe { caller, act, .. } = round.probes[judged.probe].clone();
    let (document, act) = match (act, judged.document) {
        (Act::Create(input), _) => (None, Act::Create(input)),
        (Act::Read, Some(at)) => (Some(at), Act::Read),
        (Act::List(list), Some(at)) => (Some(at), Act::List(list)),
        (Act::Get(at), _) => (Some(at), Act::Get(0)),
        (Act::Update(at, changes), _) => (Some(at), Act::Update(0, changes)),
        (Act::Delete(at), _) => (Some(at), Act::Delete(0)),
        _ => return None,
    };
    Some(Round {
        documents: document
            .iter()
            .map(|at| round.documents[*at].clone())
            .collect(),
        probes: vec![Probe {
            offset: 0,
            caller,
            act,
        }],
        ..round.clone()
    })
}

/// What is made smaller.
fn subject(round: &mut Round) -> &mut Object {
    match &mut round.probes[0].act {
        Act::Create(input) => input,
        // INVARIANT: whatever is no create has one document.
        _ => &mut round.documents[0],
    }
}

/// Whether the difference is still there.
async fn again(sides: &Sides, round: &Round, found: &Difference) -> Result<Option<Judged>, Error> {
    let comparison = Comparison {
        round,
        collection: sides.collection(round),
        policies: sides.policies(round),
    };
    let heard = sides.ask(round).await?;
    let mut judged = heard.iter().flat_map(|heard| comparison.judge(heard));
    Ok(judged.find(|it| matches!(&it.verdict, Verdict::Different(it) if it.kind == found.kind)))
}
