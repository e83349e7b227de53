//! With what the socket is opened, how much is watched, and how patiently.

use std::time::Duration;

use super::TicketKey;

/// What the socket's signature is asked for with. The cloud documents this for users only and confirms none of the
/// others for servers, so that it has to be tried out with an environment.
#[derive(Clone, Debug, Default)]
pub enum Credential {
    /// The API key as access token.
    #[default]
    ApiKey,
    /// A token for the key pair (`/auth/v1/token/clientCredential`).
    ClientCredential,
    /// As the protocol `/admin`: the API key, or else a signature of the key pair.
    Admin,
    /// A user of the custom login (自定义登录). Collections' permissions decide what it may watch, as for any user.
    Ticket {
        key: TicketKey,
        /// 4 to 32 letters, digits and signs.
        uid: String,
    },
}

#[derive(Clone, Debug)]
pub struct Config {
    pub credential: Credential,
    pub max_watches_per_socket: usize,
    /// One more for each is open for a moment while it is replaced.
    pub max_sockets: usize,
    /// Lists with more documents than this are not watched.
    pub max_limit: u64,
    /// The `Origin` that the socket is opened with, if the environment asks for one of its security domains.
    pub web_origin: Option<String>,
    pub timing: Timing,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            credential: Credential::default(),
            max_watches_per_socket: 50,
            max_sockets: 2,
            max_limit: 200,
            web_origin: None,
            timing: Timing::default(),
        }
    }
}

/// When what is done. The defaults are those of the cloud's own clients where these have any.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// After this long without a word the other side is asked for a sign of life.
    pub ping_after: Duration,
    /// After this long without a word a socket is given up.
    pub dead_after: Duration,
    /// After this long without a word about a watch it is asked whether something was missed.
    pub check_after: Duration,
    /// How long opening a socket may take, its signature included.
    pub open_within: Duration,
    pub login_within: Duration,
    /// How long the answer about a watch may take.
    pub answer_within: Duration,
    /// The pause after a first failure; each further one is twice as long.
    pub shortest_pause: Duration,
    pub longest_pause: Duration,
    /// A socket that lived this long was a good one: pauses begin anew.
    pub proven_after: Duration,
    /// For how long a watch can be taken up where it was; later it begins anew.
    pub rebuild_within: Duration,
    /// A socket of this age is replaced, or earlier if its token ends.
    pub rotate_after: Duration,
    /// Failures of a watch within this time that make it rest.
    pub trouble_within: Duration,
    pub max_troubles: usize,
    /// How long a watch rests that was refused, or failed too often, before it is tried again.
    pub rest: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            ping_after: Duration::from_secs(10),
            dead_after: Duration::from_secs(15),
            check_after: Duration::from_secs(15),
            open_within: Duration::from_secs(20),
            login_within: Duration::from_secs(5),
            answer_within: Duration::from_secs(10),
            shortest_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(30),
            proven_after: Duration::from_secs(60),
            rebuild_within: Duration::from_secs(120),
            rotate_after: Duration::from_secs(90 * 60),
            trouble_within: Duration::from_secs(300),
            max_troubles: 3,
            rest: Duration::from_secs(600),
        }
    }
}
