//! Collections are closed to end users until their permission in the database is known to be the model's.

use std::collections::BTreeMap;

use cloudbase_graphql::gateway::{Agreement, Agreements, Config, Mirror};

use super::notes::{SCHEMA, SEED};
use super::world::{World, all, is, name, said, set};

const WHY: &str = ": the collection is closed until its permission in the database is known to be \
                   that of the schema; the operator must look";

async fn world(mirror: Mirror) -> World {
    World::built(SCHEMA, SEED, Config::default(), |gateway| {
        gateway.with_mirror(mirror)
    })
    .await
}

/// What is found of a collection whose permission is so.
fn found(permission: Agreement) -> Agreements {
    Agreements {
        collection: Agreement::Ok,
        indexes: Agreement::Different,
        permission,
    }
}

fn tell(world: &World, agreements: &[(&str, Agreement)]) {
    let agreements: BTreeMap<_, _> = agreements
        .iter()
        .map(|(collection, permission)| (name(collection), found(*permission)))
        .collect();
    world.gateway.tell_agreements(agreements);
}

#[tokio::test]
async fn nobody_but_staff_gets_through_before_somebody_has_looked() {
    let world = world(Mirror::FailClosed).await;
    let alice = world.as_("openid:alice").await;
    let read = format!("read of Note is not allowed{WHY}");
    assert_eq!(alice.find("notes", all()).await, read);
    assert_eq!(alice.read("notes", "n1", "title").await, read);
    let created = alice.create("notes", r#"{"title":"new"}"#).await;
    assert_eq!(said(created), format!("create of Note is not allowed{WHY}"));
    let update = format!("update of Note is not allowed{WHY}");
    let title = || vec![set("title", r#""other""#)];
    assert_eq!(said(alice.update("notes", "n1", title()).await), update);
    // What is not there cannot be told from what is.
    assert_eq!(said(alice.update("notes", "n9", title()).await), update);
    let delete = format!("delete of Note is not allowed{WHY}");
    assert_eq!(said(alice.delete("notes", "n1", None).await), delete);
    let many = alice.bulk("notes", is("title", r#""one""#), 10);
    let deleted = alice.session.delete_many(&many).await;
    assert_eq!(said(deleted), delete);

    let root = world.as_("openid:root").await;
    assert_eq!(root.find("notes", all()).await, "n1 n2 n3 n4");
    assert_eq!(said(root.update("notes", "n1", title()).await), "ok");
    // A clerk may update any note, and sees those that end users do: at the moment none.
    let clara = world.as_("openid:clara").await;
    assert_eq!(clara.find("notes", all()).await, read);
    let stored = world.stored("notes", "n1").await.expect("still there");
    assert!(format!("{stored:?}").contains("other"), "{stored:?}");
}

/// Collections with their permissions.
type Told<'a> = &'a [(&'a str, Agreement)];

#[tokio::test]
async fn each_collection_opens_and_closes_by_itself() {
    let world = world(Mirror::FailClosed).await;
    let cases: &[(Told<'_>, bool, bool)] = &[
        (&[("notes", Agreement::Ok)], true, false),
        (
            &[("notes", Agreement::Different), ("authors", Agreement::Ok)],
            false,
            true,
        ),
        (
            &[("notes", Agreement::Ok), ("authors", Agreement::Ok)],
            true,
            true,
        ),
        (
            &[("notes", Agreement::Ok), ("authors", Agreement::Unknown)],
            true,
            false,
        ),
        (&[], false, false),
    ];
    for (agreements, notes, authors) in cases {
        tell(&world, agreements);
        let alice = world.as_("openid:alice").await;
        let seen = alice.find("notes", all()).await;
        assert_eq!(seen == "n1 n2 n4", *notes, "{agreements:?}: {seen}");
        let seen = alice.find("authors", all()).await;
        assert_eq!(seen == "a1 a2", *authors, "{agreements:?}: {seen}");
    }
}

#[tokio::test]
async fn an_operation_that_has_begun_goes_on_as_it_began() {
    let world = world(Mirror::FailClosed).await;
    tell(&world, &[("notes", Agreement::Ok)]);
    let alice = world.as_("openid:alice").await;
    tell(&world, &[("notes", Agreement::Different)]);
    assert_eq!(alice.find("notes", all()).await, "n1 n2 n4");
    let alice = world.as_("openid:alice").await;
    assert!(alice.find("notes", all()).await.ends_with(WHY));
}

#[tokio::test]
async fn whoever_is_only_to_be_told_is_not_refused() {
    for mirror in [Mirror::Warn, Mirror::Off] {
        let world = world(mirror).await;
        let known = world.gateway.agreements();
        assert_eq!(known.is_empty(), mirror == Mirror::Off);
        assert!(known.values().all(|it| it.permission == Agreement::Unknown));
        let alice = world.as_("openid:alice").await;
        assert_eq!(alice.find("notes", all()).await, "n1 n2 n4");
        tell(&world, &[("notes", Agreement::Different)]);
        let alice = world.as_("openid:alice").await;
        assert_eq!(alice.find("notes", all()).await, "n1 n2 n4");
        assert_eq!(
            world.gateway.agreements(),
            BTreeMap::from([(name("notes"), found(Agreement::Different))])
        );
    }
}
