//! Lists of documents as the tools write them that collect those of a client.
//!
//! Relay and graphql-codegen write an object from hash to text, Apollo's `generate-persisted-query-manifest` one with
//! a list `operations`. Each document has to be named by the SHA-256 of its text: a client that asks by another id
//! would be refused, and whoever can write the list could let one document pass for another.

use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::DocumentId;

/// One that is to be registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    pub text: String,
    /// Where it stands, as an operator would say it.
    pub source: String,
}

const APOLLO: &str = "apollo-persisted-query-manifest";

#[derive(Deserialize)]
struct Apollo {
    format: String,
    version: u64,
    operations: Vec<Operation>,
}

/// Its `type` plays no part here.
#[derive(Deserialize)]
struct Operation {
    id: String,
    #[serde(default)]
    name: Option<String>,
    body: String,
}

/// Reads a list of documents; `file` is what it is called.
///
/// # Errors
/// What is wrong, and where.
pub fn read(file: &str, json: &str) -> Result<Vec<Document>, String> {
    let members: Map<String, Json> = serde_json::from_str(json).map_err(|error| {
        format!("`{file}` is no list of documents: write an object from the SHA-256 of each text to the text ({error})")
    })?;
    // No hash is spelled like that.
    if members.contains_key("format") {
        return apollo(file, members);
    }
    let read = |(key, value): (String, Json)| match value {
        Json::String(text) => document(file, &key, None, text),
        _ => Err(format!(
            "`{key}` in `{file}` is not a text: write an object from the SHA-256 of each text to the text"
        )),
    };
    members.into_iter().map(read).collect()
}

fn apollo(file: &str, members: Map<String, Json>) -> Result<Vec<Document>, String> {
    let manifest = Apollo::deserialize(Json::Object(members))
        .map_err(|error| format!("`{file}` is no manifest of persisted queries: {error}"))?;
    if (manifest.format.as_str(), manifest.version) != (APOLLO, 1) {
        return Err(format!(
            "`{file}` has the format `{}` {}: only `{APOLLO}` 1 is read",
            manifest.format, manifest.version
        ));
    }
    let operations = manifest.operations.into_iter();
    operations
        .map(|one| document(file, &one.id, one.name.as_deref(), one.body))
        .collect()
}

fn document(file: &str, key: &str, name: Option<&str>, text: String) -> Result<Document, String> {
    let source = format!("`{}` in `{file}`", name.unwrap_or(key));
    let id = DocumentId::parse(key).or_else(|| DocumentId::from_hex(key));
    match id {
        Some(id) if id == DocumentId::of(&text) => Ok(Document { text, source }),
        Some(_) => Err(format!(
            "{source} is not named by the SHA-256 of its text, which is `{}`: was the text changed, or the hash taken of another form of it?",
            DocumentId::of(&text)
        )),
        None => Err(format!(
            "{source}: `{key}` is no id of a document; let the SHA-256 of the text be its id, here `{}`",
            DocumentId::of(&text)
        )),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TEXT: &str = "query Me { me { id } }";

    #[test]
    fn every_format_gives_its_documents() {
        let id = DocumentId::of(TEXT).to_string();
        let hex = id.trim_start_matches("sha256:");
        let operation = json!({"id": hex, "name": "Me", "type": "query", "body": TEXT});
        for (list, name) in [
            (json!({hex: TEXT}), hex),
            (json!({&id: TEXT}), &id),
            (
                json!({"format": APOLLO, "version": 1, "operations": [operation]}),
                "Me",
            ),
        ] {
            let documents = read("list.json", &list.to_string()).expect("documents");
            let source = format!("`{name}` in `list.json`");
            let text = TEXT.to_owned();
            assert_eq!(documents, [Document { text, source }]);
        }
        assert_eq!(read("list.json", "{}"), Ok(Vec::new()));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let hash = DocumentId::of(TEXT).to_string();
        let other = DocumentId::of("other").to_string();
        let mut operation = json!({"id": "Me:1", "name": "Me", "type": "query", "body": TEXT});
        let apollo = |version: u64, operation: &Json| json!({"format": APOLLO, "version": version, "operations": [operation]});
        let custom = apollo(1, &operation);
        operation["id"] = hash.clone().into();
        let newer = apollo(2, &operation);
        let bodyless = apollo(1, &json!({"id": hash}));
        for (list, told) in [
            (json!([]), "`list.json` is no list of documents"),
            (json!({&hash: 1}), "is not a text"),
            (json!({"Me": TEXT}), "`Me` is no id of a document"),
            (
                json!({&other: TEXT}),
                "is not named by the SHA-256 of its text",
            ),
            (json!({&other: TEXT}), &hash),
            (custom, "`Me` in `list.json`: `Me:1` is no id of a document"),
            (newer, "only `apollo-persisted-query-manifest` 1 is read"),
            (
                bodyless,
                "`list.json` is no manifest of persisted queries: missing field `body`",
            ),
            (
                json!({"format": "other", "version": 1, "operations": []}),
                "the format `other` 1",
            ),
            (json!({"format": 1}), "is no manifest"),
        ] {
            let message = read("list.json", &list.to_string()).expect_err("a mistake");
            assert!(message.contains(told), "{message}\n{told}");
        }
        assert!(read("list.json", "{").is_err());
    }
}
