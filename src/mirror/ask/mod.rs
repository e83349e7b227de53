//! A round is put there and asked of both sides: the database as its own clients speak to it, the gateway as its callers.
//!
//! Documents are put there, looked at and taken away with the administrator's credentials.
//!
//! - `client.rs`: the database to a client; `gateway.rs`: the gateway to a caller; `copies.rs`: documents to write on

mod client;
mod copies;
mod gateway;

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::try_join_all;

pub use self::client::DatabaseClient;
use self::copies::Copies;
use self::gateway::Asker;
pub(super) use self::gateway::Shown;
use super::condition::{looked_at, pins, prefixed, query};
use super::permissions::Permissions;
use super::trial::{Act, List, Member, Probe, Round};
use crate::access::{Operation, Policy};
use crate::cloudbase;
use crate::data::{CollectionName, Filter, Object, Order, Value};
use crate::gateway::Gateway;

/// The most documents of one answer.
const ROWS: u64 = 1_000;

/// Why nothing can be said.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Database(#[from] cloudbase::Error),
    #[error("the gateway cannot ask: {0}")]
    Gateway(Box<crate::gateway::Error>),
    #[error("the database's {0} is not as documented")]
    Unexpected(String),
    #[error("documents cannot be put into `{collection}`: {told}")]
    Put {
        collection: CollectionName,
        told: String,
    },
}

/// What a side says to somebody.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Reply<T> {
    Given(T),
    /// By permission, in its words.
    Refused(String),
    /// By something that the database knows nothing of: the rule of a field.
    Further(String),
    /// It cannot be asked so: the input does not fit, or is in conflict with something.
    Senseless(String),
}

/// Both sides, and who asks them.
#[derive(Clone, Debug)]
pub struct Sides {
    pub gateway: Arc<Gateway>,
    /// What the database is said to allow.
    pub permissions: Permissions,
    pub cast: Vec<Member>,
    /// The database to each member of the cast.
    pub clients: Vec<DatabaseClient>,
    pub administrator: DatabaseClient,
}

/// What a caller was told in a round.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    /// Of each document.
    pub(super) truths: Vec<Truth>,
    /// By the place of the probe.
    pub(super) told: Vec<(usize, Told)>,
}

/// A document, asked for in the way that gives it to whoever may have it.
#[derive(Clone, Debug)]
pub(super) struct Truth {
    pub(super) database: Reply<Option<Object>>,
    pub(super) gateway: Reply<Option<Shown>>,
}

/// What both said to one probe.
#[derive(Clone, Debug)]
pub(super) enum Told {
    /// It is in the truths.
    Read,
    /// The gateway's answer is in the truths.
    Got(Reply<Option<Object>>),
    Listed(Reply<Vec<Object>>, Reply<Vec<Shown>>),
    Counted(Reply<u64>, Reply<u64>),
    Written(Written),
}

/// A write, and what stands afterwards.
#[derive(Clone, Debug)]
pub(super) struct Written {
    /// Whether it found its document.
    pub(super) database: Reply<bool>,
    pub(super) gateway: Reply<()>,
    /// What stands where the database wrote.
    pub(super) there: Option<Object>,
    /// What stands where the gateway wrote.
    pub(super) here: Option<Object>,
}

impl Sides {
    /// Puts a round's documents there, asks, and takes them away again.
    pub(super) async fn ask(&self, round: &Round) -> Result<Vec<Heard>, Error> {
        self.put(round).await?;
        let mut callers: Vec<usize> = round.probes.iter().map(|probe| probe.caller).collect();
        callers.dedup();
        // All callers at once: most of the time is spent waiting for the database.
        let heard =
            try_join_all(callers.into_iter().map(|caller| self.listen(round, caller))).await;
        self.take_away(round).await?;
        heard
    }

    async fn put(&self, round: &Round) -> Result<(), Error> {
        let name = self.name(round);
        self.insert(name, &round.documents).await?;
        for (collection, document) in &round.references {
            self.insert(collection, std::slice::from_ref(document))
                .await?;
        }
        Ok(())
    }

    async fn insert(&self, collection: &CollectionName, inserted: &[Object]) -> Result<(), Error> {
        if inserted.is_empty() {
            return Ok(());
        }
        match self.administrator.insert(collection, inserted).await? {
            Reply::Given(()) => Ok(()),
            Reply::Refused(told) | Reply::Further(told) | Reply::Senseless(told) => {
                Err(Error::Put {
                    collection: collection.clone(),
                    told,
                })
            }
        }
    }

    /// Takes away all that a round put there or had written.
    pub(super) async fn take_away(&self, round: &Round) -> Result<(), Error> {
        let name = self.name(round);
        self.remove(name, &prefixed(&round.prefix)).await?;
        self.remove(name, &prefixed(&Copies::prefix(round))).await?;
        for (collection, document) in &round.references {
            let id = document.get("_id").cloned().unwrap_or(Value::Null);
            let this = Filter::field(&crate::data::Path::field("_id"), crate::data::Test::Eq(id));
            self.remove(collection, &this).await?;
        }
        Ok(())
    }

    async fn remove(&self, collection: &CollectionName, filter: &Filter) -> Result<(), Error> {
        let query = query(filter).expect("a condition on ids");
        self.administrator.remove(collection, &query).await?;
        Ok(())
    }

    pub(super) fn collection(&self, round: &Round) -> &crate::model::Collection {
        self.gateway.model().collection(round.collection)
    }

    pub(super) fn name(&self, round: &Round) -> &CollectionName {
        &self.collection(round).name
    }

    /// The gateway's, and the database's.
    pub(super) fn policies(&self, round: &Round) -> [&Policy; 2] {
        let collection = self.collection(round);
        [
            &collection.policy,
            self.permissions.policy(&collection.name),
        ]
    }

    async fn listen(&self, round: &Round, caller: usize) -> Result<Heard, Error> {
        let asking = Asking {
            sides: self,
            round,
            name: self.name(round),
            client: &self.clients[caller],
            asker: Asker {
                gateway: &self.gateway,
                caller: &self.cast[caller].caller,
                collection: round.collection,
            },
        };
        let own = round.probes.iter().enumerate();
        let own: Vec<(usize, &Probe)> = own.filter(|(_, it)| it.caller == caller).collect();
        let mut told = Vec::with_capacity(own.len());
        for (at, probe) in &own {
            if let Some(heard) = asking.look(&probe.act).await? {
                told.push((*at, heard));
            }
        }
        told.extend(asking.write(caller, &own).await?);
        Ok(Heard {
            truths: asking.truths().await?,
            told,
        })
    }
}

/// One caller in a round.
struct Asking<'a> {
    sides: &'a Sides,
    round: &'a Round,
    name: &'a CollectionName,
    client: &'a DatabaseClient,
    asker: Asker<'a>,
}

impl Asking<'_> {
    /// `None` for what is no look but a write.
    async fn look(&self, act: &Act) -> Result<Option<Told>, Error> {
        Ok(Some(match act {
            Act::Read => Told::Read,
            Act::Get(document) => {
                let id = id(&self.round.documents[*document]);
                Told::Got(self.client.get(self.name, id).await?)
            }
            Act::List(list) => self.list(list).await?,
            Act::Count(filter) => {
                let filter = self.among(filter);
                let there = self.client.count(self.name, &said(&filter)).await?;
                Told::Counted(there, self.asker.count(&filter).await?)
            }
            Act::Create(_) | Act::Update(..) | Act::Delete(_) => return Ok(None),
        }))
    }

    async fn list(&self, list: &List) -> Result<Told, Error> {
        let list = List {
            filter: self.among(&list.filter),
            ..list.clone()
        };
        let query = said(&list.filter);
        let there = self.client.find(self.name, &query, &list.order, list.limit);
        Ok(Told::Listed(there.await?, self.asker.list(&list).await?))
    }

    /// The condition, of the round's documents alone.
    fn among(&self, filter: &Filter) -> Filter {
        filter.clone().and(prefixed(&self.round.prefix))
    }

    async fn truths(&self) -> Result<Vec<Truth>, Error> {
        let paths = looked_at(self.sides.policies(self.round), Operation::Read);
        // Documents that are alike to the rules are asked for together.
        let mut known: BTreeMap<String, Reply<Vec<Object>>> = BTreeMap::new();
        let mut truths = Vec::with_capacity(self.round.documents.len());
        for document in &self.round.documents {
            let pins = pins(&paths, document);
            let key = format!("{pins:?}");
            if !known.contains_key(&key) {
                let query = said(&self.among(&pins));
                let order = Order::default();
                let reply = self.client.find(self.name, &query, &order, ROWS).await?;
                known.insert(key.clone(), reply);
            }
            let id = id(document);
            truths.push(Truth {
                database: known[&key].clone().map(|rows| with_id(rows, id)),
                gateway: self.asker.get(id).await?,
            });
        }
        Ok(truths)
    }
}

impl<T> Reply<T> {
    fn map<U>(self, f: impl FnOnce(T) -> U) -> Reply<U> {
        match self {
            Reply::Given(given) => Reply::Given(f(given)),
            Reply::Refused(told) => Reply::Refused(told),
            Reply::Further(told) => Reply::Further(told),
            Reply::Senseless(told) => Reply::Senseless(told),
        }
    }
}

fn with_id(rows: Vec<Object>, wanted: &str) -> Option<Object> {
    rows.into_iter().find(|row| id(row) == wanted)
}

/// The id of a document that was put there; ids of others are none of ours.
pub(super) fn id(document: &Object) -> &str {
    document
        .get("_id")
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn said(filter: &Filter) -> Object {
    query(filter).expect("conditions here are made of what clients can say")
}
