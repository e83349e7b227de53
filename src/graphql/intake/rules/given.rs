//! Every value that a document gives, with the type that is expected there.

use std::collections::HashMap;

use async_graphql_parser::types::{
    Directive, ExecutableDocument, Field, OperationType, Selection, SelectionSet,
};
use async_graphql_parser::{Pos, Positioned};
use async_graphql_value::{Name, Value};

use crate::graphql::api::{Api, InputValueDef, ObjectDef, Type};

/// The arguments of a document by the definition they stand in.
#[derive(Default)]
pub(super) struct Given<'a> {
    pub(super) operations: Vec<Scope<'a>>,
    pub(super) fragments: HashMap<&'a str, Scope<'a>>,
}

/// What one operation or fragment contains.
#[derive(Default)]
pub(super) struct Scope<'a> {
    pub(super) arguments: Vec<Argument<'a>>,
    pub(super) spreads: Vec<&'a str>,
}

pub(super) struct Argument<'a> {
    pub(super) name: &'a Name,
    pub(super) at: Pos,
    pub(super) expected: Expected<'a>,
    pub(super) value: &'a Value,
}

#[derive(Clone, Copy)]
pub(super) enum Expected<'a> {
    Defined(&'a InputValueDef),
    /// `if` of `@skip` and `@include`: `Boolean!`.
    Condition,
}

impl<'a> Given<'a> {
    pub(super) fn of(api: &'a Api, document: &'a ExecutableDocument) -> Self {
        let operations = document.operations.iter().map(|(_, operation)| {
            let operation = &operation.node;
            let root = match operation.ty {
                OperationType::Query => Some(&api.query),
                OperationType::Mutation => api.mutation.as_ref(),
                OperationType::Subscription => api.subscription.as_ref(),
            };
            let root = root.and_then(|name| api.object(name));
            Scope::of(
                api,
                root,
                &operation.selection_set.node,
                &operation.directives,
            )
        });
        let fragments = document.fragments.iter().map(|(name, fragment)| {
            let fragment = &fragment.node;
            let on = api.object(&fragment.type_condition.node.on.node);
            let set = &fragment.selection_set.node;
            (name.as_str(), Scope::of(api, on, set, &fragment.directives))
        });
        Self {
            operations: operations.collect(),
            fragments: fragments.collect(),
        }
    }

    pub(super) fn scopes(&self) -> impl Iterator<Item = &Scope<'a>> {
        self.operations.iter().chain(self.fragments.values())
    }
}

impl<'a> Scope<'a> {
    fn of(
        api: &'a Api,
        parent: Option<&'a ObjectDef>,
        set: &'a SelectionSet,
        directives: &'a [Positioned<Directive>],
    ) -> Self {
        let mut scope = Scope::default();
        scope.directives(directives);
        scope.selections(api, parent, set);
        scope
    }

    /// `parent` is `None` inside introspection, which async-graphql checks alone.
    fn selections(&mut self, api: &'a Api, parent: Option<&'a ObjectDef>, set: &'a SelectionSet) {
        for item in &set.items {
            self.directives(item.node.directives());
            match &item.node {
                Selection::Field(field) => self.field(api, parent, &field.node),
                Selection::FragmentSpread(spread) => {
                    self.spreads.push(spread.node.fragment_name.node.as_str());
                }
                Selection::InlineFragment(fragment) => {
                    let fragment = &fragment.node;
                    let on = match &fragment.type_condition {
                        Some(condition) => api.object(&condition.node.on.node),
                        None => parent,
                    };
                    self.selections(api, on, &fragment.selection_set.node);
                }
            }
        }
    }

    fn field(&mut self, api: &'a Api, parent: Option<&'a ObjectDef>, field: &'a Field) {
        let def = parent.and_then(|parent| parent.fields.get(field.name.node.as_str()));
        for (name, value) in &field.arguments {
            let arg = def.and_then(|def| def.args.get(name.node.as_str()));
            if let Some(arg) = arg {
                self.argument(name, value, Expected::Defined(arg));
            }
        }
        let inner = def.and_then(|def| api.object(def.ty.name()));
        self.selections(api, inner, &field.selection_set.node);
    }

    fn directives(&mut self, directives: &'a [Positioned<Directive>]) {
        for directive in directives {
            for (name, value) in &directive.node.arguments {
                if name.node == "if" {
                    self.argument(name, value, Expected::Condition);
                }
            }
        }
    }

    fn argument(
        &mut self,
        name: &'a Positioned<Name>,
        value: &'a Positioned<Value>,
        expected: Expected<'a>,
    ) {
        self.arguments.push(Argument {
            name: &name.node,
            at: value.pos,
            expected,
            value: &value.node,
        });
    }
}

impl Expected<'_> {
    pub(super) fn ty(self) -> Type {
        match self {
            Expected::Defined(def) => def.ty.clone(),
            Expected::Condition => Type::named("Boolean").non_null(),
        }
    }

    pub(super) fn has_default(self) -> bool {
        match self {
            Expected::Defined(def) => def.default.is_some(),
            Expected::Condition => false,
        }
    }
}
