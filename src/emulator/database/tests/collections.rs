//! Collections: made, changed, dropped, and found again in the file.

use super::*;
use crate::data::Direction;
use crate::emulator::database::{Access, AclTag, Index, IndexDirection, Kind};
use crate::model::Model;
use crate::store::CollectionSpec;
use crate::store::sqlite::Options;

fn index(name: &str, unique: bool, key: &str) -> Index {
    let ascending = IndexDirection::Ordered(Direction::Ascending);
    Index {
        name: name.to_owned(),
        unique,
        keys: vec![(key.to_owned(), ascending)],
    }
}

fn names(database: &Database, collection: &str) -> Vec<String> {
    let indexes = database.indexes(&name(collection)).unwrap();
    indexes.into_iter().map(|index| index.name).collect()
}

#[tokio::test]
async fn nothing_makes_a_collection_by_the_way() {
    let database = database().await;
    let missing = name("missing");
    let nowhere = || select("missing", "{}");
    let modify = Modify {
        selection: nowhere(),
        upsert: true,
        ..replace("{}", "{}")
    };
    let drop = Remove {
        selection: nowhere(),
        many: true,
    };
    let codes = [
        code(database.find(&list(nowhere()), None).await),
        code(database.count(&nowhere()).await),
        code(database.insert(&missing, vec![Object::new()], None).await),
        code(database.modify(&modify, None).await),
        code(database.remove(&drop, None).await),
        code(database.snapshot(&nowhere()).await),
        code(database.drop_collection(&missing).await),
        code(database.statistics(&missing).await),
        code(database.change_indexes(&missing, vec![], &[]).await),
        code(database.access(&missing)),
        code(database.indexes(&missing)),
    ];
    assert_eq!(codes, [Code::DatabaseCollectionNotExist; 11]);
    let again = code(database.create_collection(&name("things")).await);
    assert_eq!(again, Code::DatabaseCollectionAlreadyExist);
    assert_eq!(database.collections(), [name("others"), name("things")]);
}

#[tokio::test]
async fn a_drop_is_told_as_the_removal_of_each_document() {
    let database = database().await;
    things(&database)
        .add(&[r#"{"_id":"a"}"#, r#"{"_id":"b"}"#])
        .await
        .unwrap();
    let mut commits = database.commits();
    database.drop_collection(&name("things")).await.unwrap();
    let commit = commits.recv().await.unwrap();
    let told: Vec<(Kind, String)> = commit
        .written
        .iter()
        .map(|written| (written.kind, written.id().to_string()))
        .collect();
    let expected = [
        (Kind::Remove, "a".to_owned()),
        (Kind::Remove, "b".to_owned()),
    ];
    assert_eq!(told, expected);
    database.create_collection(&name("things")).await.unwrap();
    assert_eq!(things(&database).show("{}").await, "");
    things(&database).add(&[r#"{"_id":"a"}"#]).await.unwrap();
    assert!(commits.recv().await.unwrap().sequence > commit.sequence);
}

#[tokio::test]
async fn indexes_change_all_or_nothing() {
    let database = database().await;
    let collection = name("things");
    things(&database)
        .add(&[r#"{"n":1,"m":1}"#, r#"{"n":2,"m":1}"#])
        .await
        .unwrap();
    let both = vec![index("by_n", true, "n"), index("by_m", true, "m")];
    database
        .change_indexes(&collection, both, &[])
        .await
        .unwrap_err();
    assert_eq!(names(&database, "things"), ["_id_"]);
    let first = vec![index("by_n", true, "n"), index("by_m", false, "m")];
    database
        .change_indexes(&collection, first, &[])
        .await
        .unwrap();
    assert_eq!(names(&database, "things"), ["_id_", "by_n", "by_m"]);
    let duplicate = things(&database).add(&[r#"{"n":2}"#]).await;
    assert!(duplicate.as_ref().unwrap_err().message.contains("E11000"));
    assert_eq!(code(duplicate), Code::DatabaseDuplicateWrite);
    for (create, drop) in [
        (vec![index("by_m", false, "x")], vec![]),
        (vec![index("_id_", false, "x")], vec![]),
        (vec![index("empty", false, "")], vec![]),
        (vec![], vec!["other".to_owned()]),
        (vec![], vec!["_id_".to_owned()]),
    ] {
        let refused = database.change_indexes(&collection, create, &drop).await;
        assert_eq!(code(refused), Code::InvalidParam);
    }
    let again = vec![index("by_m", false, "n")];
    let old = ["by_n".to_owned(), "by_m".to_owned()];
    database
        .change_indexes(&collection, again, &old)
        .await
        .unwrap();
    assert_eq!(names(&database, "things"), ["_id_", "by_m"]);
    things(&database).add(&[r#"{"n":2}"#]).await.unwrap();
}

const MODEL: &str = r#"
    type Thing @collection(name: "things", permission: READONLY) @index(fields: ["n"]) { id: ID! n: Int }
    type Law @collection(name: "rules") @rule(read: "auth != null", write: "false") { id: ID! }
"#;

#[tokio::test]
async fn the_file_keeps_what_the_model_and_requests_made() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("env.db");
    let model = Model::parse(MODEL).unwrap().model;
    let open = async || {
        let store = SqliteStore::open(&path, &Options::default()).unwrap();
        Database::open(store, clock(), Some(&model), LIMITS)
            .await
            .unwrap()
    };
    let database = open().await;
    assert_eq!(database.collections(), [name("rules"), name("things")]);
    assert_eq!(names(&database, "things"), ["_id_", "n_1"]);
    let tag = |database: &Database, collection| database.access(&name(collection)).unwrap().tag;
    assert_eq!(tag(&database, "things"), AclTag::ReadOnly);
    let rule = database.access(&name("rules")).unwrap().rule.clone();
    assert!(rule.unwrap().contains(r#""read":"auth != null""#));
    let access = Access::parse("CUSTOM", Some(r#"{"read":true}"#)).unwrap();
    database.set_access(&name("things"), access).await.unwrap();
    database.create_collection(&name("mine")).await.unwrap();
    database.drop_collection(&name("rules")).await.unwrap();
    things(&database).add(&[r#"{"_id":"a"}"#]).await.unwrap();
    database.close().await;
    drop(database);

    let database = open().await;
    let collections = ["mine", "rules", "things"].map(name);
    assert_eq!(database.collections(), collections);
    assert_eq!(tag(&database, "mine"), AclTag::Private);
    assert_eq!(tag(&database, "rules"), AclTag::Custom);
    let kept = database.access(&name("things")).unwrap();
    assert_eq!(
        (kept.tag, kept.rule.as_deref()),
        (AclTag::Custom, Some(r#"{"read":true}"#))
    );
    assert_eq!(things(&database).show("{}").await, r#"{"_id":"a"}"#);
    let statistics = database.statistics(&name("things")).await.unwrap();
    assert_eq!((statistics.documents, statistics.size), (1, 11));
}

/// Opens a file as the gateway does, with the indexes of a model.
async fn opened_by_gateway(path: &std::path::Path, indexes: &[Index]) {
    let store = SqliteStore::open(path, &Options::default()).unwrap();
    let indexes = indexes.iter().map(|index| index.to_stored().unwrap());
    let spec = CollectionSpec {
        name: name("things"),
        indexes: indexes.collect(),
    };
    store.prepare(&[spec]).await.unwrap();
    store.close();
}

#[tokio::test]
async fn indexes_that_the_gateway_made_stay() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("shop.db");
    let open = async || {
        let store = SqliteStore::open(&path, &Options::default()).unwrap();
        Database::open(store, clock(), None, LIMITS).await.unwrap()
    };
    let descending = IndexDirection::Ordered(Direction::Descending);
    let mut pair = index("pair", false, "createdAt");
    pair.keys.push(("a.b".to_owned(), descending));
    let unique = index("unique", true, "orderNo");
    opened_by_gateway(&path, &[unique.clone(), pair.clone()]).await;

    let database = open().await;
    let of_gateway = ["_id_", "createdAt_1_a.b_-1", "orderNo_1"];
    assert_eq!(names(&database, "things"), of_gateway);
    things(&database).add(&[r#"{"orderNo":1}"#]).await.unwrap();
    let again = things(&database).add(&[r#"{"orderNo":1}"#]).await;
    assert_eq!(code(again), Code::DatabaseDuplicateWrite);
    let mine = vec![index("mine", false, "n")];
    database
        .change_indexes(&name("things"), mine, &["createdAt_1_a.b_-1".to_owned()])
        .await
        .unwrap();
    database.close().await;
    drop(database);

    let database = open().await;
    assert_eq!(names(&database, "things"), ["_id_", "orderNo_1", "mine"]);
    database.close().await;
    drop(database);

    // The gateway drops what its model does not ask for, and makes what it does.
    opened_by_gateway(&path, &[unique, pair]).await;
    assert_eq!(
        names(&*open().await, "things"),
        ["_id_", "orderNo_1", "createdAt_1_a.b_-1"]
    );
}

#[tokio::test]
async fn a_model_that_changes_holds_where_no_request_said_otherwise() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("env.db");
    let open = async |model: &str| {
        let model = Model::parse(model).unwrap().model;
        let store = SqliteStore::open(&path, &Options::default()).unwrap();
        Database::open(store, clock(), Some(&model), LIMITS)
            .await
            .unwrap()
    };
    let model = |collection: &str, index: &str| {
        format!("type Thing @collection({collection}) {index} {{ id: ID! n: Int m: Int }}")
    };
    let private = model(
        r#"name: "things", permission: PRIVATE"#,
        r#"@index(fields: ["n"])"#,
    );
    let read_only = model(
        r#"name: "things", permission: READONLY"#,
        r#"@index(fields: ["m"])"#,
    );
    let tag = |database: &Database| database.access(&name("things")).unwrap().tag;

    let database = open(&private).await;
    assert_eq!(tag(&database), AclTag::Private);
    database.close().await;
    drop(database);
    let database = open(&read_only).await;
    assert_eq!(tag(&database), AclTag::ReadOnly);
    assert_eq!(names(&database, "things"), ["_id_", "m_1"]);
    let access = Access::parse("ADMINONLY", None).unwrap();
    database.set_access(&name("things"), access).await.unwrap();
    database.close().await;
    drop(database);
    let database = open(&private).await;
    assert_eq!(tag(&database), AclTag::AdminOnly);
    assert_eq!(names(&database, "things"), ["_id_", "m_1", "n_1"]);
    // Gone with its permission.
    database.drop_collection(&name("things")).await.unwrap();
    database.create_collection(&name("things")).await.unwrap();
    assert_eq!(tag(&database), AclTag::Private);
}

#[test]
fn permissions_are_read_with_all_their_problems() {
    for tag in ["READONLY", "PRIVATE", "ADMINWRITE", "ADMINONLY"] {
        let access = Access::parse(tag, Some("no JSON")).unwrap();
        assert_eq!((access.tag_text(), access.rule), (tag, None));
    }
    let sound = [
        "{}",
        r#"{"read":true,"write":"false"}"#,
        r#"{"write":"doc._openid == auth.openid","delete":false}"#,
    ];
    for rule in sound {
        assert_eq!(
            Access::parse("CUSTOM", Some(rule)).unwrap().rule.as_deref(),
            Some(rule)
        );
    }
    let wrong = [
        ("OPEN", None, vec!["`OPEN`", "READONLY"]),
        ("CUSTOM", None, vec!["needs a Rule"]),
        ("CUSTOM", Some("true"), vec!["JSON object"]),
        ("CUSTOM", Some(r#"{"read":true,}"#), vec!["JSON object"]),
        (
            "CUSTOM",
            Some(r#"{"read":1,"reed":true,"write":"doc. ==","delete":"("}"#),
            vec!["`read` must", "`reed`", "`write`:", "`delete`:"],
        ),
    ];
    for (tag, rule, parts) in wrong {
        let failure = Access::parse(tag, rule).unwrap_err();
        for part in parts {
            assert!(
                failure.message.contains(part),
                "{part}: {}",
                failure.message
            );
        }
    }
}
