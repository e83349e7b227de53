//! What a feed tells, and what it tells of losses.

use std::sync::Arc;

use cloudbase_graphql::data::Change;
use cloudbase_graphql::live::{Feed, Tidings};
use cloudbase_graphql::store::Store;
use futures_util::FutureExt;
use tokio::time::timeout;

use super::faulty::Faulty;
use super::words::{PATIENCE, hub, until};
use crate::store::sqlite::open;
use crate::store::words::{docs, keyed, things};

/// Six commits, numbered from 1, that were not told of yet.
async fn six(store: &Faulty) -> Vec<Arc<Change>> {
    let new = ["a", "b", "c", "d", "e", "f"].map(|name| format!(r#"{{"_id":"{name}"}}"#));
    let new = docs(new.each_ref().map(String::as_str));
    store.insert(&things(), new).await.unwrap();
    store.take()
}

/// Numbers of changes; `None` where something may have been missed.
async fn told(feed: &mut Feed, count: usize) -> Vec<Option<u64>> {
    let mut told = Vec::new();
    for _ in 0..count {
        told.push(
            match timeout(PATIENCE, feed.next()).await.expect("it tells") {
                Tidings::Change(change) => Some(change.sequence),
                Tidings::Unknown => None,
            },
        );
    }
    told
}

#[tokio::test]
async fn each_change_is_told_once_and_losses_are_told() {
    let cases: [(&[usize], &[Option<u64>]); 5] = [
        (&[1, 2, 3], &[Some(1), Some(2), Some(3)]),
        (&[1, 1, 2, 1, 2, 3], &[Some(1), Some(2), Some(3)]),
        (&[1, 4, 5], &[Some(1), None, Some(4), Some(5)]),
        (&[1, 3, 2, 4], &[Some(1), None, Some(3), Some(4)]),
        // The beginning may be anywhere.
        (&[4, 5], &[Some(4), Some(5)]),
    ];
    for (sent, expected) in cases {
        let store = Faulty::new(open().await);
        let mut feed = hub(store.clone()).feed();
        let changes = six(&store).await;
        store.tell(sent.iter().map(|number| Arc::clone(&changes[number - 1])));
        assert_eq!(told(&mut feed, expected.len()).await, expected, "{sent:?}");
        assert!(feed.next().now_or_never().is_none(), "{sent:?}");
    }
}

#[tokio::test]
async fn a_feed_that_lags_says_so_and_goes_on() {
    let store = Faulty::new(open().await);
    let mut feed = hub(store.clone()).feed();
    let changes = six(&store).await;
    store.tell(changes.iter().cycle().take(12).cloned());
    // Eight wait: of the second six all, of the first the last two.
    assert_eq!(told(&mut feed, 3).await, [None, Some(5), Some(6)]);
}

#[tokio::test]
async fn a_feed_that_ends_begins_again() {
    let store = Faulty::new(open().await);
    let mut feed = hub(store.clone()).feed();
    let changes = six(&store).await;
    store.tell(changes[..2].iter().cloned());
    store.end_feeds();
    assert_eq!(told(&mut feed, 3).await, [Some(1), Some(2), None]);
    store.tell(changes[4..].iter().cloned());
    assert_eq!(told(&mut feed, 2).await, [Some(5), Some(6)]);
}

#[tokio::test]
async fn a_store_that_tells_nothing_may_always_have_changed() {
    let store = Faulty::silent(open().await);
    let hub = hub(store);
    let mut feed = hub.feed();
    assert_eq!(told(&mut feed, 3).await, [None; 3]);
    let version = hub.version(&keyed());
    until("it counts", || *version.borrow() >= 3).await;
}

#[tokio::test]
async fn waiting_may_be_broken_off() {
    let store = Faulty::new(open().await);
    let mut feed = hub(store.clone()).feed();
    let changes = six(&store).await;
    for number in 1..=6 {
        assert!(feed.next().now_or_never().is_none());
        store.tell([Arc::clone(&changes[number - 1])]);
        assert_eq!(told(&mut feed, 1).await, [Some(number as u64)]);
    }
}
