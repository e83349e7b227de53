//! `@rule` and `@grant`: who may do what.

use async_graphql_parser::Positioned;
use async_graphql_value::ConstValue;
use smol_str::SmolStr;

use super::arguments::{Arguments, Directives};
use super::diagnostic::{Problems, Severity};
use super::lookup::{Found, Types};
use super::shape::Draft;
use super::source::Source;
use super::{BaseType, FieldType, RoleType, Scalar, role, spelling};
use crate::access::{FieldPolicy, Grant, Permission, Policy, Rules};
use crate::data::Role;
use crate::rules::{self, FieldKind, Fields, Operation, Rule};

const WRITES: [Operation; 3] = [Operation::Create, Operation::Update, Operation::Delete];

/// Reads the rules of one collection's type and of its fields.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'d, 'a> {
    pub(super) source: &'d Source<'a>,
    pub(super) roles: &'d [RoleType],
    /// Names of all collections, for `get()`.
    pub(super) collections: &'d [SmolStr],
    pub(super) types: Types<'d, 'a>,
    /// The type of the documents that rules are about.
    pub(super) draft: &'d Draft<'a>,
}

impl Reader<'_, '_> {
    /// The policy of the collection.
    pub(super) fn policy(
        &self,
        permission: Permission,
        directives: &Directives<'_>,
        problems: &mut Problems,
    ) -> Policy {
        let rule = directives.one("rule");
        if let Some(rule) = rule.filter(|_| permission != Permission::Custom) {
            problems
                .error(rule.at, "`@rule` counts only with `permission: CUSTOM`")
                .hint("the other permissions of the console have a fixed rule; write `permission: CUSTOM`, or remove the rule");
        }
        Policy {
            permission,
            rules: rule.map_or_else(Rules::default, |rule| self.rules(&rule, problems)),
            grants: self.grants(directives, problems),
        }
    }

    /// The policy of one field; what a document's deletion needs is the type's affair.
    pub(super) fn field_policy(
        &self,
        directives: &Directives<'_>,
        problems: &mut Problems,
    ) -> FieldPolicy {
        let clauses = directives.all("rule").chain(directives.all("grant"));
        for delete in clauses.filter_map(|clause| clause.value("delete")) {
            problems
                .error(delete.pos, "`delete` says nothing on a field")
                .hint("to remove a field's value is an `update`; who may delete documents is said on the type");
        }
        let rule = directives.one("rule");
        let mut policy = FieldPolicy {
            rules: rule.map_or_else(Rules::default, |rule| self.rules(&rule, problems)),
            grants: self.grants(directives, problems),
        };
        policy.rules.delete = None;
        for grant in &mut policy.grants {
            grant.rules.delete = None;
        }
        policy
    }

    fn grants(&self, directives: &Directives<'_>, problems: &mut Problems) -> Vec<Grant> {
        let mut grants: Vec<Grant> = Vec::new();
        for grant in directives.all("grant") {
            let Some(name) = grant.string("role") else {
                continue;
            };
            let role = Role::new(name.node);
            let known = self.roles.iter().map(|declared| declared.role.as_str());
            if !known.clone().any(|known| known == name.node) {
                problems
                    .error(name.pos, format!("unknown role `{}`", name.node))
                    .hint_if(role::unknown_hint(name.node, known));
            }
            if grants.iter().any(|other| other.role == role) {
                problems
                    .error(grant.at, format!("there are two grants for `{role}` here"))
                    .hint("write both into one; alternatives are joined with `||`");
            }
            let rules = self.rules(&grant, problems);
            grants.push(Grant { role, rules });
        }
        grants
    }

    /// The rules of one directive, `create`, `update` and `delete` falling back to `write`.
    fn rules(&self, clause: &Arguments<'_>, problems: &mut Problems) -> Rules {
        let own = |operation| {
            clause
                .value(argument(operation))
                .map(|value| (operation, value))
        };
        let mut rules = Rules::default();
        for (operation, value) in [Operation::Read].into_iter().chain(WRITES).filter_map(own) {
            *slot(&mut rules, operation) = self.rule(value, &[operation], problems);
        }
        if let Some(write) = clause.value("write") {
            let fallen_back: Vec<Operation> = WRITES
                .into_iter()
                .filter(|operation| clause.value(argument(*operation)).is_none())
                .collect();
            if fallen_back.is_empty() {
                problems
                    .warning(write.pos, "this `write` decides nothing")
                    .hint("`create`, `update` and `delete` each have a rule of their own here");
            }
            let rule = self.rule(write, &fallen_back, problems);
            for operation in fallen_back {
                slot(&mut rules, operation).clone_from(&rule);
            }
        }
        let names = ["read", "write", "create", "update", "delete"];
        if names.iter().all(|name| clause.value(name).is_none()) {
            problems
                .error(clause.at, format!("this `@{}` says nothing", clause.name()))
                .hint("name at least one of `read`, `write`, `create`, `update` and `delete`");
        }
        rules
    }

    /// Parses a rule and checks it for the operations it governs; `None` if it was reported.
    fn rule(
        &self,
        value: Positioned<&ConstValue>,
        operations: &[Operation],
        problems: &mut Problems,
    ) -> Option<Rule> {
        let text = match value.node {
            ConstValue::Boolean(constant) => return Some(Rule::constant(*constant)),
            ConstValue::String(text) => text,
            _ => return None,
        };
        let text = Positioned::new(text.as_str(), value.pos);
        let (rule, found) = match Rule::parse(text.node) {
            Ok(rule) => {
                let found = self.check(&rule, operations);
                (Some(rule), found)
            }
            Err(found) => (None, found),
        };
        for problem in found {
            self.report(&problem, text, problems);
        }
        rule
    }

    /// Every problem once, for the operations a rule governs.
    fn check(&self, rule: &Rule, operations: &[Operation]) -> Vec<rules::Problem> {
        let mut found: Vec<rules::Problem> = Vec::new();
        for operation in operations {
            let problems = match operation {
                Operation::Delete if operations.len() > 1 => self.check_fallback(rule),
                operation => rule.check(*operation, self),
            };
            for problem in problems {
                if !found.iter().any(|other| is_same(other, &problem)) {
                    found.push(problem);
                }
            }
        }
        found
    }

    /// What is wrong with a rule that `delete` falls back to. That there is no `request.data` is a warning: the
    /// database takes such a rule too, and what it says of `request.data` is never true.
    fn check_fallback(&self, rule: &Rule) -> Vec<rules::Problem> {
        // All else would be wrong with an update as well.
        let of_update = rule.check(Operation::Update, self);
        let mut problems = rule.check(Operation::Delete, self);
        for problem in &mut problems {
            if !of_update.iter().any(|other| is_same(other, problem)) {
                let help = "`delete` falls back to this rule; give it one of its own";
                problem.help = Some(help.to_owned());
                problem.severity = rules::Severity::Warning;
            }
        }
        problems
    }

    fn report(&self, problem: &rules::Problem, text: Positioned<&str>, problems: &mut Problems) {
        let at = self
            .source
            .inside_string(text.pos, text.node, problem.start);
        let severity = match problem.severity {
            rules::Severity::Error => Severity::Error,
            rules::Severity::Warning => Severity::Warning,
        };
        problems
            .add(severity, at, problem.message.clone())
            .hint_if(problem.help.clone());
    }
}

fn is_same(one: &rules::Problem, other: &rules::Problem) -> bool {
    (one.start, one.end, &one.message) == (other.start, other.end, &other.message)
}

fn argument(operation: Operation) -> &'static str {
    match operation {
        Operation::Read => "read",
        Operation::Create => "create",
        Operation::Update => "update",
        Operation::Delete => "delete",
    }
}

fn slot(rules: &mut Rules, operation: Operation) -> &mut Option<Rule> {
    match operation {
        Operation::Read => &mut rules.read,
        Operation::Create => &mut rules.create,
        Operation::Update => &mut rules.update,
        Operation::Delete => &mut rules.delete,
    }
}

impl Fields for Reader<'_, '_> {
    fn kind(&self, path: &[SmolStr]) -> FieldKind {
        match self.types.find(self.draft, path) {
            Found::Value(ty) => kind(ty),
            Found::Anything => FieldKind::Any,
            Found::Missing { .. } => FieldKind::Unknown,
            Found::BelowList { .. } => FieldKind::ListOfObjects,
        }
    }

    fn suggestions(&self, path: &[SmolStr]) -> Vec<String> {
        let Found::Missing { segment, known } = self.types.find(self.draft, path) else {
            return Vec::new();
        };
        let parents = path[..segment].iter();
        let nearest = spelling::nearest(&path[segment], known.iter().map(SmolStr::as_str));
        let nearest = nearest.or_else(|| self.stored_for(path));
        let spelled = |name: &str| {
            let segments = parents.map(SmolStr::as_str).chain([name]);
            segments.collect::<Vec<_>>().join(".")
        };
        nearest.map(spelled).into_iter().collect()
    }

    fn has_collection(&self, name: &str) -> bool {
        self.collections.iter().any(|collection| collection == name)
    }
}

impl Reader<'_, '_> {
    /// The document's name of a field that was called by its GraphQL name.
    fn stored_for(&self, path: &[SmolStr]) -> Option<&str> {
        let [name] = path else {
            return None;
        };
        let shape = &self.draft.shape;
        shape
            .field_named(name)
            .map(|ix| shape.field(ix).stored.as_str())
    }
}

fn kind(ty: FieldType) -> FieldKind {
    let scalar = match ty.base {
        BaseType::Embedded(_) if ty.list.is_some() => return FieldKind::ListOfObjects,
        BaseType::Embedded(_) => return FieldKind::Object,
        _ if ty.list.is_some() => return FieldKind::ListOfScalars,
        BaseType::Enum(_) => return FieldKind::String,
        BaseType::Scalar(scalar) => scalar,
    };
    match scalar {
        Scalar::String | Scalar::FileId => FieldKind::String,
        Scalar::Int | Scalar::Float | Scalar::EpochMs | Scalar::Long => FieldKind::Number,
        Scalar::Boolean => FieldKind::Bool,
        Scalar::DateTime => FieldKind::Date,
        // An id may be stored as a string, a number or an ObjectId.
        Scalar::Id | Scalar::Json => FieldKind::Any,
        Scalar::GeoPoint => FieldKind::Object,
    }
}
