//! The model that the gateway ships with, and small models that show what one
//! directive becomes.

use cloudbase_graphql::access::{Permission, Rules};
use cloudbase_graphql::data::{Direction, IndexKeys, Role, Value};
use cloudbase_graphql::model::{
    BaseType, Checked, Collection, Field, Member, Model, Scalar, TimestampEvent,
};

const SHOP: &str = include_str!("../../../schema.graphql");

fn parse(source: &str) -> Checked {
    Model::parse(source).unwrap_or_else(|problems| {
        let rendered = problems
            .iter()
            .map(|problem| problem.render("model", source));
        panic!("{}", rendered.collect::<String>())
    })
}

fn shop() -> Model {
    parse(SHOP).model
}

fn collection<'m>(model: &'m Model, name: &str) -> &'m Collection {
    model.collection(
        model
            .collection_named(name)
            .expect("the collection is declared"),
    )
}

fn field<'m>(collection: &'m Collection, name: &str) -> &'m Field {
    let shape = &collection.shape;
    shape.field(shape.field_named(name).expect("the field is declared"))
}

/// The texts of the four rules; `-` for an operation that is not named.
fn texts(rules: &Rules) -> [&str; 4] {
    [&rules.read, &rules.create, &rules.update, &rules.delete]
        .map(|rule| rule.as_ref().map_or("-", |rule| rule.source()))
}

#[test]
fn the_shop_has_no_problem() {
    assert_eq!(parse(SHOP).warnings, []);
}

#[test]
fn collections_have_the_names_of_their_root_fields() {
    let model = shop();
    let names: Vec<_> = model
        .collections
        .iter()
        .map(|c| {
            (
                c.type_name.as_str(),
                c.name.as_str(),
                c.list_name.as_str(),
                c.single_name.as_str(),
            )
        })
        .collect();
    assert_eq!(
        names,
        [
            ("User", "users", "users", "user"),
            ("Role", "roles", "roles", "role"),
            ("Item", "items", "items", "item"),
            ("Order", "orders", "orders", "order"),
        ]
    );
}

#[test]
fn root_fields_can_be_named_otherwise() {
    let model = parse(
        r#"type News @collection(name: "my-news", list: "allNews", single: "newsItem") @rule(read: true) { id: ID! }"#,
    )
    .model;
    let news = collection(&model, "my-news");
    assert_eq!(
        (news.list_name.as_str(), news.single_name.as_str()),
        ("allNews", "newsItem")
    );
}

#[test]
fn operations_fall_back_to_write() {
    let model = shop();
    let users = collection(&model, "users");
    let own = "doc._openid == auth.openid";
    assert_eq!(users.policy.permission, Permission::Custom);
    assert_eq!(
        texts(&users.policy.rules),
        [own, "auth.openid != null", own, "false"]
    );
    let orders = collection(&model, "orders");
    assert_eq!(
        texts(&orders.policy.rules),
        [own, "false", "false", "false"]
    );
    let operator = &orders.policy.grants[1];
    assert_eq!(operator.role, Role::new("operator"));
    assert_eq!(
        texts(&operator.rules),
        ["true", "-", "doc.status in ['PAID', 'SHIPPED']", "-"]
    );
    let roles = collection(&model, "roles");
    assert_eq!(roles.policy.permission, Permission::AdminOnly);
    assert_eq!(texts(&roles.policy.rules), ["-"; 4]);
    assert_eq!(texts(&roles.policy.grants[0].rules), ["true"; 4]);
}

#[test]
fn rules_of_fields_never_name_deletion() {
    let model = shop();
    let status = field(collection(&model, "users"), "status");
    assert_eq!(texts(&status.policy.rules), ["-", "false", "false", "-"]);
    assert_eq!(
        texts(&status.policy.grants[0].rules),
        ["-", "-", "true", "-"]
    );
    let nickname = field(collection(&model, "users"), "nickname");
    assert_eq!(texts(&nickname.policy.rules), ["-"; 4]);
    assert!(nickname.policy.grants.is_empty());
}

#[test]
fn fields_keep_type_name_and_limits() {
    let model = shop();
    let users = collection(&model, "users");
    assert_eq!(field(users, "id").stored, "_id");
    assert_eq!(field(users, "openid").stored, "_openid");
    let nickname = field(users, "nickname");
    assert_eq!(nickname.ty.base, BaseType::Scalar(Scalar::String));
    assert!(nickname.ty.required && nickname.ty.list.is_none());
    assert_eq!(nickname.constraint.max_length, Some(32));
    assert_eq!(
        field(users, "status").default,
        Some(Value::string("ACTIVE"))
    );
    assert_eq!(field(users, "points").default, Some(Value::Int(0)));
    assert_eq!(
        field(users, "createdAt").timestamp,
        Some(TimestampEvent::Create)
    );
    assert_eq!(
        field(users, "updatedAt").timestamp,
        Some(TimestampEvent::Update)
    );
    let lines = field(collection(&model, "orders"), "lines");
    assert!(
        matches!(lines.ty.base, BaseType::Embedded(ix) if model.embedded(ix).type_name == "OrderLine")
    );
    assert!(lines.ty.list.is_some_and(|list| list.element_required));
}

#[test]
fn members_keep_the_order_of_the_file() {
    let model = shop();
    let shape = &collection(&model, "orders").shape;
    let names: Vec<&str> = shape
        .members
        .iter()
        .map(|member| match member {
            Member::Field(ix) => shape.field(*ix).name.as_str(),
            Member::Relation(ix) => shape.relation(*ix).name.as_str(),
        })
        .collect();
    assert_eq!(
        names,
        [
            "id",
            "openid",
            "orderNo",
            "status",
            "lines",
            "total",
            "address",
            "remark",
            "user",
            "paidAt",
            "createdAt",
            "updatedAt"
        ]
    );
}

#[test]
fn relations_lead_to_stored_fields() {
    let model = shop();
    let orders = collection(&model, "orders");
    let user = &orders.shape.relations[0];
    let target = model.collection(user.target);
    assert_eq!(target.type_name, "User");
    assert_eq!(orders.shape.field(user.from).stored, "_openid");
    assert_eq!(target.shape.field(user.to).stored, "_openid");
    assert!(!user.many);
    let item = &model.embedded[0].shape.relations[0];
    assert_eq!(
        model.collection(item.target).shape.field(item.to).stored,
        "_id"
    );
    assert!(collection(&model, "users").shape.relations[0].many);
}

#[test]
fn indexes_have_paths_and_directions() {
    let model = shop();
    let indexes = &collection(&model, "orders").indexes;
    let keys = indexes.iter().map(|index| match &index.keys {
        IndexKeys::Ordered(order) => {
            let keys = order.keys.iter().map(|key| match key.direction {
                Direction::Ascending => key.path.to_string(),
                Direction::Descending => format!("-{}", key.path),
            });
            (keys.collect::<Vec<_>>().join(" "), index.unique)
        }
        IndexKeys::Geo(path) => (format!("geo {path}"), index.unique),
    });
    assert_eq!(
        keys.collect::<Vec<_>>(),
        [
            ("_openid -createdAt".to_owned(), false),
            ("status -createdAt".to_owned(), false),
            ("orderNo".to_owned(), true),
        ]
    );
}

#[test]
fn roles_include_others_transitively() {
    let model = shop();
    let names = |roles: &[&str]| {
        let expanded = model.expand_roles(roles.iter().copied());
        expanded.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(names(&["owner"]), ["admin", "operator", "owner", "support"]);
    assert_eq!(names(&["support", "nobody"]), ["support"]);
    assert_eq!(names(&[]), Vec::<String>::new());
}

#[test]
fn defaults_are_stored_forms() {
    let checked = parse(
        r#"
        type Shop @collection(name: "shops") @rule(read: true) {
          id: ID!
          since: DateTime @default(value: "2024-01-02T03:04:05+08:00")
          seen: DateTime @field(as: EPOCH_MS) @default(value: "1970-01-01T00:00:01Z")
          count: Long @default(value: "9007199254740993")
          ratio: Float @default(value: 1)
          open: Status @default(value: OPEN)
          any: JSON @default(value: { a: [1, 2.5, "x", null, true] })
          place: GeoPoint @default(value: { longitude: 113.3, latitude: 23.1 })
          address: Address @default(value: { town: "Canton" })
        }
        enum Status { OPEN CLOSED }
        type Address { city: String! @field(name: "town") }
        "#,
    );
    let shop = collection(&checked.model, "shops");
    let defaults: Vec<String> = shop
        .shape
        .fields
        .iter()
        .filter_map(|field| Some(format!("{}: {:?}", field.name, field.default.as_ref()?)))
        .collect();
    insta::assert_snapshot!(defaults.join("\n"));
}

#[test]
fn the_owner_need_not_be_declared() {
    let checked = parse(
        r#"type Note @collection(name: "notes") @rule(read: "doc._openid == auth.openid") @index(fields: ["_openid"]) { id: ID! }"#,
    );
    assert_eq!(checked.warnings, []);
}

#[test]
fn embedded_types_may_recur_where_values_can_end() {
    parse(
        r#"
        type Page @collection(name: "pages") @rule(read: true) { id: ID! root: Block! }
        type Block { text: String children: [Block!]! next: Block }
        "#,
    );
}

#[test]
fn constraints_name_every_violation() {
    let model = parse(
        r#"
        type Thing @collection(name: "things") @rule(read: true) {
          id: ID!
          codes: [String!] @constraint(minLength: 2, maxItems: 2, pattern: "^[a-z]+$")
          price: Float @constraint(min: 0, max: 9.5)
        }
        "#,
    )
    .model;
    let things = collection(&model, "things");
    let codes = &field(things, "codes").constraint;
    assert_eq!(codes.count_problems(2), Vec::<String>::new());
    assert_eq!(codes.count_problems(3), ["must have at most 2 items"]);
    assert_eq!(
        codes.value_problems(&Value::string("ab")),
        Vec::<String>::new()
    );
    assert_eq!(
        codes.value_problems(&Value::string("A")),
        ["must have at least 2 characters", "must match `^[a-z]+$`"]
    );
    let price = &field(things, "price").constraint;
    assert_eq!(
        price.value_problems(&Value::Int(10)),
        ["must be at most 9.5"]
    );
    assert_eq!(
        price.value_problems(&Value::Double(-0.5)),
        ["must be at least 0"]
    );
    assert_eq!(
        price.value_problems(&Value::Double(9.5)),
        Vec::<String>::new()
    );
}
