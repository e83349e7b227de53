//! Thousands of random commits: after each of them every watcher sees what a read gives.

use futures_util::future::join_all;

use super::shelf;
use super::words::{converges, hub};
use crate::random::Random;
use crate::store::sqlite::open;

const COMMITS: usize = 1_500;

#[tokio::test]
async fn watchers_see_what_a_read_gives() {
    let store = open().await;
    let hub = hub(store.clone());
    let mut watchers = Vec::new();
    for query in shelf::queries() {
        let watcher = hub.watch(query.clone()).await.unwrap();
        watchers.push((query, watcher));
    }
    let mut random = Random::new(11);
    for _ in 0..COMMITS {
        shelf::write(store.as_ref(), &mut random).await;
        let store = store.as_ref();
        let all = watchers.iter_mut();
        join_all(all.map(|(query, watcher)| converges(watcher, store, query))).await;
    }
}
