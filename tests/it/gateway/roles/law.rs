//! Whatever is written by whomever, one after the other: nobody comes to hold a role that the writer does not hold, and
//! once there is an owner there always is.

use std::collections::BTreeMap;

use super::writes::{LAX, Write, active, held};
use crate::gateway::world::{NOW, World};
use crate::random::Random;

const PEOPLE: [&str; 7] = [
    "openid:a",
    "openid:b",
    "openid:c",
    "openid:d",
    "uid:a",
    "uid:e",
    "openid:app:a",
];
/// Most of them hold something at first.
const WRITERS: [&str; 4] = ["openid:a", "openid:b", "openid:c", "openid:d"];
const ROLES: [&str; 5] = ["founder", "owner", "admin", "clerk", "auditor"];

fn any_write(random: &mut Random) -> Write {
    let id = random.pick(&PEOPLE).to_owned();
    let other = random.pick(&PEOPLE).to_owned();
    let role = random.pick(&ROLES);
    let status = random.pick(&["\"ACTIVE\"", "\"DISABLED\""]).to_owned();
    let until = NOW + i64::try_from(random.below(20)).expect("small") - 4;
    match random.below(13) {
        0 => Write::Create(id, active(&[role])),
        1 => Write::CreateMany(vec![(id, active(&[role])), (other, active(&["clerk"]))]),
        2 | 3 => Write::Set(id, "roles", format!("[{role:?}]")),
        4 => Write::Set(id, "status", status),
        5 => Write::Set(id, "expiresAt", format!(r#"{{"$date":{until}}}"#)),
        6 => Write::Unset(id, "expiresAt"),
        7 => Write::Push(id, role.to_owned()),
        8 => Write::Pull(id, role.to_owned()),
        9 => Write::Delete(id),
        10 => Write::SetMany(vec![id, other], "status", status),
        11 => Write::PushMany(vec![id, other], role.to_owned()),
        _ => match random.below(4) {
            0 => Write::DeleteAll,
            _ => Write::DeleteMany(vec![id, other]),
        },
    }
}

async fn everybody(world: &World) -> BTreeMap<&'static str, Vec<String>> {
    let mut all = BTreeMap::new();
    for principal in PEOPLE {
        all.insert(principal, held(world, principal).await);
    }
    all
}

fn is_owned(held: &BTreeMap<&str, Vec<String>>) -> bool {
    held.values().flatten().any(|role| role == "owner")
}

#[tokio::test]
async fn nobody_gains_what_the_writer_lacks_and_there_is_always_an_owner() {
    let mut done = 0;
    for seed in 0..8 {
        let mut random = Random::new(seed);
        let world = World::new(
            LAX,
            &[
                (
                    "roles",
                    r#"{"_id":"openid:a","roles":["owner"],"status":"ACTIVE"}"#,
                ),
                (
                    "roles",
                    r#"{"_id":"openid:b","roles":["owner","auditor"],"status":"ACTIVE"}"#,
                ),
                (
                    "roles",
                    r#"{"_id":"openid:c","roles":["admin"],"status":"ACTIVE"}"#,
                ),
            ],
        )
        .await;
        for step in 0..60 {
            // Time passes: what was to end ends.
            world.clock.set(NOW + step / 6);
            let before = everybody(&world).await;
            assert!(is_owned(&before), "{seed}/{step}: {before:?}");
            let writer = random.pick(&WRITERS);
            let write = any_write(&mut random);
            let told = write.by(&world.as_(writer).await).await;
            done += u32::from(told.is_ok());
            let after = everybody(&world).await;
            for (principal, roles) in &after {
                let gained = roles
                    .iter()
                    .filter(|role| !before[principal].contains(role));
                for role in gained {
                    assert!(
                        before[writer].contains(role),
                        "{seed}/{step}: {writer} gave {principal} {role} by {write:?}"
                    );
                }
            }
            assert_eq!(before[writer], after[writer], "{seed}/{step}: {write:?}");
        }
    }
    assert!(done > 60, "only {done} writes were made");
}
