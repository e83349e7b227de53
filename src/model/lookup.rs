//! Document paths walked through the types of a model, for rules and indexes.

use smol_str::SmolStr;

use super::shape::{Draft, Kept, OWNER, STORED_ID};
use super::{BaseType, CollectionIx, EmbeddedIx, Field, FieldType, Scalar};

/// All types with their stored fields; relations are not resolved yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Types<'d, 'a> {
    pub(super) collections: &'d [Draft<'a>],
    pub(super) embedded: &'d [Draft<'a>],
}

/// What is at a path of document names.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Found {
    Value(FieldType),
    /// Inside a value of unknown make, or where another problem was reported already.
    Anything,
    /// No type has a field of this name there.
    Missing {
        /// The segment that names nothing.
        segment: usize,
        /// The names that were possible; empty inside a value without members.
        known: Vec<SmolStr>,
    },
    /// Below a list of objects: many values, not one.
    BelowList {
        /// The segment that names the list.
        segment: usize,
    },
}

const OWNER_TYPE: FieldType = FieldType {
    base: BaseType::Scalar(Scalar::String),
    list: None,
    required: false,
};

impl<'d, 'a> Types<'d, 'a> {
    pub(super) fn collection(self, ix: CollectionIx) -> &'d Draft<'a> {
        &self.collections[ix.0]
    }

    pub(super) fn embedded(self, ix: EmbeddedIx) -> &'d Draft<'a> {
        &self.embedded[ix.0]
    }

    pub(super) fn find(self, draft: &Draft<'a>, path: &[SmolStr]) -> Found {
        let mut draft = draft;
        let mut at = 0;
        while let Some(name) = path.get(at) {
            let ty = match field_type(draft, name) {
                Ok(ty) => ty,
                Err(found) => return found.at(at),
            };
            let rest = &path[at + 1..];
            if rest.is_empty() {
                return Found::Value(ty);
            }
            match (ty.base, ty.list) {
                (BaseType::Scalar(Scalar::Json | Scalar::GeoPoint), None) => {
                    return Found::Anything;
                }
                (_, Some(_)) if is_element(rest) => return element(ty),
                (BaseType::Embedded(ix), None) => draft = self.embedded(ix),
                (BaseType::Embedded(_) | BaseType::Scalar(Scalar::Json), Some(_)) => {
                    return Found::BelowList { segment: at };
                }
                _ => {
                    return Found::Missing {
                        segment: at + 1,
                        known: Vec::new(),
                    };
                }
            }
            at += 1;
        }
        Found::Anything
    }
}

/// Whether the rest of a path is the position of an element.
fn is_element(rest: &[SmolStr]) -> bool {
    rest.len() == 1 && rest[0].bytes().all(|byte| byte.is_ascii_digit())
}

fn element(ty: FieldType) -> Found {
    Found::Value(FieldType {
        list: None,
        required: false,
        ..ty
    })
}

fn field_type(draft: &Draft<'_>, name: &str) -> Result<FieldType, Found> {
    if let Some(ix) = draft.shape.field_stored(name) {
        return Ok(draft.shape.field(ix).ty);
    }
    if draft.kept == Kept::InCollection && name == OWNER {
        return Ok(OWNER_TYPE);
    }
    let id_is_refused = draft.kept == Kept::InCollection && name == STORED_ID;
    if draft.refused.contains(name) || id_is_refused {
        return Err(Found::Anything);
    }
    Err(Found::Missing {
        segment: 0,
        known: stored_names(draft),
    })
}

impl Found {
    fn at(mut self, place: usize) -> Self {
        if let Found::Missing { segment, .. } = &mut self {
            *segment = place;
        }
        self
    }
}

/// The document names of a type's fields.
pub(super) fn stored_names(draft: &Draft<'_>) -> Vec<SmolStr> {
    let fields = draft.shape.fields.iter();
    fields.map(|field: &Field| field.stored.clone()).collect()
}
