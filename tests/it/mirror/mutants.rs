//! Rules that are changed a little: an operator, a constant, a clause, one at a time.

use std::fmt;
use std::sync::LazyLock;

use cloudbase_graphql::access::{Operation, Permission, Policy};
use cloudbase_graphql::model::Model;
use regex::Regex;
use serde_json::{Value as Json, json};

/// A permission of one collection that differs in one place from the model's.
pub(super) struct Mutant {
    pub(super) collection: String,
    pub(super) operation: String,
    was: String,
    is: String,
    permission: Json,
}

/// What cannot be found: what it was, and what it is.
const EQUIVALENT: [(&str, &str); 2] = [
    // Of nobody's login type nothing is known, so the rule is not true of them either way.
    (
        "auth != null && auth.loginType != 'ANONYMOUS'",
        "auth.loginType != 'ANONYMOUS'",
    ),
    // The two sides have no millisecond in common.
    (
        "now > doc.startsAt && doc.stock > 0 && doc.price <= 99.5",
        "now >= doc.startsAt && doc.stock > 0 && doc.price <= 99.5",
    ),
];

impl Mutant {
    /// As a file of permissions.
    pub(super) fn file(&self) -> String {
        json!({ &self.collection: self.permission }).to_string()
    }

    pub(super) fn is_equivalent(&self) -> bool {
        EQUIVALENT.contains(&(self.was.as_str(), self.is.as_str()))
    }
}

impl fmt::Display for Mutant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            collection,
            operation,
            was,
            is,
            ..
        } = self;
        write!(f, "{operation} {collection}: {was} -> {is}")
    }
}

const OPERATIONS: [Operation; 4] = [
    Operation::Read,
    Operation::Create,
    Operation::Update,
    Operation::Delete,
];

pub(super) fn mutants(model: &Model) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    for collection in &model.collections {
        let name = collection.name.as_str();
        match collection.policy.permission {
            Permission::Custom => mutants.extend(of_rules(name, &collection.policy)),
            permission => mutants.extend(of_tag(name, permission)),
        }
    }
    mutants
}

/// Another of the simple permissions that says something else about reading.
fn of_tag(collection: &str, permission: Permission) -> Vec<Mutant> {
    let others = match permission {
        Permission::AdminOnly => ["READONLY", "PRIVATE", "ADMINWRITE"].as_slice(),
        Permission::Private => ["READONLY", "ADMINWRITE", "ADMINONLY"].as_slice(),
        _ => ["PRIVATE", "ADMINONLY"].as_slice(),
    };
    let mutant = |other: &&str| Mutant {
        collection: collection.to_owned(),
        operation: "read".to_owned(),
        was: permission.tag().to_owned(),
        is: (*other).to_owned(),
        permission: json!({ "AclTag": other }),
    };
    others.iter().map(mutant).collect()
}

fn of_rules(collection: &str, policy: &Policy) -> Vec<Mutant> {
    let source = |operation| {
        let rule = policy.rules.get(operation);
        rule.map_or_else(|| "false".to_owned(), |rule| rule.source().to_owned())
    };
    let mut mutants = Vec::new();
    for operation in OPERATIONS {
        for changed in changed(&source(operation)) {
            let mut rule = serde_json::Map::new();
            for other in OPERATIONS {
                rule.insert(other.to_string(), Json::String(source(other)));
            }
            rule.insert(operation.to_string(), Json::String(changed.clone()));
            mutants.push(Mutant {
                collection: collection.to_owned(),
                operation: operation.to_string(),
                was: source(operation),
                is: changed,
                permission: json!({ "AclTag": "CUSTOM", "Rule": rule }),
            });
        }
    }
    mutants
}

/// Where something can be changed, and to what.
static PLACES: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    [
        (" == ", " != "),
        (" != ", " == "),
        (" >= ", " > "),
        (" <= ", " < "),
        (" > ", " >= "),
        (" < ", " <= "),
        (" && ", " || "),
        (r" \|\| ", " && "),
        (r"auth\.openid", "auth.uid"),
        (r"auth\.uid", "auth.openid"),
        (r"'([A-Za-z_]+)'", "'${1}x'"),
        (r" (\d+)\b", " 1${1}"),
        (r"\btrue\b", "false"),
        (r"!\(", "("),
    ]
    .map(|(place, change)| (Regex::new(place).unwrap(), change))
    .into()
});

fn changed(source: &str) -> Vec<String> {
    match source {
        "false" => return vec!["true".to_owned(), "auth != null".to_owned()],
        "true" => return vec!["false".to_owned()],
        _ => {}
    }
    let mut all = vec!["true".to_owned(), "false".to_owned()];
    for (place, change) in PLACES.iter() {
        for found in place.captures_iter(source) {
            let whole = found.get(0).unwrap();
            let mut expanded = String::new();
            found.expand(change, &mut expanded);
            let (before, after) = (&source[..whole.start()], &source[whole.end()..]);
            all.push(format!("{before}{expanded}{after}"));
        }
    }
    // One clause left out.
    for connective in [" && ", " || "] {
        let parts: Vec<&str> = source.split(connective).collect();
        let is_flat = parts.len() > 1 && !source.contains('(');
        for left_out in 0..if is_flat { parts.len() } else { 0 } {
            let mut kept = parts.clone();
            kept.remove(left_out);
            all.push(kept.join(connective));
        }
    }
    all
}
