//! Paging: rules of the arguments, both directions, cursors.

use cloudbase_graphql::data::{Direction, Filter, Order, OrderKey};
use cloudbase_graphql::gateway::PageRequest;

use super::world::{World, ids, path};

const SCHEMA: &str = r#"type N @collection(name: "ns", permission: READONLY) { id: ID! x: Int }"#;

const SEED: &[(&str, &str)] = &[
    ("ns", r#"{"_id":"a","x":2}"#),
    ("ns", r#"{"_id":"b","x":1}"#),
    ("ns", r#"{"_id":"c"}"#),
    ("ns", r#"{"_id":"d","x":2}"#),
    ("ns", r#"{"_id":"e","x":null}"#),
];

fn page() -> PageRequest {
    PageRequest::default()
}

fn by_x() -> Order {
    let key = |field, direction| OrderKey {
        path: path(field),
        direction,
    };
    Order {
        keys: vec![key("x", Direction::Ascending)],
    }
}

#[tokio::test]
async fn wrong_pages_are_refused_by_name() {
    let world = World::new(SCHEMA, SEED).await;
    let actor = world.as_("openid:x").await;
    let text = || Some("abc".to_owned());
    let cases = [
        (
            PageRequest {
                first: Some(501),
                ..page()
            },
            "first: at most 500",
        ),
        (
            PageRequest {
                last: Some(501),
                ..page()
            },
            "last: at most 500",
        ),
        (
            PageRequest {
                offset: Some(10_001),
                ..page()
            },
            "offset: at most 10000",
        ),
        (
            PageRequest {
                first: Some(1),
                last: Some(1),
                ..page()
            },
            "last: `first` and `last` exclude each other",
        ),
        (
            PageRequest {
                offset: Some(1),
                after: text(),
                ..page()
            },
            "offset: an offset and a cursor exclude each other",
        ),
        (
            PageRequest {
                offset: Some(0),
                before: text(),
                ..page()
            },
            "offset: an offset and a cursor exclude each other",
        ),
        (
            PageRequest {
                offset: Some(1),
                last: Some(1),
                ..page()
            },
            "offset: an offset goes with `first`, not with `last`",
        ),
        (
            PageRequest {
                after: text(),
                before: text(),
                ..page()
            },
            "after: `after` goes with `first`, `before` with `last`",
        ),
        (
            PageRequest {
                first: Some(1),
                before: text(),
                ..page()
            },
            "before: `after` goes with `first`, `before` with `last`",
        ),
        (
            PageRequest {
                after: text(),
                ..page()
            },
            "after: this is not a cursor that this API gave out",
        ),
    ];
    for (page, expected) in cases {
        let mut request = actor.request("ns", Filter::all());
        request.page = page;
        let error = actor.session.list(&request).await.expect_err(expected);
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test]
async fn pages_cover_a_list_once_forwards_and_backwards() {
    let world = World::new(SCHEMA, SEED).await;
    let actor = world.as_("openid:x").await;
    for size in 1..=6 {
        let mut forwards = Vec::new();
        let mut request = actor.request("ns", Filter::all());
        request.order = by_x();
        request.page.first = Some(size);
        loop {
            let list = actor.session.list(&request).await.expect("a page");
            assert_eq!(list.has_previous_page, !forwards.is_empty());
            forwards.extend(list.nodes.iter().map(|node| node.id().to_string()));
            if !list.has_next_page {
                break;
            }
            request.page.after = Some(list.cursor(list.nodes.len() - 1));
        }
        assert_eq!(forwards.join(""), "cebad", "pages of {size}");

        let mut backwards: Vec<String> = Vec::new();
        request.page = PageRequest {
            last: Some(size),
            ..page()
        };
        loop {
            let list = actor.session.list(&request).await.expect("a page");
            assert_eq!(list.has_next_page, !backwards.is_empty());
            let nodes: Vec<String> = list
                .nodes
                .iter()
                .map(|node| node.id().to_string())
                .collect();
            backwards.splice(0..0, nodes);
            if !list.has_previous_page {
                break;
            }
            request.page.before = Some(list.cursor(0));
        }
        assert_eq!(backwards.join(""), "cebad", "pages of {size} from the end");
    }
}

#[tokio::test]
async fn an_offset_skips_and_a_size_of_zero_is_empty() {
    let world = World::new(SCHEMA, SEED).await;
    let actor = world.as_("openid:x").await;
    let mut request = actor.request("ns", Filter::all());
    request.page = PageRequest {
        first: Some(2),
        offset: Some(3),
        ..page()
    };
    let list = actor.session.list(&request).await.expect("a page");
    assert_eq!(ids(&list), "d e");
    assert!(list.has_previous_page && !list.has_next_page);
    request.page = PageRequest {
        first: Some(0),
        ..page()
    };
    let list = actor.session.list(&request).await.expect("a page");
    assert!(list.nodes.is_empty() && list.has_next_page);
}

#[tokio::test]
async fn a_cursor_belongs_to_its_order() {
    let world = World::new(SCHEMA, SEED).await;
    let actor = world.as_("openid:x").await;
    let mut request = actor.request("ns", Filter::all());
    request.order = by_x();
    let cursor = actor
        .session
        .list(&request)
        .await
        .expect("a list")
        .cursor(0);
    request.order = Order::default();
    request.page.after = Some(cursor);
    let error = actor
        .session
        .list(&request)
        .await
        .expect_err("another order");
    assert_eq!(
        error.to_string(),
        "after: the cursor belongs to a list in another order; start again without it"
    );
}
