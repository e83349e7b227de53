//! Roles that are taken while somebody is shown what they could see with them: in the middle of an operation, between
//! two pages, during a subscription. (How lists of subscriptions then change is told in `sight.rs`.)

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cloudbase_graphql::data::{
    Change, CollectionName, DocId, Document, Filter, Path, Update, Value,
};
use cloudbase_graphql::gateway::{self, Gateway};
use cloudbase_graphql::graphql::{Executor, Reply, Request};
use cloudbase_graphql::store::{Find, Notices, Result, Snapshot, Store, Updated, Upstream};
use serde_json::Value as Json;
use tokio::sync::{Semaphore, broadcast, watch};

use super::subscriber::{credential, live_list};
use crate::backend;
use crate::harness::{SEED, SHOP, TestApp};

/// A store that stops before one of its calls, until it is let go on.
#[derive(Debug)]
struct Gated {
    inner: Arc<dyn Store>,
    /// Calls until it stops; beyond all of them if it does not.
    left: AtomicUsize,
    /// A permit once it has stopped.
    stopped: Semaphore,
    /// A permit once it may go on.
    open: Semaphore,
}

impl Gated {
    fn over(inner: Arc<dyn Store>) -> Arc<Self> {
        Arc::new(Self {
            inner,
            left: AtomicUsize::new(usize::MAX),
            stopped: Semaphore::new(0),
            open: Semaphore::new(0),
        })
    }

    /// So many calls are answered, the next one waits.
    fn stop_after(&self, calls: usize) {
        self.left.store(calls, Ordering::SeqCst);
    }

    async fn pass(&self) -> &dyn Store {
        if self.left.fetch_sub(1, Ordering::SeqCst) == 0 {
            self.left.store(usize::MAX, Ordering::SeqCst);
            self.stopped.add_permits(1);
            self.open.acquire().await.expect("it is open").forget();
        }
        self.inner.as_ref()
    }
}

store_in_front!(Gated, |self| self.pass().await, {
    async fn snapshot(&self, collection: &CollectionName, find: &Find) -> Result<Snapshot> {
        self.inner.snapshot(collection, find).await
    }

    fn changes(&self) -> Option<broadcast::Receiver<Arc<Change>>> {
        self.inner.changes()
    }

    fn is_shared(&self) -> bool {
        self.inner.is_shared()
    }

    fn notices(&self, collection: &CollectionName, find: &Find) -> Option<Notices> {
        self.inner.notices(collection, find)
    }

    fn reads(&self) -> u64 {
        self.inner.reads()
    }

    fn upstream(&self) -> Option<Upstream> {
        self.inner.upstream()
    }
});

async fn shop() -> (TestApp, Arc<Gated>) {
    let mut gated = None;
    let config = gateway::Config {
        // What others take is another matter; here all is told.
        roles_max_age: Duration::from_secs(3600),
        ..gateway::Config::default()
    };
    let app = TestApp::built(SHOP, SEED, |model, store, clock| {
        let between = gated.insert(Gated::over(store));
        let between = Arc::clone(between) as Arc<dyn Store>;
        Gateway::new(model, between, clock, config)
            .with_live(backend::live(cloudbase_graphql::live::Config::default()))
    })
    .await;
    (app, gated.expect("it was built"))
}

/// What a connection of this principal is answered.
async fn ask(executor: &Executor, principal: &str, query: &str) -> Json {
    let (_credential, proved) = watch::channel(credential(principal, None));
    let request = Request {
        query: query.to_owned(),
        ..Request::default()
    };
    match executor.open(request, proved).await {
        Reply::Once(answer) => serde_json::from_slice(&answer.body).expect("JSON"),
        Reply::Live(_) => panic!("it is no subscription"),
    }
}

/// The ways in which the roles of somebody become fewer.
#[derive(Clone, Copy, Debug)]
enum Loss {
    Disabled,
    Narrowed,
    Expired,
    Deleted,
}

const LOSSES: [Loss; 4] = [Loss::Disabled, Loss::Narrowed, Loss::Expired, Loss::Deleted];
const OPERATOR: &str = "openid:demo-operator";

impl Loss {
    async fn happen(self, app: &TestApp, principal: &str) {
        match self {
            Loss::Disabled => app.set("roles", principal, "status", "\"DISABLED\"").await,
            Loss::Narrowed => app.set("roles", principal, "roles", "[]").await,
            Loss::Expired => {
                let past = r#"{"$date":1735689600000}"#;
                app.set("roles", principal, "expiresAt", past).await;
            }
            Loss::Deleted => app.delete("roles", principal).await,
        }
    }
}

const NESTED: &str =
    "{ orders(first: 2) { nodes { id orderNo user { nickname } lines { item { title } } } } }";

#[tokio::test]
async fn nothing_of_a_nested_read_is_shown_that_a_loss_of_roles_overtook() {
    for loss in LOSSES {
        // Before the roots, between roots and relations, and between relations.
        for calls in [0, 1, 2] {
            let (app, gated) = shop().await;
            let whole = ask(&app.executor, OPERATOR, NESTED).await;
            assert_eq!(whole["data"]["orders"]["nodes"][0]["orderNo"], "N1");
            gated.stop_after(calls);
            let asked = ask(&app.executor, OPERATOR, NESTED);
            let meanwhile = async {
                gated.stopped.acquire().await.expect("open").forget();
                loss.happen(&app, OPERATOR).await;
                app.set("users", "u1", "nickname", "\"later\"").await;
                gated.open.add_permits(1);
            };
            let (answer, ()) = tokio::join!(asked, meanwhile);
            assert_eq!(answer.get("data"), None, "{loss:?} after {calls}: {answer}");
            let error = &answer["errors"][0];
            assert_eq!(error["extensions"]["code"], "CONFLICT", "{answer}");
            assert_eq!(
                error["message"],
                "your roles changed while this was being answered: ask again"
            );
            let again = ask(&app.executor, OPERATOR, NESTED).await;
            assert_eq!(
                again["data"]["orders"]["nodes"],
                serde_json::json!([]),
                "{again}"
            );
        }
    }
}

#[tokio::test]
async fn a_role_that_ends_by_itself_ends_what_is_being_read() {
    let (app, gated) = shop().await;
    let until = format!(r#"{{"$date":{}}}"#, crate::harness::NOW + 10);
    app.set("roles", OPERATOR, "expiresAt", &until).await;
    ask(&app.executor, OPERATOR, NESTED).await;
    gated.stop_after(1);
    let asked = ask(&app.executor, OPERATOR, NESTED);
    let meanwhile = async {
        gated.stopped.acquire().await.expect("open").forget();
        app.clock.advance(10);
        gated.open.add_permits(1);
    };
    let (answer, ()) = tokio::join!(asked, meanwhile);
    assert_eq!(answer.get("data"), None, "{answer}");
}

#[tokio::test]
async fn what_is_gained_or_another_loses_disturbs_no_read() {
    let (app, gated) = shop().await;
    ask(&app.executor, OPERATOR, NESTED).await;
    gated.stop_after(1);
    let asked = ask(&app.executor, OPERATOR, NESTED);
    let meanwhile = async {
        gated.stopped.acquire().await.expect("open").forget();
        app.set("roles", OPERATOR, "roles", r#"["admin"]"#).await;
        Loss::Deleted.happen(&app, "openid:demo-support").await;
        gated.open.add_permits(1);
    };
    let (answer, ()) = tokio::join!(asked, meanwhile);
    assert_eq!(
        answer["data"]["orders"]["nodes"][0]["orderNo"], "N1",
        "{answer}"
    );
}

#[tokio::test]
async fn the_page_after_a_loss_of_roles_shows_nothing_more() {
    for loss in LOSSES {
        let app = TestApp::shop().await;
        let page = |after: &str| {
            format!(
                "{{ orders(first: 1{after}) {{ totalCount nodes {{ id orderNo }} pageInfo {{ endCursor hasNextPage }} }} }}"
            )
        };
        let first = ask(&app.executor, OPERATOR, &page("")).await;
        let orders = &first["data"]["orders"];
        assert_eq!(orders["nodes"][0]["orderNo"], "N1", "{first}");
        assert_eq!(orders["pageInfo"]["hasNextPage"], true);
        let cursor = orders["pageInfo"]["endCursor"].as_str().expect("a cursor");
        loss.happen(&app, OPERATOR).await;
        let after = page(&format!(", after: \"{cursor}\""));
        let second = ask(&app.executor, OPERATOR, &after).await;
        let orders = &second["data"]["orders"];
        assert_eq!(orders["nodes"], serde_json::json!([]), "{loss:?}: {second}");
        assert_eq!(orders["totalCount"], 0, "not even how many: {second}");
        assert_eq!(orders["pageInfo"]["hasNextPage"], false);
    }
}

#[tokio::test]
async fn a_mutation_does_not_go_on_with_roles_that_it_lost() {
    let (app, gated) = shop().await;
    let price = |alias: &str, price: i32| {
        format!("{alias}: updateItem(id: \"i1\", set: {{price: {price}}}) {{ item {{ price }} }}")
    };
    let mutation = format!("mutation {{ {} {} }}", price("a", 1), price("b", 2));
    ask(&app.executor, OPERATOR, "{ me { roles } }").await;
    // Before the first is written.
    gated.stop_after(0);
    let asked = ask(&app.executor, OPERATOR, &mutation);
    let meanwhile = async {
        gated.stopped.acquire().await.expect("open").forget();
        Loss::Disabled.happen(&app, OPERATOR).await;
        gated.open.add_permits(1);
    };
    let (answer, ()) = tokio::join!(asked, meanwhile);
    assert_eq!(
        answer["data"]["a"]["item"]["price"], 1,
        "it was done: {answer}"
    );
    assert_eq!(answer["data"]["b"], Json::Null, "{answer}");
    assert_eq!(answer["errors"][0]["path"], serde_json::json!(["b"]));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "CONFLICT");
    let shown = ask(
        &app.executor,
        "openid:demo-alice",
        "{ item(id: \"i1\") { price } }",
    )
    .await;
    assert_eq!(shown["data"]["item"]["price"], 1);
}

#[tokio::test]
async fn a_subscription_shows_nothing_that_is_written_after_a_loss_of_roles() {
    for loss in LOSSES {
        let app = TestApp::shop().await;
        let query = live_list("orders", "orderNo remark user { nickname }");
        let mut operator = app.subscribe(OPERATOR, &query).await;
        assert_eq!(operator.told().await, "SNAPSHOT +o1@0 +o2@1 +o3@2 +o4@3");
        loss.happen(&app, OPERATOR).await;
        app.set("orders", "o1", "remark", "\"hush\"").await;
        app.set("users", "u1", "nickname", "\"hush\"").await;
        let told = operator.next().await;
        assert_eq!(told.brief(), "CHANGE -o1 -o2 -o3 -o4", "{loss:?}");
        assert!(!told.text().contains("hush"), "{loss:?}: {}", told.text());
        // As a customer they are shown what is theirs, and that comes next.
        app.set("orders", "o4", "remark", "\"hush\"").await;
        app.set("orders", "o2", "_openid", "\"demo-operator\"")
            .await;
        let told = operator.next().await;
        assert_eq!(told.brief(), "CHANGE +o2@0", "{loss:?}");
    }
}
