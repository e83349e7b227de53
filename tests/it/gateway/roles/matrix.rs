//! Who × what × by which path: nobody gives or takes a role that they do not hold, nobody changes their own, and what
//! is refused changes nothing.

use super::writes::{LAX, Write, active, everything};
use crate::gateway::world::{World, kind};

/// Principal, what is stored of them, and what they hold, includes followed by hand.
const STAFF: [(&str, &str, &[&str]); 9] = [
    (
        "openid:founder",
        r#""roles":["founder"],"status":"ACTIVE""#,
        &["founder", "owner", "admin", "clerk"],
    ),
    (
        "openid:owner",
        r#""roles":["owner"],"status":"ACTIVE""#,
        &["owner", "admin", "clerk"],
    ),
    (
        "openid:admin",
        r#""roles":["admin"],"status":"ACTIVE""#,
        &["admin", "clerk"],
    ),
    (
        "openid:clerk",
        r#""roles":["clerk"],"status":"ACTIVE""#,
        &["clerk"],
    ),
    (
        "openid:auditor",
        r#""roles":["auditor"],"status":"ACTIVE""#,
        &["auditor"],
    ),
    // They hold nothing, and are nobody's to bring back who does not hold what is named.
    (
        "openid:was-owner",
        r#""roles":["owner"],"status":"DISABLED""#,
        &["owner", "admin", "clerk"],
    ),
    (
        "openid:was-admin",
        r#""roles":["admin"],"status":"ACTIVE","expiresAt":1"#,
        &["admin", "clerk"],
    ),
    (
        "openid:odd",
        r#""roles":["clerk","forgotten"],"status":"ACTIVE""#,
        &["clerk"],
    ),
    ("openid:none", r#""roles":[],"status":"ACTIVE""#, &[]),
];

/// What a role gives, includes followed by hand.
fn expanded(role: &str) -> &'static [&'static str] {
    match role {
        "founder" => &["founder", "owner", "admin", "clerk"],
        "owner" => &["owner", "admin", "clerk"],
        "admin" => &["admin", "clerk"],
        "clerk" => &["clerk"],
        "auditor" => &["auditor"],
        other => panic!("nobody declares {other}"),
    }
}

async fn fresh() -> World {
    let documents: Vec<(&str, String)> = STAFF
        .iter()
        .map(|(id, text, _)| ("roles", format!(r#"{{"_id":"{id}",{text}}}"#)))
        .collect();
    let seed: Vec<(&str, &str)> = documents
        .iter()
        .map(|(of, it)| (*of, it.as_str()))
        .collect();
    World::new(LAX, &seed).await
}

/// Everything that is done to a document that names these roles, with the roles that it gives or takes.
fn writes(target: &str) -> Vec<(Write, Vec<&'static str>)> {
    let id = || target.to_owned();
    let mut writes = vec![
        (Write::Set(id(), "status", "\"DISABLED\"".into()), vec![]),
        (Write::Set(id(), "status", "\"ACTIVE\"".into()), vec![]),
        (
            Write::Set(id(), "expiresAt", r#"{"$date":1}"#.into()),
            vec![],
        ),
        (Write::Unset(id(), "expiresAt"), vec![]),
        (Write::Set(id(), "note", "\"n\"".into()), vec![]),
        (Write::Set(id(), "roles", "[]".into()), vec![]),
        (Write::Pull(id(), "clerk".into()), vec![]),
        (Write::Delete(id()), vec![]),
        (Write::DeleteMany(vec![id()]), vec![]),
        (
            Write::SetMany(vec![id()], "status", "\"DISABLED\"".into()),
            vec![],
        ),
        // Together with one that is nobody's business.
        (Write::DeleteMany(vec!["openid:none".into(), id()]), vec![]),
        (
            Write::SetMany(vec![id(), "openid:none".into()], "note", "\"m\"".into()),
            vec![],
        ),
    ];
    for role in ["founder", "owner", "admin", "clerk", "auditor"] {
        let roles = format!("[{role:?}]");
        writes.extend([
            (Write::Set(id(), "roles", roles.clone()), vec![role]),
            (Write::Push(id(), role.into()), vec![role]),
            (Write::SetMany(vec![id()], "roles", roles), vec![role]),
            (Write::PushMany(vec![id()], role.into()), vec![role]),
        ]);
    }
    writes
}

#[tokio::test]
async fn nobody_gives_or_takes_what_they_do_not_hold() {
    let (mut cells, mut done) = (0, 0);
    let mut world = fresh().await;
    for (who, _, holds) in &STAFF[..5] {
        for (target, text, names) in &STAFF {
            for (write, gives) in writes(target) {
                let before = everything(&world).await;
                let told = write.by(&world.as_(who).await).await;
                let mut touched = names.to_vec();
                touched.extend(gives.iter().flat_map(|role| expanded(role)));
                let allowed = who != target && touched.iter().all(|role| holds.contains(role));
                let about = format!("{who}: {write:?} ({text})");
                match told {
                    Ok(()) => {
                        assert!(allowed, "{about} was done");
                        done += 1;
                        world = fresh().await;
                    }
                    Err(error) => {
                        assert!(!allowed, "{about}: {error}");
                        assert_eq!(kind(&error), "elevation", "{about}");
                        assert_eq!(everything(&world).await, before, "{about}");
                    }
                }
                cells += 1;
            }
        }
    }
    assert!(cells > 1000 && done > 100, "{done} of {cells}");
}

#[tokio::test]
async fn nobody_creates_what_they_do_not_hold_nor_what_says_nothing() {
    let world = fresh().await;
    let new = |id: &str, text: &str| Write::Create(id.to_owned(), text.to_owned());
    let (plain, odd) = (active(&["clerk"]), active(&["clerk", "unheard-of"]));
    let cases = [
        ("openid:clerk", new("openid:new", &plain), "ok"),
        ("openid:clerk", new("uid:new", &plain), "ok"),
        ("openid:clerk", new("openid:app:new", &plain), "ok"),
        (
            "openid:clerk",
            new("openid:new2", &active(&["admin"])),
            "elevation",
        ),
        (
            "openid:clerk",
            new("openid:new2", &active(&["clerk", "owner"])),
            "elevation",
        ),
        (
            "openid:owner",
            new("openid:new2", &active(&["founder"])),
            "elevation",
        ),
        (
            "openid:owner",
            new("openid:new2", &active(&["auditor"])),
            "elevation",
        ),
        (
            "openid:owner",
            new("openid:new3", &active(&["owner"])),
            "ok",
        ),
        // Nobody prepares what somebody else then brings to life.
        (
            "openid:clerk",
            new("openid:new4", r#"{"roles":["owner"],"status":"DISABLED"}"#),
            "elevation",
        ),
        ("openid:owner", new("new", &plain), "bad input"),
        ("openid:owner", new("openid:", &plain), "bad input"),
        ("openid:owner", new("openid:a b", &plain), "bad input"),
        ("openid:owner", new("admin:x", &plain), "bad input"),
        ("openid:owner", new("openid:new5", &odd), "bad input"),
        (
            "openid:owner",
            new("openid:new5", r#"{"roles":["clerk"]}"#),
            "bad input",
        ),
        (
            "openid:owner",
            new("openid:new5", r#"{"roles":["clerk"],"status":"active"}"#),
            "bad input",
        ),
        (
            "openid:owner",
            new("openid:new5", r#"{"status":"ACTIVE"}"#),
            "bad input",
        ),
        ("openid:owner", new("openid:owner", &plain), "elevation"),
        (
            "openid:owner",
            Write::CreateMany(vec![
                ("openid:m1".into(), plain.clone()),
                ("openid:m2".into(), active(&["auditor"])),
            ]),
            "elevation",
        ),
        (
            "openid:owner",
            Write::CreateMany(vec![
                ("openid:m1".into(), plain.clone()),
                ("openid:m2".into(), odd.clone()),
            ]),
            "bad input",
        ),
        (
            "openid:owner",
            Write::CreateMany(vec![("openid:m1".into(), plain.clone())]),
            "ok",
        ),
        // An id that is made up is nobody's name.
        (
            "openid:owner",
            Write::Set("openid:odd".into(), "status", "\"off\"".into()),
            "bad input",
        ),
        (
            "openid:owner",
            Write::Unset("openid:odd".into(), "roles"),
            "bad input",
        ),
        (
            "openid:owner",
            Write::Push("openid:odd".into(), "unheard-of".into()),
            "bad input",
        ),
        // Who names a role that nobody declares any more can still be disabled.
        (
            "openid:owner",
            Write::Set("openid:odd".into(), "status", "\"DISABLED\"".into()),
            "ok",
        ),
    ];
    for (who, write, expected) in cases {
        let before = everything(&world).await;
        let told = write.by(&world.as_(who).await).await;
        let told = told.as_ref().map_or_else(kind, |()| "ok");
        assert_eq!(told, expected, "{who}: {write:?}");
        if expected != "ok" {
            assert_eq!(everything(&world).await, before, "{who}: {write:?}");
        }
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_role_is_said_where_it_stands() {
    let world = fresh().await;
    let owner = world.as_("openid:owner").await;
    let told = Write::Create("openid:new".into(), active(&["boss"]))
        .by(&owner)
        .await
        .expect_err("there is no such role");
    assert_eq!(
        told.to_string(),
        "input.roles: there is no role `boss`: the schema declares founder, owner, admin, clerk, auditor"
    );
    let told = Write::CreateMany(vec![("new".into(), active(&["clerk"]))])
        .by(&owner)
        .await
        .expect_err("nobody is called so");
    assert_eq!(
        told.to_string(),
        "input[0].id: a principal is `openid:<openid>`, `openid:<appid>:<openid>` or `uid:<uid>`"
    );
    let told = Write::Delete("openid:owner".into()).by(&owner).await;
    assert_eq!(
        told.expect_err("their own").to_string(),
        "delete of Role is not allowed: nobody changes their own roles"
    );
}
