//! The passes that turn the text of a model file into a [`Model`].
//!
//! Names first, then fields, then what refers to fields: relations, defaults,
//! rules, indexes. Each pass reports and goes on, so that one run finds every
//! problem; only a syntax error ends it at once.

use async_graphql_parser::types::ServiceDocument;
use async_graphql_parser::{Pos, parse_schema};
use smol_str::SmolStr;

use super::collection::{self, Settings};
use super::diagnostic::{Diagnostic, Problems};
use super::lookup::Types;
use super::naming::RootNames;
use super::outline::Outline;
use super::shape::{self, Draft, Kept};
use super::source::Source;
use super::{
    Checked, Collection, Embedded, Model, RoleType, Shape, default, doubt, elevation, embedding,
    index, naming, relation, role, rule, syntax,
};
use crate::access::Permission;

/// See [`Model::parse`].
pub(super) fn read(text: &str) -> Result<Checked, Vec<Diagnostic>> {
    let source = Source::new(text);
    let mut problems = Problems::default();
    let document = match parse(&source, text) {
        Ok(document) => document,
        Err(diagnostic) => return Err(vec![diagnostic]),
    };
    let outline = Outline::read(&document, &mut problems);
    let model = Reading::new(&source, &outline, &mut problems).model(&mut problems);
    let model = match model {
        Some(model) if !problems.any_error() => model,
        _ => return Err(problems.into_sorted()),
    };
    doubt::warn(&model, &outline, &mut problems);
    elevation::check(&model, &outline, &mut problems);
    if problems.any_error() {
        return Err(problems.into_sorted());
    }
    Ok(Checked {
        model,
        warnings: problems.into_sorted(),
    })
}

fn parse(source: &Source<'_>, text: &str) -> Result<ServiceDocument, Diagnostic> {
    if let Some((at, message)) = source.excess() {
        return Err(syntax::refused(at, message));
    }
    if source.is_blank() {
        return Err(syntax::empty());
    }
    parse_schema(text).map_err(|error| syntax::explain(&error, source))
}

/// All that has been read when fields are known and nothing refers to them yet.
struct Reading<'r, 'a> {
    source: &'r Source<'a>,
    outline: &'r Outline<'a>,
    roles: Vec<RoleType>,
    settings: Vec<Option<Settings>>,
    collections: Vec<Draft<'a>>,
    embedded: Vec<Draft<'a>>,
}

impl<'r, 'a> Reading<'r, 'a> {
    fn new(source: &'r Source<'a>, outline: &'r Outline<'a>, problems: &mut Problems) -> Self {
        let mut drafts = |objects: &[_], kept| {
            let objects = objects.iter();
            let drafts = objects.map(|object| shape::draft(object, kept, outline, problems));
            drafts.collect::<Vec<_>>()
        };
        let collections = drafts(&outline.collections, Kept::InCollection);
        let embedded = drafts(&outline.embedded, Kept::Embedded);
        Self {
            source,
            outline,
            roles: role::read(outline, source, problems),
            settings: collection::read_all(&outline.collections, problems),
            collections,
            embedded,
        }
    }

    /// The model; `None` if a collection's own directive has problems.
    fn model(self, problems: &mut Problems) -> Option<Model> {
        self.check_names(problems);
        embedding::report_endless(&self.embedded, problems);
        let embedded = self.embedded.iter().map(|draft| {
            embedding::refuse_policies(draft, problems);
            Embedded {
                type_name: draft.name.clone(),
                description: draft.description.clone(),
                shape: self.shape(draft, problems),
            }
        });
        let embedded = embedded.collect();
        let names: Vec<SmolStr> = self
            .settings
            .iter()
            .flatten()
            .map(|settings| settings.name.as_str().into())
            .collect();
        let pairs = self.collections.iter().zip(&self.settings);
        let collections: Vec<Option<Collection>> = pairs
            .map(|(draft, settings)| self.collection(draft, settings.as_ref(), &names, problems))
            .collect();
        if self.collections.is_empty() && !problems.any_error() {
            problems
                .error(Pos { line: 1, column: 1 }, "the model has no collection")
                .hint("write a type with `@collection(name: \"…\")` and `id: ID!`");
        }
        Some(Model {
            collections: collections.into_iter().collect::<Option<_>>()?,
            embedded,
            enums: self.outline.enums.clone(),
            roles: self.roles,
        })
    }

    fn types(&self) -> Types<'_, 'a> {
        Types {
            collections: &self.collections,
            embedded: &self.embedded,
        }
    }

    fn check_names(&self, problems: &mut Problems) {
        let named = self.collections.iter().zip(&self.settings);
        let roots: Vec<(SmolStr, RootNames)> = named
            .filter_map(|(draft, settings)| {
                Some((draft.name.clone(), settings.as_ref()?.roots.clone()))
            })
            .collect();
        naming::check_roots(&roots, problems);
        naming::check_types(self.outline, &roots, problems);
    }

    /// The shape of a type with its relations and defaults.
    fn shape(&self, draft: &Draft<'a>, problems: &mut Problems) -> Shape {
        let mut shape = draft.shape.clone();
        shape.relations = relation::resolve(draft, self.types(), problems);
        let reader = default::Reader {
            types: self.types(),
            enums: &self.outline.enums,
        };
        for (field, source) in shape.fields.iter_mut().zip(&draft.fields) {
            field.default = default::read(&source.node, field, reader, problems);
        }
        shape
    }

    fn collection(
        &self,
        draft: &Draft<'a>,
        settings: Option<&Settings>,
        collections: &[SmolStr],
        problems: &mut Problems,
    ) -> Option<Collection> {
        let rules = rule::Reader {
            source: self.source,
            roles: &self.roles,
            collections,
            types: self.types(),
            draft,
        };
        let indexes = index::Reader {
            source: self.source,
            types: self.types(),
            draft,
        };
        let mut shape = self.shape(draft, problems);
        for (field, source) in shape.fields.iter_mut().zip(&draft.fields) {
            field.policy = rules.field_policy(&source.node, problems);
        }
        let permission = settings.map_or(Permission::Custom, |settings| settings.permission);
        let policy = rules.policy(permission, &draft.directives, problems);
        let indexes = indexes.indexes(&draft.directives, problems);
        let settings = settings?;
        Some(Collection {
            type_name: draft.name.clone(),
            name: settings.name.clone(),
            description: draft.description.clone(),
            list_name: settings.roots.list.clone(),
            single_name: settings.roots.single.clone(),
            policy,
            shape,
            indexes,
        })
    }
}
