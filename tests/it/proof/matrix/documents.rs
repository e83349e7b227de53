//! Documents on both sides of every boundary of the shop's rules, and the
//! callers who ask for them.

use std::sync::Arc;

use cloudbase_graphql::data::{Caller, LoginType, Principal};
use cloudbase_graphql::gateway;
use cloudbase_graphql::model::{Collection, Model};
use cloudbase_graphql::store::sqlite::SqliteStore;
use serde_json::{Map, Value as Json, json};

use super::oracle::Who;
use crate::harness::{Client, NOW, SHOP, TestApp};

/// A caller, and what the oracle has to know of them.
pub(super) struct Actor {
    pub(super) who: Who,
    pub(super) client: Client,
}

/// The shop with [`documents`] in it.
pub(super) struct Shop {
    pub(super) app: TestApp,
    pub(super) model: Arc<Model>,
    pub(super) actors: Vec<Actor>,
    documents: Vec<(&'static str, Json)>,
}

impl Shop {
    /// With these documents and, always, those of `roles`.
    pub(super) async fn with(documents: Vec<(&'static str, Json)>) -> Self {
        Self::of_callers(callers(), gateway::Config::default(), documents).await
    }

    async fn of_callers(
        callers: Vec<(Who, &'static str)>,
        config: gateway::Config,
        documents: Vec<(&'static str, Json)>,
    ) -> Self {
        let app = TestApp::configured(SHOP, &[], config).await;
        let documents: Vec<_> = staff().into_iter().chain(documents).collect();
        for (collection, document) in &documents {
            app.insert(collection, [document.to_string().as_str()])
                .await;
        }
        let mut actors = Vec::new();
        for (who, principal) in callers {
            let client = client(&app, &who, principal).await;
            actors.push(Actor { who, client });
        }
        Self {
            model: Arc::clone(app.executor.gateway().model()),
            app,
            actors,
            documents,
        }
    }

    pub(super) async fn full() -> Self {
        Self::with(documents()).await
    }

    /// Where rules decide about who is not signed in, and nobody else asks.
    pub(super) async fn open() -> Self {
        let stranger = Who {
            name: "stranger",
            signed_in: true,
            openid: None,
            roles: &[],
        };
        let config = gateway::Config {
            unauthenticated: gateway::UnauthenticatedAccess::CustomRulesOnly,
            ..gateway::Config::default()
        };
        Self::of_callers(vec![(stranger, "-")], config, documents()).await
    }

    pub(super) fn store(&self) -> &SqliteStore {
        &self.app.store
    }

    /// The documents of a collection in the order of their ids.
    pub(super) fn of(&self, collection: &Collection) -> Vec<&Json> {
        let of = |(name, document)| (name == &collection.name.as_str()).then_some(document);
        let mut all: Vec<&Json> = self
            .documents
            .iter()
            .filter_map(|(n, d)| of((n, d)))
            .collect();
        all.sort_by_key(|document| document["_id"].as_str().map(str::to_owned));
        all
    }
}

async fn client(app: &TestApp, who: &Who, principal: &str) -> Client {
    if who.name != "anonymous" {
        return app.caller(principal).await;
    }
    let mut user = Principal::parse(principal).expect("a principal").to_user();
    user.login_type = LoginType::Anonymous;
    let gateway = app.executor.gateway();
    let caller: Caller = gateway.caller(user).await.expect("roles");
    app.client(caller)
}

/// Everyone, with their principal.
fn callers() -> Vec<(Who, &'static str)> {
    let who = |name, openid, roles| Who {
        name,
        signed_in: true,
        openid,
        roles,
    };
    let nobody = Who {
        name: "nobody",
        signed_in: false,
        openid: None,
        roles: &[],
    };
    let all = &["owner", "admin", "operator", "support"];
    vec![
        (nobody, "-"),
        // An owner by openid is not an owner by uid, be the two the same text.
        (who("anonymous", None, &[]), "uid:alice"),
        (who("web", None, &[]), "uid:bob"),
        (who("alice", Some("alice"), &[]), "openid:alice"),
        (who("bob", Some("bob"), &[]), "openid:bob"),
        (
            who("support", Some("support"), &["support"]),
            "openid:support",
        ),
        (
            who("operator", Some("operator"), &["operator"]),
            "openid:operator",
        ),
        (who("admin", Some("admin"), &all[1..]), "openid:admin"),
        (who("owner", Some("owner"), all), "openid:owner"),
        (who("web admin", None, &all[1..]), "uid:webadmin"),
        (who("disabled", Some("disabled"), &[]), "openid:disabled"),
        (who("expired", Some("expired"), &[]), "openid:expired"),
        (who("damaged", Some("damaged"), &[]), "openid:damaged"),
    ]
}

/// The documents of `roles`.
fn staff() -> Vec<(&'static str, Json)> {
    let role = |id: &str, change: Json| {
        let base = json!({"_id": id, "status": "ACTIVE", "note": "n", "createdAt": date(1), "updatedAt": date(2)});
        ("roles", with(&base, change))
    };
    vec![
        role("openid:owner", json!({"roles": ["owner"]})),
        role("openid:admin", json!({"roles": ["admin"]})),
        role("openid:operator", json!({"roles": ["operator"]})),
        role(
            "openid:support",
            json!({"roles": ["support"], "expiresAt": date(NOW + 1)}),
        ),
        role("uid:webadmin", json!({"roles": ["admin"]})),
        role(
            "openid:disabled",
            json!({"roles": ["owner"], "status": "DISABLED"}),
        ),
        role(
            "openid:expired",
            json!({"roles": ["owner"], "expiresAt": date(NOW)}),
        ),
        role("openid:damaged", json!({"roles": "owner", "note": 7})),
        role(
            "openid:other",
            json!({"roles": ["support", "nothing"], "note": null}),
        ),
    ]
}

fn documents() -> Vec<(&'static str, Json)> {
    [users(), items(), orders()].concat()
}

fn users() -> Vec<(&'static str, Json)> {
    let base = json!({
        "nickname": "n", "avatar": "cloud://shop.bucket/a.png", "phone": "13800000001",
        "status": "ACTIVE", "points": 5, "createdAt": date(1), "updatedAt": date(2),
    });
    let user = |id: &str, change: Json| {
        let user = with(&base, change);
        ("users", with(&json!({ "_id": id }), user))
    };
    vec![
        user("u-alice", json!({"_openid": "alice"})),
        user(
            "u-bob",
            json!({"_openid": "bob", "status": "BLOCKED", "points": 0}),
        ),
        user(
            "u-operator",
            json!({"_openid": "operator", "phone": null, "avatar": null}),
        ),
        user(
            "u-support",
            json!({"_openid": "support", "phone": 138, "avatar": "a.png"}),
        ),
        user(
            "u-admin",
            json!({"_openid": "admin", "phone": ABSENT, "avatar": ABSENT}),
        ),
        user("u-nobodys", json!({"_openid": ABSENT})),
        user("u-list", json!({"_openid": ["alice"]})),
        user(
            "u-number",
            json!({"_openid": 5, "points": "x", "status": ABSENT}),
        ),
        user(
            "u-object",
            json!({"_openid": {"openid": "alice"}, "nickname": null, "points": 3_000_000_000_i64}),
        ),
        user(
            "u-role",
            json!({"_openid": "disabled", "status": "GONE", "createdAt": "yesterday"}),
        ),
    ]
}

fn items() -> Vec<(&'static str, Json)> {
    let base = json!({
        "title": "t", "description": "d", "price": 100, "cost": 60, "stock": 3, "category": "c",
        "tags": ["a"], "images": ["cloud://shop.bucket/i.png"], "status": "ON_SALE",
        "location": {"type": "Point", "coordinates": [121.5, 31.25]}, "createdAt": date(1), "updatedAt": date(2),
    });
    let item = |id: &str, change: Json| {
        let item = with(&base, change);
        ("items", with(&json!({ "_id": id }), item))
    };
    vec![
        item("i-sale", json!({})),
        item("i-draft", json!({"status": "DRAFT"})),
        item("i-shelf", json!({"status": "OFF_SHELF", "cost": null})),
        item("i-none", json!({"status": ABSENT})),
        item("i-null", json!({"status": null})),
        item("i-list", json!({"status": ["ON_SALE"]})),
        item("i-number", json!({"status": 7})),
        item("i-lower", json!({"status": "on_sale"})),
        item(
            "i-misfit",
            json!({"cost": "x", "stock": "x", "tags": "a", "images": ["a.png"], "location": [1, 2], "price": 1.5}),
        ),
        item(
            "i-bare",
            json!({"cost": ABSENT, "description": ABSENT, "location": ABSENT, "tags": ABSENT, "title": ABSENT}),
        ),
        item(
            "i-holes",
            json!({"cost": ["x"], "tags": ["a", null], "description": null, "location": null, "category": 1}),
        ),
    ]
}

fn orders() -> Vec<(&'static str, Json)> {
    let base = json!({
        "_openid": "alice", "status": "PAID", "total": 100, "remark": "r", "paidAt": date(3),
        "lines": [{"itemId": "i-sale", "title": "t", "price": 50, "quantity": 2}],
        "address": {"name": "n", "phone": "1", "province": "p", "city": "c", "detail": "d"},
        "createdAt": date(1), "updatedAt": date(2),
    });
    let order = |id: &str, change: Json| {
        let order = with(&base, change);
        ("orders", with(&json!({"_id": id, "orderNo": id}), order))
    };
    let statuses = [
        "PENDING",
        "PAID",
        "SHIPPED",
        "COMPLETED",
        "CLOSED",
        "REFUNDING",
        "REFUNDED",
    ];
    let each = |owner: &str| {
        let of = |status: &&str| {
            order(
                &format!("o-{owner}-{status}"),
                json!({"_openid": owner, "status": status}),
            )
        };
        statuses.iter().map(of).collect::<Vec<_>>()
    };
    let odd = vec![
        order("o-none", json!({"status": ABSENT})),
        order("o-null", json!({"status": null})),
        order("o-list", json!({"status": ["PAID"], "_openid": "bob"})),
        order("o-number", json!({"status": 5, "_openid": "bob"})),
        order("o-odd", json!({"status": "ODD", "_openid": "bob"})),
        order("o-nobodys", json!({"_openid": ABSENT})),
        order("o-owners", json!({"_openid": ["alice", "bob"]})),
        order(
            "o-flat",
            json!({"_openid": null, "address": "x", "lines": "x", "total": "x"}),
        ),
        order(
            "o-bare",
            json!({"address": ABSENT, "remark": ABSENT, "paidAt": ABSENT, "total": ABSENT}),
        ),
        order(
            "o-part",
            json!({"address": {"name": "n"}, "remark": null, "paidAt": 3, "lines": [7]}),
        ),
        order(
            "o-line",
            json!({"address": null, "lines": [
            {"itemId": "i-draft", "title": "t", "price": 1, "quantity": 1},
            {"itemId": "i-sale", "title": "t", "price": "x", "quantity": 1}]}),
        ),
    ];
    [each("alice"), each("bob"), odd].concat()
}

/// Stands for a member that is not there.
const ABSENT: &str = "<absent>";

/// The members of one, then those of the other, which win.
fn with(base: &Json, change: Json) -> Json {
    let members = |json: Json| match json {
        Json::Object(members) => members,
        other => panic!("not an object: {other}"),
    };
    let mut all = members(base.clone());
    all.extend(members(change));
    let present = |(_, value): &(String, Json)| value != ABSENT;
    Json::Object(all.into_iter().filter(present).collect::<Map<_, _>>())
}

fn date(ms: i64) -> Json {
    json!({ "$date": ms })
}
