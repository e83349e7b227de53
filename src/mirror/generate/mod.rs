//! Rounds, one after the other, always the same from one seed. Pure.
//!
//! A round is about one collection. Its documents begin with some that a rule is true of for somebody; the others are
//! these with one value changed to one at the edge of what a rule compares, so that each clause decides alone.
//!
//! - `boundary.rs`: values at the edge; `document.rs`: documents as the model has them; `reference.rs`: those that rules
//!   ask for; `lists.rs`: conditions; `writes.rs`: inputs and changes; `chance.rs`: random numbers

mod boundary;
mod chance;
mod document;
mod lists;
mod reference;
mod writes;

use crate::access::{Policy, RequestData};
use crate::data::{CollectionName, Object, Path, Value};
use crate::model::{Collection, CollectionIx, Model};
use crate::rules::{Operation, Rule};

use self::boundary::{Around, Choice, Edge, Edges};
use self::chance::Chance;
use self::reference::References;
use super::permissions::Permissions;
use super::trial::{Act, Member, Probe, Round};

/// Documents of a round.
const DOCUMENTS: usize = 60;

/// How often a document is made up anew that a rule is to be true of.
const TRIES: usize = 40;

/// Lists that each caller asks for in a round.
const LISTS: usize = 3;

const OPERATIONS: [Operation; 4] = [
    Operation::Read,
    Operation::Create,
    Operation::Update,
    Operation::Delete,
];

/// What rounds are made of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Generator<'a> {
    pub(super) model: &'a Model,
    pub(super) permissions: &'a Permissions,
    pub(super) cast: &'a [Member],
    pub(super) seed: u64,
    /// Milliseconds since 1970.
    pub(super) now: i64,
    /// Only this collection.
    pub(super) only: Option<&'a CollectionName>,
}

impl<'a> Generator<'a> {
    /// Without end, as long as there are collections.
    pub(super) fn rounds(self) -> impl Iterator<Item = Round> + 'a {
        let collections = self.model.collections.iter().enumerate();
        let wanted: Vec<usize> = collections
            .filter(|(_, it)| self.only.is_none_or(|only| *only == it.name))
            .map(|(at, _)| at)
            .collect();
        let numbers = if wanted.is_empty() { 0..0 } else { 0..u64::MAX };
        let mut first = 0;
        numbers
            .zip(wanted.into_iter().cycle())
            .map(move |(number, at)| {
                let mut round = self.round(number, CollectionIx(at));
                round.first = first;
                first += round.cases();
                round
            })
    }

    fn round(self, number: u64, ix: CollectionIx) -> Round {
        let collection = self.model.collection(ix);
        let seed = self.seed;
        let prefix = format!("mirror-{seed:x}-{number}-");
        let references = format!("mirror-ref-{seed:x}-{number}-");
        let policies = [
            &collection.policy,
            self.permissions.policy(&collection.name),
        ];
        let edges = self.edges(policies, &references);
        let mut workshop = Workshop {
            of: self,
            collection,
            policies,
            edges: &edges,
            references: References::new(self.model, &edges),
            chance: Chance::of(seed, number),
        };
        let documents = workshop.documents(&prefix);
        let mut probes = workshop.probes(&documents);
        number_probes(&mut probes, documents.len() as u64);
        Round {
            first: 0,
            collection: ix,
            prefix,
            documents,
            references: workshop.references.into_made(),
            probes,
        }
    }

    /// Grants are nobody's here, but what they compare with is as good an edge as any.
    fn edges(self, policies: [&Policy; 2], references: &str) -> Edges {
        let rules = rules(policies);
        let around = Around {
            cast: self.cast,
            now: self.now,
            references,
        };
        Edges::of(rules.into_iter(), around)
    }
}

fn rules(policies: [&Policy; 2]) -> Vec<&Rule> {
    let each = |operation| policies.into_iter().flat_map(move |it| it.rules(operation));
    OPERATIONS.into_iter().flat_map(each).collect()
}

fn number_probes(probes: &mut [Probe], documents: u64) {
    let mut offset = 0;
    for probe in probes {
        probe.offset = offset;
        offset += match probe.act {
            Act::Read | Act::List(_) => documents,
            _ => 1,
        };
    }
}

/// One round in the making.
struct Workshop<'a, 'r> {
    of: Generator<'a>,
    collection: &'a Collection,
    /// The gateway's, and the database's.
    policies: [&'r Policy; 2],
    edges: &'r Edges,
    references: References<'r>,
    chance: Chance,
}

impl<'r> Workshop<'_, 'r> {
    fn documents(&mut self, prefix: &str) -> Vec<Object> {
        let stored = [Operation::Read, Operation::Update, Operation::Delete];
        let cast = 0..self.of.cast.len();
        let bases: Vec<Object> = cast
            .flat_map(|member| stored.map(|operation| (member, operation)))
            .map(|(member, operation)| self.allowed(member, operation))
            .collect();
        let mut documents = bases.clone();
        for (path, choice) in self.choices() {
            let base = self.chance.pick(&bases).cloned();
            let mut document = base.unwrap_or_default();
            document::put(&mut document, path.segments(), choice);
            documents.push(document);
        }
        documents.truncate(DOCUMENTS);
        let numbered = documents.into_iter().enumerate();
        numbered
            .map(|(at, document)| with_id(&format!("{prefix}{at:02}"), document))
            .collect()
    }

    /// Every value at every path, the most telling ones first.
    fn choices(&mut self) -> Vec<(Path, Choice)> {
        let mut of = |choose: fn(&boundary::Edge) -> &Vec<Choice>| {
            let each = self.edges.document.iter().flat_map(|(path, edge)| {
                let choices = choose(edge).iter();
                choices.map(|choice| (path.clone(), choice.clone()))
            });
            let mut each: Vec<_> = each.filter(|(path, _)| path.root() != "_id").collect();
            self.chance.shuffle(&mut each);
            each
        };
        let exact = of(|edge| &edge.exact);
        let beside = of(|edge| &edge.beside);
        exact.into_iter().chain(beside).collect()
    }

    /// A document that the rule of an operation is true of for this caller, if one is found.
    fn allowed(&mut self, member: usize, operation: Operation) -> Object {
        let rules: Vec<&Rule> = self.rules_of(operation);
        let rule = self.chance.pick(&rules).copied();
        let data = RequestData::default();
        let mut document = self.made_up();
        for _ in 0..TRIES {
            if rule.is_none_or(|rule| self.holds(rule, member, &document, &data)) {
                break;
            }
            document = self.made_up();
        }
        document
    }

    /// On either side.
    fn rules_of(&self, operation: Operation) -> Vec<&'r Rule> {
        let sides = self.policies.into_iter();
        sides.flat_map(|policy| policy.rules(operation)).collect()
    }

    fn holds(&mut self, rule: &Rule, member: usize, document: &Object, data: &RequestData) -> bool {
        let (caller, now) = (&self.of.cast[member].caller, self.of.now);
        self.references
            .holds(rule, caller, now, document, data, &mut self.chance)
    }

    /// A document as the model has it, with values where rules look that they compare with.
    fn made_up(&mut self) -> Object {
        let mut document = document::valid(self.of.model, self.collection, &mut self.chance);
        for (path, edge) in &self.edges.document {
            if path.root() != "_id"
                && let Some(choice) = self.choice(path, edge)
            {
                document::put(&mut document, path.segments(), choice);
            }
        }
        document
    }

    /// What rules compare with, or something beside it, mostly of the field's type; `None`: whatever there is.
    fn choice(&mut self, path: &Path, edge: &Edge) -> Option<Choice> {
        let choices = match self.chance.below(10) {
            0..=5 => &edge.exact,
            6..=7 => &edge.beside,
            _ => return None,
        };
        let field = document::field_at(self.of.model, &self.collection.shape, path);
        let Some(field) = field.filter(|_| self.chance.percent(90)) else {
            return self.chance.pick(choices).cloned();
        };
        let fits = |choice: &&Choice| {
            let value = choice.as_ref();
            value.is_some_and(|value| document::fits(field, value))
        };
        let fitting: Vec<&Choice> = choices.iter().filter(fits).collect();
        self.chance.pick(&fitting).copied().cloned()
    }

    /// What each caller does.
    fn probes(&mut self, documents: &[Object]) -> Vec<Probe> {
        self.ask_for_references(documents);
        let mut probes = Vec::new();
        for caller in 0..self.of.cast.len() {
            let mut acts = vec![Act::Read];
            acts.extend((0..LISTS).map(|_| Act::List(self.list(caller, documents))));
            acts.push(Act::Count(self.condition(caller, documents)));
            acts.extend((0..3).map(|_| Act::Get(self.chance.below(documents.len()))));
            acts.extend(self.writes(caller, documents));
            let offset = 0;
            probes.extend(acts.into_iter().map(|act| Probe {
                offset,
                caller,
                act,
            }));
        }
        probes
    }

    /// Makes what the rules will ask for.
    fn ask_for_references(&mut self, documents: &[Object]) {
        let data = RequestData::default();
        for rule in rules(self.policies).into_iter().filter(|it| it.uses_get()) {
            for member in 0..self.of.cast.len() {
                for document in documents {
                    self.holds(rule, member, document, &data);
                }
            }
        }
    }
}

fn with_id(id: &str, document: Object) -> Object {
    let id = ("_id".into(), Value::string(id));
    [id].into_iter().chain(document).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mirror::cast;

    fn rounds(seed: u64) -> Vec<Round> {
        let model = Model::parse(include_str!("../../../schema.graphql")).expect("the shop");
        let permissions = Permissions::of_model(&model.model);
        let generator = Generator {
            model: &model.model,
            permissions: &permissions,
            cast: &cast(),
            seed,
            now: 1_800_000_000_000,
            only: None,
        };
        generator.rounds().take(5).collect()
    }

    #[test]
    fn a_seed_makes_the_same_rounds_each_time() {
        assert_eq!(format!("{:?}", rounds(3)), format!("{:?}", rounds(3)));
        assert_ne!(format!("{:?}", rounds(3)), format!("{:?}", rounds(4)));
    }

    #[test]
    fn each_case_has_a_number_of_its_own() {
        let mut next = 0;
        for round in rounds(1) {
            for probe in &round.probes {
                for at in 0..round.cases_of(probe) {
                    let document = usize::try_from(at).expect("a place");
                    assert_eq!(round.case(probe, document), next);
                    next += 1;
                }
            }
        }
        assert!(next > 5_000, "{next}");
    }

    #[test]
    fn a_part_of_a_round_holds_its_cases_under_their_numbers() {
        let rounds = rounds(1);
        let round = &rounds[1];
        let wanted = round.first + round.cases() / 2;
        let part = round.clone().within(wanted, wanted + 1);
        assert_eq!(part.probes.len(), 1);
        let begin = part.case(&part.probes[0], 0);
        assert!((begin..begin + part.cases()).contains(&wanted));
    }
}
