//! Who may do what with a collection.

use serde::{Deserialize, Serialize};

use super::envelope::Action;
use crate::cloudbase::client::Client;
use crate::cloudbase::error::{Error, Refusal, Result};
use crate::data::CollectionName;

/// A collection's permission as the cloud has it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SafeRule {
    /// `READONLY`, `PRIVATE`, `ADMINWRITE`, `ADMINONLY` or `CUSTOM`.
    pub acl_tag: String,
    /// The JSON text of the rules of `CUSTOM`.
    pub rule: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Question<'a> {
    env_id: &'a str,
    collection_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    wx_app_id: Option<&'a str>,
}

const RULE: Action = Action::look("DescribeSafeRule");

/// The older action, which tells the tag only.
const TAG: Action = Action::look("DescribeDatabaseACL");

pub(super) async fn describe(client: &Client, collection: &CollectionName) -> Result<SafeRule> {
    let config = client.config();
    let question = Question {
        env_id: &config.env,
        collection_name: collection.as_str(),
        wx_app_id: config.wx_app_id.as_deref(),
    };
    let subject = collection.as_str();
    match RULE.call(client, subject, &question).await {
        Err(Error::Refused(refusal)) if is_out_of_reach(&refusal) => {
            TAG.call(client, subject, &question).await
        }
        told => told,
    }
}

/// Whether the action itself is refused, rather than this question. Which key pairs may call the newer one is not
/// documented.
fn is_out_of_reach(refusal: &Refusal) -> bool {
    const WORDS: [&str; 3] = [
        "InvalidAction",
        "UnauthorizedOperation",
        "UnsupportedOperation",
    ];
    WORDS.iter().any(|word| refusal.word.starts_with(word))
}
