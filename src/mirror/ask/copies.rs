//! Writes, each on a fresh copy of its document for either side.

use super::client::operators;
use super::gateway::Asker;
use super::{Asking, Error, Reply, Told, Written, id, said};
use crate::access::Operation;
use crate::data::{Filter, Object, Order, Path, Test, Value};
use crate::mirror::condition::{looked_at, pins, prefixed};
use crate::mirror::trial::{Act, Change, Probe, Round};

/// How many documents are put there at once.
const BATCH: usize = 100;

/// Where copies are.
pub(super) struct Copies;

/// The two copies that a write is tried on.
struct Pair {
    /// The database's.
    there: String,
    /// The gateway's.
    here: String,
}

impl Copies {
    /// What the ids of a round's copies begin with.
    pub(super) fn prefix(round: &Round) -> String {
        round.prefix.replacen("mirror-", "mirror-copy-", 1)
    }
}

impl Pair {
    fn of(round: &Round, caller: usize, probe: usize) -> Self {
        let prefix = Copies::prefix(round);
        Self {
            there: format!("{prefix}{caller}-{probe}-there"),
            here: format!("{prefix}{caller}-{probe}-here"),
        }
    }
}

impl Asking<'_> {
    /// All writes of a caller.
    pub(super) async fn write(
        &self,
        caller: usize,
        probes: &[(usize, &Probe)],
    ) -> Result<Vec<(usize, Told)>, Error> {
        self.copy(caller, probes).await?;
        let mut told = Vec::new();
        for (at, probe) in probes {
            let pair = Pair::of(self.round, caller, *at);
            if let Some((database, gateway)) = self.write_one(&pair, &probe.act).await? {
                told.push((*at, database, gateway));
            }
        }
        let left = match told.is_empty() {
            true => Vec::new(),
            false => self.left(caller).await?,
        };
        let of = |wanted: &str| left.iter().find(|it| id(it) == wanted).cloned();
        let written = told.into_iter().map(|(at, database, gateway)| {
            let pair = Pair::of(self.round, caller, at);
            let written = Written {
                database,
                gateway,
                there: of(&pair.there),
                here: of(&pair.here),
            };
            (at, Told::Written(written))
        });
        Ok(written.collect())
    }

    async fn copy(&self, caller: usize, probes: &[(usize, &Probe)]) -> Result<(), Error> {
        let mut copies = Vec::new();
        for (at, probe) in probes {
            if let Act::Update(document, _) | Act::Delete(document) = &probe.act {
                let original = &self.round.documents[*document];
                let pair = Pair::of(self.round, caller, *at);
                copies.extend([&pair.there, &pair.here].map(|id| called(original, id)));
            }
        }
        for batch in copies.chunks(BATCH) {
            self.sides.insert(self.name, batch).await?;
        }
        Ok(())
    }

    async fn write_one(
        &self,
        pair: &Pair,
        act: &Act,
    ) -> Result<Option<(Reply<bool>, Reply<()>)>, Error> {
        let asker: &Asker<'_> = &self.asker;
        Ok(Some(match act {
            Act::Create(input) => {
                let document = self.complete(&pair.there, input);
                let there = self.client.insert(self.name, &[document]).await?;
                let here = asker.create(&pair.here, input.clone()).await?;
                (there.map(|()| true), here)
            }
            Act::Update(document, changes) => {
                let query = self.pinned(*document, &pair.there, Operation::Update);
                let update = written(changes);
                let there = self.client.update(self.name, &query, &update).await?;
                (there, asker.update(&pair.here, changes).await?)
            }
            Act::Delete(document) => {
                let query = self.pinned(*document, &pair.there, Operation::Delete);
                let there = self.client.remove(self.name, &query).await?;
                (there, asker.delete(&pair.here).await?)
            }
            _ => return Ok(None),
        }))
    }

    /// The copy of a document, with all that the rules look at.
    fn pinned(&self, document: usize, id: &str, operation: Operation) -> Object {
        let paths = looked_at(self.sides.policies(self.round), operation);
        let copy = called(&self.round.documents[document], id);
        let this = Filter::field(&Path::field("_id"), Test::Eq(Value::string(id)));
        said(&this.and(pins(&paths, &copy)))
    }

    /// What a client of the database sends: what the gateway adds by itself, the client adds too where rules look at it.
    fn complete(&self, id: &str, input: &Object) -> Object {
        let collection = self.sides.collection(self.round);
        let paths = looked_at(self.sides.policies(self.round), Operation::Create);
        let now = self.asker.gateway.session(self.asker.caller.clone()).now();
        let mut document = called(input, id);
        for field in &collection.shape.fields {
            let seen = paths.iter().any(|path| *path.root() == field.stored);
            if let (true, Some(value)) = (seen, field.provided(now))
                && !document.contains(&field.stored)
            {
                document.insert(field.stored.clone(), value);
            }
        }
        document
    }

    async fn left(&self, caller: usize) -> Result<Vec<Object>, Error> {
        let prefix = format!("{}{caller}-", Copies::prefix(self.round));
        let query = said(&prefixed(&prefix));
        let (administrator, order) = (&self.sides.administrator, Order::default());
        let found = administrator.find(self.name, &query, &order, super::ROWS);
        match found.await? {
            Reply::Given(left) => Ok(left),
            _ => Err(Error::Unexpected("answer to its administrator".to_owned())),
        }
    }
}

/// A document under another id.
fn called(document: &Object, id: &str) -> Object {
    let mut copy = document.clone();
    copy.insert("_id", Value::string(id));
    copy
}

fn written(changes: &[Change]) -> Object {
    let (mut set, mut unset) = (Object::new(), Object::new());
    for change in changes {
        match change {
            Change::Set(path, value) => set.insert(path.to_string(), value.clone()),
            Change::Unset(path) => unset.insert(path.to_string(), Value::string("")),
        }
    }
    operators(set, unset)
}
