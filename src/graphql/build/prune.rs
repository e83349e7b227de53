//! Takes away what cannot be used: types without members, whatever refers to
//! them, and types that nothing leads to.

use std::collections::HashSet;

use indexmap::IndexMap;
use smol_str::SmolStr;

use crate::graphql::api::{FieldDef, InputValueDef, Type, TypeDef};
use crate::graphql::naming;

type Types = IndexMap<SmolStr, TypeDef>;

/// Types kept although no field leads to them: roots, and the scalars every validator knows.
const KEPT: [&str; 8] = [
    naming::QUERY,
    naming::MUTATION,
    naming::SUBSCRIPTION,
    "String",
    "Boolean",
    "Int",
    "Float",
    "ID",
];

pub(super) fn prune(types: &mut Types) {
    loop {
        let before = size(types);
        drop_dangling(types);
        types.retain(|_, def| !is_unusable(def));
        if size(types) == before {
            break;
        }
    }
    drop_unreachable(types);
}

/// Types and members together: it only shrinks, so it is stable when nothing changed.
fn size(types: &Types) -> usize {
    let members = types.values().map(|def| match def {
        TypeDef::Object(def) => def.fields.values().map(|field| 1 + field.args.len()).sum(),
        TypeDef::Input(def) => def.fields.len(),
        TypeDef::Enum(_) | TypeDef::Scalar(_) => 0,
    });
    types.len() + members.sum::<usize>()
}

fn is_unusable(def: &TypeDef) -> bool {
    match def {
        TypeDef::Object(def) => def.fields.is_empty(),
        TypeDef::Input(def) => def.fields.is_empty(),
        TypeDef::Enum(def) => def.values.is_empty(),
        TypeDef::Scalar(_) => false,
    }
}

/// Drops members whose type is gone. One that had to be given takes its owner along.
fn drop_dangling(types: &mut Types) {
    let names: HashSet<SmolStr> = types.keys().cloned().collect();
    let known = |ty: &Type| names.contains(ty.name());
    for def in types.values_mut() {
        match def {
            TypeDef::Object(def) => {
                def.fields.retain(|_, field| keep_field(field, &known));
            }
            TypeDef::Input(def) => {
                if drop_members(&mut def.fields, &known) == Dropped::ARequiredOne {
                    def.fields.clear();
                }
            }
            TypeDef::Enum(_) | TypeDef::Scalar(_) => {}
        }
    }
}

fn keep_field(field: &mut FieldDef, known: &impl Fn(&Type) -> bool) -> bool {
    known(&field.ty) && drop_members(&mut field.args, known) != Dropped::ARequiredOne
}

#[derive(PartialEq)]
enum Dropped {
    NothingNeeded,
    ARequiredOne,
}

fn drop_members(
    members: &mut IndexMap<SmolStr, InputValueDef>,
    known: &impl Fn(&Type) -> bool,
) -> Dropped {
    let required = members
        .values()
        .any(|member| member.is_required() && !known(&member.ty));
    members.retain(|_, member| known(&member.ty));
    if required {
        Dropped::ARequiredOne
    } else {
        Dropped::NothingNeeded
    }
}

fn drop_unreachable(types: &mut Types) {
    let mut reached: HashSet<SmolStr> = HashSet::new();
    let mut waiting: Vec<SmolStr> = KEPT.map(SmolStr::new_static).into();
    while let Some(name) = waiting.pop() {
        if let Some(def) = types.get(&name)
            && reached.insert(name)
        {
            waiting.extend(mentioned(def));
        }
    }
    types.retain(|name, _| reached.contains(name));
}

fn mentioned(def: &TypeDef) -> Vec<SmolStr> {
    match def {
        TypeDef::Object(def) => {
            let fields = def.fields.values();
            fields
                .flat_map(|field| {
                    let args = field.args.values().map(|arg| arg.ty.name().clone());
                    args.chain([field.ty.name().clone()])
                })
                .collect()
        }
        TypeDef::Input(def) => {
            let members = def.fields.values();
            members.map(|member| member.ty.name().clone()).collect()
        }
        TypeDef::Enum(_) | TypeDef::Scalar(_) => Vec::new(),
    }
}
