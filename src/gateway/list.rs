//! Lists: one page of a collection.

use std::collections::BTreeSet;
use std::sync::Arc;

use smol_str::SmolStr;

use crate::data::{Cursor, Document, Order};
use crate::model::CollectionIx;
use crate::store::{Find, Projection};

use super::error::Result;
use super::mask::{Mask, Verdict, Visible};
use super::page::Page;
use super::request::{ListRequest, Select, Total};
use super::session::Session;
use super::trace::Action;

/// Documents of one page with what `PageInfo` tells.
#[derive(Clone, Debug)]
pub struct List {
    pub nodes: Vec<Visible>,
    pub has_next_page: bool,
    pub has_previous_page: bool,
    pub total: Option<u64>,
    order: Order,
}

impl List {
    /// A page of no list: what there is for a key that finds nothing.
    pub(super) fn empty(order: &Order, total: Total) -> Self {
        Self {
            nodes: Vec::new(),
            has_next_page: false,
            has_previous_page: false,
            total: (total == Total::Count).then_some(0),
            order: order.clone(),
        }
    }

    pub(super) fn new(
        found: Vec<Arc<Document>>,
        mask: &Arc<Mask>,
        page: &Page,
        order: &Order,
        total: Option<u64>,
    ) -> Self {
        let (documents, more) = page.cut(found);
        let (has_next_page, has_previous_page) = page.neighbours(more);
        let see = |document| Visible::new(document, Arc::clone(mask));
        Self {
            nodes: documents.into_iter().map(see).collect(),
            has_next_page,
            has_previous_page,
            total,
            order: order.clone(),
        }
    }

    /// The cursor of a node of this list.
    ///
    /// # Panics
    /// If the list has no such node.
    pub fn cursor(&self, node: usize) -> String {
        // INVARIANT: the projection of a list holds the fields of its order.
        let position = self.order.position(self.nodes[node].document());
        let order_hash = Cursor::order_hash(&self.order);
        Cursor {
            position,
            order_hash,
        }
        .encode()
    }
}

impl Session {
    /// One page of a collection. One read; one more with [`Total::Count`].
    pub async fn list(&self, request: &ListRequest) -> Result<List> {
        self.admit()?;
        let page = Page::check(&request.page, &request.order)?;
        self.list_page(request, &page).await
    }

    /// The page of a list, whatever `request.page` says.
    pub(super) async fn list_page(&self, request: &ListRequest, page: &Page) -> Result<List> {
        let scope = self
            .scope(request.collection, &request.filter, &request.order)
            .await?;
        let name = &self.collection(request.collection).name;
        let find = Find {
            projection: self.projection(
                request.collection,
                &request.select,
                &scope.mask,
                &request.order,
            ),
            filter: scope.filter,
            order: page.order.clone(),
            after: page.after.clone(),
            skip: page.skip,
            limit: page.limit(),
        };
        let found = self.reader().find(Action::Find, name, &find).await?;
        let total = match request.total {
            Total::Omit => None,
            Total::Count => Some(self.reader().count(name, &find.filter).await?),
        };
        Ok(List::new(found, &scope.mask, page, &request.order, total))
    }

    /// The fields a read must bring: those selected, those their readers depend on, those cursors are made of.
    pub(super) fn projection(
        &self,
        collection: CollectionIx,
        select: &Select,
        mask: &Mask,
        order: &Order,
    ) -> Projection {
        let shape = &self.collection(collection).shape;
        let mut names: BTreeSet<&SmolStr> = order.keys.iter().map(|key| key.path.root()).collect();
        for &field in &select.fields {
            names.insert(&shape.field(field).stored);
            if let Verdict::Where(filter) = mask.verdict(field) {
                names.extend(filter.roots());
            }
        }
        Projection::Fields(names.into_iter().cloned().collect())
    }
}
