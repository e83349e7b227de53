//! Random writes, and after each of them every subscriber has been told exactly
//! what a query gives to the same caller.

/// What happens to the shop.
pub(super) mod acts;
/// Many writes at once, and slow readers.
mod bursts;
/// Decisions that depend on the time and on other documents.
mod restless;
/// What is watched.
pub(super) mod subject;
/// Who watches, and what is asked of what they are told.
pub(super) mod witness;

use std::thread;

use self::subject::Subject;
use self::witness::Witness;
use crate::harness::TestApp;
use crate::random::Random;

const BRIEF: Option<&str> = Some("id orderNo status total");
const MASKED: Option<&str> = Some("status remark address { city phone }");
const RELATED: Option<&str> =
    Some("id user { nickname phone } lines { quantity item { title cost status } }");
const GOODS: Option<&str> = Some("id title price cost stock tags");
const PEOPLE: Option<&str> = Some("id nickname phone points");
const BUYERS: Option<&str> = Some(
    "nickname phone orders(first: 2, orderBy: [{total: DESC}]) { totalCount nodes { orderNo total address { city } } }",
);
const RICHEST: &str = "orderBy: [{total: DESC}], first: 2";
const OPEN: &str =
    "where: {status: {in: [PAID, SHIPPED]}}, orderBy: [{status: ASC}, {createdAt: DESC}], first: 4";

const ALICE: &str = "openid:demo-alice";
const BOB: &str = "openid:demo-bob";
const SUPPORT: &str = "openid:demo-support";
const OPERATOR: &str = "openid:demo-operator";
const ADMIN: &str = "openid:demo-admin";
const OWNER: &str = "openid:demo-owner";
const NOBODY: &str = "-";

/// Everybody with everything would take too long: each seed is another choice of these.
const WATCHED: &[(&str, Subject)] = &[
    (ALICE, Subject::list("orders", "", BRIEF, BRIEF)),
    (BOB, Subject::list("orders", "", BRIEF, None)),
    (SUPPORT, Subject::list("orders", "", None, BRIEF)),
    (SUPPORT, Subject::list("orders", "", MASKED, None)),
    (OPERATOR, Subject::list("orders", "", MASKED, BRIEF)),
    (ADMIN, Subject::list("orders", RICHEST, MASKED, None)),
    (ALICE, Subject::list("orders", RICHEST, None, BRIEF)),
    (OWNER, Subject::list("orders", OPEN, BRIEF, MASKED)),
    (OPERATOR, Subject::list("orders", OPEN, None, MASKED)),
    (SUPPORT, Subject::list("orders", "first: 3", RELATED, None)),
    (ALICE, Subject::list("orders", "", None, RELATED)),
    (ADMIN, Subject::list("orders", "", RELATED, RELATED)),
    (BOB, Subject::single("order", "id: \"o1\"", BRIEF, BRIEF)),
    (
        SUPPORT,
        Subject::single("order", "id: \"o2\"", MASKED, None),
    ),
    (ALICE, Subject::single("order", "id: \"o3\"", None, RELATED)),
    (BOB, Subject::list("items", "", GOODS, None)),
    (
        ADMIN,
        Subject::list("items", "orderBy: [{price: ASC}], first: 3", GOODS, GOODS),
    ),
    (
        OPERATOR,
        Subject::list("items", "where: {price: {gte: 3000}}", None, GOODS),
    ),
    (ALICE, Subject::list("users", "", PEOPLE, PEOPLE)),
    (SUPPORT, Subject::list("users", "", PEOPLE, None)),
    (ADMIN, Subject::list("users", "", BUYERS, None)),
    (BOB, Subject::list("users", "", None, BUYERS)),
    (
        OWNER,
        Subject::list("roles", "", Some("id roles status expiresAt"), None),
    ),
    (
        ADMIN,
        Subject::list("roles", "", None, Some("roles status")),
    ),
    (NOBODY, Subject::list("items", "", GOODS, GOODS)),
];

/// What was done, told if the test fails.
struct Log(u64, Vec<String>);

impl Drop for Log {
    #[expect(
        clippy::print_stdout,
        reason = "the harness shows it where a test fails"
    )]
    fn drop(&mut self) {
        if thread::panicking() {
            let last = self.1.len().saturating_sub(12);
            println!("seed {}:\n{}", self.0, self.1[last..].join("\n"));
        }
    }
}

/// How many watch at once.
const WITNESSES: usize = 9;

async fn run(seed: u64, steps: usize) {
    let app = TestApp::shop().await;
    let mut random = Random::new(seed);
    let mut witnesses = Vec::new();
    for at in 0..WITNESSES {
        let chosen = usize::try_from(seed).unwrap() * 7 + at * WATCHED.len() / WITNESSES;
        let (principal, subject) = WATCHED[chosen % WATCHED.len()];
        witnesses.push(Witness::new(&app, principal, subject).await);
    }
    let mut log = Log(seed, Vec::new());
    for step in 0..steps {
        let act = match random.below(8) {
            0 => acts::stand(&app, &mut random, &witnesses).await,
            _ => acts::one(&app, &mut random).await,
        };
        log.1.push(format!("{step}: {act}"));
        // Before anybody was told of it: who comes now must not be shown what was.
        let newcomer = usize::try_from(random.below(4 * WITNESSES as u64)).unwrap();
        if let Some(newcomer) = witnesses.get_mut(newcomer) {
            newcomer.open(&app).await;
        }
        for witness in &mut witnesses {
            witness.settle(&app).await;
        }
    }
    let events: u64 = witnesses.iter().map(|witness| witness.events).sum();
    assert!(events > 100, "next to nothing was told: {events}");
    assert!(
        witnesses.iter().any(Witness::is_live),
        "all were refused in the end"
    );
    assert_eq!(app.executor.live_counts().resyncs, 0, "nobody was slow");
}

#[tokio::test]
async fn everybody_is_told_what_a_query_gives() {
    for seed in 0..8 {
        run(seed, 275).await;
    }
}
