//! `mirror`: it finds nothing where nothing is different, and whatever is planted.

/// Rules that are changed a little, one clause at a time.
mod mutants;

use std::sync::Arc;

use cloudbase_graphql::cli::mirror::Loopback;
use cloudbase_graphql::clock::{Clock as _, SystemClock};
use cloudbase_graphql::data::CollectionName;
use cloudbase_graphql::mirror::{self, Direction, Options, Permissions, Report};
use cloudbase_graphql::model::Model;
use tokio_util::sync::CancellationToken;

use self::mutants::{Mutant, mutants};

const SHOP: &str = include_str!("../../../schema.graphql");
const RULES: &str = include_str!("rules.graphql");

fn model(source: &str) -> Arc<Model> {
    Arc::new(Model::parse(source).unwrap().model)
}

fn options(cases: u64) -> Options {
    Options {
        seed: 1,
        cases,
        first: 0,
        only: None,
        until_first: false,
        now: SystemClock.now_ms(),
    }
}

async fn run(model: &Arc<Model>, permissions: Permissions, options: &Options) -> Report {
    let both = Loopback::start(Arc::clone(model), permissions)
        .await
        .unwrap();
    let stop = CancellationToken::new();
    let mut told = 0;
    let report = mirror::run(&both.sides, options, &stop, |_| told += 1)
        .await
        .unwrap();
    assert_eq!(told, report.findings.len());
    report
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_cases_of_the_shop_are_the_same_on_both_sides() {
    let shop = model(SHOP);
    let report = run(&shop, Permissions::of_model(&shop), &options(10_000)).await;
    assert!(report.findings.is_empty(), "{report}");
    assert_eq!(report.cases, 10_000);
    // Whatever a rule allows to somebody was done by somebody.
    let given = |operation: &str, collection: &str| {
        let mut coverage = report.coverage.iter();
        let is_it = |it: &&mirror::Coverage| {
            it.operation == operation && it.collection == collection && it.given > 0
        };
        coverage.any(|it| is_it(&it))
    };
    for (operation, collection) in [
        ("read", "users"),
        ("create", "users"),
        ("update", "users"),
        ("read", "items"),
        ("read", "orders"),
    ] {
        assert!(
            given(operation, collection),
            "{operation} {collection}: {report}"
        );
    }
    assert!(
        !given("read", "roles") && !given("delete", "users"),
        "{report}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rules_of_every_kind_are_the_same_on_both_sides() {
    let rules = model(RULES);
    let report = run(&rules, Permissions::of_model(&rules), &options(6_000)).await;
    assert!(report.findings.is_empty(), "{report}");
}

/// Some clauses of the shop and of rules of every kind, changed in the database.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_clause_that_is_changed_in_the_database_is_found() {
    for (source, step) in [(SHOP, 12), (RULES, 50)] {
        let model = model(source);
        let some: Vec<Mutant> = mutants(&model).into_iter().step_by(step).collect();
        assert!(some.len() >= 2, "{}", some.len());
        missed(&model, &some, 30_000).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a minute: `make mirror`"]
async fn every_clause_of_the_shop_that_is_changed_is_found() {
    let shop = model(SHOP);
    missed(&shop, &mutants(&shop), 10_000).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "minutes: `make mirror`"]
async fn every_clause_of_any_kind_that_is_changed_is_found() {
    let rules = model(RULES);
    missed(&rules, &mutants(&rules), 30_000).await;
}

async fn missed(model: &Arc<Model>, mutants: &[Mutant], cases: u64) {
    let mut missed = Vec::new();
    for mutant in mutants {
        let permissions = Permissions::of_model(model)
            .with_file(&mutant.file())
            .unwrap();
        let options = Options {
            only: CollectionName::parse(&mutant.collection),
            until_first: true,
            ..options(cases)
        };
        let report = run(model, permissions, &options).await;
        let about = |it: &mirror::Finding| {
            it.collection == mutant.collection && it.operation == mutant.operation
        };
        let found = report.findings.iter().any(about);
        if found == mutant.is_equivalent() {
            missed.push(format!("{mutant}: found {found}"));
        }
    }
    assert!(
        missed.is_empty(),
        "{} of {}:\n{}",
        missed.len(),
        mutants.len(),
        missed.join("\n")
    );
}

/// The other way round: the gateway is what was changed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_is_too_generous_or_too_strict_is_found() {
    let truth = Permissions::of_model(&model(SHOP));
    for (was, is, collection, operation, direction) in [
        (
            r#"read: "doc.status == 'ON_SALE'""#,
            r#"read: "doc.status != 'DRAFT'""#,
            "items",
            "read",
            Direction::GatewayIsGenerous,
        ),
        (
            r#"read: "doc.status == 'ON_SALE'""#,
            r#"read: "doc.status == 'ON_SALE' && auth.openid != null""#,
            "items",
            "read",
            Direction::GatewayIsStrict,
        ),
        (
            r#"@rule(read: "doc._openid == auth.openid", write: false)"#,
            r#"@rule(read: true, write: false)"#,
            "orders",
            "read",
            Direction::GatewayIsGenerous,
        ),
        (
            r#"update: "doc._openid == auth.openid", delete: false"#,
            r#"update: "auth.openid != null", delete: false"#,
            "users",
            "update",
            Direction::GatewayIsGenerous,
        ),
        (
            r#"create: "auth.openid != null""#,
            r#"create: false"#,
            "users",
            "create",
            Direction::GatewayIsStrict,
        ),
        (
            r#"delete: false)"#,
            r#"delete: "doc._openid == auth.openid")"#,
            "users",
            "delete",
            Direction::GatewayIsGenerous,
        ),
        (
            r#"permission: ADMINONLY"#,
            r#"permission: ADMINWRITE"#,
            "roles",
            "read",
            Direction::GatewayIsGenerous,
        ),
    ] {
        assert!(SHOP.contains(was), "{was}");
        let changed = model(&SHOP.replacen(was, is, 1));
        let options = Options {
            only: CollectionName::parse(collection),
            until_first: true,
            ..options(5_000)
        };
        let report = run(&changed, truth.clone(), &options).await;
        let found = report.findings.iter().any(|it| {
            it.collection == collection && it.operation == operation && it.direction == direction
        });
        assert!(found, "{was} -> {is}: {report}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_difference_is_told_with_the_least_that_shows_it_and_can_be_tried_again() {
    let shop = model(SHOP);
    let planted =
        r#"{"items":{"AclTag":"CUSTOM","Rule":{"read":"doc.status == 'DRAFT'","write":false}}}"#;
    let permissions = Permissions::of_model(&shop).with_file(planted).unwrap();
    let report = run(&shop, permissions.clone(), &options(3_500)).await;
    let found = |report: &Report| {
        let found = report.findings.iter();
        found
            .map(|it| {
                (
                    it.operation.clone(),
                    it.database_rule.clone(),
                    it.gateway_rule.clone(),
                )
            })
            .collect::<Vec<_>>()
    };
    let rules = (
        "read".to_owned(),
        "doc.status == 'DRAFT'".to_owned(),
        "doc.status == 'ON_SALE'".to_owned(),
    );
    // One for each direction.
    assert_eq!(found(&report), [rules.clone(), rules.clone()], "{report}");
    let first = &report.findings[0].examples[0];
    let fields = first.document.matches("\":").count();
    assert_eq!(fields, 2, "an id and what matters: {}", first.document);
    assert!(
        first.gateway.explained[0].contains("doc.status == 'ON_SALE'"),
        "{report}"
    );
    let again = Options {
        first: first.case,
        ..options(1)
    };
    let again = run(&shop, permissions, &again).await;
    assert_eq!(again.cases, 1);
    assert_eq!(found(&again), [rules], "{again}");
    assert_eq!(again.findings[0].examples[0].document, first.document);
}
