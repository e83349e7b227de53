//! Who may do what, as the model declares it; and which of its clauses speak for a caller.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::{Clause, Settings, UnauthenticatedAccess};
use crate::data::{Caller, CollectionName, Path, Role};
use crate::rules::{Operation, Rule};

/// Who may do what with the documents of one collection.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The collection's permission; `Custom` = `rules`.
    pub permission: Permission,
    /// The four `@rule` entries after the fallback to `write` was followed; `None` = refused.
    pub rules: Rules,
    /// What staff roles may do besides.
    pub grants: Vec<Grant>,
}

/// The console's names of the permissions (简易权限), and 自定义安全规则.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// `READONLY`: everyone signed in reads, the creator writes.
    ReadOnly,
    /// `PRIVATE`: the creator reads and writes.
    Private,
    /// `ADMINWRITE`: everyone signed in reads.
    AdminWrite,
    /// `ADMINONLY`: nobody.
    AdminOnly,
    /// `CUSTOM`: what the rules say.
    Custom,
}

/// One rule an operation; `None` = not named.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// For get, list, count and watch.
    pub read: Option<Rule>,
    /// For new documents.
    pub create: Option<Rule>,
    /// For changes of documents.
    pub update: Option<Rule>,
    /// For removing documents.
    pub delete: Option<Rule>,
}

/// Rules that hold for one staff role.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Callers who hold it, also by inclusion.
    pub role: Role,
    /// What they may do.
    pub rules: Rules,
}

/// The policy of one field. Per operation: if neither its rule nor any of its grants names the
/// operation, the field inherits the document's decision; otherwise both must hold.
#[derive(Clone, Debug, Default)]
pub struct FieldPolicy {
    /// The field's `@rule`.
    pub rules: Rules,
    /// The field's `@grant`s.
    pub grants: Vec<Grant>,
}

/// A clause that speaks for a caller.
pub(super) type Spoken<'a> = (Clause, &'a Rule);

impl Rules {
    /// The rule of an operation.
    pub fn get(&self, operation: Operation) -> Option<&Rule> {
        match operation {
            Operation::Read => self.read.as_ref(),
            Operation::Create => self.create.as_ref(),
            Operation::Update => self.update.as_ref(),
            Operation::Delete => self.delete.as_ref(),
        }
    }
}

impl Policy {
    /// All rules that may decide the operation for some caller, whoever it is.
    pub fn rules(&self, operation: Operation) -> impl Iterator<Item = &Rule> {
        self.own_rule_of_anyone(operation)
            .into_iter()
            .chain(granted(&self.grants, operation))
    }

    /// Whether deciding may need documents of other collections.
    pub fn uses_get(&self, operation: Operation) -> bool {
        self.rules(operation).any(Rule::uses_get)
    }

    /// The collections whose documents deciding may need.
    pub fn gets(&self, operation: Operation) -> BTreeSet<&CollectionName> {
        self.rules(operation).flat_map(Rule::gets).collect()
    }

    /// Whether the decision may change as time passes.
    pub fn uses_now(&self, operation: Operation) -> bool {
        self.rules(operation).any(Rule::uses_now)
    }

    /// The rule that the permission is for a caller; `None` refuses.
    pub(super) fn own_rule(&self, operation: Operation, caller: &Caller) -> Option<&Rule> {
        self.rule_with(operation, owner_rule(caller))
    }

    /// The rule that the permission is, whoever asks. (Which identity creators are recognised by makes no difference here.)
    pub(super) fn own_rule_of_anyone(&self, operation: Operation) -> Option<&Rule> {
        self.rule_with(operation, &OWNER_BY_OPENID)
    }

    /// The same, `owner` being the rule that recognises creators.
    fn rule_with<'a>(&'a self, operation: Operation, owner: &'a Rule) -> Option<&'a Rule> {
        match (self.permission, operation) {
            (Permission::Custom, _) => self.rules.get(operation),
            (Permission::AdminOnly, _) => None,
            (Permission::AdminWrite | Permission::ReadOnly, Operation::Read) => Some(&ANYONE),
            (Permission::AdminWrite, _) => None,
            // Whoever creates a document becomes its owner.
            (Permission::ReadOnly | Permission::Private, Operation::Create) => Some(&ANYONE),
            (Permission::ReadOnly | Permission::Private, _) => Some(owner),
        }
    }

    /// Whether no clause at all speaks for the caller: then the answer is no, whatever the document.
    pub fn is_silent(&self, operation: Operation, caller: &Caller, settings: Settings) -> bool {
        self.spoken(operation, caller, settings).next().is_none()
    }

    /// The clauses that speak for the caller, the collection's own first.
    pub(super) fn spoken<'a>(
        &'a self,
        operation: Operation,
        caller: &'a Caller,
        settings: Settings,
    ) -> impl Iterator<Item = Spoken<'a>> {
        let own = admits(self.permission, caller, settings)
            .then(|| self.own_rule(operation, caller))
            .flatten();
        let grants: &[Grant] = match caller.signed_in() {
            Some(_) => &self.grants,
            None => &[],
        };
        own.map(|rule| (Clause::Rule, rule))
            .into_iter()
            .chain(held(grants, operation, caller))
    }
}

impl FieldPolicy {
    /// Whether the field has a say of its own in the operation; otherwise it inherits.
    pub fn names(&self, operation: Operation) -> bool {
        self.rules(operation).next().is_some()
    }

    /// All rules that may decide the operation for some caller, whoever it is.
    pub fn rules(&self, operation: Operation) -> impl Iterator<Item = &Rule> {
        self.rules
            .get(operation)
            .into_iter()
            .chain(granted(&self.grants, operation))
    }

    /// Whether deciding may need documents of other collections.
    pub fn uses_get(&self, operation: Operation) -> bool {
        self.rules(operation).any(Rule::uses_get)
    }

    /// The collections whose documents deciding may need.
    pub fn gets(&self, operation: Operation) -> BTreeSet<&CollectionName> {
        self.rules(operation).flat_map(Rule::gets).collect()
    }

    /// Whether the decision may change as time passes.
    pub fn uses_now(&self, operation: Operation) -> bool {
        self.rules(operation).any(Rule::uses_now)
    }

    /// The clauses that speak for the caller, the field's own first.
    pub(super) fn spoken<'a>(
        &'a self,
        operation: Operation,
        caller: &'a Caller,
    ) -> impl Iterator<Item = Spoken<'a>> {
        let own = self.rules.get(operation).map(|rule| (Clause::Rule, rule));
        own.into_iter().chain(held(&self.grants, operation, caller))
    }
}

/// Whether a collection of this permission has a word for the caller at all: who is not signed in is refused,
/// unless the environment says otherwise and there are rules to decide; and so is everyone if the collection is closed.
pub(super) fn admits(permission: Permission, caller: &Caller, settings: Settings) -> bool {
    if settings.is_closed {
        return false;
    }
    let open = settings.unauthenticated == UnauthenticatedAccess::CustomRulesOnly
        && permission == Permission::Custom;
    caller.signed_in().is_some() || open
}

fn held<'a>(
    grants: &'a [Grant],
    operation: Operation,
    caller: &'a Caller,
) -> impl Iterator<Item = Spoken<'a>> {
    grants
        .iter()
        .filter(|grant| caller.roles.contains(&grant.role))
        .filter_map(move |grant| {
            let rule = grant.rules.get(operation)?;
            Some((Clause::Grant(grant.role.clone()), rule))
        })
}

fn granted(grants: &[Grant], operation: Operation) -> impl Iterator<Item = &Rule> {
    grants
        .iter()
        .filter_map(move |grant| grant.rules.get(operation))
}

static ANYONE: LazyLock<Rule> = LazyLock::new(|| Rule::constant(true));
static OWNER_BY_OPENID: LazyLock<Rule> = LazyLock::new(|| owner_by("openid"));
static OWNER_BY_UID: LazyLock<Rule> = LazyLock::new(|| owner_by("uid"));

fn owner_by(member: &str) -> Rule {
    Rule::parse(&format!("doc._openid == auth.{member}")).expect("a comparison of two members")
}

/// `_openid` holds the openid of mini-program users and the uid of web users.
fn owner_rule(caller: &Caller) -> &'static Rule {
    let by_uid = caller.signed_in().is_some_and(|user| user.openid.is_none());
    if by_uid {
        &OWNER_BY_UID
    } else {
        &OWNER_BY_OPENID
    }
}

/// Paths that these rules look at, each once.
pub(super) fn paths_of<'a>(rules: impl Iterator<Item = &'a Rule>) -> Vec<Path> {
    let mut paths = Vec::new();
    for path in rules.flat_map(Rule::paths) {
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    paths
}
