//! Staff are asked about again and again, and who signed in anonymously is never staff.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use cloudbase_graphql::data::{Identity, LoginType, Principal, User};
use cloudbase_graphql::gateway::{
    Config, Credential, Error, Proof, Silent, Standing, Vouch, Vouched,
};

use super::notes::SCHEMA;
use super::world::{NOW, World};

/// Says what the test says.
#[derive(Debug)]
struct Witness {
    says: Mutex<Result<Vouched, Silent>>,
    asked: AtomicU32,
}

#[async_trait]
impl Vouch for Witness {
    async fn vouch(&self, user: &User, proof: &Proof) -> Result<Vouched, Silent> {
        assert_eq!(user.principal.as_str(), "uid:clerk");
        assert_eq!(proof.expose(), "secret");
        self.asked.fetch_add(1, Ordering::SeqCst);
        *self.says.lock().expect("no panic while it was held")
    }
}

impl Witness {
    fn new(says: Result<Vouched, Silent>) -> Arc<Self> {
        Arc::new(Self {
            says: Mutex::new(says),
            asked: AtomicU32::new(0),
        })
    }

    fn say(&self, says: Result<Vouched, Silent>) {
        *self.says.lock().expect("no panic while it was held") = says;
    }

    fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }
}

const CLERK: &str = r#"{"_id":"uid:clerk","roles":["clerk"],"status":"ACTIVE"}"#;

async fn world(witness: &Arc<Witness>) -> World {
    let vouch = Arc::clone(witness) as Arc<dyn Vouch>;
    let finish = |gateway: cloudbase_graphql::gateway::Gateway| gateway.with_vouch(vouch);
    World::built(SCHEMA, &[("roles", CLERK)], Config::default(), finish).await
}

fn credential(uid: &str) -> Credential {
    Credential {
        user: Some(Principal::uid(uid).to_user()),
        until: Some(NOW + 7_200_000),
        proof: Some(Proof::new("secret")),
    }
}

async fn standing(world: &World, credential: &Credential) -> Standing {
    let standing = world.gateway.standing(credential).await;
    standing.expect("a standing")
}

#[tokio::test]
async fn staff_are_asked_about_again_when_it_is_time() {
    let witness = Witness::new(Ok(Vouched::Until(NOW + 60_000)));
    let world = world(&witness).await;
    let clerk = credential("clerk");
    let first = standing(&world, &clerk).await;
    assert!(first.caller.is_staff());
    assert_eq!(first.until, Some(NOW + 60_000));

    witness.say(Ok(Vouched::Until(NOW + 120_000)));
    world.clock.set(NOW + 60_000);
    let second = standing(&world, &clerk).await;
    assert_eq!(second.until, Some(NOW + 120_000));
    assert_eq!(witness.asked(), 2);
    assert!(second.continues(&first), "it was so all the time");

    // The token ends sooner than anybody has to be asked.
    witness.say(Ok(Vouched::Until(NOW + 9_000_000)));
    assert_eq!(standing(&world, &clerk).await.until, clerk.until);
}

#[tokio::test]
async fn who_signed_out_is_nobody_any_more() {
    let witness = Witness::new(Ok(Vouched::SignedOut));
    let world = world(&witness).await;
    let standing = standing(&world, &credential("clerk")).await;
    assert_eq!(standing.caller.identity, Identity::None);
    assert!(!standing.caller.is_staff());
}

#[tokio::test]
async fn nothing_is_done_in_a_name_that_nobody_vouches_for() {
    let retry_after = Duration::from_secs(3);
    let witness = Witness::new(Err(Silent { retry_after }));
    let world = world(&witness).await;
    let refused = world.gateway.standing(&credential("clerk")).await;
    let error = refused.expect_err("nobody vouches");
    assert!(matches!(error, Error::Unvouched { .. }), "{error}");
    assert_eq!(error.retry_after(), Some(retry_after));
}

#[tokio::test]
async fn nobody_asks_about_end_users_or_about_who_showed_no_token() {
    let silent = Silent {
        retry_after: Duration::from_secs(3),
    };
    let witness = Witness::new(Err(silent));
    let world = world(&witness).await;
    let user = standing(&world, &credential("somebody")).await;
    assert_eq!(user.until, Some(NOW + 7_200_000));
    let without = Credential {
        proof: None,
        ..credential("clerk")
    };
    assert!(standing(&world, &without).await.caller.is_staff());
    assert_eq!(witness.asked(), 0);
}

#[tokio::test]
async fn who_signed_in_anonymously_is_never_staff() {
    let config = Config {
        owners: [Principal::uid("clerk")].into(),
        ..Config::default()
    };
    let world = World::configured(SCHEMA, &[("roles", CLERK)], config).await;
    let mut clerk = credential("clerk");
    let roles = standing(&world, &clerk).await.caller.roles.len();
    assert_eq!(roles, 3, "all of them, as an owner");
    let user = clerk.user.as_mut().expect("a user");
    user.login_type = LoginType::Anonymous;
    assert!(!standing(&world, &clerk).await.caller.is_staff());
}

#[test]
fn a_proof_is_never_shown() {
    let shown = format!("{:?}", credential("clerk"));
    assert!(!shown.contains("secret"), "{shown}");
}
