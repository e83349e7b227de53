//! What the cloud's failures mean to a caller of the store.

use crate::cloudbase::{self, Code, Refusal, Retry};
use crate::data::{CollectionName, Direction, Index, IndexKeys, Order};
use crate::store::{CollectionSpec, Error};

/// What a failed request on a collection means. `spec`: what is known of the collection.
pub(super) fn meaning(
    collection: &CollectionName,
    spec: Option<&CollectionSpec>,
    error: cloudbase::Error,
) -> Error {
    if let cloudbase::Error::Refused(refusal) = &error {
        if refusal.code == Some(Code::DatabaseCollectionNotExist) {
            return Error::Failed(
                format!(
                    "the cloud has no collection `{collection}`; create it in the console, or with \
                     `cloudbase-graphql doctor --apply`"
                )
                .into(),
            );
        }
        if is_duplicate(refusal) {
            return Error::Duplicate {
                collection: collection.clone(),
                fields: fields(spec, &refusal.message),
            };
        }
    }
    let may_help_to_wait = match &error {
        cloudbase::Error::Malformed(_) | cloudbase::Error::Unable(_) => false,
        // Its answer to whatever the database does not take.
        cloudbase::Error::Refused(refusal) if refusal.code == Some(Code::DatabaseRequestFailed) => {
            false
        }
        cloudbase::Error::Refused(_) => {
            // Others are in the way for a moment, even of a read.
            is_conflict(&error)
                || matches!(
                    error.retry(),
                    Retry::Safe | Retry::Slower | Retry::Ambiguous
                )
        }
        _ => true,
    };
    match may_help_to_wait {
        true => Error::Unavailable {
            reason: error.to_string(),
            retry_after: error.retry_after(),
        },
        false => Error::Failed(Box::new(error)),
    }
}

/// A write of which it is not known whether it was carried out.
pub(super) fn unknown(error: &cloudbase::Error) -> Error {
    Error::OutcomeUnknown(error.to_string())
}

/// A write that others were in the way of, each time that it was tried.
pub(super) fn conflict() -> Error {
    Error::unavailable("others write the same documents all the time; nothing was written")
}

/// Values with names that are operators or types to the database.
pub(super) fn unstorable() -> Error {
    Error::Failed("the database cannot hold names that begin with `$`; nothing was written".into())
}

/// A transaction of which a request was not answered.
pub(super) fn interrupted() -> Error {
    Error::unavailable("the cloud did not answer within a transaction; nothing was written")
}

/// Whether the write that failed so may have been carried out.
pub(super) fn is_ambiguous(error: &cloudbase::Error) -> bool {
    error.retry() == Retry::Ambiguous || is_unknown_word(error)
}

/// Whether it is a refusal in a word that we do not know: of a write it may say that somebody gave up waiting for it.
pub(super) fn is_unknown_word(error: &cloudbase::Error) -> bool {
    matches!(error, cloudbase::Error::Refused(refusal)
        if refusal.code.is_none() && refusal.word.parse::<u16>().is_err())
}

/// Whether others were in the way of a transaction, or it ended too early: nothing was carried out.
pub(super) fn is_conflict(error: &cloudbase::Error) -> bool {
    matches!(
        error.code(),
        Some(Code::DatabaseTransactionConflict | Code::DatabaseTransactionFail)
    )
}

/// Only REST has a code for it; elsewhere the database's own words tell.
fn is_duplicate(refusal: &Refusal) -> bool {
    refusal.code == Some(Code::DatabaseDuplicateWrite) || refusal.message.contains("E11000")
}

/// The fields of the unique index that a message names: `E11000 duplicate key error collection: … index: a_1_b_-1 dup
/// key: { a: 1, b: 2 }`, of which older servers leave out the names in the braces.
fn fields(spec: Option<&CollectionSpec>, message: &str) -> Vec<String> {
    let name = message.split_once("index: ").map_or("", |(_, rest)| rest);
    let name = name.split_whitespace().next().unwrap_or_default();
    if name.starts_with("_id") {
        return vec!["_id".to_owned()];
    }
    let indexes = spec.map_or(&[][..], |spec| &spec.indexes);
    let unique = indexes.iter().filter(|index| index.unique);
    let named = unique
        .filter_map(ordered)
        .find(|order| is_named(order, name));
    if let Some(order) = named {
        return order.keys.iter().map(|key| key.path.to_string()).collect();
    }
    match told(message) {
        names if names.is_empty() => vec!["_id".to_owned()],
        names => names,
    }
}

fn ordered(index: &Index) -> Option<&Order> {
    match &index.keys {
        IndexKeys::Ordered(order) => Some(order),
        IndexKeys::Geo(_) => None,
    }
}

/// Whether an index on these keys may have this name: the database's own (`a_1_b_-1`), or that of the fields (`a_b`).
fn is_named(order: &Order, name: &str) -> bool {
    let spelled = |key: &crate::data::OrderKey| match key.direction {
        Direction::Ascending => format!("{}_1", key.path),
        Direction::Descending => format!("{}_-1", key.path),
    };
    let with_directions: Vec<String> = order.keys.iter().map(spelled).collect();
    let fields: Vec<String> = order.keys.iter().map(|key| key.path.to_string()).collect();
    name == with_directions.join("_") || name == fields.join("_")
}

/// The names in `dup key: { a: 1, b: "x, y: 2" }`.
fn told(message: &str) -> Vec<String> {
    let Some((_, rest)) = message.split_once("dup key: {") else {
        return Vec::new();
    };
    let mut names = Vec::new();
    let mut name = Some(String::new());
    let mut depth = 0_usize;
    let mut quote = None;
    let mut letters = rest.chars();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(_), '\\') => drop(letters.next()),
            (Some(open), close) if open == close => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') if name.is_none() => quote = Some(letter),
            (None, '{' | '[' | '(') => depth += 1,
            (None, '}' | ']' | ')') if depth > 0 => depth -= 1,
            (None, '}') => break,
            (None, ',') if depth == 0 => name = Some(String::new()),
            (None, ':') if depth == 0 => names.extend(name.take()),
            (None, letter) => name.iter_mut().for_each(|name| name.push(letter)),
        }
    }
    names.retain_mut(|name| {
        *name = name.trim().to_owned();
        !name.is_empty()
    });
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{OrderKey, Path};

    fn refused(code: Option<Code>, message: &str) -> cloudbase::Error {
        cloudbase::Error::Refused(Refusal {
            code,
            word: code.map_or("X", Code::as_str).to_owned(),
            message: message.to_owned(),
            request_id: None,
        })
    }

    fn spec() -> CollectionSpec {
        let key = |name: &str| OrderKey::ascending(Path::parse(name).expect("a path"));
        let unique = |keys: Vec<OrderKey>| Index {
            keys: IndexKeys::Ordered(Order { keys }),
            unique: true,
        };
        CollectionSpec {
            name: CollectionName::parse("users").expect("a name"),
            indexes: vec![
                unique(vec![key("code")]),
                unique(vec![key("a.b"), key("c").into_descending()]),
            ],
        }
    }

    trait Descending {
        fn into_descending(self) -> Self;
    }

    impl Descending for OrderKey {
        fn into_descending(self) -> Self {
            OrderKey::descending(self.path)
        }
    }

    #[test]
    fn duplicates_name_their_fields() {
        let cases = [
            ("index: _id_ dup key: { _id: \"x\" }", "_id"),
            ("index: code_1 dup key: { : 1 }", "code"),
            ("index: code dup key: { : 1 }", "code"),
            ("index: a.b_1_c_-1 dup key: { a.b: 1, c: 2 }", "a.b c"),
            (
                "index: by_console dup key: { x: 1, y.z: \"a, b: } 2\" }",
                "x y.z",
            ),
            (
                "index: by_console dup key: { x: { k: [1, 2] }, y: ObjectId('5f') }",
                "x y",
            ),
            ("index: by_console dup key: { : 1 }", "_id"),
            ("", "_id"),
        ];
        let spec = spec();
        for (text, expected) in cases {
            let message =
                format!("[FailedOperation] E11000 duplicate key error collection: users {text}");
            let error = refused(Some(Code::DatabaseRequestFailed), &message);
            match meaning(&spec.name, Some(&spec), error) {
                Error::Duplicate { fields, .. } => assert_eq!(fields.join(" "), expected, "{text}"),
                other => panic!("{text}: {other}"),
            }
        }
        let rest = refused(Some(Code::DatabaseDuplicateWrite), "");
        assert!(matches!(
            meaning(&spec.name, None, rest),
            Error::Duplicate { .. }
        ));
    }

    #[test]
    fn a_missing_collection_is_told_with_what_to_do() {
        let error = refused(Some(Code::DatabaseCollectionNotExist), "no");
        let told = meaning(&spec().name, None, error).to_string();
        assert!(
            told.contains("`users`") && told.contains("doctor --apply"),
            "{told}"
        );
    }
}
