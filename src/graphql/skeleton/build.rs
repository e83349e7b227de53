//! From a validated document to the [`Skeleton`] of one of its operations.

use std::collections::HashMap;

use async_graphql_parser::types::{
    self as ast, BaseType, ExecutableDocument, FragmentDefinition, OperationDefinition,
    OperationType, SelectionSet,
};
use async_graphql_parser::{Pos, Positioned};
use async_graphql_value::{Name, Value};
use indexmap::IndexMap;
use rustc_hash::FxHashSet;
use smallvec::SmallVec;
use smol_str::SmolStr;

use super::same::same_arguments;
use super::{
    Argument, ConditionIx, Conditions, DefinitionIx, Field, Occurrence, OperationKind, Selection,
    Skeleton, Variable, What,
};
use crate::graphql::api::{Api, FieldDef, ObjectDef, Type, TypeDef};
use crate::graphql::error::{Code, Error};

/// How many selections an operation may have once its fragments are written
/// out. The take-in counts them first; this bound makes the claim local.
const SELECTIONS_MAX: u32 = 100_000;

/// Resolves the chosen operation of a document, and checks all others too.
///
/// The document has passed validation, which does not find all conflicting selections of one response key.
///
/// # Errors
///
/// Every problem found, each with its place.
pub(crate) fn build(
    api: &Api,
    document: &ExecutableDocument,
    chosen: &Positioned<OperationDefinition>,
) -> Result<Skeleton, Vec<Error>> {
    let mut skeleton = None;
    let mut problems = Vec::new();
    for (_, operation) in document.operations.iter() {
        let mut builder = Builder::new(api, &document.fragments, &operation.node);
        let built = builder.operation(operation);
        problems.append(&mut builder.problems);
        if std::ptr::eq(operation, chosen) {
            skeleton = built;
        }
    }
    skeleton.filter(|_| problems.is_empty()).ok_or(problems)
}

impl From<&ast::Type> for Type {
    fn from(ty: &ast::Type) -> Self {
        let base = match &ty.base {
            BaseType::Named(name) => Type::named(name.as_str()),
            BaseType::List(inner) => Type::from(&**inner).list(),
        };
        if ty.nullable { base } else { base.non_null() }
    }
}

struct Builder<'d> {
    api: &'d Api,
    fragments: &'d HashMap<Name, Positioned<FragmentDefinition>>,
    variables: Vec<Variable>,
    conditions: Conditions,
    next_order: u32,
    problems: Vec<Error>,
}

/// A selection set and the condition under which it stands.
type Part<'d> = (Option<ConditionIx>, &'d SelectionSet);
type Selected<'d> = (Occurrence, &'d ast::Field);
/// The selections of one object by response key, in order.
type Groups<'d> = IndexMap<&'d str, SmallVec<[Selected<'d>; 1]>>;
/// Fragments already written out into a group, by condition.
type Seen<'d> = FxHashSet<(&'d str, Option<ConditionIx>)>;

impl<'d> Builder<'d> {
    fn new(
        api: &'d Api,
        fragments: &'d HashMap<Name, Positioned<FragmentDefinition>>,
        operation: &'d OperationDefinition,
    ) -> Self {
        let variable = |definition: &Positioned<ast::VariableDefinition>| Variable {
            name: SmolStr::new(definition.node.name.node.as_str()),
            ty: Type::from(&definition.node.var_type.node),
            default: definition
                .node
                .default_value
                .as_ref()
                .map(|default| default.node.clone()),
            position: definition.pos,
        };
        Self {
            api,
            fragments,
            variables: operation
                .variable_definitions
                .iter()
                .map(variable)
                .collect(),
            conditions: Conditions::default(),
            next_order: 0,
            problems: Vec::new(),
        }
    }

    /// `None` if the API has no such kind of operation; the reason is among the problems.
    fn operation(&mut self, operation: &'d Positioned<OperationDefinition>) -> Option<Skeleton> {
        let (kind, root) = match operation.node.ty {
            OperationType::Query => (OperationKind::Query, Some(&self.api.query)),
            OperationType::Mutation => (OperationKind::Mutation, self.api.mutation.as_ref()),
            OperationType::Subscription => {
                (OperationKind::Subscription, self.api.subscription.as_ref())
            }
        };
        let api = self.api;
        let Some(TypeDef::Object(object)) = root.and_then(|name| api.types.get(name)) else {
            let message = format!("this API has no {}", operation.node.ty);
            self.problem(message, [operation.pos]);
            return None;
        };
        let root = self.selection(object, &[(None, &operation.node.selection_set.node)]);
        let introspects = root
            .fields
            .iter()
            .any(|field| field.what == What::Introspection);
        Some(Skeleton {
            kind,
            variables: std::mem::take(&mut self.variables),
            conditions: std::mem::take(&mut self.conditions),
            root,
            introspects,
        })
    }

    fn selection(&mut self, object: &'d ObjectDef, parts: &[Part<'d>]) -> Selection {
        let mut groups = Groups::new();
        let mut seen = Seen::default();
        for (condition, set) in parts {
            self.collect(object, set, *condition, &mut groups, &mut seen);
        }
        let fields = groups
            .into_iter()
            .filter_map(|(key, selected)| self.field(object, key, &selected))
            .collect();
        Selection {
            type_name: object.name.clone(),
            fields,
        }
    }

    fn collect(
        &mut self,
        object: &'d ObjectDef,
        set: &'d SelectionSet,
        outer: Option<ConditionIx>,
        groups: &mut Groups<'d>,
        seen: &mut Seen<'d>,
    ) {
        for item in &set.items {
            let condition = self.condition(item.node.directives(), outer);
            match &item.node {
                ast::Selection::Field(field) => {
                    let key = field.node.response_key().node.as_str();
                    let occurrence = self.occurrence(field.pos, condition);
                    groups
                        .entry(key)
                        .or_default()
                        .push((occurrence, &field.node));
                }
                ast::Selection::InlineFragment(fragment) => {
                    let on = fragment.node.type_condition.as_ref();
                    if on.is_none_or(|on| on.node.on.node.as_str() == object.name) {
                        let set = &fragment.node.selection_set.node;
                        self.collect(object, set, condition, groups, seen);
                    }
                }
                ast::Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    let Some(fragment) = self.fragments.get(name) else {
                        continue;
                    };
                    let on = fragment.node.type_condition.node.on.node.as_str();
                    if on == object.name && seen.insert((name, condition)) {
                        let set = &fragment.node.selection_set.node;
                        self.collect(object, set, condition, groups, seen);
                    }
                }
            }
        }
    }

    fn occurrence(&mut self, position: Pos, condition: Option<ConditionIx>) -> Occurrence {
        let order = self.next_order;
        self.next_order += 1;
        if self.next_order == SELECTIONS_MAX {
            let message = format!("an operation may have at most {SELECTIONS_MAX} selections");
            self.problems
                .push(Error::new(Code::LimitExceeded, message).at([position]));
        }
        Occurrence {
            order,
            condition,
            position,
        }
    }

    /// The condition of a selection: its own `@skip` and `@include` below the outer one.
    fn condition(
        &mut self,
        directives: &'d [Positioned<ast::Directive>],
        outer: Option<ConditionIx>,
    ) -> Option<ConditionIx> {
        let mut condition = outer;
        for directive in directives {
            let wanted = match directive.node.name.node.as_str() {
                "include" => true,
                "skip" => false,
                _ => continue,
            };
            match directive.node.get_argument("if").map(|value| &value.node) {
                Some(Value::Boolean(value)) if *value == wanted => {}
                Some(Value::Boolean(_)) => condition = Some(self.conditions.never()),
                Some(Value::Variable(name)) => {
                    condition = Some(self.conditions.link(condition, name, wanted));
                }
                _ => {
                    let message = format!("`@{}` takes `if`, a Boolean", directive.node.name.node);
                    self.problem(message, [directive.pos]);
                }
            }
        }
        condition
    }

    fn field(
        &mut self,
        object: &'d ObjectDef,
        key: &'d str,
        selected: &[Selected<'d>],
    ) -> Option<Field> {
        if self.next_order >= SELECTIONS_MAX {
            return None;
        }
        let (first, node) = selected.first()?;
        let name = node.name.node.as_str();
        let arguments = arguments_of(node);
        for (occurrence, other) in &selected[1..] {
            if other.name.node.as_str() != name || !same_arguments(&arguments, &arguments_of(other))
            {
                let message = format!(
                    "`{key}` is selected twice with another field or other arguments: give one of them an alias"
                );
                self.problem(message, [first.position, occurrence.position]);
                return None;
            }
        }
        let mut field = Field {
            key: SmolStr::new(key),
            // A GraphQL name needs no escaping.
            label: format!("\"{key}\":").into_bytes().into(),
            name: SmolStr::new(name),
            what: What::TypeName,
            required: true,
            element_required: false,
            arguments,
            definition: DefinitionIx::of(self.api, &object.name, name),
            occurrences: selected.iter().map(|(occurrence, _)| *occurrence).collect(),
            selection: Selection::default(),
        };
        let at_query = object.name == self.api.query;
        match name {
            "__typename" => {}
            "__schema" | "__type" if at_query => field.what = What::Introspection,
            _ => match object.fields.get(name) {
                Some(def) => self.define(&mut field, def, selected),
                None => {
                    let message = format!("`{}` has no field `{name}`", object.name);
                    self.problem(message, [first.position]);
                    return None;
                }
            },
        }
        Some(field)
    }

    /// Fills in what the API says of the field.
    fn define(&mut self, field: &mut Field, def: &'d FieldDef, selected: &[Selected<'d>]) {
        field.what = What::Api(def.meaning);
        (field.required, field.element_required) = nullability(&def.ty);
        if let Some(TypeDef::Object(child)) = self.api.types.get(def.ty.name()) {
            let parts: SmallVec<[Part<'d>; 2]> = selected
                .iter()
                .map(|(occurrence, node)| (occurrence.condition, &node.selection_set.node))
                .collect();
            field.selection = self.selection(child, &parts);
        }
    }

    fn problem(&mut self, message: String, at: impl IntoIterator<Item = Pos>) {
        self.problems
            .push(Error::new(Code::ValidationFailed, message).at(at));
    }
}

fn arguments_of(field: &ast::Field) -> Vec<Argument> {
    field
        .arguments
        .iter()
        .map(|(name, value)| Argument {
            name: SmolStr::new(name.node.as_str()),
            value: value.node.clone(),
            position: value.pos,
        })
        .collect()
}

/// `!` on the whole and `!` on the elements.
fn nullability(ty: &Type) -> (bool, bool) {
    match ty {
        Type::NonNull(inner) => (true, nullability(inner).1),
        Type::List(element) => (false, matches!(**element, Type::NonNull(_))),
        Type::Named(_) => (false, false),
    }
}
