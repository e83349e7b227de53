//! How large a parsed document is when every fragment spread is written out,
//! in time linear in the document: fragments are measured once each, those
//! they spread first. Nothing here recurses from fragment to fragment.

use std::collections::HashMap;

use async_graphql_parser::types::{Directive, ExecutableDocument, Selection, SelectionSet};
use async_graphql_parser::{Pos, Positioned};

use super::{IntakeError, Limits, Measure};
use crate::graphql::skeleton::values_in;

/// What a selection set amounts to.
#[derive(Clone, Copy, Default)]
struct Size {
    /// Fields, spreads and inline fragments.
    selections: usize,
    /// Fields under another name than their own.
    aliases: usize,
    /// Literals and variables in arguments.
    values: usize,
    /// Fields on the outermost level.
    outer_fields: usize,
    /// Fields inside fields.
    depth: usize,
    /// Selection sets inside selection sets, those of fragments included.
    nesting: usize,
}

/// A definition before its fragments are followed.
#[derive(Default)]
struct Draft<'a> {
    own: Size,
    directives: usize,
    spreads: Vec<Spread<'a>>,
}

struct Spread<'a> {
    fragment: &'a str,
    at: Pos,
    /// Fields and selection sets around it.
    depth: usize,
    nesting: usize,
}

/// What the document amounts to, but for bytes and tokens.
///
/// # Errors
///
/// The first limit that is exceeded, or fragments that contain themselves.
pub(super) fn check(
    document: &ExecutableDocument,
    limits: &Limits,
) -> Result<Measure, IntakeError> {
    let fragments: HashMap<&str, Draft<'_>> = document
        .fragments
        .iter()
        .map(|(name, fragment)| {
            let fragment = &fragment.node;
            let draft = Draft::of(&fragment.selection_set.node, &fragment.directives);
            (name.as_str(), draft)
        })
        .collect();
    let operations: Vec<Draft<'_>> = document
        .operations
        .iter()
        .map(|(_, operation)| {
            let operation = &operation.node;
            Draft::of(&operation.selection_set.node, &operation.directives)
        })
        .collect();

    let drafts = fragments.values().chain(&operations);
    let directives = drafts.map(|draft| draft.directives).sum();
    let mut measure = Measure {
        directives,
        ..Measure::default()
    };
    at_most("directives", directives, limits.directives)?;

    let sizes = measure_fragments(&fragments)?;
    let sum = |part: fn(&Size) -> usize| sizes.values().map(part).fold(0, usize::saturating_add);
    let mut values = sum(|size| size.values);
    measure.selections = sum(|size| size.selections);
    measure.aliases = sum(|size| size.aliases);
    for size in sizes.values() {
        at_most("nested selections", size.nesting, limits.nesting)?;
    }
    for operation in &operations {
        let size = operation.size(&sizes);
        measure.selections = measure.selections.saturating_add(size.selections);
        measure.aliases = measure.aliases.saturating_add(size.aliases);
        measure.root_fields = measure.root_fields.max(size.outer_fields);
        measure.depth = measure.depth.max(size.depth);
        values = values.saturating_add(size.values);
        at_most("fields at its root", size.outer_fields, limits.root_fields)?;
        at_most("levels of fields", size.depth, limits.depth)?;
        at_most("nested selections", size.nesting, limits.nesting)?;
    }
    at_most("selections", measure.selections, limits.selections)?;
    at_most("aliases", measure.aliases, limits.aliases)?;
    at_most("values in arguments", values, limits.values)?;
    Ok(measure)
}

fn at_most(what: &'static str, size: usize, limit: usize) -> Result<(), IntakeError> {
    if size > limit {
        return Err(IntakeError::Limit { what, limit });
    }
    Ok(())
}

/// Measures each fragment once all it spreads are measured; those that never are form cycles.
fn measure_fragments<'a>(
    fragments: &HashMap<&'a str, Draft<'a>>,
) -> Result<HashMap<&'a str, Size>, IntakeError> {
    let mut waiting: HashMap<&str, usize> = HashMap::new();
    let mut spread_in: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut ready = Vec::new();
    for (name, draft) in fragments {
        let known = draft.spreads.iter();
        let known = known.filter(|spread| fragments.contains_key(spread.fragment));
        let mut count = 0;
        for spread in known {
            spread_in.entry(spread.fragment).or_default().push(name);
            count += 1;
        }
        if count == 0 {
            ready.push(*name);
        } else {
            waiting.insert(name, count);
        }
    }
    let mut sizes = HashMap::new();
    while let Some(name) = ready.pop() {
        sizes.insert(name, fragments[name].size(&sizes));
        for user in spread_in.remove(name).unwrap_or_default() {
            if let Some(count) = waiting.get_mut(user) {
                *count -= 1;
                if *count == 0 {
                    waiting.remove(user);
                    ready.push(user);
                }
            }
        }
    }
    match waiting.keys().min() {
        None => Ok(sizes),
        Some(first) => Err(cycle(first, fragments, &waiting)),
    }
}

/// Among the fragments left over, some spread each other in a circle, the others lead there.
fn cycle(
    first: &str,
    fragments: &HashMap<&str, Draft<'_>>,
    waiting: &HashMap<&str, usize>,
) -> IntakeError {
    let mut seen: Vec<&str> = Vec::new();
    let mut name = first;
    let mut locations = Vec::new();
    while !seen.contains(&name) {
        seen.push(name);
        let spreads = &fragments[name].spreads;
        let next = spreads
            .iter()
            .find(|spread| waiting.contains_key(spread.fragment));
        if let Some(spread) = next {
            name = spread.fragment;
            locations = vec![spread.at];
        }
    }
    IntakeError::Invalid {
        message: format!("the fragment `{name}` is spread inside itself"),
        locations,
    }
}

impl<'a> Draft<'a> {
    fn of(set: &'a SelectionSet, directives: &[Positioned<Directive>]) -> Self {
        let mut draft = Draft {
            directives: directives.len(),
            ..Draft::default()
        };
        draft.add(set, 0, 0);
        draft
    }

    /// Recurses at most as deep as brackets nest, which was limited before parsing.
    fn add(&mut self, set: &'a SelectionSet, depth: usize, nesting: usize) {
        self.own.depth = self.own.depth.max(depth);
        self.own.nesting = self.own.nesting.max(nesting + 1);
        for item in &set.items {
            self.own.selections += 1;
            self.directives += item.node.directives().len();
            match &item.node {
                Selection::Field(field) => {
                    self.own.aliases += usize::from(field.node.alias.is_some());
                    let arguments = field.node.arguments.iter();
                    self.own.values += arguments
                        .map(|(_, value)| values_in(&value.node))
                        .sum::<usize>();
                    self.own.depth = self.own.depth.max(depth + 1);
                    self.own.outer_fields += usize::from(depth == 0);
                    let inner = &field.node.selection_set.node;
                    if !inner.items.is_empty() {
                        self.add(inner, depth + 1, nesting + 1);
                    }
                }
                Selection::InlineFragment(fragment) => {
                    self.add(&fragment.node.selection_set.node, depth, nesting + 1);
                }
                Selection::FragmentSpread(spread) => self.spreads.push(Spread {
                    fragment: spread.node.fragment_name.node.as_str(),
                    at: spread.pos,
                    depth,
                    nesting: nesting + 1,
                }),
            }
        }
    }

    /// With fragments followed; unknown ones are reported by validation.
    fn size(&self, fragments: &HashMap<&str, Size>) -> Size {
        let mut size = self.own;
        for spread in &self.spreads {
            let Some(inner) = fragments.get(spread.fragment) else {
                continue;
            };
            size.selections = size.selections.saturating_add(inner.selections);
            size.aliases = size.aliases.saturating_add(inner.aliases);
            size.values = size.values.saturating_add(inner.values);
            if spread.depth == 0 {
                size.outer_fields = size.outer_fields.saturating_add(inner.outer_fields);
            }
            size.depth = size.depth.max(spread.depth.saturating_add(inner.depth));
            size.nesting = size
                .nesting
                .max(spread.nesting.saturating_add(inner.nesting));
        }
        size
    }
}
