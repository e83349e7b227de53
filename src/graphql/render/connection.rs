//! Connections: pages of documents in the shape that Relay clients know.

use super::{Below, Renderer, Written, text};
use crate::gateway::List;
use crate::graphql::bind::{ConnectionGet, EdgeGet, Object, PageInfoGet};

impl<'a> Renderer<'a> {
    /// `None`: the parent leads nowhere, which is an empty page.
    pub(super) fn connection(
        &mut self,
        connection: &'a Object<'a, ConnectionGet<'a>>,
        list: Option<&'a List>,
        below: Below<'a>,
    ) -> Written {
        let nodes = list.map_or(&[][..], |list| &list.nodes);
        self.object(connection, |renderer, (field, get)| match get {
            ConnectionGet::Nodes(object) => renderer.list(field, nodes, |renderer, node| {
                renderer.document(object, node, below)
            }),
            ConnectionGet::Edges(edge) => {
                renderer.list(field, nodes.iter().enumerate(), |renderer, (at, node)| {
                    renderer.object(edge, |renderer, (_, get)| match get {
                        EdgeGet::Node(object) => renderer.document(object, node, below),
                        EdgeGet::Cursor => renderer.cursor(list, at),
                    })
                })
            }
            ConnectionGet::PageInfo(info) => renderer.page_info(info, list),
            ConnectionGet::TotalCount => {
                let total = list.and_then(|list| list.total).unwrap_or_default();
                text::integer(&mut renderer.out, total);
                Ok(())
            }
        })
    }

    fn page_info(&mut self, info: &'a Object<'a, PageInfoGet>, list: Option<&'a List>) -> Written {
        let last = list.and_then(|list| list.nodes.len().checked_sub(1));
        self.object(info, |renderer, (_, get)| {
            let out = &mut renderer.out;
            match get {
                PageInfoGet::HasNextPage => {
                    text::boolean(out, list.is_some_and(|list| list.has_next_page));
                }
                PageInfoGet::HasPreviousPage => {
                    text::boolean(out, list.is_some_and(|list| list.has_previous_page));
                }
                PageInfoGet::StartCursor if last.is_some() => return renderer.cursor(list, 0),
                PageInfoGet::EndCursor if last.is_some() => {
                    return renderer.cursor(list, last.unwrap_or_default());
                }
                PageInfoGet::StartCursor | PageInfoGet::EndCursor => text::null(out),
            }
            Ok(())
        })
    }

    fn cursor(&mut self, list: Option<&List>, node: usize) -> Written {
        let cursor = list.map(|list| list.cursor(node)).unwrap_or_default();
        self.string(&cursor)
    }
}
