//! Names: which are taken by the served API, how root fields are called, and
//! whether two would be one.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use async_graphql_parser::Pos;
use smol_str::{SmolStr, format_smolstr};

use super::diagnostic::Problems;
use super::outline::{self, Named, Outline};
use super::prelude;

/// Types of the served API whatever the model.
const SERVED: [&str; 15] = [
    "Query",
    "Mutation",
    "Subscription",
    "Me",
    "LoginType",
    "Direction",
    "PageInfo",
    "BulkPayload",
    "EventKind",
    "ChangeType",
    "GeoPointInput",
    "GeoCircle",
    "GeoPolygon",
    "GeoWithin",
    "GeoIntersects",
];

/// Fields are named by values of enums as well, which may not be called so.
const LITERALS: [&str; 3] = ["true", "false", "null"];

/// Members of every filter.
const CONNECTIVES: [&str; 3] = ["and", "or", "not"];

/// Endings of the types that a collection's type brings along.
const OF_COLLECTION: [&str; 14] = [
    "Connection",
    "Edge",
    "Filter",
    "ListFilter",
    "Order",
    "Key",
    "Create",
    "Set",
    "Inc",
    "Push",
    "Pull",
    "Field",
    "Event",
    "Change",
];
/// Endings of the types that an embedded type brings along.
const OF_EMBEDDED: [&str; 3] = ["Filter", "ListFilter", "Input"];
/// Endings of the types that a scalar or an enum brings along.
const OF_LEAF: [&str; 2] = ["Filter", "ListFilter"];

/// Whether a text is a GraphQL name.
pub(super) fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    let first = bytes.next();
    first.is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// `OrderLine` → `orderLine`, `URLEntry` → `urlEntry`.
pub(super) fn lower_camel(type_name: &str) -> SmolStr {
    let upper = type_name.bytes().take_while(u8::is_ascii_uppercase).count();
    // The last capital of several begins the next word, unless nothing follows.
    let lowered = match upper {
        0 | 1 => upper,
        all if all == type_name.len() => all,
        several => several - 1,
    };
    let (head, tail) = type_name.split_at(lowered);
    format_smolstr!("{}{tail}", head.to_ascii_lowercase())
}

/// `orders` → `Orders`.
fn upper_first(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// Why a type may not have this name.
pub(super) fn reserved_type(name: &str) -> Option<&'static str> {
    let of_scalar = |ending: &&str| {
        let scalar = name.strip_suffix(*ending);
        scalar.is_some_and(outline::is_scalar)
    };
    if name.starts_with("__") {
        Some("names that begin with `__` belong to GraphQL")
    } else if outline::is_scalar(name) {
        Some("it is a scalar")
    } else if SERVED.contains(&name) || OF_LEAF.iter().any(of_scalar) {
        Some("the served API has a type of this name")
    } else if prelude::defines_type(name) {
        Some("the directives of model files use it")
    } else {
        None
    }
}

/// Why a field may not have this name.
pub(super) fn reserved_field(name: &str) -> Option<&'static str> {
    if name.starts_with("__") {
        Some("names that begin with `__` belong to GraphQL")
    } else if CONNECTIVES.contains(&name) {
        Some("filters join conditions with it")
    } else if LITERALS.contains(&name) {
        Some("it is a value of GraphQL")
    } else {
        None
    }
}

/// Why a root field may not have this name.
fn reserved_root(name: &str) -> Option<&'static str> {
    if name.starts_with("__") {
        Some("names that begin with `__` belong to GraphQL")
    } else if name == "me" {
        Some("it is the caller's own identity")
    } else if name == "id" || name == "ids" {
        Some("the results of mutations have it beside the document")
    } else {
        None
    }
}

/// The names a collection's root fields have, and where each is decided.
#[derive(Clone, Debug)]
pub(super) struct RootNames {
    pub(super) list: SmolStr,
    pub(super) list_at: Pos,
    pub(super) single: SmolStr,
    pub(super) single_at: Pos,
}

impl RootNames {
    pub(super) fn check(&self, problems: &mut Problems) {
        let both = [
            (&self.list, self.list_at, "list"),
            (&self.single, self.single_at, "single"),
        ];
        for (name, at, argument) in both {
            let hint = format!("give the root field another name: `@collection({argument}: …)`");
            if !is_name(name) {
                let message = format!("`{name}` cannot be the name of a root field");
                let letters = "names are of letters, digits and `_`, and begin with no digit";
                problems
                    .error(at, message)
                    .hint(format!("{letters}; {hint}"));
            } else if let Some(reason) = reserved_root(name) {
                let message = format!("the root field name `{name}` is reserved: {reason}");
                problems.error(at, message).hint(hint);
            }
        }
    }
}

/// Names of one kind taken so far, and by what.
#[derive(Debug, Default)]
struct Taken {
    names: BTreeMap<SmolStr, String>,
}

impl Taken {
    /// Takes a name for something; what had it before, if it was taken.
    fn take(&mut self, name: impl Into<SmolStr>, what: String) -> Option<String> {
        match self.names.entry(name.into()) {
            Entry::Occupied(taken) => Some(taken.get().clone()),
            Entry::Vacant(free) => {
                free.insert(what);
                None
            }
        }
    }
}

/// Reports root fields of queries, or else of mutations, that would have one name.
pub(super) fn check_roots(collections: &[(SmolStr, RootNames)], problems: &mut Problems) {
    let mut queries = Taken::default();
    let mut mutations = Taken::default();
    for (type_name, names) in collections {
        let lists = upper_first(&names.list);
        let fields = [
            (&names.single, type_name.as_str(), names.single_at, "one"),
            (&names.list, &lists, names.list_at, "the list of"),
        ];
        for (query, mutation, at, what) in fields {
            let what = format!("{what} `{type_name}`");
            let create = format_smolstr!("create{mutation}");
            let other = queries.take(query.clone(), what.clone());
            let other = other.map(|other| (query, other)).or_else(|| {
                let other = mutations.take(create.clone(), what.clone());
                other.map(|other| (&create, other))
            });
            if let Some((name, other)) = other {
                let message = format!("two root fields are called `{name}`: {other} and {what}");
                problems
                    .error(at, message)
                    .hint("name one otherwise: `@collection(list: …)` or `@collection(single: …)`");
            }
        }
    }
}

/// Reports types whose names the API makes up for other types.
pub(super) fn check_types(
    outline: &Outline<'_>,
    roots: &[(SmolStr, RootNames)],
    problems: &mut Problems,
) {
    let declared: BTreeMap<&str, Pos> = outline.names().collect();
    let mut made_up = Taken::default();
    for (name, at) in outline.names() {
        let root = roots.iter().find(|(type_name, _)| type_name == name);
        // Two of these with one name come from two root fields of one name, which have been reported.
        let of_roots = root.map(|(_, root)| of_root_fields(name, &root.list));
        let others = made_up_for(name, outline);
        for made in of_roots.iter().flatten().chain(&others) {
            if let Some(at) = declared.get(made.as_str()) {
                let message = format!("the API adds a type `{made}` to `{name}`");
                problems.error(*at, message).hint("rename this type");
            }
        }
        for made in others {
            if let Some(other) = made_up.take(made.clone(), format!("`{name}`")) {
                let message = format!("the API adds a type `{made}` to both {other} and `{name}`");
                problems.error(at, message).hint("rename one of the two");
            }
        }
    }
}

/// The types that the API adds to one of the file, but for [`of_root_fields`].
fn made_up_for(name: &str, outline: &Outline<'_>) -> Vec<SmolStr> {
    match outline.meaning(name) {
        Some(Named::Collection(_)) => with_endings(name, &OF_COLLECTION),
        Some(Named::Embedded(_)) => with_endings(name, &OF_EMBEDDED),
        Some(Named::Enum(_)) => with_endings(name, &OF_LEAF),
        _ => Vec::new(),
    }
}

fn with_endings(name: &str, endings: &[&str]) -> Vec<SmolStr> {
    let endings = endings.iter();
    endings
        .map(|ending| format_smolstr!("{name}{ending}"))
        .collect()
}

/// What mutations answer and a live list tells.
fn of_root_fields(type_name: &str, list: &str) -> [SmolStr; 5] {
    let list = upper_first(list);
    [
        format_smolstr!("{list}Event"),
        format_smolstr!("Create{type_name}Payload"),
        format_smolstr!("Create{list}Payload"),
        format_smolstr!("Update{type_name}Payload"),
        format_smolstr!("Delete{type_name}Payload"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lower_camel_keeps_words() {
        for (name, expected) in [
            ("Order", "order"),
            ("OrderLine", "orderLine"),
            ("URLEntry", "urlEntry"),
            ("URL", "url"),
            ("order", "order"),
            ("_Order", "_Order"),
        ] {
            assert_eq!(lower_camel(name), expected);
        }
    }
}
