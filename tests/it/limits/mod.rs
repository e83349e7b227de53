//! What callers of each level may ask for, and what becomes of those who ask for more.

mod gate;

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cloudbase_graphql::data::{Caller, LoginType, Principal, Role, User};
use cloudbase_graphql::gateway::{self, Credential, Rate};
use cloudbase_graphql::graphql::admission::{Level, Limit, Mode};
use cloudbase_graphql::graphql::{Allowance, Config, Executor, Limits, Outcome, Reply, Request};
use cloudbase_graphql::live;
use serde_json::json;
use tokio::sync::watch;

use self::gate::Gate;
use crate::harness::{Answer, SHOP, TestApp};

async fn shop(limits: Limits) -> TestApp {
    limited(TestApp::shop().await, limits)
}

fn limited(shop: TestApp, limits: Limits) -> TestApp {
    let config = Config {
        limits,
        ..Config::default()
    };
    let executor = Executor::new(Arc::clone(shop.executor.gateway()), config);
    TestApp {
        executor: Arc::new(executor.expect("an API")),
        ..shop
    }
}

/// The usual allowance with a difference.
fn allowed(difference: impl FnOnce(&mut Allowance)) -> Allowance {
    let mut allowance = Allowance::default();
    difference(&mut allowance);
    allowance
}

fn rate(per_second: u32, burst: u32) -> Option<Rate> {
    let number = |number| NonZeroU32::new(number).expect("not zero");
    Some(Rate {
        per_second: number(per_second),
        burst: number(burst),
    })
}

/// One limit, an operation that just keeps it, and one that just does not.
type Case = (Limit, fn(&mut Allowance), &'static str, &'static str);

const CASES: &[Case] = &[
    (
        Limit::Bytes,
        |it| it.bytes = 20,
        "{me{principal}}",
        "{ me { principal } }  ",
    ),
    (
        Limit::Tokens,
        |it| it.tokens = 6,
        "{me{principal}}",
        "{me{a:principal}}",
    ),
    (
        Limit::Depth,
        |it| it.depth = 3,
        "{items{nodes{title}}}",
        "{items{edges{node{title}}}}",
    ),
    (
        Limit::Depth,
        |it| it.depth = 3,
        "{items{...A}} fragment A on ItemConnection{nodes{title}}",
        "{items{...A}} fragment A on ItemConnection{edges{...B}} fragment B on ItemEdge{node{title}}",
    ),
    (
        Limit::Aliases,
        |it| it.aliases = 2,
        "{a:me{principal} b:me{principal}}",
        "{a:me{...F} b:me{...F}} fragment F on Me{p:principal}",
    ),
    (
        Limit::RootFields,
        |it| it.root_fields = 2,
        "{a:__typename b:__typename}",
        "{...F c:__typename} fragment F on Query{a:__typename b:__typename}",
    ),
    (
        Limit::Directives,
        |it| it.directives = 1,
        "{me @skip(if:false){principal}}",
        "{me @skip(if:false) @include(if:true){principal}}",
    ),
    (
        Limit::Selections,
        |it| it.selections = 4,
        "{me{principal roles loginType}}",
        "{me{...F ...F}} fragment F on Me{principal}",
    ),
    (
        Limit::Complexity,
        |it| it.complexity = 62,
        "{items(first:30){nodes{title price}}}",
        "{items(first:31){nodes{title price}}}",
    ),
    (
        Limit::Page,
        |it| it.page = 20,
        "{items(last:20){totalCount}}",
        "{items(first:21){totalCount}}",
    ),
    (
        Limit::Page,
        |it| it.page = 20,
        "{users{nodes{orders(first:20){totalCount}}}}",
        "{users{nodes{orders(first:21){totalCount}}}}",
    ),
    (
        Limit::Batch,
        |it| it.batch = 3,
        "mutation{updateItems(where:{title:{eq:\"none\"}},atMost:3,set:{title:\"x\"}){matched}}",
        "mutation{updateItems(where:{title:{eq:\"none\"}},atMost:4,set:{title:\"x\"}){matched}}",
    ),
    (
        Limit::Answer,
        |it| it.answer = 64,
        "{items(where:{id:{eq:\"i1\"}}){nodes{title}}}",
        "{items(where:{id:{eq:\"i1\"}}){nodes{id title price stock category}}}",
    ),
];

/// Each limit is a level's own: whoever is of another is not held by it.
#[tokio::test]
async fn each_limit_holds_for_its_level_and_no_other() {
    for (limit, set, within, beyond) in CASES {
        let limits = Limits {
            roles: [(Role::new("operator"), allowed(set))].into(),
            ..Limits::default()
        };
        let app = shop(limits).await;
        let [held, free] = [&["operator"][..], &["admin"]].map(|roles| app.staff(roles));
        free.query(within).await.data();
        free.query(beyond).await.data();
        held.query(within).await.data();
        let answer = held.query(beyond).await;
        assert_eq!(
            answer.errors(),
            ["LIMIT_EXCEEDED"],
            "{limit:?}: {}",
            answer.text
        );
        let told = app.executor.admission().exceeded();
        let key = (*limit, Level::Role(Role::new("operator")));
        assert_eq!(
            told.into_iter().collect::<Vec<_>>(),
            [(key, 1)],
            "{limit:?}"
        );
    }
}

#[tokio::test]
async fn what_is_only_measured_runs_and_is_told() {
    for (limit, set, _, beyond) in CASES {
        let limits = Limits {
            mode: Mode::Measure,
            staff: allowed(set),
            ..Limits::default()
        };
        let app = shop(limits).await;
        app.staff(&["admin"]).query(beyond).await.data();
        let told = app.executor.admission().exceeded();
        let key = (*limit, Level::Role(Role::new("admin")));
        assert_eq!(told.get(&key), Some(&1), "{limit:?}: {told:?}");
    }
}

/// The most that anybody may have holds for everybody, in any mode: beyond it nothing is measured.
#[tokio::test]
async fn what_nobody_may_ask_for_is_refused_in_any_mode() {
    let app = shop(Limits {
        mode: Mode::Measure,
        ..Limits::same(allowed(|it| it.depth = 3))
    })
    .await;
    let answer = app
        .staff(&["admin"])
        .query("{items{edges{node{title}}}}")
        .await;
    assert_eq!(answer.errors(), ["LIMIT_EXCEEDED"]);
    assert!(app.executor.admission().exceeded().is_empty());
}

#[tokio::test]
async fn the_levels_of_callers() {
    let depth = |depth| allowed(|it| it.depth = depth);
    let limits = Limits {
        guest: depth(1),
        anonymous: Some(depth(2)),
        user: depth(3),
        staff: depth(4),
        roles: [
            (
                Role::new("operator"),
                Allowance {
                    page: 20,
                    ..depth(5)
                },
            ),
            (
                Role::new("support"),
                Allowance {
                    page: 30,
                    ..depth(2)
                },
            ),
        ]
        .into(),
        ..Limits::default()
    };
    let anonymous = User {
        login_type: LoginType::Anonymous,
        ..Principal::uid("somebody").to_user()
    };
    let with = |roles: &[&str]| Caller {
        roles: roles.iter().map(|role| Role::new(*role)).collect(),
        ..Caller::user(Principal::uid("somebody").to_user())
    };
    for (caller, depth, page, level) in [
        (Caller::none(), 1, 500, "guest"),
        (Caller::user(anonymous), 2, 500, "anonymous"),
        (with(&[]), 3, 500, "user"),
        (with(&["other"]), 4, 500, "other"),
        (with(&["operator"]), 5, 20, "operator"),
        (with(&["support"]), 2, 30, "support"),
        // Of each limit the most.
        (with(&["operator", "support"]), 5, 30, "staff"),
        (with(&["operator", "other"]), 5, 500, "staff"),
    ] {
        let (is, allowance) = limits.of(&caller);
        assert_eq!(is.to_string(), level);
        assert_eq!((allowance.depth, allowance.page), (depth, page), "{level}");
    }
}

fn from(address: [u8; 4]) -> Request {
    Request {
        query: "{ __typename }".to_owned(),
        address: Some(address.into()),
        ..Request::default()
    }
}

fn retry_after(answer: &Answer) -> Option<u64> {
    assert_eq!(answer.errors(), ["LIMIT_EXCEEDED"]);
    match answer.outcome {
        Outcome::Throttled { retry_after } => {
            let told = &answer.json["errors"][0]["extensions"]["retryAfter"];
            assert_eq!(told, retry_after);
            Some(retry_after)
        }
        _ => None,
    }
}

#[tokio::test]
async fn callers_come_so_often_and_guests_by_address() {
    let mut limits = Limits::same(allowed(|it| it.rate = rate(1, 3)));
    limits.guest.rate = rate(1, 2);
    let app = shop(limits).await;
    tokio::time::pause();
    let alice = app.holder("openid:alice", &[]);
    let (bob, guest) = (app.holder("openid:bob", &[]), app.caller("-").await);
    for _ in 0..3 {
        alice.send(from([1, 1, 1, 1])).await.data();
    }
    let refused = alice.send(from([2, 2, 2, 2])).await;
    assert_eq!(retry_after(&refused), Some(1), "wherever she comes from");
    bob.send(from([1, 1, 1, 1])).await.data();
    for address in [[1, 1, 1, 1], [2, 2, 2, 2]] {
        guest.send(from(address)).await.data();
        guest.send(from(address)).await.data();
        let refused = guest.send(from(address)).await;
        assert_eq!(retry_after(&refused), Some(1));
    }
    for _ in 0..10 {
        // Nobody knows who is behind it.
        guest.query("{ __typename }").await.data();
    }
    tokio::time::advance(Duration::from_secs(1)).await;
    alice.send(from([1, 1, 1, 1])).await.data();
    assert_eq!(retry_after(&alice.send(from([1, 1, 1, 1])).await), Some(1));
}

/// A refusal is cheaper than what it refuses: the document is not even read.
#[tokio::test]
async fn who_comes_too_often_is_not_listened_to() {
    let app = shop(Limits::same(allowed(|it| it.rate = rate(1, 1)))).await;
    tokio::time::pause();
    let alice = app.holder("openid:alice", &[]);
    alice.query("{ me { principal } }").await.data();
    assert!(retry_after(&alice.query("no document {{{").await).is_some());
}

#[tokio::test]
async fn so_many_operations_of_a_caller_run_at_one_time() {
    let mut gate = None;
    let between = |stored| Arc::clone(gate.insert(Arc::new(Gate::shut(stored))));
    let (config, live) = (gateway::Config::default(), live::Config::default());
    let shop = TestApp::over(SHOP, &[], config, live, between).await;
    let app = limited(shop, Limits::same(allowed(|it| it.concurrent = Some(2))));
    let gate = gate.expect("it stands between");
    let alice = app.holder("openid:alice", &[]);
    let slow = || Box::pin(alice.query("{ items { nodes { title } } }"));
    let (mut first, mut second) = (slow(), slow());
    assert!(futures_util::poll!(&mut first).is_pending());
    assert!(futures_util::poll!(&mut second).is_pending());
    let third = alice.query("{ __typename }").await;
    assert_eq!(retry_after(&third), Some(1));
    let bob = app.holder("openid:bob", &[]);
    bob.query("{ __typename }").await.data();
    // One that nobody waits for any more has no place.
    drop(second);
    alice.query("{ __typename }").await.data();
    gate.open();
    first.await.data();
}

/// A live list is no way to more documents than a page may have.
#[tokio::test]
async fn a_live_list_is_no_longer_than_a_page_may_be() {
    let app = shop(Limits::same(allowed(|it| it.page = 20))).await;
    let admin = Credential {
        user: Some(Principal::openid("demo-admin").to_user()),
        ..Credential::default()
    };
    let (_keep, credential) = watch::channel(admin);
    for (list, is_live) in [
        ("items(first:20)", true),
        ("items(first:21)", false),
        ("items", false),
    ] {
        let request = Request {
            query: format!("subscription {{ {list} {{ nodes {{ title }} }} }}"),
            ..Request::default()
        };
        let reply = app.executor.open(request, credential.clone()).await;
        assert_eq!(matches!(reply, Reply::Live(_)), is_live, "{list}");
    }
}

/// Live operations count until they are open.
#[tokio::test]
async fn live_operations_keep_the_same_limits() {
    let mut limits = Limits::same(allowed(|it| it.concurrent = Some(1)));
    limits.staff.aliases = 1;
    limits.user.aliases = 1_000;
    let app = shop(limits).await;
    let admin = Credential {
        user: Some(Principal::openid("demo-admin").to_user()),
        ..Credential::default()
    };
    let (_sender, credential) = watch::channel(admin);
    let open = async |query: &str| {
        let request = Request {
            query: query.to_owned(),
            ..Request::default()
        };
        app.executor.open(request, credential.clone()).await
    };
    let mut kept = Vec::new();
    for _ in 0..3 {
        match open("subscription { items { a: kind } }").await {
            Reply::Live(subscription) => kept.push(subscription),
            Reply::Once(refused) => panic!("{refused:?}"),
        }
    }
    let Reply::Once(refused) = open("subscription { a: items { b: kind } }").await else {
        panic!("not refused");
    };
    let body = String::from_utf8_lossy(&refused.body).into_owned();
    assert!(body.contains("LIMIT_EXCEEDED"), "{body}");
}

#[tokio::test]
async fn an_operation_that_takes_longer_than_its_caller_may_is_given_up() {
    // Only to understand it takes longer.
    let roots: String = (0..90)
        .map(|at| format!("a{at}: items(where: {{price: {{in: $prices}}}}) {{ totalCount }} "))
        .collect();
    let query = format!("query($prices: [Int!]) {{ {roots} }}");
    let prices = json!({"prices": (0..900).collect::<Vec<_>>()});
    for (mode, errors) in [(Mode::Enforce, &["TIMEOUT"][..]), (Mode::Measure, &[])] {
        let limits = Limits {
            mode,
            ..Limits::same(allowed(|it| it.timeout = Some(Duration::from_nanos(1))))
        };
        let app = shop(limits).await;
        let answer = app
            .staff(&["admin"])
            .query_with(&query, prices.clone())
            .await;
        assert_eq!(answer.errors(), errors, "{mode:?}");
        let given_up = answer.outcome == Outcome::TimedOut;
        assert_eq!(given_up, mode == Mode::Enforce);
        let told = app.executor.admission().exceeded();
        let limits: Vec<Limit> = told.keys().map(|(limit, _)| *limit).collect();
        assert_eq!(limits, [Limit::Timeout]);
    }
}

/// What the platform would drop is told instead, in any mode and to the byte.
#[tokio::test]
async fn no_answer_is_larger_than_its_transport_carries() {
    let app = shop(Limits {
        mode: Mode::Measure,
        ..Limits::default()
    })
    .await;
    let admin = app.staff(&["admin"]);
    let ask = |max_answer| Request {
        query: "{ items { nodes { title } } }".to_owned(),
        max_answer,
        ..Request::default()
    };
    let whole = admin.send(ask(None)).await;
    let size = whole.text.len();
    admin.send(ask(Some(size))).await.data();
    let answer = admin.send(ask(Some(size - 1))).await;
    assert_eq!(answer.errors(), ["LIMIT_EXCEEDED"]);
    assert!(answer.json["data"].is_null());
}

#[tokio::test]
async fn introspection_is_switched_off_for_a_level_however_it_is_asked_for() {
    let mut limits = Limits::default();
    limits.user.introspection = false;
    // A switch is no limit that could be measured.
    limits.mode = Mode::Measure;
    let app = shop(limits).await;
    let (user, admin) = (app.caller("openid:demo-alice").await, app.staff(&["admin"]));
    for query in [
        "{ __schema { queryType { name } } }",
        "{ a: __schema { queryType { name } } }",
        "{ __type(name: \"Item\") { name } }",
        "{ me { principal } x: __type(name: \"Item\") { name } }",
        "{ ... { __schema { queryType { name } } } }",
        "{ ...F } fragment F on Query { ...G } fragment G on Query { s: __schema { queryType { name } } }",
        "{ ...__schema } fragment __schema on Query { __schema { queryType { name } } }",
        "query A { __schema { queryType { name } } }",
    ] {
        admin.query(query).await.data();
        let answer = user.query(query).await;
        assert_eq!(answer.errors(), ["FORBIDDEN"], "{query}");
        assert!(!answer.text.contains("queryType"), "{}", answer.text);
    }
    for query in [
        "{ __typename }",
        "{ ...__schema } fragment __schema on Query { me { __typename } }",
        "{ me { principal } }",
    ] {
        user.query(query).await.data();
    }
}

/// Nothing that the document does not name itself.
#[tokio::test]
async fn errors_do_not_tell_what_there_is_where_that_is_switched_off() {
    let mut limits = Limits::default();
    limits.user.suggestions = false;
    let app = shop(limits).await;
    let (user, admin) = (app.caller("openid:demo-alice").await, app.staff(&["admin"]));
    for (query, hidden) in [
        ("{ items { nodes { titel } } }", "Item"),
        ("{ item { title } }", "Query"),
        (
            "{ items(where: {titel: {eq: \"x\"}}) { totalCount } }",
            "ItemFilter",
        ),
        (
            "{ items(where: {status: {eq: SOLD}}) { totalCount } }",
            "ItemStatus",
        ),
        ("{ items(first: \"x\") { totalCount } }", "Int"),
        (
            "mutation { createItem(input: {title: \"x\"}) { id } }",
            "price",
        ),
        (
            "{ items { nodes { ...F } } } fragment F on User { id }",
            "Item",
        ),
        ("{ items }", "ItemConnection"),
        ("{ nothing }", "Query"),
    ] {
        let told = admin.query(query).await;
        assert!(told.text.contains(hidden), "{query}: {}", told.text);
        let answer = user.query(query).await;
        let codes = |answer: &Answer| {
            let mut codes = answer.errors();
            codes.dedup();
            codes
        };
        assert_eq!(codes(&answer), codes(&told), "{query}");
        assert!(!answer.text.contains(hidden), "{query}: {}", answer.text);
        assert!(
            answer.message().ends_with("does not fit the API"),
            "{}",
            answer.text
        );
    }
}

/// Collects what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_tells_of_an_excess_by_the_hash_of_its_document() {
    let mut limits = Limits::default();
    limits.user.depth = 1;
    limits.mode = Mode::Measure;
    let app = shop(limits).await;
    let alice = app.caller("openid:demo-alice").await;
    // So that the place which logs is known by the time somebody listens; other tests come by it as well.
    alice.query("{ me { principal } }").await.data();
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_writer(move || writer.clone())
        .finish();
    let _logging = tracing::subscriber::set_default(subscriber);
    alice.query("{ me { principal } }").await.data();
    let text = String::from_utf8(log.0.lock().unwrap().clone()).expect("text");
    let line = text
        .lines()
        .find(|line| line.contains("\"limits\""))
        .expect("a line");
    let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
    let fields = &line["fields"];
    assert_eq!(fields["limit"], "depth");
    assert_eq!(fields["level"], "user");
    assert_eq!(
        (&fields["measured"], &fields["allowed"]),
        (&2.into(), &1.into())
    );
    assert_eq!(fields["refused"], false);
    // sha256sum of the document.
    let hash = fields["operation"].as_str().expect("a hash");
    assert!(hash.starts_with("sha256:") && hash.len() == 71, "{hash}");
    assert!(
        !text.contains("demo-alice") && !text.contains("principal"),
        "{text}"
    );
}
