//! Model → [`Api`]: which types, fields, arguments and inputs are served.
//!
//! Everything is generated for what the abilities allow, then [`prune`] takes
//! away what became empty or unreachable. The API of a role is therefore the
//! same construction with narrower abilities, not an edit of the full one.

mod common;
mod defs;
mod filters;
mod inputs;
mod keys;
mod mutations;
mod operators;
mod output;
mod prune;
mod queries;
mod subscriptions;

use indexmap::IndexMap;
use smol_str::SmolStr;

use super::api::{
    Api, EnumDef, EnumValueDef, FieldDef, InputDef, InputKind, InputValueDef, ObjectDef, TypeDef,
};
use super::naming;
use crate::gateway::{Abilities, Operation};
use crate::model::{CollectionIx, EmbeddedIx, Field, FieldIx, Model};

/// Who is offered the filter operator `matches` (a regular expression, which no index can answer).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MatchesOperator {
    /// Nobody.
    #[default]
    Off,
    /// Callers with at least one staff role.
    Staff,
}

/// Two things that would have to be served under one name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` would be served twice: rename one of the types or fields that give this name")]
pub struct NameClash {
    /// `OrderFilter` or `Mutation.createOrders`.
    pub name: String,
}

impl Api {
    /// The API of callers with these abilities.
    ///
    /// # Errors
    ///
    /// All names that would be given twice.
    pub fn of(abilities: &Abilities, matches: MatchesOperator) -> Result<Self, Vec<NameClash>> {
        let mut builder = Builder {
            abilities,
            model: abilities.model(),
            matches: matches == MatchesOperator::Staff && abilities.of_staff(),
            types: IndexMap::new(),
            clashes: Vec::new(),
        };
        builder.build();
        if !builder.clashes.is_empty() {
            return Err(builder.clashes);
        }
        let mut types = builder.types;
        prune::prune(&mut types);
        roots_first(&mut types);
        let served = |root: &'static str| types.contains_key(root).then(|| root.into());
        Ok(Self {
            query: naming::QUERY.into(),
            mutation: served(naming::MUTATION),
            subscription: served(naming::SUBSCRIPTION),
            types,
        })
    }
}

/// In the order in which a reader looks for them.
fn roots_first(types: &mut IndexMap<SmolStr, TypeDef>) {
    let roots = [naming::QUERY, naming::MUTATION, naming::SUBSCRIPTION];
    let mut place = 0;
    for root in roots {
        if let Some(at) = types.get_index_of(root) {
            types.move_index(at, place);
            place += 1;
        }
    }
}

/// Collects the types of an API.
struct Builder<'a> {
    abilities: &'a Abilities,
    model: &'a Model,
    matches: bool,
    types: IndexMap<SmolStr, TypeDef>,
    clashes: Vec<NameClash>,
}

impl<'a> Builder<'a> {
    fn build(&mut self) {
        self.query_type();
        self.mutation_type();
        self.subscription_type();
        for ix in (0..self.model.collections.len()).map(CollectionIx) {
            self.collection_output(ix);
            self.collection_events(ix);
            self.collection_filter(ix);
            self.order_input(ix);
            self.key_inputs(ix);
            self.write_inputs(ix);
        }
        for ix in (0..self.model.embedded.len()).map(EmbeddedIx) {
            self.embedded_output(ix);
            self.embedded_filters(ix);
            self.embedded_input(ix);
        }
        self.enum_types();
        self.operator_inputs();
        self.common_types();
    }

    fn add(&mut self, def: TypeDef) {
        let name = def.name().clone();
        if self.types.insert(name.clone(), def).is_some() {
            self.clash(name.to_string());
        }
    }

    fn clash(&mut self, name: String) {
        self.clashes.push(NameClash { name });
    }

    fn add_object(&mut self, name: SmolStr, description: &str, fields: Vec<FieldDef>) {
        let named = fields.into_iter().map(|field| (field.name.clone(), field));
        let fields = self.distinct(&name, named);
        self.add(TypeDef::Object(ObjectDef {
            name,
            description: (!description.is_empty()).then(|| description.to_owned()),
            fields,
        }));
    }

    fn add_input(
        &mut self,
        name: SmolStr,
        kind: InputKind,
        description: &str,
        members: Vec<InputValueDef>,
    ) {
        let one_of = matches!(
            kind,
            InputKind::Order(_)
                | InputKind::Key(_)
                | InputKind::GeoWithin
                | InputKind::GeoIntersects
        );
        let named = members
            .into_iter()
            .map(|member| (member.name.clone(), member));
        let fields = self.distinct(&name, named);
        self.add(TypeDef::Input(InputDef {
            name,
            description: (!description.is_empty()).then(|| description.to_owned()),
            one_of,
            fields,
            kind,
        }));
    }

    fn add_enum(&mut self, name: SmolStr, description: Option<String>, values: Vec<EnumValueDef>) {
        self.add(TypeDef::Enum(EnumDef {
            name,
            description,
            values,
        }));
    }

    /// The members by name; a name that comes twice is a clash.
    fn distinct<T>(
        &mut self,
        owner: &str,
        members: impl Iterator<Item = (SmolStr, T)>,
    ) -> IndexMap<SmolStr, T> {
        let mut by_name = IndexMap::new();
        for (name, member) in members {
            if by_name.insert(name.clone(), member).is_some() {
                self.clash(format!("{owner}.{name}"));
            }
        }
        by_name
    }

    fn enum_types(&mut self) {
        for def in &self.model.enums {
            let values = def.values.iter().map(|value| EnumValueDef {
                name: value.name.clone(),
                description: value.description.clone(),
                deprecation: value.deprecation.clone(),
                field: None,
            });
            self.add_enum(def.name.clone(), def.description.clone(), values.collect());
        }
    }

    fn may(&self, collection: CollectionIx, operation: Operation) -> bool {
        self.abilities.may(collection, operation)
    }

    /// The stored fields of a collection on which the operation may ever be performed, in the order of the file.
    fn fields_for(
        &self,
        collection: CollectionIx,
        operation: Operation,
    ) -> Vec<(FieldIx, &'a Field)> {
        let shape = &self.model.collection(collection).shape;
        let fields = shape.fields.iter().enumerate();
        fields
            .map(|(ix, field)| (FieldIx(ix), field))
            .filter(|(ix, _)| self.abilities.may_field(collection, *ix, operation))
            .collect()
    }

    /// Whether a relation of a collection (its `from` there) may ever be followed.
    fn may_follow(
        &self,
        from: Option<(CollectionIx, FieldIx)>,
        to: (CollectionIx, FieldIx),
    ) -> bool {
        from.into_iter()
            .chain([to])
            .all(|(collection, field)| self.abilities.may_field(collection, field, Operation::Read))
    }
}
