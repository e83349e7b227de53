//! What they would like to cost.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cloudbase_graphql::graphql::{Allowance, Config, Executor, Limits};
use serde_json::{Value as Json, json};

use super::boxes;
use crate::harness::TestApp;

/// `[[[…]]]`, so many levels deep.
fn nested(levels: usize) -> Json {
    (0..levels).fold(json!(1), |inner, _| json!([inner]))
}

/// A document that is nested too deep to be read would spoil every list it is in.
#[tokio::test]
async fn a_document_that_could_not_be_read_again_is_not_created() {
    let app = boxes().await;
    let alice = app.caller("openid:alice").await;
    let wrapped = format!("{}$data{}", "[".repeat(30), "]".repeat(30));
    for (levels, deep) in [(70, false), (71, true), (110, true)] {
        let query =
            format!("mutation($data: JSON) {{ createBox(input: {{data: {wrapped}}}) {{ id }} }}");
        let variables = json!({"data": nested(levels - 1)});
        let answer = alice.query_with(&query, variables).await;
        let expected: &[&str] = if deep {
            &["LIMIT_EXCEEDED createBox"]
        } else {
            &[]
        };
        assert_eq!(answer.errors(), expected, "{levels}");
        let list = alice.query("{ boxes { nodes { data } } }").await;
        list.data();
    }
}

/// `a0: x a1: x …`
fn aliases(count: usize, what: &str) -> String {
    (0..count).map(|at| format!("a{at}: {what} ")).collect()
}

#[tokio::test]
async fn one_text_asked_for_a_thousand_times_is_not_an_answer() {
    let shop = TestApp::shop().await;
    let config = Config {
        limits: Limits::same(Allowance {
            answer: 5_000,
            ..Allowance::default()
        }),
        ..Config::default()
    };
    let executor = Executor::new(Arc::clone(shop.executor.gateway()), config).expect("an API");
    let app = TestApp {
        executor: Arc::new(executor),
        ..shop
    };
    let alice = app.caller("openid:demo-alice").await;
    let ask = |times| {
        format!(
            "{{ items {{ nodes {{ {} }} }} me {{ principal }} }}",
            aliases(times, "title")
        )
    };
    alice.query(&ask(100)).await.data();
    let answer = alice.query(&ask(1_000)).await;
    assert_eq!(answer.json["data"], Json::Null);
    assert_eq!(answer.errors(), ["LIMIT_EXCEEDED"]);
    assert!(answer.text.len() < 1_000, "{}", answer.text);
    // What fails and is cut off again was work all the same.
    app.insert(
        "items",
        [r#"{"_id":"i9","title":"x","status":"ON_SALE","price":"none"}"#],
    )
    .await;
    let failing = format!(
        "{{ items {{ nodes {{ {} price }} }} }}",
        aliases(1_000, "title")
    );
    assert_eq!(alice.query(&failing).await.errors(), ["LIMIT_EXCEEDED"]);
}

/// Each use of a variable is a copy.
#[tokio::test]
async fn variables_used_many_times_do_not_multiply() {
    let app = boxes().await;
    let alice = app.caller("openid:alice").await;
    let list: Vec<u32> = (0..3_000).collect();
    let json = |uses: usize| {
        let uses = "$list ".repeat(uses);
        format!("mutation($list: JSON) {{ createBox(input: {{data: [{uses}]}}) {{ id }} }}")
    };
    let variables = json!({"list": list});
    alice.query_with(&json(30), variables.clone()).await.data();
    let answer = alice.query_with(&json(5_000), variables.clone()).await;
    assert_eq!(answer.errors(), ["LIMIT_EXCEEDED"]);

    let where_ = format!(
        "query($list: [Int!]) {{ boxes(where: {{or: [{}]}}) {{ totalCount }} }}",
        "{cost: {in: $list}} ".repeat(2_000)
    );
    let answer = alice.query_with(&where_, variables.clone()).await;
    assert_eq!(answer.errors(), ["LIMIT_EXCEEDED"]);
    let roots: String = aliases(
        90,
        "boxes(where: {numbers: {hasSome: $list}}) { totalCount }",
    );
    let roots = format!("query($list: [Int!]) {{ {roots} }}");
    assert_eq!(
        alice.query_with(&roots, variables).await.errors(),
        ["LIMIT_EXCEEDED"]
    );
}

/// A fragment with a long literal, spread under many aliases.
#[tokio::test]
async fn literals_in_fragments_do_not_multiply() {
    let app = TestApp::shop().await;
    let admin = app.caller("openid:demo-admin").await;
    let ask = |values: usize| {
        let users = aliases(400, "orders(first: 1) { nodes { user { ...F } } }");
        let list = "1 ".repeat(values);
        format!(
            "{{ users {{ nodes {{ {users} }} }} }} fragment F on User {{ orders(where: {{total: {{in: [{list}]}}}}) {{ totalCount }} }}"
        )
    };
    admin.query(&ask(3)).await.data();
    let answer = admin.query(&ask(60)).await;
    assert_eq!(answer.errors(), ["LIMIT_EXCEEDED"]);
    let message = answer.message();
    assert!(message.contains("values in arguments"), "{message}");
}

#[tokio::test]
async fn a_condition_compares_with_so_many_values_and_no_more() {
    let app = boxes().await;
    let alice = app.caller("openid:alice").await;
    let list = |count: usize| json!({"list": (0..count).collect::<Vec<_>>()});
    for operation in [
        "query($list: [Int!]) { boxes(where: {numbers: {hasEvery: $list}}) { totalCount } }",
        "mutation($list: [Int!]) { updateBox(id: \"b1\", if: {not: {numbers: {hasSome: $list}}}, set: {title: \"x\"}) { id } }",
        "mutation($list: [Int!]!) { updateBox(id: \"b1\", pull: {numbers: $list}) { id } }",
    ] {
        let answer = alice.query_with(operation, list(9_900)).await;
        assert_ne!(answer.errors(), ["LIMIT_EXCEEDED"], "{operation}");
        let answer = alice.query_with(operation, list(10_001)).await;
        assert_eq!(answer.errors(), ["LIMIT_EXCEEDED"], "{operation}");
    }
}

/// 50,000 stored values against 9,900 given ones: compared one by one it would hold the writer for minutes.
#[tokio::test]
async fn long_lists_against_long_lists_take_no_time() {
    let app = boxes().await;
    let numbers: Vec<String> = (0..50_000).map(|number| number.to_string()).collect();
    let long = format!(
        r#"{{"_id":"long","_openid":"alice","numbers":[{}]}}"#,
        numbers.join(",")
    );
    app.insert("boxes", [long.as_str()]).await;
    let alice = app.caller("openid:alice").await;
    let absent = json!({"list": (60_000..69_900).collect::<Vec<_>>()});
    let start = Instant::now();
    for operation in [
        "mutation($list: [Int!]!) { updateBox(id: \"long\", pull: {numbers: $list}) { id } }",
        "mutation($list: [Int!]!) { updateBox(id: \"long\", if: {not: {numbers: {hasSome: $list}}}, set: {title: \"x\"}) { id } }",
        "query($list: [Int!]!) { boxes(where: {numbers: {some: {in: $list}}}) { totalCount } }",
        "query($list: [Int!]!) { boxes(where: {not: {numbers: {some: {notIn: $list}}}}) { totalCount } }",
    ] {
        alice.query_with(operation, absent.clone()).await.data();
    }
    let took = start.elapsed();
    assert!(took < Duration::from_secs(10), "{took:?}");
}

#[tokio::test]
async fn a_short_document_is_not_refused_for_thousands_of_reasons() {
    let app = boxes().await;
    let alice = app.caller("openid:alice").await;
    let answer = alice
        .query(&format!("{{ {} }}", aliases(90, "boxes { nope }")))
        .await;
    assert_eq!(answer.errors().len(), 90);
    let fields: String = (0..3_000).map(|at| format!("f{at} ")).collect();
    let answer = alice.query(&format!("{{ boxes {{ {fields} }} }}")).await;
    assert_eq!(answer.errors().len(), 100);
}

/// What a document within all limits would cost is known before anything is read.
#[tokio::test]
async fn aliases_times_documents_are_counted_before_anything_is_read() {
    let app = TestApp::shop().await;
    let admin = app.caller("openid:demo-admin").await;
    let ask = |page, times| {
        let users = aliases(times, "user { id }");
        format!(
            "{{ users(first: {page}) {{ nodes {{ orders(first: 20) {{ edges {{ node {{ {users} }} }} }} }} }} }}"
        )
    };
    // 10,000 orders at most, 3 fields for each alias, and what is around them.
    admin.query(&ask(500, 45)).await.data();
    for operation in [
        ask(500, 51),
        format!(
            "{{ orders(first: 500) {{ nodes {{ {} }} }} }}",
            aliases(2_100, "id")
        ),
        format!(
            "{{ {} }}",
            aliases(
                5,
                &format!(
                    "orders(first: 500) {{ nodes {{ {} }} }}",
                    aliases(450, "id")
                )
            )
        ),
    ] {
        let answer = admin.explained(&operation).await;
        assert_eq!(answer.errors(), ["LIMIT_EXCEEDED"]);
        assert!(answer.json.get("data").is_none(), "nothing was read");
    }
    let relations: String = (1..=201)
        .map(|first| format!("a{first}: orders(first: {first}) {{ totalCount }} "))
        .collect();
    let answer = admin
        .query(&format!("{{ users {{ nodes {{ {relations} }} }} }}"))
        .await;
    assert_eq!(answer.errors(), ["LIMIT_EXCEEDED"]);
}

/// As deep as a literal and the variable inside it may nest together.
#[tokio::test]
async fn the_deepest_condition_is_an_answer_not_a_crash() {
    let app = boxes().await;
    let admin = app.holder("openid:ada", &["admin"]);
    let innermost = json!({"parts": {"some": {"weight": {"gt": 1}}}});
    let deep = (0..117).fold(innermost, |inner, _| json!({"not": inner}));
    let literal = format!("{}$deep{}", "{not: ".repeat(50), "}".repeat(50));
    let body = json!({"variables": {"deep": deep}}).to_string();
    assert!(
        serde_json::from_str::<Json>(&body).is_ok(),
        "a server would read it"
    );
    for operation in [
        format!(
            "query($deep: BoxFilter) {{ boxes(where: {literal}) {{ totalCount nodes {{ id }} }} }}"
        ),
        format!(
            "mutation($deep: BoxFilter!) {{ updateBox(id: \"b1\", if: {literal}, set: {{title: \"x\"}}) {{ id }} }}"
        ),
        format!(
            "mutation($deep: BoxFilter!) {{ updateBoxes(where: {literal}, atMost: 9, set: {{title: \"x\"}}) {{ matched }} }}"
        ),
    ] {
        let answer = admin
            .query_with(&operation, json!({"deep": deep.clone()}))
            .await;
        answer.data();
    }
}

#[tokio::test]
async fn a_list_is_not_refused_element_by_element_without_end() {
    let app = boxes().await;
    let alice = app.caller("openid:alice").await;
    let create = "mutation($texts: [String!]) { createBox(input: {texts: $texts}) { id } }";
    let answer = alice
        .query_with(create, json!({"texts": vec!["long"; 9_000]}))
        .await;
    assert_eq!(answer.errors(), ["BAD_USER_INPUT createBox"]);
    let problems = &answer.json["errors"][0]["extensions"]["problems"];
    assert_eq!(problems.as_array().map(Vec::len), Some(100));
}
