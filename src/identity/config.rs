//! What an operator says of access tokens.

use std::time::Duration;

/// Whose tokens are taken, and how they are verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The id of the environment whose users may ask: `aud` of their tokens.
    pub env: String,
    /// Scheme and authority of the server that users sign in at, without a slash at the end.
    pub url: String,
    /// What `iss` may be.
    pub issuers: Vec<String>,
    /// How far our clock may be from that of whoever issues tokens.
    pub leeway: Duration,
    /// How long keys are used before they are fetched anew.
    pub keys_max_age: Duration,
    pub introspect: Introspect,
    /// How long a staff member who signs out may go on.
    pub introspect_max_age: Duration,
}

/// About whose tokens the server that users sign in at is asked, besides the signature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Introspect {
    /// About nobody's: whoever has signed out goes on until their token expires.
    Off,
    /// About those of whoever holds staff roles.
    #[default]
    Staff,
}

impl Config {
    /// Tokens of this environment of the cloud.
    pub fn new(env: &str) -> Self {
        let url = format!("https://{env}.api.tcloudbasegateway.com");
        Self {
            env: env.to_owned(),
            // As its tokens name it, seen in several environments; what older ones say is not documented.
            issuers: vec![url.clone()],
            url,
            leeway: Duration::from_secs(60),
            keys_max_age: Duration::from_secs(60 * 60),
            introspect: Introspect::default(),
            introspect_max_age: Duration::from_secs(60),
        }
    }
}
