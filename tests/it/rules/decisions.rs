//! Decisions: permission × caller × operation, grants, fields, creation; and their explanations.

use std::collections::BTreeSet;
use std::sync::Arc;

use cloudbase_graphql::access::{
    self, Clause, Context, CreateDecision, Decision, Facts, FieldPolicy, Grant, Operation,
    Permission, Policy, Reference, Rules, Settings, UnauthenticatedAccess,
};
use cloudbase_graphql::data::{Caller, Document, Filter, Object, Principal, Role, Value, ejson};
use cloudbase_graphql::rules::Rule;

const OPERATIONS: [Operation; 4] = [
    Operation::Read,
    Operation::Create,
    Operation::Update,
    Operation::Delete,
];

fn object(text: &str) -> Object {
    ejson::parse_object(text).unwrap()
}

fn rule(text: &str) -> Option<Rule> {
    Some(Rule::parse(text).unwrap())
}

fn rules(read: &str, write: &str) -> Rules {
    Rules {
        read: rule(read),
        create: rule(write),
        update: rule(write),
        delete: rule(write),
    }
}

fn grant(role: &str, rules: Rules) -> Grant {
    Grant {
        role: Role::new(role),
        rules,
    }
}

fn caller(principal: &str, roles: &[&str]) -> Caller {
    let mut caller = match principal {
        "none" => Caller::none(),
        other => Caller::user(Principal::parse(other).unwrap().to_user()),
    };
    caller.roles = roles.iter().map(|role| Role::new(*role)).collect();
    caller
}

fn plain(permission: Permission) -> Policy {
    Policy {
        permission,
        rules: Rules::default(),
        grants: Vec::new(),
    }
}

/// The shop's orders.
fn orders() -> Policy {
    let staff = |read, update| Rules {
        read: rule(read),
        update,
        ..Rules::default()
    };
    Policy {
        permission: Permission::Custom,
        rules: rules("doc._openid == auth.openid", "false"),
        grants: vec![
            grant("admin", staff("true", rule("true"))),
            grant(
                "operator",
                staff("true", rule("doc.status in ['PAID', 'SHIPPED']")),
            ),
            grant("support", staff("doc.status != 'CLOSED'", None)),
        ],
    }
}

fn context<'a>(caller: &'a Caller, facts: &'a Facts, condition: &'a Filter) -> Context<'a> {
    Context {
        caller,
        now: 0,
        facts,
        request: None,
        condition,
    }
}

fn decide(policy: &Policy, caller: &Caller, operation: Operation) -> Decision {
    let (facts, all) = (Facts::default(), Filter::all());
    access::rows(
        policy,
        operation,
        &context(caller, &facts, &all),
        Settings::default(),
    )
}

/// One letter a decision: all, mine, none.
fn letter(decision: &Decision, caller: &Caller) -> char {
    let of = |owner: &str| object(&format!(r#"{{"_id": "d", "_openid": "{owner}"}}"#));
    let mine = of(caller.owner().map_or("", |owner| owner.as_str()));
    match decision {
        Decision::Allow => 'a',
        Decision::Deny => '-',
        Decision::Where(filter) if filter.matches(&mine) && !filter.matches(&of("oZ")) => 'm',
        other => panic!("neither all, mine nor none: {other:?}"),
    }
}

#[test]
fn permissions_are_what_the_console_says() {
    let table = [
        (Permission::ReadOnly, "aamm"),
        (Permission::Private, "mamm"),
        (Permission::AdminWrite, "a---"),
        (Permission::AdminOnly, "----"),
        (Permission::Custom, "----"),
    ];
    for (permission, expected) in table {
        for principal in ["openid:oA", "uid:u1"] {
            let caller = caller(principal, &[]);
            let found =
                OPERATIONS.map(|op| letter(&decide(&plain(permission), &caller, op), &caller));
            assert_eq!(
                String::from_iter(found),
                expected,
                "{permission:?} for {principal}"
            );
        }
        let nobody = caller("none", &["admin"]);
        for operation in OPERATIONS {
            let found = decide(&plain(permission), &nobody, operation);
            assert_eq!(found, Decision::Deny, "{permission:?} for nobody");
        }
    }
}

#[test]
fn who_is_not_signed_in_gets_what_custom_rules_say_and_only_if_let() {
    let nobody = caller("none", &["admin"]);
    let open = Settings {
        is_closed: false,
        unauthenticated: UnauthenticatedAccess::CustomRulesOnly,
    };
    let custom = Policy {
        grants: vec![grant("admin", rules("true", "true"))],
        rules: rules("doc.public == true", "auth != null"),
        ..plain(Permission::Custom)
    };
    let (facts, all) = (Facts::default(), Filter::all());
    let cx = context(&nobody, &facts, &all);
    let decide =
        |policy: &Policy, operation, settings| access::rows(policy, operation, &cx, settings);
    let read = decide(&custom, Operation::Read, open);
    assert!(matches!(read, Decision::Where(_)), "{read:?}");
    assert_eq!(decide(&custom, Operation::Update, open), Decision::Deny);
    assert_eq!(
        decide(&custom, Operation::Read, Settings::default()),
        Decision::Deny
    );
    for permission in [Permission::ReadOnly, Permission::AdminWrite] {
        let found = decide(&plain(permission), Operation::Read, open);
        assert_eq!(found, Decision::Deny, "{permission:?}");
    }
}

#[test]
fn grants_add_to_the_rule() {
    let status = |text: &str| {
        object(&format!(
            r#"{{"_id": "1", "_openid": "oB", "status": "{text}"}}"#
        ))
    };
    let sees = |roles: &[&str], document: &Object| match decide(
        &orders(),
        &caller("openid:oA", roles),
        Operation::Read,
    ) {
        Decision::Allow => true,
        Decision::Deny => false,
        Decision::Where(filter) => filter.matches(document),
        Decision::Need(references) => panic!("needs {references:?}"),
    };
    assert!(!sees(&[], &status("PAID")));
    assert!(sees(&["support"], &status("PAID")));
    assert!(!sees(&["support"], &status("CLOSED")));
    assert!(!sees(&["support"], &object(r#"{"_id": "1"}"#)));
    assert!(sees(
        &["support"],
        &object(r#"{"_id": "1", "_openid": "oA"}"#)
    ));
    assert!(sees(&["support", "operator"], &status("CLOSED")));
    assert!(!sees(&["stranger"], &status("PAID")));
    let update = |roles: &[&str]| decide(&orders(), &caller("openid:oA", roles), Operation::Update);
    assert_eq!(update(&[]), Decision::Deny);
    assert_eq!(update(&["support"]), Decision::Deny);
    assert!(matches!(update(&["operator"]), Decision::Where(_)));
    assert_eq!(update(&["operator", "admin"]), Decision::Allow);
}

#[test]
fn a_grant_that_allows_makes_what_the_rule_needs_superfluous() {
    let policy = Policy {
        rules: rules("get(`database.shops.${auth.openid}`).open", "false"),
        ..orders()
    };
    let asks = decide(&policy, &caller("openid:oA", &["support"]), Operation::Read);
    let Decision::Need(references) = asks else {
        panic!("{asks:?}");
    };
    assert_eq!(references.len(), 1);
    let found = decide(&policy, &caller("openid:oA", &["admin"]), Operation::Read);
    assert_eq!(found, Decision::Allow);
}

#[test]
fn creating() {
    let alice = caller("openid:oA", &["clerk"]);
    let document = object(r#"{"_id": "1", "kind": "note"}"#);
    let with_owner = object(r#"{"_id": "1", "kind": "note", "_openid": "oA"}"#);
    let (facts, all) = (Facts::default(), Filter::all());
    let decide = |own: &str, granted: &str| {
        let policy = Policy {
            grants: vec![grant("clerk", rules("false", granted))],
            rules: rules("false", own),
            ..plain(Permission::Custom)
        };
        let cx = context(&alice, &facts, &all);
        access::create(&policy, &cx, &document, &with_owner, Settings::default())
    };
    let owner = "doc._openid == auth.openid";
    let granted = CreateDecision::Allow(Clause::Grant(Role::new("clerk")));
    assert_eq!(decide(owner, "true"), CreateDecision::Allow(Clause::Rule));
    assert_eq!(decide("false", "doc.kind == 'note'"), granted);
    assert_eq!(
        decide("false", owner),
        CreateDecision::Deny,
        "grants see no owner"
    );
    assert_eq!(
        decide("doc.missing == 1", "doc.missing != 1"),
        CreateDecision::Deny
    );
    let needs = decide("get('database.shops.s').open", "true");
    assert!(matches!(needs, CreateDecision::Need(_)), "{needs:?}");
}

#[test]
fn fields_inherit_unless_named() {
    let phone = FieldPolicy {
        rules: rules("doc._openid == auth.openid", "false"),
        grants: vec![grant(
            "admin",
            Rules {
                read: rule("true"),
                ..Rules::default()
            },
        )],
    };
    let cost = FieldPolicy {
        rules: Rules::default(),
        grants: vec![grant("admin", rules("true", "true"))],
    };
    let (facts, all) = (Facts::default(), Filter::all());
    let decide = |policy: &FieldPolicy, roles: &[&str], operation| {
        let caller = caller("openid:oA", roles);
        access::field(policy, operation, &context(&caller, &facts, &all))
    };
    assert_eq!(
        decide(&FieldPolicy::default(), &[], Operation::Read),
        Decision::Allow
    );
    assert!(matches!(
        decide(&phone, &[], Operation::Read),
        Decision::Where(_)
    ));
    assert_eq!(decide(&phone, &["admin"], Operation::Read), Decision::Allow);
    assert_eq!(
        decide(&phone, &["admin"], Operation::Update),
        Decision::Deny
    );
    assert_eq!(decide(&cost, &[], Operation::Read), Decision::Deny);
    assert_eq!(
        decide(&cost, &["admin"], Operation::Update),
        Decision::Allow
    );
    let roles = |names: &[&str]| {
        names
            .iter()
            .map(|name| Role::new(*name))
            .collect::<BTreeSet<_>>()
    };
    assert!(!access::field_ever_for(&cost, Operation::Read, &roles(&[])));
    assert!(access::field_ever_for(
        &cost,
        Operation::Read,
        &roles(&["admin"])
    ));
    assert!(access::field_ever_for(
        &FieldPolicy::default(),
        Operation::Read,
        &roles(&[])
    ));
    assert!(!access::field_ever_for(
        &phone,
        Operation::Update,
        &roles(&["admin"])
    ));
}

#[test]
fn what_may_ever_be() {
    let roles = |names: &[&str]| {
        names
            .iter()
            .map(|name| Role::new(*name))
            .collect::<BTreeSet<_>>()
    };
    let orders = orders();
    assert!(access::ever(&orders, Operation::Read));
    assert!(access::ever(&orders, Operation::Update));
    assert!(!access::ever(&orders, Operation::Create));
    assert!(!access::ever_for(&orders, Operation::Update, &roles(&[])));
    assert!(!access::ever_for(
        &orders,
        Operation::Update,
        &roles(&["support"])
    ));
    assert!(access::ever_for(
        &orders,
        Operation::Update,
        &roles(&["operator"])
    ));
    assert!(access::ever_for(
        &plain(Permission::Private),
        Operation::Create,
        &roles(&[])
    ));
    assert!(!access::ever(
        &plain(Permission::AdminOnly),
        Operation::Read
    ));
    assert!(!access::ever(&plain(Permission::Custom), Operation::Read));
}

#[test]
fn decisions_join() {
    let filter = |text: &str| {
        let caller = caller("openid:oA", &[]);
        let (facts, all) = (Facts::default(), Filter::all());
        Rule::parse(text)
            .unwrap()
            .residual(&context(&caller, &facts, &all))
            .unwrap()
    };
    let (a, b) = (
        Decision::Where(filter("doc.a == 1")),
        Decision::Where(filter("doc.b == 1")),
    );
    let need = Decision::Need(vec![reference("shops", "s")]);
    assert_eq!(
        a.clone().and(b.clone()),
        Decision::Where(filter("doc.a == 1 && doc.b == 1"))
    );
    assert_eq!(
        a.clone().or(b),
        Decision::Where(filter("doc.a == 1 || doc.b == 1"))
    );
    assert_eq!(a.clone().and(Decision::Allow), a);
    assert_eq!(a.clone().or(Decision::Deny), a);
    assert_eq!(need.clone().and(Decision::Deny), Decision::Deny);
    assert_eq!(need.clone().or(Decision::Allow), Decision::Allow);
    assert_eq!(need.clone().or(a.clone()), need);
    assert_eq!(a.and(need.clone()), need);
}

fn reference(collection: &str, id: &str) -> Reference {
    Reference {
        collection: cloudbase_graphql::data::CollectionName::parse(collection).unwrap(),
        id: cloudbase_graphql::data::DocId::string(id),
    }
}

#[test]
fn an_explanation_names_clauses_and_values() {
    let policy = Policy {
        rules: rules(
            "doc._openid == auth.openid || get(`database.shops.${doc.shop}`).owner == auth.openid",
            "false",
        ),
        ..orders()
    };
    let support = caller("openid:oA", &["support"]);
    let order = object(r#"{"_id": "1", "_openid": "oB", "status": "PAID", "shop": "s"}"#);
    let shop = Document::from_object(object(r#"{"_id": "s", "owner": "oC"}"#)).unwrap();
    let mut facts = Facts::default();
    facts
        .documents
        .insert(reference("shops", "s"), Some(Arc::new(shop)));
    let pinned = Filter::And(vec![
        Filter::id(&cloudbase_graphql::data::DocId::string("1")),
        Filter::field(
            &cloudbase_graphql::data::Path::field("shop"),
            cloudbase_graphql::data::Test::Eq(Value::string("s")),
        ),
    ]);
    let cx = context(&support, &facts, &pinned);
    let settings = Settings::default();
    let read = |document| access::explain_rows(&policy, Operation::Read, &cx, settings, document);
    let field = FieldPolicy {
        rules: rules("false", "false"),
        grants: Vec::new(),
    };
    let nobody = Caller::none();
    let unsigned = context(&nobody, &facts, &pinned);
    let text = [
        ("on a document", read(Some(&order))),
        ("on all documents", read(None)),
        (
            "create",
            access::explain_create(&policy, &cx, &order, &order, settings),
        ),
        (
            "a field",
            access::explain_field(&field, Operation::Read, &cx, Some(&order)),
        ),
        (
            "an inheriting field",
            access::explain_field(&FieldPolicy::default(), Operation::Read, &cx, None),
        ),
        (
            "not signed in",
            access::explain_rows(&policy, Operation::Read, &unsigned, settings, None),
        ),
    ]
    .map(|(title, explanation)| format!("# {title}\n{explanation}"));
    insta::assert_snapshot!(text.join("\n"));
}
