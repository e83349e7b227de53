//! A database that answers what a test says.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tokio::time::Instant;

use cloudbase_graphql::clock::SystemClock;
use cloudbase_graphql::cloudbase::database::{Alteration, Altered, Context, Find, TransactionId};
use cloudbase_graphql::cloudbase::{
    Client, Code, Config, Credentials, Database, Error, Limits, Protocol, Refusal, Result,
};
use cloudbase_graphql::data::{CollectionName, DocId, Object, ejson};
use cloudbase_graphql::store::CollectionSpec;
use cloudbase_graphql::store::cloud::{CloudStore, Options};

/// What the next request is answered with.
#[derive(Debug)]
pub(super) enum Answer {
    Rows(&'static [&'static str]),
    Altered(Option<Altered>),
    /// Also where nothing is told.
    Flag(bool),
    Fails(Error),
}

/// Answers requests one after the other, and notes them. Beginnings, commits and aborts that are not prepared succeed.
#[derive(Debug)]
pub(super) struct Fake {
    client: Arc<Client>,
    answers: Mutex<VecDeque<Answer>>,
    pub(super) asked: Mutex<Vec<String>>,
    pub(super) finds: Mutex<Vec<Find>>,
    /// Whether commits are answered by what is prepared.
    pub(super) commits: bool,
}

impl Fake {
    pub(super) fn new(protocol: Protocol, answers: Vec<Answer>) -> Self {
        let config = Config {
            env: "test".to_owned(),
            protocol,
            region: "ap-shanghai".to_owned(),
            wx_app_id: None,
            origin: Some("http://127.0.0.1:1".to_owned()),
            credentials: Credentials::default(),
            limits: Limits::default(),
        };
        let client = Client::new(config, Arc::new(SystemClock)).expect("it is complete");
        Self {
            client: Arc::new(client),
            answers: Mutex::new(answers.into()),
            asked: Mutex::default(),
            finds: Mutex::default(),
            commits: false,
        }
    }

    /// A store over it, with pages of `page` rows.
    pub(super) fn store(self, page: u64) -> (Arc<Self>, Arc<CloudStore>) {
        let fake = Arc::new(self);
        let options = Options {
            page,
            ..Options::default()
        };
        let specs = vec![CollectionSpec {
            name: things(),
            indexes: Vec::new(),
        }];
        let database = Arc::clone(&fake) as Arc<dyn Database>;
        (fake, CloudStore::over(database, None, specs, options))
    }

    /// The names of the requests so far.
    pub(super) fn asked(&self) -> String {
        self.asked.lock().expect("no panic").join(" ")
    }

    fn next(&self, request: &str) -> Answer {
        self.asked
            .lock()
            .expect("no panic")
            .push(request.to_owned());
        let next = self.answers.lock().expect("no panic").pop_front();
        next.unwrap_or_else(|| panic!("nothing is prepared for `{request}`"))
    }

    fn flag(&self, request: &str) -> Result<bool> {
        match self.next(request) {
            Answer::Flag(flag) => Ok(flag),
            Answer::Fails(error) => Err(error),
            other => panic!("`{request}` cannot be answered with {other:?}"),
        }
    }
}

pub(super) fn things() -> CollectionName {
    CollectionName::parse("things").expect("a name")
}

pub(super) fn object(text: &str) -> Object {
    ejson::parse_object(text).expect("EJSON")
}

pub(super) fn lost() -> Error {
    Error::Lost("the connection broke".to_owned())
}

pub(super) fn refused(code: Code) -> Error {
    Error::Refused(Refusal {
        code: Some(code),
        word: code.as_str().to_owned(),
        message: "no".to_owned(),
        request_id: None,
    })
}

#[async_trait]
impl Database for Fake {
    async fn find(&self, _: &Context, find: &Find) -> Result<Vec<Object>> {
        self.finds.lock().expect("no panic").push(find.clone());
        match self.next("find") {
            Answer::Rows(rows) => Ok(rows.iter().map(|row| object(row)).collect()),
            Answer::Fails(error) => Err(error),
            other => panic!("`find` cannot be answered with {other:?}"),
        }
    }

    async fn count(&self, _: &Context, _: &CollectionName, _: &Object) -> Result<u64> {
        panic!("no test counts")
    }

    async fn aggregate(
        &self,
        _: &Context,
        _: &CollectionName,
        _: &[Object],
    ) -> Result<Vec<Object>> {
        match self.next("aggregate") {
            Answer::Rows(rows) => Ok(rows.iter().map(|row| object(row)).collect()),
            Answer::Fails(error) => Err(error),
            other => panic!("`aggregate` cannot be answered with {other:?}"),
        }
    }

    async fn insert(&self, _: &Context, _: &CollectionName, _: &[Object]) -> Result<()> {
        self.flag("insert").map(|_| ())
    }

    async fn alter(
        &self,
        _: &Context,
        _: &CollectionName,
        _: &Object,
        _: &Alteration,
    ) -> Result<Option<Altered>> {
        match self.next("alter") {
            Answer::Altered(altered) => Ok(altered),
            Answer::Fails(error) => Err(error),
            other => panic!("`alter` cannot be answered with {other:?}"),
        }
    }

    fn alters(&self, alteration: &Alteration) -> bool {
        self.client.config().protocol == Protocol::Rest
            || matches!(alteration, Alteration::Update(_))
    }

    async fn update(&self, _: &Context, _: &CollectionName, _: &DocId, _: &Object) -> Result<bool> {
        self.flag("update")
    }

    async fn remove(&self, _: &Context, _: &CollectionName, _: &DocId) -> Result<bool> {
        self.flag("remove")
    }

    async fn begin(&self, _: Option<Instant>) -> Result<TransactionId> {
        self.asked
            .lock()
            .expect("no panic")
            .push("begin".to_owned());
        Ok(TransactionId("t".to_owned()))
    }

    async fn commit(&self, _: &TransactionId, _: Option<Instant>) -> Result<()> {
        if self.commits {
            return self.flag("commit").map(|_| ());
        }
        self.asked
            .lock()
            .expect("no panic")
            .push("commit".to_owned());
        Ok(())
    }

    async fn abort(&self, _: &TransactionId, _: Option<Instant>) -> Result<()> {
        self.asked
            .lock()
            .expect("no panic")
            .push("abort".to_owned());
        Ok(())
    }

    async fn create_collection(&self, _: &CollectionName) -> Result<()> {
        panic!("no store creates collections")
    }

    fn client(&self) -> &Arc<Client> {
        &self.client
    }
}
