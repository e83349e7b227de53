//! Skeleton + variables + caller → [`Plan`]: coerces arguments, applies
//! `@skip` and `@include`, and turns arguments into typed gateway requests.
//!
//! Everything that can be wrong with an input is found here, before anything
//! is read or written; what only documents or permissions can tell is not.

mod extent;
mod filter;
mod geo;
mod list;
mod live;
mod mutation;
mod operator;
mod plan;
mod select;
mod size;
mod update;
mod value;

pub(crate) use extent::Reach;
pub(crate) use plan::{
    At, ChangeGet, ConnectionGet, Coordinate, DocumentGet, EdgeGet, EventGet, Item, Leaf, LoadPlan,
    MeGet, MePlan, Mutation, Object, PageInfoGet, PayloadGet, Plan, RootGet, Slot, TicketGet,
};

use self::extent::Extent;
use self::size::Size;
use smol_str::SmolStr;

use super::api::{Api, Meaning};
use super::coerce::{self, Arguments, Coerced, Place, Variables};
use super::error::{Code, Error};
use super::skeleton::{Field, Held, OperationKind, Selection, Skeleton, What};
use crate::data::{Caller, Value};
use crate::gateway::{Lookup, Select};
use crate::model::{CollectionIx, Model};

/// Why an operation cannot be run as it was sent; nothing of it was.
type Result<T, E = Vec<Error>> = std::result::Result<T, E>;

/// Binds one operation.
///
/// # Errors
///
/// `BAD_USER_INPUT` for inputs that do not fit, `LIMIT_EXCEEDED` for too many of them, `FORBIDDEN` for an operator the
/// caller may not use.
pub(crate) fn bind<'s>(
    api: &'s Api,
    model: &'s Model,
    skeleton: &'s Skeleton,
    variables: &serde_json::Map<String, serde_json::Value>,
    caller: &Caller,
) -> Result<Plan<'s>> {
    let variables = coerce::variables(api, &skeleton.variables, variables)?;
    let held = skeleton.conditions.hold(|name| {
        variables.boolean(name).ok_or_else(|| {
            vec![wrong(
                &Place::Variable(name),
                "must not be null: it decides what is answered",
            )]
        })
    })?;
    let mut binder = Binder {
        api,
        model,
        caller,
        variables,
        room: coerce::Room::new(),
        held,
        kind: skeleton.kind,
        size: Size::default(),
        extent: Extent::default(),
        root: 0,
        loads: Vec::new(),
        wants_addresses: false,
    };
    let mut root = binder.pick(&skeleton.root, Binder::root_field)?;
    live::tell_where_relations_lead(&mut root, &binder.loads);
    Ok(Plan {
        root,
        loads: binder.loads,
        wants_addresses: binder.wants_addresses,
        variables: binder.variables,
        reach: binder.extent.reach(),
    })
}

struct Binder<'s, 'r> {
    api: &'s Api,
    model: &'s Model,
    caller: &'r Caller,
    variables: Variables,
    room: coerce::Room,
    held: Held,
    kind: OperationKind,
    /// What the arguments so far amount to.
    size: Size,
    /// What the answer may amount to.
    extent: Extent,
    /// The scope of loads: the root field of a mutation that is being bound.
    root: usize,
    loads: Vec<LoadPlan>,
    wants_addresses: bool,
}

impl<'s> Binder<'s, '_> {
    /// The fields that are not left out, in the order of the answer.
    fn pick<G>(
        &mut self,
        selection: &'s Selection,
        mut get: impl FnMut(&mut Self, &'s Field, What) -> Result<G>,
    ) -> Result<Object<'s, G>> {
        let mut ordered: Vec<(u32, &'s Field)> = selection
            .fields
            .iter()
            .filter_map(|field| Some((field.order(&self.held)?, field)))
            .collect();
        // Only a key whose first occurrence is left out moves.
        ordered.sort_by_key(|(order, _)| *order);
        self.extent.add(ordered.len()).map_err(|error| {
            let first = ordered.iter().flat_map(|(_, field)| field.positions());
            vec![error.at(first.take(1))]
        })?;
        let mut items = Vec::with_capacity(ordered.len());
        for (_, field) in ordered {
            let get = match field.what {
                What::TypeName => None,
                what => Some(get(self, field, what)?),
            };
            items.push(Item { field, get });
        }
        Ok(Object {
            type_name: &selection.type_name,
            items,
        })
    }

    fn root_field(&mut self, field: &'s Field, what: What) -> Result<RootGet<'s>> {
        let meaning = match what {
            What::Api(meaning) => meaning,
            What::Introspection | What::TypeName => return Ok(RootGet::Introspection),
        };
        if self.kind == OperationKind::Mutation {
            self.root += 1;
            return self.mutation(field, meaning);
        }
        match meaning {
            Meaning::Me => self.me(field).map(RootGet::Me),
            Meaning::Single(collection) => self.single(field, collection),
            Meaning::List(collection) => {
                let arguments = self.arguments(field)?;
                let (request, connection) = self.list(field, collection, arguments)?;
                Ok(RootGet::List {
                    request,
                    connection,
                })
            }
            Meaning::LiveSingle(collection) => self.live_single(field, collection),
            Meaning::LiveList(collection) => self.live_list(field, collection),
            _ => unexpected(field),
        }
    }

    fn single(&mut self, field: &'s Field, collection: CollectionIx) -> Result<RootGet<'s>> {
        let mut arguments = self.arguments(field)?;
        let lookup = self.lookup(field, collection, &mut arguments)?;
        let mut select = Select::default();
        let document = self.document(&field.selection, 0, &mut select)?;
        Ok(RootGet::Single {
            collection,
            lookup,
            select,
            document,
        })
    }

    fn lookup(
        &self,
        field: &Field,
        collection: CollectionIx,
        arguments: &mut Arguments,
    ) -> Result<Lookup> {
        match (arguments.take("id"), arguments.take("by")) {
            (Some(id), None) => Ok(Lookup::Id(text(id))),
            (None, Some(key)) => self.unique_key(collection, key).map_err(|e| vec![e]),
            _ => {
                let message = format!("`{}` takes exactly one of `id` and `by`", field.name);
                Err(vec![bad_input(message).at(field.positions())])
            }
        }
    }

    fn me(&mut self, field: &'s Field) -> Result<MePlan<'s>> {
        let mut user: Option<(CollectionIx, Select)> = None;
        let object = self.pick(&field.selection, |binder, field, what| match what {
            What::Api(Meaning::MePrincipal) => Ok(MeGet::Principal),
            What::Api(Meaning::MeRoles) => Ok(MeGet::Roles),
            What::Api(Meaning::MeLoginType) => Ok(MeGet::LoginType),
            What::Api(Meaning::MeUser(collection)) => {
                let (_, select) = user.get_or_insert((collection, Select::default()));
                binder
                    .document(&field.selection, 0, select)
                    .map(MeGet::User)
            }
            _ => unexpected(field),
        })?;
        Ok(MePlan { object, user })
    }

    fn arguments(&mut self, field: &Field) -> Result<Arguments> {
        let Some(definition) = field.definition(self.api) else {
            return unexpected(field);
        };
        let position = field.positions().next().unwrap_or_default();
        let arguments = coerce::arguments(
            self.api,
            &self.variables,
            &mut self.room,
            &definition.args,
            &field.arguments,
            position,
        )?;
        self.size
            .add(&arguments)
            .map_err(|error| vec![error.at(field.positions())])?;
        Ok(arguments)
    }
}

/// The API gives a meaning to a place where it has none: a fault of ours.
fn misplaced(field: &Field) -> Error {
    let message = format!("`{}` has no meaning here", field.name);
    Error::new(Code::Internal, message).at(field.positions())
}

fn unexpected<T>(field: &Field) -> Result<T> {
    Err(vec![misplaced(field)])
}

fn bad_input(message: impl Into<String>) -> Error {
    Error::new(Code::BadUserInput, message)
}

/// What is wrong with the input at a place.
fn wrong(place: &Place<'_>, message: &str) -> Error {
    bad_input(format!("`{place}` {message}")).with("place", place.to_string())
}

/// The text of an ID or a string.
fn text(value: Coerced) -> SmolStr {
    match value {
        Coerced::Leaf(Value::String(text)) => text,
        Coerced::Enum(member) => member.name,
        _ => SmolStr::default(),
    }
}
