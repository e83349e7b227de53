//! How much each caller may ask for, as an operator sets it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::level::Level;
use crate::data::{Caller, Identity, LoginType, Role};
use crate::gateway::{BulkRequest, PageRequest, Rate};
use crate::graphql::intake;
use crate::graphql::trusted::DocumentMode;

/// What callers of one level may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Of the document.
    pub bytes: usize,
    pub tokens: usize,
    /// Fields inside fields, fragments followed.
    pub depth: usize,
    /// Fields under another name, with every fragment written out.
    pub aliases: usize,
    pub root_fields: usize,
    pub directives: usize,
    /// Fields and fragments, with every fragment written out.
    pub selections: usize,
    /// Fields of the answer, were every page full.
    pub complexity: u64,
    /// Documents of one page.
    pub page: u64,
    /// Documents that one bulk mutation may write.
    pub batch: u64,
    /// The largest answer, in bytes: a short document can ask for one long text many thousand times.
    pub answer: usize,
    /// How often operations may begin, of each caller; of those who are not signed in, of each address.
    pub rate: Option<Rate>,
    /// Operations that one of them has under way at one time; live ones count until they are open.
    pub concurrent: Option<usize>,
    /// How long an operation may take.
    pub timeout: Option<Duration>,
    /// Whether `__schema` and `__type` are answered.
    pub introspection: bool,
    /// Whether errors tell what the API has and a document does not: names of types, fields and values.
    pub suggestions: bool,
    /// Which documents they may ask for. A permission, not a limit: it holds in either [`Mode`].
    pub documents: DocumentMode,
}

impl Allowance {
    /// The most fields that the answer of any operation may have, were every page full.
    pub const MAX_COMPLEXITY: u64 = 1_000_000;

    /// Of each limit what is more.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            bytes: self.bytes.max(other.bytes),
            tokens: self.tokens.max(other.tokens),
            depth: self.depth.max(other.depth),
            aliases: self.aliases.max(other.aliases),
            root_fields: self.root_fields.max(other.root_fields),
            directives: self.directives.max(other.directives),
            selections: self.selections.max(other.selections),
            complexity: self.complexity.max(other.complexity),
            page: self.page.max(other.page),
            batch: self.batch.max(other.batch),
            answer: self.answer.max(other.answer),
            rate: more(self.rate, other.rate, |one, other| Rate {
                per_second: one.per_second.max(other.per_second),
                burst: one.burst.max(other.burst),
            }),
            concurrent: more(self.concurrent, other.concurrent, usize::max),
            timeout: more(self.timeout, other.timeout, Duration::max),
            introspection: self.introspection || other.introspection,
            suggestions: self.suggestions || other.suggestions,
            documents: self.documents.min(other.documents),
        }
    }
}

/// Where `None` is without a limit.
fn more<T>(one: Option<T>, other: Option<T>, max: impl Fn(T, T) -> T) -> Option<T> {
    Some(max(one?, other?))
}

impl Default for Allowance {
    fn default() -> Self {
        let intake = intake::Limits::default();
        Self {
            bytes: intake.bytes,
            tokens: intake.tokens,
            depth: intake.depth,
            aliases: intake.aliases,
            root_fields: intake.root_fields,
            directives: intake.directives,
            selections: intake.selections,
            complexity: Self::MAX_COMPLEXITY,
            page: PageRequest::MAX,
            batch: BulkRequest::MAX,
            answer: 16 << 20,
            rate: None,
            concurrent: None,
            timeout: None,
            introspection: true,
            suggestions: true,
            documents: DocumentMode::Any,
        }
    }
}

/// What becomes of an operation that goes beyond its caller's limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// It is refused.
    #[default]
    Enforce,
    /// It runs, and the log says what it would have been refused for: to find out what limits fit.
    Measure,
}

/// The limits of all levels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    pub mode: Mode,
    /// Not signed in.
    pub guest: Allowance,
    /// Signed in anonymously, if that is not the same as signed in.
    pub anonymous: Option<Allowance>,
    /// Signed in, without a staff role.
    pub user: Allowance,
    /// With staff roles that are not among `roles`.
    pub staff: Allowance,
    pub roles: BTreeMap<Role, Allowance>,
    /// How often each address may ask for anything, before anybody looks at what.
    pub address_rate: Option<Rate>,
    /// Sockets of each address that have not said yet who they speak for.
    pub address_sockets: Option<usize>,
}

impl Limits {
    /// The same for everybody.
    pub fn same(allowance: Allowance) -> Self {
        Self {
            guest: allowance,
            user: allowance,
            staff: allowance,
            ..Self::default()
        }
    }

    /// What a caller may ask for. With several roles it is the most that any of them gives.
    pub fn of(&self, caller: &Caller) -> (Level, Allowance) {
        let user = match &caller.identity {
            Identity::None => return (Level::Guest, self.guest),
            Identity::User(user) => user,
        };
        let of_role = |role: &Role| self.roles.get(role).copied().unwrap_or(self.staff);
        match caller.roles.iter().map(of_role).reduce(Allowance::or) {
            Some(allowance) => (Level::of_roles(&caller.roles), allowance),
            None => match self.anonymous {
                Some(anonymous) if user.login_type == LoginType::Anonymous => {
                    (Level::Anonymous, anonymous)
                }
                _ => (Level::User, self.user),
            },
        }
    }

    /// The most that anybody may ask for: what is larger is not looked at any further, whoever sends it.
    pub(in crate::graphql) fn ceiling(&self) -> Allowance {
        self.levels().fold(self.guest, Allowance::or)
    }

    /// Whether anybody may ask for registered documents only.
    pub fn ask_for_trust(&self) -> bool {
        self.levels()
            .any(|level| level.documents != DocumentMode::Any)
    }

    fn levels(&self) -> impl Iterator<Item = Allowance> {
        let some = [self.guest, self.user, self.staff].into_iter();
        some.chain(self.anonymous)
            .chain(self.roles.values().copied())
    }
}

impl From<Allowance> for intake::Limits {
    fn from(most: Allowance) -> Self {
        Self {
            bytes: most.bytes,
            tokens: most.tokens,
            depth: most.depth,
            selections: most.selections,
            aliases: most.aliases,
            root_fields: most.root_fields,
            directives: most.directives,
            ..Self::default()
        }
    }
}
