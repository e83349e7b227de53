//! What both sides said, case by case. Pure.
//!
//! Whatever one side gives and the other does not is a difference. These are none, and are counted apart:
//! - **narrowed**: the database refuses a query as a whole that its rule cannot be proved on, where the gateway gives what
//!   the caller may have;
//! - **further**: the gateway hides or refuses a field, of which the database knows nothing;
//! - **loose**: the database gives a document because it looks at the condition alone, though it does not give it to the
//!   same caller who says all that is in it: a list where its rule expects one value, or nothing at all;
//! - **senseless**: one side cannot be asked so, for instance since an input does not fit the model.

use std::collections::BTreeSet;

use super::ask::{Heard, Reply, Shown, Told, Truth, Written, id};
use super::condition::looked_at;
use super::trial::{Act, Change, List, Probe, Round};
use crate::access::{Operation, Permission, Policy};
use crate::data::{Object, Value};
use crate::model::Collection;

/// One case, judged.
#[derive(Clone, Debug)]
pub(super) struct Judged {
    pub(super) case: u64,
    /// The place of its probe.
    pub(super) probe: usize,
    /// The document that it is about, if it is there already.
    pub(super) document: Option<usize>,
    pub(super) verdict: Verdict,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    /// Both give the document, or do what is asked.
    Given,
    /// Neither does.
    Denied,
    Narrowed,
    Further,
    Loose,
    Senseless,
    Different(Difference),
}

/// A case that is different, in the words of both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) kind: Kind,
    pub(super) database: String,
    pub(super) gateway: String,
}

/// Which side is the more generous.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    /// The gateway gives, or does, what the database does not.
    Generous,
    /// The database gives, or does, what the gateway does not.
    Strict,
    /// Both do, and what comes of it is not the same.
    Otherwise,
}

/// What a round is compared under.
#[derive(Clone, Copy, Debug)]
pub(super) struct Comparison<'a> {
    pub(super) round: &'a Round,
    pub(super) collection: &'a Collection,
    /// The gateway's, and the database's.
    pub(super) policies: [&'a Policy; 2],
}

impl Comparison<'_> {
    /// Every case of one caller.
    pub(super) fn judge(&self, heard: &Heard) -> Vec<Judged> {
        let each = heard.told.iter().flat_map(|(at, told)| {
            let probe = &self.round.probes[*at];
            let verdicts = self.verdicts(probe, told, &heard.truths);
            verdicts.into_iter().map(move |(document, verdict)| Judged {
                case: self.round.case(probe, document.unwrap_or(0)),
                probe: *at,
                document,
                verdict,
            })
        });
        each.collect()
    }

    fn verdicts(
        &self,
        probe: &Probe,
        told: &Told,
        truths: &[Truth],
    ) -> Vec<(Option<usize>, Verdict)> {
        let one = |document, verdict| vec![(document, verdict)];
        match (&probe.act, told) {
            (Act::Read, Told::Read) => self.each(|at| self.read(at, &truths[at])),
            (Act::Get(at), Told::Got(there)) => {
                one(Some(*at), self.got(*at, there, &truths[*at].gateway))
            }
            (Act::List(list), Told::Listed(there, here)) => self.listed(list, there, here, truths),
            (Act::Count(_), Told::Counted(there, here)) => {
                one(None, self.counted(there, here, truths))
            }
            (Act::Create(input), Told::Written(written)) => one(None, self.created(input, written)),
            (Act::Update(at, changes), Told::Written(written)) => {
                one(Some(*at), self.updated(*at, changes, written))
            }
            (Act::Delete(at), Told::Written(written)) => one(Some(*at), self.deleted(*at, written)),
            _ => Vec::new(),
        }
    }

    fn each(&self, verdict: impl Fn(usize) -> Verdict) -> Vec<(Option<usize>, Verdict)> {
        let documents = 0..self.round.documents.len();
        documents.map(|at| (Some(at), verdict(at))).collect()
    }

    fn read(&self, at: usize, truth: &Truth) -> Verdict {
        match (&truth.database, &truth.gateway) {
            (Reply::Senseless(_), _) | (_, Reply::Senseless(_)) => Verdict::Senseless,
            (Reply::Given(Some(there)), Reply::Given(Some(here))) => shown(there, here),
            (Reply::Given(Some(_)), Reply::Further(_)) => Verdict::Further,
            (Reply::Given(Some(_)), _) if self.is_loose(at, Operation::Read) => Verdict::Loose,
            (Reply::Given(Some(_)), here) => strict("it gives the document", here),
            (there, Reply::Given(Some(_))) => generous(there, "it gives the document"),
            _ => Verdict::Denied,
        }
    }

    fn got(
        &self,
        at: usize,
        there: &Reply<Option<Object>>,
        here: &Reply<Option<Shown>>,
    ) -> Verdict {
        match (there, here) {
            (Reply::Senseless(_), _) | (_, Reply::Senseless(_)) => Verdict::Senseless,
            (Reply::Given(Some(there)), Reply::Given(Some(here))) => shown(there, here),
            (Reply::Given(Some(_)), Reply::Further(_)) => Verdict::Further,
            (Reply::Given(Some(_)), _) if self.is_loose(at, Operation::Read) => Verdict::Loose,
            (Reply::Given(Some(_)), here) => strict("it gives the document", here),
            (Reply::Given(None), Reply::Given(Some(_))) => generous(there, "it gives the document"),
            (_, Reply::Given(Some(_))) => Verdict::Narrowed,
            _ => Verdict::Denied,
        }
    }

    fn listed(
        &self,
        list: &List,
        there: &Reply<Vec<Object>>,
        here: &Reply<Vec<Shown>>,
        truths: &[Truth],
    ) -> Vec<(Option<usize>, Verdict)> {
        let shown: BTreeSet<&str> = match here {
            Reply::Given(here) => here.iter().map(|it| it.id.as_str()).collect(),
            _ => BTreeSet::new(),
        };
        let Reply::Given(given) = there else {
            return self.each(|at| match there {
                Reply::Senseless(_) => Verdict::Senseless,
                _ if shown.contains(self.id(at)) => narrowed(there, &truths[at]),
                _ => Verdict::Denied,
            });
        };
        let given: BTreeSet<&str> = given.iter().map(id).collect();
        let has_loose = (0..truths.len())
            .any(|at| given.contains(self.id(at)) && self.is_loose_in_list(at, &truths[at]));
        let looks_at_ruled = self.names_ruled_field(list);
        self.each(
            |at| match (given.contains(self.id(at)), shown.contains(self.id(at))) {
                (true, true) => Verdict::Given,
                (false, false) => Verdict::Denied,
                _ if matches!(here, Reply::Senseless(_)) => Verdict::Senseless,
                (true, false) if matches!(here, Reply::Further(_)) || looks_at_ruled => {
                    Verdict::Further
                }
                (true, false) if self.is_loose_in_list(at, &truths[at]) => Verdict::Loose,
                // What is loose takes the place of something else.
                _ if has_loose && list.limit < self.round.documents.len() as u64 => Verdict::Loose,
                (true, false) => strict("the list has the document", here),
                (false, true) => generous(there, "the list has the document"),
            },
        )
    }

    /// Loose documents may be counted too.
    fn counted(&self, there: &Reply<u64>, here: &Reply<u64>, truths: &[Truth]) -> Verdict {
        let loose = (0..truths.len()).filter(|at| self.is_loose_in_list(*at, &truths[*at]));
        let loose = loose.count() as u64;
        match (there, here) {
            (Reply::Senseless(_), _) | (_, Reply::Senseless(_)) => Verdict::Senseless,
            (Reply::Given(there), Reply::Given(here)) if there == here => Verdict::Given,
            (Reply::Given(there), Reply::Given(here))
                if *here < *there && *there <= here + loose =>
            {
                Verdict::Loose
            }
            (Reply::Given(there), Reply::Given(here)) => Verdict::Different(Difference {
                kind: match here > there {
                    true => Kind::Generous,
                    false => Kind::Strict,
                },
                database: format!("it counts {there}"),
                gateway: format!("it counts {here}"),
            }),
            (Reply::Given(0), Reply::Refused(_)) => Verdict::Denied,
            (Reply::Given(_), Reply::Further(_)) => Verdict::Further,
            (Reply::Given(there), Reply::Refused(_)) if *there <= loose => Verdict::Loose,
            (Reply::Given(there), here) => strict(&format!("it counts {there}"), here),
            (_, Reply::Given(_)) => Verdict::Narrowed,
            _ => Verdict::Denied,
        }
    }

    fn created(&self, input: &Object, written: &Written) -> Verdict {
        decided(written, false).unwrap_or_else(|| {
            let owner = ["_openid".into()];
            let fields = input.iter().map(|(name, _)| name.clone()).chain(owner);
            let differs = |name: &smol_str::SmolStr| {
                let at = |side: &Option<Object>| side.as_ref().and_then(|it| it.get(name).cloned());
                at(&written.there) != at(&written.here)
            };
            match fields.into_iter().find(differs) {
                Some(name) => stands(&name, written),
                None => Verdict::Given,
            }
        })
    }

    fn updated(&self, at: usize, changes: &[Change], written: &Written) -> Verdict {
        let loose = self.is_loose(at, Operation::Update);
        let before = &self.round.documents[at];
        let wanted = decided(written, loose);
        let is_refused = |verdict: &Verdict| *verdict == Verdict::Denied;
        if wanted.as_ref().is_some_and(is_refused) {
            let changed = |side: &Option<Object>| {
                let side = side.as_ref();
                side.is_none_or(|side| {
                    changes
                        .iter()
                        .any(|it| it.path().lookup(side) != it.path().lookup(before))
                })
            };
            let told = changed(&written.there) || changed(&written.here);
            return match told {
                true => stands("a refused write", written),
                false => Verdict::Denied,
            };
        }
        wanted.unwrap_or_else(|| {
            match self.unmanaged(&written.there) == self.unmanaged(&written.here) {
                true => Verdict::Given,
                false => stands("the document", written),
            }
        })
    }

    fn deleted(&self, at: usize, written: &Written) -> Verdict {
        let loose = self.is_loose(at, Operation::Delete);
        let verdict = decided(written, loose).unwrap_or(Verdict::Given);
        let remain = [&written.there, &written.here].map(|side| side.is_some());
        let expected = match (&written.database, &written.gateway) {
            (Reply::Given(there), here) => [!there, !matches!(here, Reply::Given(()))],
            (_, here) => [true, !matches!(here, Reply::Given(()))],
        };
        match remain == expected {
            true => verdict,
            false => stands("a document that was, or was not, to be removed", written),
        }
    }

    /// What a document has besides its id and the times that the gateway keeps.
    fn unmanaged(&self, document: &Option<Object>) -> Option<Vec<(String, Value)>> {
        let shape = &self.collection.shape;
        let is_managed = |name: &str| {
            let field = shape.field_stored(name).map(|ix| shape.field(ix));
            name == "_id" || field.is_some_and(|field| field.timestamp.is_some())
        };
        let mut left: Vec<_> = document
            .as_ref()?
            .iter()
            .filter(|(name, _)| !is_managed(name))
            .map(|(name, value)| (name.to_string(), value.clone()))
            .collect();
        left.sort_by(|(a, _), (b, _)| a.cmp(b));
        Some(left)
    }

    fn id(&self, at: usize) -> &str {
        id(&self.round.documents[at])
    }

    /// Whether a simple permission may give a document since a list holds its caller: its condition looks into lists.
    fn is_loose(&self, at: usize, operation: Operation) -> bool {
        let [_, there] = self.policies;
        let document = &self.round.documents[at];
        let mut paths = looked_at([there, there], operation).into_iter();
        there.permission != Permission::Custom
            && paths.any(|path| matches!(path.lookup(document), Some(Value::Array(_))))
    }

    fn is_loose_in_list(&self, at: usize, truth: &Truth) -> bool {
        !matches!(truth.database, Reply::Given(Some(_))) || self.is_loose(at, Operation::Read)
    }

    /// Whether a list is about a field that has a rule of its own: the gateway lists those of which it may be seen.
    fn names_ruled_field(&self, list: &List) -> bool {
        let shape = &self.collection.shape;
        list.filter.roots().into_iter().any(|root| {
            let field = shape.field_stored(root).map(|ix| shape.field(ix));
            field.is_some_and(|field| field.policy.names(Operation::Read))
        })
    }
}

/// What is shown must be what the database gives.
fn shown(there: &Object, here: &Shown) -> Verdict {
    let mut fields = here.fields.iter();
    match fields.find(|(name, value)| there.get(name) != Some(value)) {
        Some((name, _)) => Verdict::Different(Difference {
            kind: Kind::Otherwise,
            database: format!("its `{name}` is another"),
            gateway: format!("it shows a `{name}`"),
        }),
        None if here.hides => Verdict::Further,
        None => Verdict::Given,
    }
}

/// The database refuses the list; the gateway gives what the caller would get by saying more.
fn narrowed(there: &Reply<Vec<Object>>, truth: &Truth) -> Verdict {
    match truth.database {
        Reply::Given(Some(_)) => Verdict::Narrowed,
        _ => generous(there, "the list has the document"),
    }
}

/// A verdict on who may write; `None` if both wrote, so that it depends on what stands there now.
fn decided(written: &Written, is_loose: bool) -> Option<Verdict> {
    let there = match &written.database {
        Reply::Senseless(_) => return Some(Verdict::Senseless),
        Reply::Given(found) => *found,
        _ => false,
    };
    Some(match (&written.gateway, there) {
        (Reply::Given(()), true) => return None,
        (Reply::Given(()), false) => generous(&written.database, "it does it"),
        (Reply::Further(_), true) => Verdict::Further,
        (Reply::Senseless(_), true) => Verdict::Senseless,
        (Reply::Refused(_), true) if is_loose => Verdict::Loose,
        (Reply::Refused(_), true) => strict("it does it", &written.gateway),
        (_, false) => Verdict::Denied,
    })
}

/// Something stands there that should not, or does not and should.
fn stands(what: &str, written: &Written) -> Verdict {
    let left = |side: &Option<Object>| match side {
        Some(_) => format!("{what}: it stands there otherwise"),
        None => format!("{what}: nothing stands there"),
    };
    Verdict::Different(Difference {
        kind: Kind::Otherwise,
        database: left(&written.there),
        gateway: left(&written.here),
    })
}

fn generous<T>(there: &Reply<T>, here: &str) -> Verdict {
    Verdict::Different(Difference {
        kind: Kind::Generous,
        database: denial(there),
        gateway: here.to_owned(),
    })
}

fn strict<T>(there: &str, here: &Reply<T>) -> Verdict {
    Verdict::Different(Difference {
        kind: Kind::Strict,
        database: there.to_owned(),
        gateway: denial(here),
    })
}

fn denial<T>(reply: &Reply<T>) -> String {
    match reply {
        Reply::Given(_) => "it does not find the document".to_owned(),
        Reply::Refused(told) | Reply::Further(told) | Reply::Senseless(told) => {
            format!("it refuses: {told}")
        }
    }
}
