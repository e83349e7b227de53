//! Every name the served API makes up. Names given in the model file (types,
//! fields, enum values, root fields of queries) are used as they are.

use smol_str::{SmolStr, format_smolstr};

use crate::data::{Direction, LoginType};
use crate::model::{BaseType, Collection, Model, Scalar};

use super::live::ChangeType;
use super::render::event::EventKind;

pub const QUERY: &str = "Query";
pub const MUTATION: &str = "Mutation";
pub const SUBSCRIPTION: &str = "Subscription";
pub const EVENT_KIND: &str = "EventKind";
pub const CHANGE_TYPE: &str = "ChangeType";
pub const ME: &str = "Me";
pub const LOGIN_TYPE: &str = "LoginType";
/// A login of a kind that the API has no name for; rules see its own.
pub const OTHER_LOGIN_TYPE: &str = "OTHER";
pub const DIRECTION: &str = "Direction";
pub const PAGE_INFO: &str = "PageInfo";
pub const WS_TICKET: &str = "WsTicket";
/// The mutation that gives one.
pub const GIVE_TICKET: &str = "wsTicket";
pub const BULK_PAYLOAD: &str = "BulkPayload";
pub const GEO_POINT: &str = "GeoPoint";
pub const GEO_POINT_INPUT: &str = "GeoPointInput";
pub const GEO_CIRCLE: &str = "GeoCircle";
pub const GEO_WITHIN: &str = "GeoWithin";
pub const GEO_INTERSECTS: &str = "GeoIntersects";

/// How somebody signed in, as a value of its enum.
pub fn login_type(login_type: &LoginType) -> &str {
    match login_type {
        LoginType::Other(_) => OTHER_LOGIN_TYPE,
        documented => documented.as_str(),
    }
}

/// `orders` → `Orders`.
fn upper_first(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_ascii_uppercase().to_string() + chars.as_str()
    })
}

/// The mutations of a collection: a verb and its type, or its list name for many.
pub fn mutation_of_one(verb: &str, collection: &Collection) -> SmolStr {
    format_smolstr!("{verb}{}", collection.type_name)
}

pub fn mutation_of_many(verb: &str, collection: &Collection) -> SmolStr {
    format_smolstr!("{verb}{}", upper_first(&collection.list_name))
}

/// Where the file is that a field names: `avatar` → `avatarUrl`.
pub fn address(field: &str) -> SmolStr {
    format_smolstr!("{field}Url")
}

/// `createOrder` → `CreateOrderPayload`.
pub fn payload(mutation: &str) -> SmolStr {
    format_smolstr!("{}Payload", upper_first(mutation))
}

pub fn connection(collection: &Collection) -> SmolStr {
    format_smolstr!("{}Connection", collection.type_name)
}

pub fn edge(collection: &Collection) -> SmolStr {
    format_smolstr!("{}Edge", collection.type_name)
}

/// What a subscription to a list tells: `OrdersEvent`.
pub fn list_event(collection: &Collection) -> SmolStr {
    format_smolstr!("{}Event", upper_first(&collection.list_name))
}

/// What a subscription to one document tells: `OrderEvent`.
pub fn single_event(collection: &Collection) -> SmolStr {
    format_smolstr!("{}Event", collection.type_name)
}

/// One document's change in such an event.
pub fn change(collection: &Collection) -> SmolStr {
    format_smolstr!("{}Change", collection.type_name)
}

/// The conditions on documents or embedded objects of a type, or on values of a scalar or enum.
pub fn filter(type_name: &str) -> SmolStr {
    format_smolstr!("{type_name}Filter")
}

/// The conditions on lists of a type.
pub fn list_filter(type_name: &str) -> SmolStr {
    format_smolstr!("{type_name}ListFilter")
}

pub fn order(collection: &Collection) -> SmolStr {
    format_smolstr!("{}Order", collection.type_name)
}

pub fn create(collection: &Collection) -> SmolStr {
    format_smolstr!("{}Create", collection.type_name)
}

pub fn set(collection: &Collection) -> SmolStr {
    format_smolstr!("{}Set", collection.type_name)
}

pub fn inc(collection: &Collection) -> SmolStr {
    format_smolstr!("{}Inc", collection.type_name)
}

pub fn push(collection: &Collection) -> SmolStr {
    format_smolstr!("{}Push", collection.type_name)
}

pub fn pull(collection: &Collection) -> SmolStr {
    format_smolstr!("{}Pull", collection.type_name)
}

/// The fields that `unset` may name.
pub fn field_enum(collection: &Collection) -> SmolStr {
    format_smolstr!("{}Field", collection.type_name)
}

/// The unique indexes of a collection.
pub fn key(collection: &Collection) -> SmolStr {
    format_smolstr!("{}Key", collection.type_name)
}

/// The values of one unique index of several fields: `OrderStatusOrderNoKey`.
pub fn compound_key(collection: &Collection, fields: &[&str]) -> SmolStr {
    let joined: String = fields.iter().map(|field| upper_first(field)).collect();
    format_smolstr!("{}{joined}Key", collection.type_name)
}

/// The member of the key input for an index of these fields: `orderNo`, `statusOrderNo`.
pub fn key_member(fields: &[&str]) -> SmolStr {
    let (first, rest) = fields.split_first().unwrap_or((&"", &[]));
    let rest: String = rest.iter().map(|field| upper_first(field)).collect();
    format_smolstr!("{first}{rest}")
}

/// A complete embedded object as input.
pub fn embedded_input(type_name: &str) -> SmolStr {
    format_smolstr!("{type_name}Input")
}

/// The name under which a stored type is served, without list and `!`.
pub fn output(model: &Model, base: BaseType) -> SmolStr {
    match base {
        BaseType::Enum(ix) => model.enum_type(ix).name.clone(),
        BaseType::Embedded(ix) => model.embedded(ix).type_name.clone(),
        BaseType::Scalar(scalar) => SmolStr::new_static(self::scalar(scalar)),
    }
}

/// The name under which a stored type is given, without list and `!`.
pub fn input(model: &Model, base: BaseType) -> SmolStr {
    match base {
        BaseType::Embedded(ix) => embedded_input(&model.embedded(ix).type_name),
        BaseType::Scalar(Scalar::GeoPoint) => SmolStr::new_static(GEO_POINT_INPUT),
        BaseType::Enum(_) | BaseType::Scalar(_) => output(model, base),
    }
}

pub fn scalar(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::Id => "ID",
        Scalar::String => "String",
        Scalar::Int => "Int",
        Scalar::Float => "Float",
        Scalar::Boolean => "Boolean",
        Scalar::DateTime | Scalar::EpochMs => "DateTime",
        Scalar::Long => "Long",
        Scalar::Json => "JSON",
        Scalar::FileId => "FileID",
        Scalar::GeoPoint => GEO_POINT,
    }
}

pub fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Ascending => "ASC",
        Direction::Descending => "DESC",
    }
}

pub(crate) fn event_kind(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Snapshot => "SNAPSHOT",
        EventKind::Change => "CHANGE",
        EventKind::Resync => "RESYNC",
    }
}

pub(crate) fn change_type(kind: ChangeType) -> &'static str {
    match kind {
        ChangeType::Added => "ADDED",
        ChangeType::Updated => "UPDATED",
        ChangeType::Removed => "REMOVED",
    }
}
