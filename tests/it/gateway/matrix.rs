//! The shop, whole: every caller × collection × operation × field × document, against an oracle that was written by
//! hand from the text of `schema.graphql` and knows nothing of rules, filters or masks.

use cloudbase_graphql::data::update::Op;
use cloudbase_graphql::data::{DocId, Document, Filter, Object, Test, Value};
use cloudbase_graphql::gateway::{CreateInput, Error, Readable};
use cloudbase_graphql::model::{Field, FieldIx};
use cloudbase_graphql::store::Store as _;

use super::world::{Actor, World, kind, name, object};

const SHOP: &str = include_str!("../../../schema.graphql");

/// Who asks, in the oracle's words: includes already followed by hand.
struct Who {
    principal: &'static str,
    openid: Option<&'static str>,
    roles: &'static [&'static str],
}

const CALLERS: [Who; 8] = [
    Who {
        principal: "openid:alice",
        openid: Some("alice"),
        roles: &[],
    },
    Who {
        principal: "openid:bob",
        openid: Some("bob"),
        roles: &[],
    },
    Who {
        principal: "uid:alice",
        openid: None,
        roles: &[],
    },
    Who {
        principal: "openid:sue",
        openid: Some("sue"),
        roles: &["support"],
    },
    Who {
        principal: "openid:oli",
        openid: Some("oli"),
        roles: &["operator"],
    },
    Who {
        principal: "openid:ada",
        openid: Some("ada"),
        roles: &["admin", "operator", "support"],
    },
    Who {
        principal: "openid:own",
        openid: Some("own"),
        roles: &["owner", "admin", "operator", "support"],
    },
    Who {
        principal: "openid:off",
        openid: Some("off"),
        roles: &[],
    },
];

const SEED: &[(&str, &str)] = &[
    (
        "roles",
        r#"{"_id":"openid:sue","roles":["support"],"status":"ACTIVE","note":"n","expiresAt":{"$date":4102444800000},"createdAt":{"$date":0},"updatedAt":{"$date":0}}"#,
    ),
    (
        "roles",
        r#"{"_id":"openid:oli","roles":["operator"],"status":"ACTIVE","note":"n","expiresAt":{"$date":4102444800000},"createdAt":{"$date":0},"updatedAt":{"$date":0}}"#,
    ),
    (
        "roles",
        r#"{"_id":"openid:ada","roles":["admin"],"status":"ACTIVE","note":"n","expiresAt":{"$date":4102444800000},"createdAt":{"$date":0},"updatedAt":{"$date":0}}"#,
    ),
    (
        "roles",
        r#"{"_id":"openid:own","roles":["owner"],"status":"ACTIVE","note":"n","expiresAt":{"$date":4102444800000},"createdAt":{"$date":0},"updatedAt":{"$date":0}}"#,
    ),
    (
        "roles",
        r#"{"_id":"openid:off","roles":["owner"],"status":"DISABLED","note":"n","expiresAt":{"$date":4102444800000},"createdAt":{"$date":0},"updatedAt":{"$date":0}}"#,
    ),
    (
        "users",
        r#"{"_id":"u1","_openid":"alice","nickname":"A","avatar":"cloud://a","phone":"13800000000","status":"ACTIVE","points":1,"createdAt":{"$date":0},"updatedAt":{"$date":0}}"#,
    ),
    (
        "users",
        r#"{"_id":"u2","_openid":"bob","nickname":"B","avatar":"cloud://b","phone":"13900000000","status":"BLOCKED","points":2,"createdAt":{"$date":0},"updatedAt":{"$date":0}}"#,
    ),
    (
        "users",
        r#"{"_id":"u3","_openid":"sue","nickname":"S","avatar":"cloud://s","phone":"13700000000","status":"ACTIVE","points":3,"createdAt":{"$date":0},"updatedAt":{"$date":0}}"#,
    ),
    (
        "items",
        r#"{"_id":"i1","title":"tea","description":"d","price":100,"cost":60,"stock":3,"category":"t","tags":["x"],"images":["cloud://i"],"status":"ON_SALE","location":{"type":"Point","coordinates":[1,2]},"createdAt":{"$date":0},"updatedAt":{"$date":0}}"#,
    ),
    (
        "items",
        r#"{"_id":"i2","title":"cup","description":"d","price":200,"cost":90,"stock":3,"category":"t","tags":[],"images":[],"status":"DRAFT","location":{"type":"Point","coordinates":[1,2]},"createdAt":{"$date":0},"updatedAt":{"$date":0}}"#,
    ),
    (
        "orders",
        r#"{"_id":"o1","_openid":"alice","orderNo":"1","status":"PAID","lines":[{"itemId":"i1","title":"t","price":1,"quantity":1}],"total":1,"address":{"name":"n","phone":"p","province":"p","city":"c","detail":"d"},"remark":"r","paidAt":{"$date":1},"createdAt":{"$date":0},"updatedAt":{"$date":0}}"#,
    ),
    (
        "orders",
        r#"{"_id":"o2","_openid":"bob","orderNo":"2","status":"CLOSED","lines":[{"itemId":"i1","title":"t","price":1,"quantity":1}],"total":2,"address":{"name":"n","phone":"p","province":"p","city":"c","detail":"d"},"remark":"r","paidAt":{"$date":1},"createdAt":{"$date":0},"updatedAt":{"$date":0}}"#,
    ),
    (
        "orders",
        r#"{"_id":"o3","_openid":"sue","orderNo":"3","status":"PENDING","lines":[{"itemId":"i2","title":"t","price":1,"quantity":1}],"total":3,"address":{"name":"n","phone":"p","province":"p","city":"c","detail":"d"},"remark":"r","paidAt":{"$date":1},"createdAt":{"$date":0},"updatedAt":{"$date":0}}"#,
    ),
];

impl Who {
    fn is(&self, role: &str) -> bool {
        self.roles.contains(&role)
    }

    fn owns(&self, document: &Object) -> bool {
        let owner = document.get("_openid").and_then(Value::as_str);
        self.openid.is_some() && owner == self.openid
    }

    /// Whether the text of the model lets them do this with the document.
    fn may(&self, operation: &str, collection: &str, document: &Object) -> bool {
        let status = document.get("status").and_then(Value::as_str);
        let staff = self.is("support") || self.is("operator") || self.is("admin");
        match (collection, operation) {
            ("users", "read") => self.owns(document) || staff,
            ("users", "create") => self.openid.is_some(),
            ("users", "update") => self.owns(document) || self.is("admin"),
            ("roles", "read") => self.is("admin"),
            ("roles", _) => self.is("owner"),
            ("items", "read") => status == Some("ON_SALE") || staff,
            ("items", "create" | "update") => self.is("operator") || self.is("admin"),
            ("items", "delete") => self.is("admin"),
            ("orders", "read") => {
                let open = status.is_some_and(|status| status != "CLOSED");
                self.owns(document)
                    || self.is("operator")
                    || self.is("admin")
                    || self.is("support") && open
            }
            ("orders", "update") => {
                let shippable = matches!(status, Some("PAID" | "SHIPPED"));
                self.is("admin") || self.is("operator") && shippable
            }
            _ => false,
        }
    }

    /// Whether it is what says which roles they hold themselves: nobody changes that.
    fn is_held_by(&self, collection: &str, document: &Document) -> bool {
        collection == "roles" && document.id().to_string() == self.principal
    }

    /// Whether the field's own directives agree, the document's being asked apart.
    fn may_field(&self, operation: &str, coordinate: &str, document: &Object) -> bool {
        match (coordinate, operation) {
            ("users.phone", "read") => self.owns(document) || self.is("admin"),
            ("users.phone", _) => self.owns(document),
            ("users.status" | "users.points", "create") => false,
            ("users.status" | "users.points", "update") => self.is("admin"),
            ("items.cost", _) => self.is("admin"),
            ("orders.total", "create" | "update") => false,
            ("orders.address", "read") => {
                self.owns(document) || self.is("operator") || self.is("admin")
            }
            ("orders.address", "update") => self.is("admin"),
            _ => true,
        }
    }
}

/// A field, and how the oracle calls it.
struct Place<'a> {
    collection: &'a str,
    ix: FieldIx,
    field: &'a Field,
}

impl Place<'_> {
    fn coordinate(&self) -> String {
        format!("{}.{}", self.collection, self.field.name)
    }

    fn managed(&self) -> bool {
        matches!(self.field.stored.as_str(), "_id" | "_openid") || self.field.timestamp.is_some()
    }
}

async fn documents(world: &World, collection: &str) -> Vec<Document> {
    let mut documents = Vec::new();
    for (of, text) in SEED.iter().filter(|(of, _)| *of == collection) {
        let id = object(text)
            .get("_id")
            .and_then(Value::as_str)
            .expect("a text id")
            .to_owned();
        let stored = world.stored(of, &id).await.expect("it is there");
        documents.push(Document::clone(&stored));
    }
    documents
}

async fn reads(actor: &Actor, who: &Who, place: &Place<'_>, documents: &[Document]) {
    let (coordinate, collection) = (place.coordinate(), place.collection);
    let visible = |it: &&Document| who.may("read", collection, it.fields());
    let readable = |it: &&Document| who.may_field("read", &coordinate, it.fields());
    for document in documents {
        let found = actor.get(collection, &document.id().to_string()).await;
        let seen = found.unwrap_or_else(|error| {
            assert_eq!(kind(&error), "forbidden");
            None
        });
        assert_eq!(
            seen.is_some(),
            visible(&document),
            "{} get {}",
            who.principal,
            document.id()
        );
        if let Some(seen) = seen {
            let told = !matches!(seen.read(place.ix), Readable::Denied);
            let told_what = format!("{} {coordinate} of {}", who.principal, document.id());
            assert_eq!(told, readable(&document), "{told_what}");
        }
    }
    // A filter by the field finds, of the visible documents, those of which it is readable.
    let filter = Filter::field(&place.field.path(), Test::Exists(true));
    let has = |it: &&Document| it.get(&place.field.stored).is_some();
    let hits = documents
        .iter()
        .filter(visible)
        .filter(readable)
        .filter(has);
    let expected: Vec<String> = hits.map(|it| it.id().to_string()).collect();
    match actor.list(collection, filter).await {
        Ok(list) => {
            let mut found: Vec<String> = list.nodes.iter().map(|it| it.id().to_string()).collect();
            let mut expected = expected;
            found.sort();
            expected.sort();
            assert_eq!(found, expected, "{} by {coordinate}", who.principal);
        }
        Err(error) => {
            assert_eq!(
                kind(&error),
                "forbidden",
                "{} by {coordinate}",
                who.principal
            );
            assert!(expected.is_empty(), "{} by {coordinate}", who.principal);
        }
    }
}

/// What a write of a document answers: allowed, forbidden for who sees it, the same as for an absent one otherwise.
fn check_write(told: Result<(), Error>, absent: &str, allowed: bool, visible: bool, about: &str) {
    match told {
        Ok(()) => assert!(allowed, "{about} was done"),
        Err(error) => {
            assert!(!allowed, "{about}: {error}");
            let expected = if visible { "forbidden" } else { absent };
            let told = match kind(&error) {
                "elevation" => "forbidden",
                told => told,
            };
            assert_eq!(told, expected, "{about}");
        }
    }
}

async fn updates(world: &World, who: &Who, place: &Place<'_>, documents: &[Document]) {
    let (coordinate, collection) = (place.coordinate(), place.collection);
    for document in documents {
        // The value it has already: what matters is whether it may be written.
        let value = document
            .get(&place.field.stored)
            .cloned()
            .unwrap_or(Value::Null);
        let op = || vec![Op::Set(place.field.path(), value.clone())];
        let attempt = async |id: &str| {
            let actor = world.as_(who.principal).await;
            actor.update(collection, id, op()).await.map(|_| ())
        };
        let told = attempt(&document.id().to_string()).await;
        if place.managed() {
            assert_eq!(
                kind(&told.expect_err("managed")),
                "bad input",
                "{coordinate}"
            );
            continue;
        }
        let absent = attempt("absent")
            .await
            .expect_err("there is no such document");
        let fields = document.fields();
        let allowed = who.may("update", collection, fields)
            && who.may_field("update", &coordinate, fields)
            && !who.is_held_by(collection, document);
        let visible = who.may("read", collection, fields);
        let about = format!("{} update {coordinate} of {}", who.principal, document.id());
        check_write(told, kind(&absent), allowed, visible, &about);
    }
}

async fn deletes(world: &World, who: &Who, collection: &str, documents: &[Document]) {
    for document in documents {
        let attempt = async |id: &str| {
            let actor = world.as_(who.principal).await;
            actor.delete(collection, id, None).await.map(|_| ())
        };
        let absent = attempt("absent")
            .await
            .expect_err("there is no such document");
        let told = attempt(&document.id().to_string()).await;
        if told.is_ok() {
            let again = vec![document.clone()];
            world
                .store
                .insert(&name(collection), again)
                .await
                .expect("put back");
        }
        let allowed = who.may("delete", collection, document.fields())
            && !who.is_held_by(collection, document);
        let visible = who.may("read", collection, document.fields());
        let about = format!("{} delete {collection} {}", who.principal, document.id());
        check_write(told, kind(&absent), allowed, visible, &about);
    }
}

/// Creates a copy of a seeded document that names, besides what is required, this field.
async fn creates(world: &World, who: &Who, place: &Place<'_>, example: &Document) {
    let actor = world.as_(who.principal).await;
    let (coordinate, collection) = (place.coordinate(), place.collection);
    let ix = actor.collection(collection);
    let shape = &world.gateway.model().collection(ix).shape;
    let mut values = Object::new();
    for field in &shape.fields {
        let other = Place {
            collection,
            ix: place.ix,
            field,
        };
        let needed = field.ty.required && field.default.is_none();
        let wanted = field.name == place.field.name;
        if (needed || wanted) && !other.managed() {
            let value = example
                .get(&field.stored)
                .expect("the example has every field");
            values.insert(field.stored.clone(), value.clone());
        }
    }
    let mut document = values.clone();
    if let Some(openid) = who.openid {
        document.insert("_openid", Value::string(openid));
    }
    let fields_allowed = values.iter().all(|(stored, _)| {
        let field = shape.field_stored(stored).expect("a field");
        let coordinate = format!("{collection}.{}", shape.field(field).name);
        who.may_field("create", &coordinate, &document)
    });
    let allowed = who.may("create", collection, &document) && fields_allowed;
    // Of roles an id names whose they are.
    let id = match collection {
        "roles" => "openid:created",
        _ => "created",
    };
    let input = CreateInput {
        id: Some(id.into()),
        values,
    };
    let told = actor.session.create_one(ix, input).await;
    if told.is_ok() {
        let id = DocId::string(id);
        let removed = world
            .store
            .delete_one(&name(collection), &id, &Filter::all())
            .await;
        assert!(removed.expect("a write").is_some());
    }
    let about = format!("{} create with {coordinate}", who.principal);
    match told {
        // Sue has a user document already, and it is hers alone to have.
        Err(Error::Conflict { .. }) => assert!(allowed && collection == "users", "{about}"),
        Err(error) => {
            assert!(!allowed, "{about}: {error}");
            assert_eq!(kind(&error), "forbidden", "{about}");
        }
        Ok(_) => assert!(allowed, "{about} was done"),
    }
}

#[tokio::test]
async fn the_gateway_agrees_with_the_text_of_the_model() {
    let world = World::new(SHOP, SEED).await;
    let model = std::sync::Arc::clone(world.gateway.model());
    let mut places = 0;
    for collection in &model.collections {
        let documents = documents(&world, collection.name.as_str()).await;
        for who in &CALLERS {
            for (at, field) in collection.shape.fields.iter().enumerate() {
                let place = Place {
                    collection: collection.name.as_str(),
                    ix: FieldIx(at),
                    field,
                };
                let actor = world.as_(who.principal).await;
                reads(&actor, who, &place, &documents).await;
                updates(&world, who, &place, &documents).await;
                creates(&world, who, &place, &documents[0]).await;
                places += 1;
            }
            deletes(&world, who, collection.name.as_str(), &documents).await;
        }
    }
    assert!(places > 300, "{places}: the model lost its fields");
}
