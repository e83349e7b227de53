//! A difference as it is told: who did what with which document, and what the rules of both sides have to say.

use super::ask::Sides;
use super::compare::{Difference, Judged};
use super::report::{Example, Finding, Side};
use super::trial::{Act, Change, Round};
use crate::access::{
    self, Context, Facts, Operation, Permission, Policy, Reference, RequestData, Settings,
};
use crate::data::ejson::{Mode, object_to_string, value_to_string};
use crate::data::{DocId, Document, Filter, Object};

/// What a difference is about, taken out of its round.
struct Scene<'a> {
    sides: &'a Sides,
    round: &'a Round,
    caller: usize,
    act: &'a Act,
    /// As it is stored, or would be.
    document: Object,
    now: i64,
}

/// The finding that a difference belongs to, without examples.
pub(super) fn finding(
    sides: &Sides,
    round: &Round,
    judged: &Judged,
    found: &Difference,
) -> Finding {
    let operation = round.probes[judged.probe].act.operation();
    let [here, there] = sides.policies(round);
    Finding {
        collection: sides.name(round).to_string(),
        operation: operation.to_string(),
        direction: found.kind.into(),
        database_rule: rule(there, operation),
        gateway_rule: rule(here, operation),
        cases: 0,
        examples: Vec::new(),
    }
}

pub(super) fn example(
    sides: &Sides,
    round: &Round,
    judged: &Judged,
    found: &Difference,
    now: i64,
) -> Example {
    let probe = &round.probes[judged.probe];
    let scene = Scene {
        sides,
        round,
        caller: probe.caller,
        act: &probe.act,
        document: document(sides, round, judged),
        now,
    };
    let [here, there] = sides.policies(round);
    let side = |said: &str, policy| Side {
        said: said.to_owned(),
        explained: scene.explained(policy),
    };
    let beside = |(collection, document): &(_, Object)| format!("{collection} {}", text(document));
    Example {
        case: judged.case,
        caller: sides.cast[probe.caller].name.clone(),
        act: told(&probe.act),
        document: text(&scene.document),
        references: round.references.iter().map(beside).collect(),
        database: side(&found.database, there),
        gateway: side(&found.gateway, here),
    }
}

fn document(sides: &Sides, round: &Round, judged: &Judged) -> Object {
    let probe = &round.probes[judged.probe];
    match (&probe.act, judged.document) {
        (Act::Create(input), _) => access::strict::stored(input, &sides.cast[probe.caller].caller),
        (_, Some(at)) => round.documents[at].clone(),
        (_, None) => Object::new(),
    }
}

impl Scene<'_> {
    /// The collection's own rule with what it comes to, and the values it sees.
    fn explained(&self, policy: &Policy) -> Vec<String> {
        let facts = self.facts();
        let data = self.data();
        let cx = Context {
            caller: &self.sides.cast[self.caller].caller,
            now: self.now,
            facts: &facts,
            request: data.as_ref(),
            condition: &Filter::all(),
        };
        let (operation, settings) = (self.act.operation(), Settings::default());
        let explained =
            access::explain_rows(policy, operation, &cx, settings, Some(&self.document));
        let Some(own) = explained.clauses.first() else {
            return Vec::new();
        };
        let rule = own.rule.as_deref().unwrap_or("not named, so refused");
        let truth = own
            .truth
            .map_or_else(String::new, |truth| format!(" -> {truth}"));
        let observed = own.observed.iter().map(|(name, value)| match value {
            Some(value) => format!("{name} = {}", value_to_string(value, Mode::Relaxed)),
            None => format!("{name} is null, missing or unknown"),
        });
        let first = format!("{operation}: {rule}{truth}");
        [first].into_iter().chain(observed).collect()
    }

    fn facts(&self) -> Facts {
        let mut facts = Facts::default();
        for (collection, object) in &self.round.references {
            if let Some(id) = object.get("_id").and_then(DocId::from_value) {
                let reference = Reference {
                    collection: collection.clone(),
                    id,
                };
                let document = Document::from_object(object.clone()).map(Into::into);
                facts.documents.insert(reference, document);
            }
        }
        facts
    }

    fn data(&self) -> Option<RequestData> {
        match self.act {
            Act::Create(input) => Some(RequestData {
                values: input.clone(),
                opaque: Vec::new(),
            }),
            Act::Update(_, changes) => Some(Change::sent(changes)),
            _ => None,
        }
    }
}

fn rule(policy: &Policy, operation: Operation) -> String {
    match (policy.permission, policy.rules.get(operation)) {
        (Permission::Custom, Some(rule)) => rule.source().to_owned(),
        (Permission::Custom, None) => "not named, so refused".to_owned(),
        (permission, _) => permission.tag().to_owned(),
    }
}

fn told(act: &Act) -> String {
    match act {
        Act::Read => "the document, with all that rules look at".to_owned(),
        Act::Get(_) => "the document, by its id".to_owned(),
        Act::List(list) => format!(
            "a list where {}, at most {}",
            said(&list.filter),
            list.limit
        ),
        Act::Count(filter) => format!("how many there are where {}", said(filter)),
        Act::Create(_) => "to create it".to_owned(),
        Act::Update(_, changes) => {
            let each = changes.iter().map(|change| match change {
                Change::Set(path, value) => {
                    format!("set {path} = {}", value_to_string(value, Mode::Relaxed))
                }
                Change::Unset(path) => format!("unset {path}"),
            });
            format!("to update it: {}", each.collect::<Vec<_>>().join(", "))
        }
        Act::Delete(_) => "to delete it".to_owned(),
    }
}

fn said(filter: &Filter) -> String {
    super::condition::query(filter).map_or_else(|| "…".to_owned(), |query| text(&query))
}

fn text(object: &Object) -> String {
    object_to_string(object, Mode::Relaxed)
}
