//! The worked examples of the platform's documentation (`fixtures/rules/cases.json`): how the database
//! itself judges a client's request.

use std::sync::Arc;

use cloudbase_graphql::access::strict::{self, Action, Request, Verdict};
use cloudbase_graphql::access::{Permission, Policy, Rules, Settings, UnauthenticatedAccess};
use cloudbase_graphql::data::ejson;
use cloudbase_graphql::data::{
    Caller, DocId, Document, Filter, LoginType, Object, Path, Pattern, Principal, Test, User, Value,
};
use cloudbase_graphql::rules::{Facts, Reference, RequestData, Rule};
use serde_json::{Map, Value as Json};
use smol_str::SmolStr;

const CASES: &str = include_str!("../fixtures/rules/cases.json");

#[test]
fn the_database_would_judge_all_cases_so() {
    let file: Json = serde_json::from_str(CASES).unwrap();
    let cases = file["cases"].as_array().unwrap();
    let wrong: Vec<String> = cases.iter().filter_map(|case| judge(&file, case)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(cases.len(), 101);
}

/// What is wrong with our answer to a case.
fn judge(file: &Json, case: &Json) -> Option<String> {
    let found = outcome(file, case);
    let expected = case["expect"].as_str().unwrap();
    let differs = found != expected;
    differs.then(|| {
        format!(
            "{}: {found}, not {expected}: {}",
            case["id"], case["reason"]
        )
    })
}

/// `allow`, `deny` or `allow-empty` (allowed, but the condition that is added hides everything).
fn outcome(file: &Json, case: &Json) -> &'static str {
    let identity = &file["identities"][case["identity"].as_str().unwrap()];
    if identity["kind"] == "admin" {
        return "allow";
    }
    let caller = caller(&identity["auth"]);
    let request = &case["request"];
    let written = object(&request["data"]);
    let update = changes(&request["data"]);
    let condition = match request["docId"].as_str() {
        Some(id) => Filter::id(&DocId::string(id)),
        None => condition(request["where"].as_object()),
    };
    let action = match request["op"].as_str().unwrap() {
        "create" => Action::Create(&written),
        "update" => Action::Update(&update),
        "delete" => Action::Delete,
        _ => Action::Read,
    };
    let mut facts = Facts::default();
    loop {
        let verdict = strict::check(
            &policy(&case["rule"]),
            &Request {
                caller: &caller,
                action,
                condition: &condition,
                now: case["now"].as_i64().unwrap_or(0),
                facts: &facts,
                settings: Settings {
                    is_closed: false,
                    unauthenticated: UnauthenticatedAccess::CustomRulesOnly,
                },
            },
        );
        match verdict {
            Verdict::Allow => return check_stored(case, &caller),
            Verdict::Deny => return "deny",
            Verdict::AllowWith(added) => return narrowed(case, &condition.and(added)),
            Verdict::Need(references) => load(&mut facts, references, &case["related"]),
        }
    }
}

/// Reading a document by id fails if the added condition hides it; everything else just finds nothing.
fn narrowed(case: &Json, condition: &Filter) -> &'static str {
    let by_id = case["request"]["via"] == "doc" && case["request"]["op"] == "read";
    match (condition.matches(&object(&case["doc"])), by_id) {
        (true, _) => "allow",
        (false, true) => "deny",
        (false, false) => "allow-empty",
    }
}

fn check_stored(case: &Json, caller: &Caller) -> &'static str {
    if let Some(stored) = case["effect"].get("stored") {
        let found = strict::stored(&object(&case["request"]["data"]), caller);
        let expected = object(stored);
        assert_eq!(found.len(), expected.len(), "{}", case["id"]);
        for (name, value) in expected.iter() {
            assert_eq!(found.get(name), Some(value), "{}", case["id"]);
        }
    }
    "allow"
}

fn load(facts: &mut Facts, references: Vec<Reference>, related: &Json) {
    assert!(!references.is_empty(), "a need names what is needed");
    for reference in references {
        assert!(!facts.documents.contains_key(&reference), "asked twice");
        let fields = related.get(format!("{}/{}", reference.collection, reference.id));
        let document =
            fields.map(|fields| Arc::new(Document::new(reference.id.clone(), 1, object(fields))));
        facts.documents.insert(reference, document);
    }
}

fn caller(auth: &Json) -> Caller {
    let member = |name| auth[name].as_str().map(SmolStr::new);
    let (openid, uid) = (member("openid"), member("uid"));
    let principal = match (&openid, &uid) {
        (Some(openid), _) => Principal::openid(openid),
        (None, Some(uid)) => Principal::uid(uid),
        (None, None) => return Caller::none(),
    };
    let login_type = match auth["loginType"].as_str() {
        Some("ANONYMOUS") => LoginType::Anonymous,
        Some("EMAIL") => LoginType::Email,
        _ => LoginType::WechatPublic,
    };
    Caller::user(User {
        principal,
        openid,
        uid,
        login_type,
    })
}

fn policy(config: &Json) -> Policy {
    let permission = match config["aclTag"].as_str() {
        Some("READONLY") => Permission::ReadOnly,
        Some("PRIVATE") => Permission::Private,
        Some("ADMINWRITE") => Permission::AdminWrite,
        Some("ADMINONLY") => Permission::AdminOnly,
        Some(other) => panic!("no permission `{other}`"),
        None => Permission::Custom,
    };
    let rule = |name: &str| match &config[name] {
        Json::Null => None,
        Json::Bool(constant) => Some(Rule::constant(*constant)),
        text => Some(Rule::parse(text.as_str().unwrap()).unwrap()),
    };
    let or_write = |name| rule(name).or_else(|| rule("write"));
    Policy {
        permission,
        rules: Rules {
            read: rule("read"),
            create: or_write("create"),
            update: or_write("update"),
            delete: or_write("delete"),
        },
        grants: Vec::new(),
    }
}

fn value(json: &Json) -> Value {
    ejson::parse_value(&json.to_string()).unwrap()
}

fn object(json: &Json) -> Object {
    match json {
        Json::Null => Object::new(),
        _ => ejson::parse_object(&json.to_string()).unwrap(),
    }
}

/// An update as clients send it: `{field: value}` sets, `{field: {$inc: …}}` changes in another way.
fn changes(json: &Json) -> RequestData {
    let mut data = RequestData::default();
    for (name, value_json) in json.as_object().into_iter().flatten() {
        let command = value_json
            .as_object()
            .is_some_and(|object| object.keys().any(|key| key.starts_with('$')));
        if command {
            data.opaque.push(Path::parse(name).unwrap());
        } else {
            data.values.insert(name.as_str(), value(value_json));
        }
    }
    data
}

fn condition(members: Option<&Map<String, Json>>) -> Filter {
    let members = members.into_iter().flatten();
    members.fold(Filter::all(), |filter, (name, wanted)| {
        filter.and(match name.as_str() {
            "$or" => Filter::Or(conditions(wanted)),
            "$and" => Filter::And(conditions(wanted)),
            path => tests(&Path::parse(path).unwrap(), wanted),
        })
    })
}

fn conditions(list: &Json) -> Vec<Filter> {
    let list = list.as_array().unwrap().iter();
    list.map(|members| condition(members.as_object())).collect()
}

fn tests(path: &Path, wanted: &Json) -> Filter {
    let commands = wanted
        .as_object()
        .filter(|object| object.keys().any(|key| key.starts_with('$')));
    let Some(commands) = commands else {
        return Filter::field(path, Test::Eq(value(wanted)));
    };
    commands.iter().fold(Filter::all(), |filter, (name, arg)| {
        filter.and(Filter::field(path, command(name, arg)))
    })
}

fn command(name: &str, arg: &Json) -> Test {
    let list = || arg.as_array().unwrap().iter().map(value).collect();
    match name {
        "$eq" => Test::Eq(value(arg)),
        "$ne" => Test::Ne(value(arg)),
        "$in" => Test::In(list()),
        "$nin" => Test::NotIn(list()),
        "$gt" => Test::Gt(value(arg)),
        "$gte" => Test::Gte(value(arg)),
        "$lt" => Test::Lt(value(arg)),
        "$lte" => Test::Lte(value(arg)),
        "$exists" => Test::Exists(arg.as_bool().unwrap()),
        "$regex" => Test::Matches(Pattern::new(arg.as_str().unwrap()).unwrap()),
        other => panic!("no command `{other}`"),
    }
}
