//! After every commit each caller's live list is what a query gives them then, and in between it is nothing else.

use std::sync::Arc;

use cloudbase_graphql::data::{Filter, Test};
use cloudbase_graphql::gateway::{Result, View};
use cloudbase_graphql::store::Store;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};

use super::super::world::{Actor, World, is, set, test};
use super::super::{get_rules, notes};
use super::others;
use super::{PATIENCE, Watched, by, change, put, remove, seen};

/// A commit: a document is taken away, or gets this value (and is there, if it was not).
#[derive(Clone, Debug)]
struct Write {
    collection: &'static str,
    id: &'static str,
    member: Option<(&'static str, &'static str)>,
}

impl Write {
    async fn carry_out(&self, world: &World, through: &dyn Store) {
        let (collection, id) = (self.collection, self.id);
        let stored = world.stored(collection, id).await;
        match (self.member, stored) {
            (None, None) => {}
            (None, Some(_)) => remove(through, collection, id).await,
            (Some((name, value)), None) => {
                // What unique indexes are about must not be missing twice.
                let unique = format!(r#""slug":"{id}","code":"{id}""#);
                let text = format!(r#"{{"_id":"{id}",{unique},"{name}":{value}}}"#);
                put(through, collection, &text).await;
            }
            (Some((name, value)), Some(_)) => {
                change(through, collection, id, vec![set(name, value)]).await;
            }
        }
    }
}

/// One caller's live list.
struct Following {
    actor: Actor,
    watched: Watched,
    /// Whether the store tells of every commit. Else a document that others have changed may move up into a list as it
    /// was when the list was last looked at.
    is_told_all: bool,
    /// What a query gives.
    listed: Result<String>,
    /// `None` while there is nothing they may see.
    view: Option<View>,
}

impl Following {
    async fn begin(actor: Actor, watched: Watched, is_told_all: bool) -> Self {
        let listed = watched.listed(&actor).await;
        let view = watched.watch(&actor).await.ok();
        let mut following = Self {
            actor,
            watched,
            is_told_all,
            listed,
            view,
        };
        following.catch_up().await;
        following
    }

    /// Waits until the view shows what a query gives now. Whatever it shows before is what a query gave before, if the
    /// store tells of every commit.
    async fn catch_up(&mut self) {
        let before = self.listed.clone();
        self.listed = self.watched.listed(&self.actor).await;
        if self.view.is_none() && self.listed.is_ok() {
            self.view = self.watched.watch(&self.actor).await.ok();
        }
        while text(&self.listed) != self.shows() {
            assert!(
                !self.is_told_all || self.shows() == text(&before),
                "{:?} {:?}\nshown: {}\nbefore: {}\nnow: {}",
                self.actor.session.caller(),
                self.watched,
                self.shows(),
                text(&before),
                text(&self.listed)
            );
            let Some(view) = &mut self.view else {
                panic!("{:?} could watch", self.watched)
            };
            let changed = tokio::time::timeout(PATIENCE, view.changed()).await;
            if let Err(error) = changed.expect("a change") {
                assert_eq!(
                    Some(&error.to_string()),
                    self.listed.as_ref().err().map(ToString::to_string).as_ref()
                );
                self.view = None;
            }
        }
    }

    fn shows(&self) -> String {
        match &self.view {
            Some(view) => seen(&self.actor, self.watched.collection, view.documents()),
            None => "nothing".to_owned(),
        }
    }
}

fn text(listed: &Result<String>) -> String {
    listed.clone().unwrap_or_else(|_| "nothing".to_owned())
}

/// Follows all lists of all callers through these writes, which go through the stores in turn.
async fn follow(
    world: World,
    stores: &[Arc<dyn Store>],
    callers: &[&str],
    lists: &[Watched],
    writes: Vec<Write>,
) {
    let mut all = Vec::new();
    for who in callers {
        for list in lists {
            let actor = world.as_(who).await;
            all.push(Following::begin(actor, list.clone(), stores.len() == 1).await);
        }
    }
    for (write, store) in writes.into_iter().zip(stores.iter().cycle()) {
        write.carry_out(&world, store.as_ref()).await;
        for following in &mut all {
            following.catch_up().await;
        }
    }
}

fn law(cases: u32, write: impl Strategy<Value = Write>, follow: impl AsyncFn(Vec<Write>)) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let writes = prop::collection::vec(write, 40);
    let run = |writes| {
        runtime.block_on(follow(writes));
        Ok(())
    };
    TestRunner::new(config).run(&writes, run).expect("the law");
}

/// The law over a store that is alone, and over one that others write to half of the time.
fn both(
    write: impl Strategy<Value = Write> + Clone,
    world: impl AsyncFn() -> World,
    callers: &[&str],
    lists: &[Watched],
) {
    law(4, write.clone(), async |writes| {
        let world = world().await;
        let alone = Arc::clone(&world.served);
        follow(world, &[alone], callers, lists, writes).await;
    });
    law(2, write, async |writes| {
        let (world, store) = others::shared(world().await);
        let behind = Arc::clone(&world.store) as Arc<dyn Store>;
        follow(world, &[store, behind], callers, lists, writes).await;
    });
}

#[test]
fn lists_that_share_watches() {
    let members = [
        ("public", "true"),
        ("public", "false"),
        ("_openid", "\"alice\""),
        ("_openid", "\"bob\""),
        ("secret", "\"s1\""),
        ("secret", "\"x\""),
        ("title", "\"a\""),
        ("title", "\"z\""),
        ("score", "1"),
        ("tags", "[\"s\"]"),
    ];
    let ids = ["n1", "n2", "n3", "n4", "n5", "n6"];
    let member = prop::option::weighted(0.85, select(members.to_vec()));
    let write = (select(ids.to_vec()), member).prop_map(|(id, member)| Write {
        collection: "notes",
        id,
        member,
    });
    let list = |filter, order, first| Watched {
        order,
        first,
        ..Watched::new("notes", filter)
    };
    let secret = test("secret", Test::StartsWith("s".to_owned()));
    let lists = [
        list(Filter::all(), by("_id", false), None),
        list(Filter::all(), by("title", true), Some(2)),
        list(secret, by("_id", true), None),
        list(is("public", "true"), by("title", false), Some(3)),
    ];
    let callers = ["openid:alice", "openid:bob", "openid:root", "openid:clara"];
    both(write, notes::world, &callers, &lists);
}

#[test]
fn lists_that_are_asked_for_again() {
    let writes = [
        ("members", "ann", Some(("active", "true"))),
        ("members", "ann", Some(("active", "false"))),
        ("members", "ann", Some(("level", "1"))),
        ("members", "ann", Some(("level", "2"))),
        ("members", "ben", None),
        ("members", "ben", Some(("active", "true"))),
        ("rooms", "r1", Some(("name", "\"a\""))),
        ("rooms", "r2", None),
        ("rooms", "r2", Some(("key", "\"k\""))),
        ("chats", "c1", Some(("members", "[\"ann\"]"))),
        ("chats", "c1", Some(("members", "[\"ben\"]"))),
        ("chats", "c1", None),
        ("messages", "m1", Some(("chat", "\"c1\""))),
        ("messages", "m1", Some(("chat", "\"c2\""))),
        ("messages", "m2", Some(("chat", "\"c1\""))),
        ("messages", "m2", None),
    ];
    let write = select(writes.to_vec()).prop_map(|(collection, id, member)| Write {
        collection,
        id,
        member,
    });
    let lists = [
        Watched::new("rooms", Filter::all()),
        Watched::new("messages", is("chat", "\"c1\"")),
    ];
    both(
        write,
        get_rules::world,
        &["openid:ann", "openid:ben"],
        &lists,
    );
}
