//! What an operator says about keys, secrets and users.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::ticket::TicketKey;
use super::user::User;

/// Who has which right, and how long what is given out is good.
#[derive(Clone)]
pub struct Config {
    /// Secret ids with their keys. With neither these nor [`Config::api_keys`] every signature is taken, and every text
    /// that is no token counts as a key: whoever asks is an administrator. With either, only what is configured counts.
    pub secrets: BTreeMap<String, String>,
    /// Keys of administrators.
    pub api_keys: Vec<String>,
    /// Keys that clients have before anybody signed in: as the anonymous user, but nobody in particular.
    pub publishable_keys: Vec<String>,
    /// What the tickets of the custom login are signed with. None: tickets are taken unverified, as long as everybody is
    /// believed.
    pub custom_login: Option<TicketKey>,
    /// Users who sign in with a password, and what else is known of users who sign in otherwise.
    pub users: Vec<User>,
    /// 7200 s in the cloud.
    pub access_token_life: Duration,
    /// About 30 days in the cloud.
    pub refresh_token_life: Duration,
    /// Whether signatures end as they say (after 10 or 15 minutes). Whether the cloud insists is not documented, and
    /// a laptop's clock may be wrong or stand still in a test, so this is off unless asked for.
    pub check_signature_age: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            secrets: BTreeMap::new(),
            api_keys: Vec::new(),
            publishable_keys: Vec::new(),
            custom_login: None,
            users: Vec::new(),
            access_token_life: Duration::from_secs(7200),
            refresh_token_life: Duration::from_secs(30 * 24 * 3600),
            check_signature_age: false,
        }
    }
}

impl Config {
    /// Whether nobody said whom to believe, so that everybody is.
    pub fn is_credulous(&self) -> bool {
        self.secrets.is_empty() && self.api_keys.is_empty()
    }
}

/// Ids and numbers; nothing secret.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("secrets", &self.secrets.keys().collect::<Vec<_>>())
            .field("api_keys", &self.api_keys.len())
            .field("publishable_keys", &self.publishable_keys.len())
            .field("custom_login", &self.custom_login)
            .field("users", &self.users)
            .field("access_token_life", &self.access_token_life)
            .field("refresh_token_life", &self.refresh_token_life)
            .field("check_signature_age", &self.check_signature_age)
            .finish()
    }
}
