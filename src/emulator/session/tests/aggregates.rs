//! Aggregations by clients.

use super::*;
use crate::data::Filter;
use crate::data::ejson;
use crate::emulator::database::Aggregate;

/// The rows of stages like `$match {…}`.
async fn rows(session: &Session, stages: &[(&str, &str)]) -> Result<Vec<Object>> {
    let stages: Vec<_> = stages
        .iter()
        .map(|(name, argument)| ((*name).to_owned(), ejson::parse_value(argument).unwrap()))
        .collect();
    let aggregate = Aggregate {
        collection: name("things"),
        pipeline: session.pipeline(&stages)?,
        also: Filter::all(),
        limit: 100,
    };
    session.aggregate(aggregate).await
}

/// How many documents an aggregation begins with.
pub(super) async fn count(session: &Session, condition: &str) -> Result<u64> {
    Ok(rows(session, &[("$match", condition)]).await?.len() as u64)
}

const LOOKUP: &str = r#"{"from":"others","localField":"_id","foreignField":"_id","as":"found"}"#;

#[tokio::test]
async fn the_first_condition_is_judged_and_the_permission_added() {
    let database = environment("PRIVATE", None).await;
    let documents = [
        r#"{"_openid":"alice"}"#,
        r#"{"_openid":"alice"}"#,
        r#"{"_openid":"bob"}"#,
    ];
    fill(&database, "things", &documents).await;
    let alice = session(&database, user("alice"));
    let counted = rows(&alice, &[("$count", r#""n""#)]).await.unwrap();
    assert_eq!(text(&counted[0]), r#"{"n":2}"#);
    let rule = Some(r#"{"read":"doc._openid == auth.openid"}"#);
    let access = Access::parse("CUSTOM", rule).unwrap();
    database.set_access(&name("things"), access).await.unwrap();
    let own = ("$match", r#"{"_openid":"{openid}"}"#);
    let late = rows(&alice, &[("$sort", r#"{"_id":1}"#), own]).await;
    assert_eq!(late.unwrap_err().code, Code::DatabasePermissionDenied);
    let literal = ("$match", r#"{"_openid":"alice"}"#);
    for stages in [[own, literal], [literal, own]] {
        assert_eq!(rows(&alice, &stages).await.unwrap().len(), 2);
    }
    assert_eq!(rows(&admin(&database), &[]).await.unwrap().len(), 3);
}

#[tokio::test]
async fn lookups_need_a_right_to_all_documents() {
    let database = environment("READONLY", None).await;
    fill(&database, "things", &[r#"{"_id":"a"}"#]).await;
    fill(&database, "others", &[r#"{"_id":"a","secret":1}"#]).await;
    let alice = session(&database, user("alice"));
    for (tag, rule, allowed) in [
        ("READONLY", None, true),
        ("ADMINWRITE", None, true),
        ("PRIVATE", None, false),
        ("ADMINONLY", None, false),
        ("CUSTOM", Some(r#"{"read":true}"#), true),
        ("CUSTOM", Some(r#"{"read":"doc.secret == 1"}"#), false),
    ] {
        let access = Access::parse(tag, rule).unwrap();
        database.set_access(&name("others"), access).await.unwrap();
        let nested = format!(r#"{{"from":"things","pipeline":[{{"$lookup":{LOOKUP}}}],"as":"x"}}"#);
        for lookup in [LOOKUP, &nested] {
            let found = rows(&alice, &[("$lookup", lookup)]).await;
            assert_eq!(found.is_ok(), allowed, "{tag} {rule:?}: {found:?}");
        }
        assert!(
            rows(&admin(&database), &[("$lookup", LOOKUP)])
                .await
                .is_ok()
        );
    }
    database.drop_collection(&name("others")).await.unwrap();
    let found = rows(&alice, &[("$lookup", LOOKUP)]).await.unwrap();
    assert_eq!(text(&found[0]), r#"{"_id":"a","found":[]}"#);
}

#[tokio::test]
async fn a_place_is_looked_for_with_the_condition_that_was_judged() {
    let rule = Some(r#"{"read":"doc.owner == auth.openid"}"#);
    let database = environment("CUSTOM", rule).await;
    let at = r#""at":{"type":"Point","coordinates":[0,0]}"#;
    for owner in ["alice", "{openid}"] {
        let document = format!(r#"{{"_id":"{owner}","owner":"{owner}",{at}}}"#);
        fill(&database, "things", &[&document]).await;
    }
    let near = r#"{"near":{"type":"Point","coordinates":[0,0]},"distanceField":"d","query":{"owner":"{openid}"}}"#;
    let alice = session(&database, user("alice"));
    let found = rows(&alice, &[("$geoNear", near)]).await.unwrap();
    let ids: Vec<_> = found
        .iter()
        .map(|row| row.get("_id").unwrap().to_string())
        .collect();
    assert_eq!(ids, [r#""alice""#]);
}
