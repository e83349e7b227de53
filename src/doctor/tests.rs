//! What counts as a difference, what is told of it, and for how long.

use super::report::{Examination, Finding, Report, State, Subject};
use super::{Lasting, indexes, missing, permission};
use crate::cloudbase::manage::{SafeRule, TableIndex};
use crate::data::{Index, IndexKeys};
use crate::model::{Collection, Model};

/// The one collection of a schema.
fn collection(directives: &str) -> Collection {
    let schema = format!(
        "extend schema @role(name: \"clerk\")\n\
         type Note {directives} {{ id: ID! openid: String @field(name: \"_openid\") a: Int b: Int place: GeoPoint }}\n\
         type Role @collection(name: \"roles\", permission: ADMINONLY) {{ id: ID! roles: [String!]! status: String! }}"
    );
    let checked = Model::parse(&schema).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let mut collections = checked.model.collections.into_iter();
    let found = collections.find(|it| it.name.as_str() == "notes");
    found.expect("a collection")
}

fn told(tag: &str, rule: Option<&str>) -> SafeRule {
    SafeRule {
        acl_tag: tag.to_owned(),
        rule: rule.map(str::to_owned),
    }
}

const OWNER_ONLY: &str =
    r#"{"read": "doc._openid == auth.openid", "write": "doc._openid == auth.openid"}"#;

#[test]
fn permissions_are_compared_by_what_they_say() {
    use State::{Different, Ok, Unknown};
    let simple = |tag: &str| format!("@collection(name: \"notes\", permission: {tag})");
    let custom = |rules: &str| format!("@collection(name: \"notes\") @rule({rules})");
    let read = |rule: &str| custom(&format!("read: \"{rule}\""));
    let cases = [
        (simple("READONLY"), "READONLY", None, Ok),
        (simple("READONLY"), "PRIVATE", None, Different),
        (simple("ADMINWRITE"), "ADMINONLY", None, Different),
        (
            simple("ADMINWRITE"),
            "CUSTOM",
            Some(r#"{"read": "true"}"#),
            Ok,
        ),
        (
            simple("ADMINWRITE"),
            "CUSTOM",
            Some(r#"{"read": true, "write": false}"#),
            Ok,
        ),
        (
            simple("ADMINWRITE"),
            "CUSTOM",
            Some(r#"{"read": true, "create": true}"#),
            Different,
        ),
        (simple("ADMINONLY"), "CUSTOM", Some("{}"), Ok),
        (simple("PRIVATE"), "CUSTOM", Some(OWNER_ONLY), Ok),
        (simple("READONLY"), "CUSTOM", Some(OWNER_ONLY), Different),
        (
            format!("{} @grant(role: \"clerk\", read: true)", simple("PRIVATE")),
            "PRIVATE",
            None,
            Ok,
        ),
        (
            custom("read: \"doc._openid == auth.openid\", write: \"doc._openid == auth.openid\""),
            "PRIVATE",
            None,
            Ok,
        ),
        (
            custom("read: true, write: \"doc.a == 1\", delete: false"),
            "CUSTOM",
            Some(r#"{"read": true, "create": "1===doc.a", "update": "doc['a'] == 1"}"#),
            Ok,
        ),
        (
            custom("read: true, write: \"doc.a == 1\", delete: false"),
            "CUSTOM",
            Some(r#"{"read": true, "write": "doc.a == 1"}"#),
            Different,
        ),
        (
            read("doc.a == 1 && auth.openid == doc._openid"),
            "CUSTOM",
            Some("{\"read\": \"doc.a==1\\n && doc._openid === auth.openid\"}"),
            Ok,
        ),
        (
            read("doc.a == 1"),
            "CUSTOM",
            Some(r#"{"read": "doc.a == 2"}"#),
            Different,
        ),
        (
            read("doc.a == 1"),
            "CUSTOM",
            Some(r#"{"read": true}"#),
            Different,
        ),
        (read("doc.a == 1"), "ADMINWRITE", None, Different),
        (read("doc.a == 1"), "CUSTOM", None, Unknown),
        (read("doc.a == 1"), "CUSTOM", Some("read"), Unknown),
        (
            read("doc.a == 1"),
            "CUSTOM",
            Some(r#"{"read": "doc.a =="}"#),
            Unknown,
        ),
        (
            read("doc.a == 1"),
            "CUSTOM",
            Some(r#"{"read": "doc.a == 1", "aggregate": true}"#),
            Unknown,
        ),
        (simple("READONLY"), "OPEN", None, Unknown),
        (simple("READONLY"), "", None, Unknown),
    ];
    for (directives, tag, rule, expected) in cases {
        let collection = collection(&directives);
        let finding = permission::compare(&collection.policy, &told(tag, rule));
        assert_eq!(finding.state, expected, "{directives} | {tag} {rule:?}");
        assert_eq!(finding.message.is_empty(), expected == Ok, "{directives}");
        // What is advised is what would be found right.
        let written = permission::written(&collection.policy);
        let finding = permission::compare(&collection.policy, &written);
        assert_eq!(finding.state, Ok, "{directives} | {written:?}");
    }
}

/// An index as the cloud tells it: `a -b`, `2dsphere:place`, with `!` if it is unique.
fn there(text: &str) -> TableIndex {
    let (keys, unique) = match text.strip_prefix('!') {
        Some(keys) => (keys, true),
        None => (text, false),
    };
    let quoted: Vec<String> = keys.split(' ').map(|key| format!("\"{key}\"")).collect();
    let declared = format!(
        "@collection(name: \"notes\", permission: PRIVATE) @index(fields: [{}], unique: {unique})",
        quoted.join(", ")
    );
    TableIndex::of(&collection(&declared).indexes[0])
}

#[test]
fn an_index_is_served_by_one_that_does_the_same() {
    use State::{Different, Ok};
    let cases: &[(&str, &[&str], State, usize)] = &[
        ("a", &["a"], Ok, 0),
        ("a", &["-a"], Ok, 0),
        ("a -b", &["a -b"], Ok, 0),
        ("a -b", &["-a b"], Ok, 0),
        ("a -b", &["a b"], Different, 1),
        ("a b", &["b a"], Different, 1),
        ("a", &["a b"], Different, 1),
        ("a", &[], Different, 1),
        ("!a", &["!a"], Ok, 0),
        ("!a", &["!-a"], Ok, 0),
        // What is there must go first, which is for people to decide.
        ("!a", &["a"], Different, 0),
        ("a", &["!a"], Different, 0),
        ("a", &["!a", "-a"], Ok, 0),
        ("2dsphere:place", &["2dsphere:place"], Ok, 0),
        ("2dsphere:place", &["a"], Different, 1),
    ];
    for (declared, others, expected, remedies) in cases {
        let index: Index = there(declared).index.expect("one of ours");
        let collection = Collection {
            indexes: vec![index],
            ..collection("@collection(name: \"notes\", permission: PRIVATE)")
        };
        let others: Vec<TableIndex> = others.iter().map(|text| there(text)).collect();
        let mut examination = Examination::of(&collection.name);
        indexes::compare(&collection, &others, &mut examination);
        let case = format!("{declared} {others:?}");
        assert_eq!(examination.findings[0].state, *expected, "{case}");
        assert_eq!(examination.remedies.len(), *remedies, "{case}");
        let further = &examination.findings[1..];
        assert!(
            further
                .iter()
                .all(|it| it.state == Ok && !it.message.is_empty())
        );
    }
}

fn report() -> Report {
    let notes = collection(
        "@collection(name: \"notes\") @rule(read: \"doc._openid == auth.openid\", write: false) \
         @index(fields: [\"a\", \"-b\"]) @index(fields: [\"b\"], unique: true) @index(fields: [\"2dsphere:place\"])",
    );
    let mut first = Examination::of(&notes.name);
    first.add(Finding::ok(Subject::Collection));
    let unknown = TableIndex {
        name: "words".to_owned(),
        index: None,
    };
    let id = TableIndex {
        name: "_id_".to_owned(),
        index: None,
    };
    let others = [
        id,
        there("b"),
        unknown,
        there("2dsphere:place"),
        there("!-a"),
    ];
    indexes::compare(&notes, &others, &mut first);
    let read = told("CUSTOM", Some(r#"{"read": true, "delete": "false"}"#));
    first.add(permission::compare(&notes.policy, &read));
    let mut second = missing(&notes);
    second.collection = crate::data::CollectionName::parse("other-notes").expect("a name");
    let third = Examination::unknown(&notes.name, "the cloud cannot be reached".to_owned());
    let mut fourth = Examination::of(&notes.name);
    fourth.add(Finding::ok(Subject::Collection));
    fourth.add(permission::compare(
        &notes.policy,
        &permission::written(&notes.policy),
    ));
    Report::new(vec![first, second, third, fourth])
}

#[test]
fn a_report_says_what_is_wrong_and_what_to_do() {
    let report = report();
    insta::assert_snapshot!("report", report.to_string());
    insta::assert_json_snapshot!("report_json", report);
    let plan: Vec<String> = report.remedies().iter().map(ToString::to_string).collect();
    insta::assert_snapshot!("plan", plan.join("\n"));
}

/// A look that found these states: of the collection, its indexes, its permission.
fn look(states: [State; 3]) -> Report {
    let notes = collection("@collection(name: \"notes\", permission: PRIVATE)");
    let mut examination = Examination::of(&notes.name);
    let subjects = [Subject::Collection, Subject::Index, Subject::Permission];
    for (subject, state) in subjects.into_iter().zip(states) {
        examination.add(Finding {
            state,
            ..Finding::ok(subject)
        });
    }
    Report::new(vec![examination])
}

/// What a look found, what is told after it, and whether that is in doubt.
type Step = ([State; 3], [State; 3], bool);

#[test]
fn what_was_right_is_right_until_it_is_wrong_twice() {
    use State::{Different as D, Ok, Unknown as U};
    let cases: &[&[Step]] = &[
        &[([Ok, Ok, Ok], [Ok, Ok, Ok], false)],
        &[([Ok, Ok, D], [Ok, Ok, D], false)],
        &[
            ([U, U, U], [U, U, U], false),
            ([Ok, Ok, Ok], [Ok, Ok, Ok], false),
        ],
        &[
            ([Ok, Ok, Ok], [Ok, Ok, Ok], false),
            ([Ok, Ok, D], [Ok, Ok, Ok], true),
            ([Ok, Ok, D], [Ok, Ok, D], false),
            ([Ok, Ok, U], [Ok, Ok, U], false),
            ([Ok, Ok, Ok], [Ok, Ok, Ok], false),
        ],
        &[
            ([Ok, D, Ok], [Ok, D, Ok], false),
            ([U, U, U], [Ok, U, Ok], true),
            ([Ok, D, Ok], [Ok, D, Ok], false),
            ([U, U, U], [Ok, U, Ok], true),
            ([D, D, D], [D, D, D], false),
        ],
        &[
            ([Ok, Ok, Ok], [Ok, Ok, Ok], false),
            ([Ok, Ok, D], [Ok, Ok, Ok], true),
            ([Ok, D, Ok], [Ok, Ok, Ok], true),
            ([Ok, Ok, D], [Ok, Ok, Ok], true),
        ],
    ];
    for steps in cases {
        let mut lasting = Lasting::default();
        for (at, (seen, expected, is_in_doubt)) in steps.iter().enumerate() {
            let told = lasting.take(look(*seen)).clone();
            let states = told.collections[0].findings.iter().map(|it| it.state);
            assert_eq!(states.collect::<Vec<_>>(), expected, "{steps:?} {at}");
            assert_eq!(lasting.is_in_doubt(), *is_in_doubt, "{steps:?} {at}");
        }
    }
}

#[test]
fn where_a_collection_is_not_sure_nothing_about_it_is() {
    let subjects = [Subject::Collection, Subject::Index, Subject::Permission];
    for state in [State::Unknown, State::Different] {
        let report = look([state, State::Ok, State::Ok]);
        let examination = &report.collections[0];
        assert!(subjects.iter().all(|it| examination.state(*it) == state));
    }
    let nothing =
        Examination::of(&collection("@collection(name: \"notes\", permission: PRIVATE)").name);
    assert_eq!(nothing.verdict(), State::Unknown);
    assert_eq!(nothing.state(Subject::Permission), State::Unknown);
}

#[test]
fn a_geo_index_is_named_as_the_database_names_it() {
    let index = there("2dsphere:place");
    assert_eq!(index.name, "place_2dsphere");
    let keys = index.index.expect("one of ours").keys;
    assert!(matches!(keys, IndexKeys::Geo(_)));
}
