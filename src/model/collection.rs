//! `@collection`: which collection a type's documents are kept in, under which
//! permission, served by which root fields.

use async_graphql_parser::{Pos, Positioned};

use super::diagnostic::Problems;
use super::naming::{self, RootNames};
use super::outline::ObjectOutline;
use crate::access::Permission;
use crate::data::CollectionName;

/// What `@collection` says.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) name: CollectionName,
    pub(super) permission: Permission,
    pub(super) roots: RootNames,
}

/// Reads `@collection` of each type; `None` where it was reported.
pub(super) fn read_all(
    objects: &[ObjectOutline<'_>],
    problems: &mut Problems,
) -> Vec<Option<Settings>> {
    let mut all: Vec<Option<Settings>> = Vec::new();
    for object in objects {
        let read = read(object, problems);
        let taken = |settings: &Settings| {
            let mut earlier = all.iter().flatten();
            earlier.any(|other| other.name == settings.name)
        };
        let settings = match read {
            Some((settings, at)) if taken(&settings) => {
                let message = format!("two types are kept in the collection `{}`", settings.name);
                problems
                    .error(at, message)
                    .hint("a collection has one type; join the two, with optional fields");
                None
            }
            read => read.map(|(settings, _)| settings),
        };
        all.push(settings);
    }
    all
}

fn read(object: &ObjectOutline<'_>, problems: &mut Problems) -> Option<(Settings, Pos)> {
    let collection = object.directives.one("collection")?;
    let name = collection.string("name")?;
    let permission = collection
        .enum_value("permission")
        .map_or(Permission::Custom, permission);
    let parsed = CollectionName::parse(name.node);
    if parsed.is_none() {
        problems
            .error(
                name.pos,
                format!("`{}` cannot be the name of a collection", name.node),
            )
            .hint("a name has 1 to 64 letters, digits, `_` and `-`, the first a letter");
    }
    let name_of = |root: Option<Positioned<&str>>, otherwise: Positioned<&str>| {
        let given = root.unwrap_or(otherwise);
        (given.node.into(), given.pos)
    };
    let single = naming::lower_camel(&object.name);
    let (list, list_at) = name_of(collection.string("list"), name);
    let (single, single_at) = name_of(
        collection.string("single"),
        Positioned::new(single.as_str(), object.at),
    );
    let roots = RootNames {
        list,
        list_at,
        single,
        single_at,
    };
    // A list named like its collection would be the same problem again.
    if parsed.is_some() || collection.string("list").is_some() {
        roots.check(problems);
    }
    let settings = Settings {
        name: parsed?,
        permission,
        roots,
    };
    Some((settings, name.pos))
}

fn permission(name: &str) -> Permission {
    match name {
        "READONLY" => Permission::ReadOnly,
        "PRIVATE" => Permission::Private,
        "ADMINWRITE" => Permission::AdminWrite,
        "ADMINONLY" => Permission::AdminOnly,
        _ => Permission::Custom,
    }
}
