//! A store that others write to as well: what they commit is seen by the next look, and looks are few.

use std::sync::Arc;
use std::time::Duration;

use cloudbase_graphql::data::{Filter, Principal};
use cloudbase_graphql::gateway::{Credential, Gateway, Interest, Standing};
use cloudbase_graphql::live;
use cloudbase_graphql::store::Store;
use futures_util::FutureExt as _;
use futures_util::future::{join, join_all};

use super::super::world::{World, set, value};
use super::super::{get_rules, notes};
use super::{Watched, change, put, remove, seen};
use crate::hub::shared::Shared;
use crate::time::Stopped;

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// The same documents behind a gateway that shares them, and looks often.
pub(super) fn shared(world: World) -> (World, Arc<Shared>) {
    let config = live::Config {
        poll_interval: Duration::from_millis(25),
        ..live::Config::default()
    };
    with(world, config)
}

fn with(world: World, config: live::Config) -> (World, Arc<Shared>) {
    let store = Shared::over(Arc::clone(&world.store));
    let gateway = world.over(Arc::clone(&store) as Arc<dyn Store>, config);
    (World { gateway, ..world }, store)
}

fn credential(principal: &str) -> Credential {
    let principal = Principal::parse(principal).expect("a principal");
    Credential {
        user: Some(principal.to_user()),
        until: None,
        proof: None,
    }
}

async fn standings(gateway: &Gateway, credentials: &[Credential]) -> Vec<Standing> {
    let standings = credentials.iter().map(|it| gateway.standing(it));
    let standings = join_all(standings).await;
    standings
        .into_iter()
        .map(|it| it.expect("a standing"))
        .collect()
}

fn roles(standing: &Standing) -> Vec<&str> {
    standing
        .caller
        .roles
        .iter()
        .map(|role| role.as_str())
        .collect()
}

const CLERK: &str = r#""roles":["clerk"],"status":"ACTIVE""#;

#[tokio::test]
async fn the_roles_of_a_thousand_are_a_few_reads() {
    let time = Stopped::new();
    let (world, store) = with(notes::world().await, live::Config::default());
    time.mind(store.under_way());
    let names: Vec<String> = (0..1000).map(|at| format!("openid:many{at}")).collect();
    for name in &names {
        put(
            world.store.as_ref(),
            "roles",
            &format!(r#"{{"_id":"{name}",{CLERK}}}"#),
        )
        .await;
    }
    let credentials: Vec<Credential> = names.iter().map(|name| credential(name)).collect();
    let mut before = Vec::new();
    for _ in 0..3 {
        let reads = store.reads();
        // However fast others come, a read takes its time.
        store.set_latency(20 * MS);
        let (now, ()) = join(
            standings(&world.gateway, &credentials),
            time.pass(100 * MS, 10 * MS),
        )
        .await;
        store.set_latency(Duration::ZERO);
        let reads_of_all = store.reads() - reads;
        assert!((1..=3).contains(&reads_of_all), "{reads_of_all}");
        assert!(now.iter().all(|standing| roles(standing) == ["clerk"]));
        for (now, before) in now.iter().zip(&before) {
            assert!(now.continues(before), "nothing was different in between");
        }
        let reads = store.reads();
        standings(&world.gateway, &credentials).await;
        assert_eq!(store.reads(), reads, "they are remembered for a while");
        before = now;
        time.pass(2 * SECOND, SECOND).await;
    }
}

#[tokio::test]
async fn roles_are_as_old_as_allowed_and_own_commits_count_at_once() {
    let time = Stopped::new();
    let (world, store) = with(notes::world().await, live::Config::default());
    time.mind(store.under_way());
    let (behind, id) = (world.store.as_ref(), "openid:clara2");
    put(behind, "roles", &format!(r#"{{"_id":"{id}",{CLERK}}}"#)).await;
    let clara = credential(id);
    let standing = async || world.gateway.standing(&clara).await.expect("a standing");
    let first = standing().await;
    assert_eq!(roles(&first), ["clerk"]);
    change(behind, "roles", id, vec![set("status", "\"DISABLED\"")]).await;
    time.pass(1900 * MS, 100 * MS).await;
    assert_eq!(roles(&standing().await), ["clerk"], "that is allowed");
    time.pass(100 * MS, 100 * MS).await;
    let second = standing().await;
    assert_eq!(roles(&second), [""; 0]);
    assert!(!second.continues(&first));
    change(
        store.as_ref(),
        "roles",
        id,
        vec![set("status", "\"ACTIVE\"")],
    )
    .await;
    let third = standing().await;
    assert_eq!(roles(&third), ["clerk"], "at once");
    assert!(!third.continues(&first), "it was different in between");
    remove(behind, "roles", id).await;
    time.pass(2 * SECOND, SECOND).await;
    assert_eq!(roles(&standing().await), [""; 0]);
    put(
        store.as_ref(),
        "roles",
        &format!(r#"{{"_id":"{id}",{CLERK}}}"#),
    )
    .await;
    assert_eq!(roles(&standing().await), ["clerk"], "at once");
}

#[tokio::test]
async fn whoever_cannot_be_read_is_not_remembered_longer_for_it() {
    let time = Stopped::new();
    let (world, store) = with(notes::world().await, live::Config::default());
    time.mind(store.under_way());
    let root = credential("openid:root");
    world.gateway.standing(&root).await.expect("a standing");
    store.set_away(true);
    world
        .gateway
        .standing(&root)
        .await
        .expect("it is remembered");
    time.pass(2 * SECOND, SECOND).await;
    let error = world
        .gateway
        .standing(&root)
        .await
        .expect_err("nobody knows");
    assert_eq!(
        error.to_string(),
        "the database is not available, try again"
    );
}

/// A list that is asked for again hears own commits at once, others' by time.
#[tokio::test]
async fn a_list_that_is_asked_for_again_is_polled() {
    let time = Stopped::new();
    let config = live::Config {
        recheck_interval: 3600 * SECOND,
        ..live::Config::default()
    };
    let (world, store) = with(get_rules::world().await, config);
    time.mind(store.under_way());
    let ann = world.as_("openid:ann").await;
    let list = Watched::new("rooms", Filter::all());
    let mut view = list.watch(&ann).await.expect("a list");
    let level = |level: &str| vec![set("level", level)];
    for (number, level) in [level("1"), level("2"), level("1")].into_iter().enumerate() {
        let through: [&dyn Store; 2] = [store.as_ref(), world.store.as_ref()];
        change(through[number % 2], "members", "ann", level).await;
        let expected = list.listed(&ann).await.expect("a list");
        let reads = store.reads();
        if number % 2 == 1 {
            time.pass(3 * SECOND, 100 * MS).await;
        }
        while seen(&ann, "rooms", view.documents()) != expected {
            let changed = time.wait("another look", view.changed()).await;
            changed.expect("a list");
        }
        // A list, and a member: for the rows and for the mask.
        assert!(store.reads() - reads <= 6, "{}", store.reads() - reads);
    }
}

#[tokio::test]
async fn relations_are_looked_at_again_at_intervals() {
    let time = Stopped::new();
    let (world, store) = with(notes::world().await, live::Config::default());
    time.mind(store.under_way());
    let model = world.gateway.model();
    let target = model.collection_named("notes").expect("a collection");
    let to = model.collection(target).shape.field_named("id");
    let interest = Interest {
        target,
        to: to.expect("a field"),
        keys: vec![value("\"n1\"")],
    };
    let mut touches = world.gateway.touches();
    touches.attend_to(vec![interest]);
    let own = |id: &str| format!(r#"{{"_id":"{id}","slug":"{id}","code":"{id}"}}"#);
    put(store.as_ref(), "notes", &own("elsewhere")).await;
    assert!(touches.touched().now_or_never().is_none());
    assert!(!touches.are_due());
    change(store.as_ref(), "notes", "n1", vec![set("title", "\"new\"")]).await;
    assert!(touches.touched().now_or_never().is_some(), "at once");
    let mut times = 0;
    for _ in 0..200 {
        time.pass(100 * MS, 100 * MS).await;
        times += usize::from(touches.touched().now_or_never().is_some());
    }
    assert!((7..=13).contains(&times), "{times} in 20 s");
}
