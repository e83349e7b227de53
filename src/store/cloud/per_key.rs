//! Lists for many keys in few requests.
//!
//! Documents of all keys are read together, in the order of the list, and dealt out: what a key is dealt first is the
//! beginning of its list. Mostly one request says it all. Where some keys have so many documents that others get
//! none, those are asked for together a few times more, and then each by itself.
//!
//! One aggregation could answer all keys too (`$lookup` with a pipeline, or `$group`), and is not used. Grouping reads
//! every document of every key to show a few. Joining compares by `$expr`, where values equal by other rules than in a
//! query, arrays and missing fields above all, so that only part of the filters could be said in it. And both give all
//! lists in one answer or none, however long one of them is. `docs/benchmarks.md` has the measurements.

use std::sync::Arc;

use super::chunks::all;
use super::documents::Documents;
use super::list::List;
use crate::cloudbase::database::Context;
use crate::data::{CollectionName, Document, Filter, Path, Position, Test, Value};
use crate::store::dealer::{Dealer, Hand};
use crate::store::{Find, Projection, Result};

/// How often keys are asked for together.
const ROUNDS: usize = 3;

/// So few keys are asked for one by one at once.
const FEW: usize = 8;

/// The fewest rows of a request for several keys.
const LEAST_ROWS: u64 = 100;

/// One list for each key.
struct PerKey<'a> {
    documents: &'a Documents,
    context: &'a Context,
    collection: &'a CollectionName,
    path: &'a Path,
    find: &'a Find,
    /// With the field that the keys are of.
    projection: Projection,
}

/// The lists of some keys so far.
struct Dealt {
    hands: Vec<Hand<Arc<Document>>>,
    /// Where the reading of all of them stopped; `None` at the beginning.
    position: Option<Position>,
    /// Whether there may be more behind it.
    more: bool,
}

impl Documents {
    /// As [`crate::store::Store::find_per_key`].
    pub(super) async fn find_per_key(
        &self,
        context: &Context,
        collection: &CollectionName,
        path: &Path,
        keys: &[Value],
        find: &Find,
    ) -> Result<Vec<Vec<Arc<Document>>>> {
        if find.limit == 0 || find.filter.is_none() {
            return Ok(vec![Vec::new(); keys.len()]);
        }
        let per_key = PerKey {
            documents: self,
            context,
            collection,
            path,
            find,
            projection: with(&find.projection, path),
        };
        let reads = keys.chunks(self.in_list).map(|keys| per_key.lists(keys));
        let lists = all(reads.collect()).await?;
        Ok(lists.into_iter().flatten().collect())
    }
}

impl PerKey<'_> {
    async fn lists(&self, keys: &[Value]) -> Result<Vec<Vec<Arc<Document>>>> {
        let dealt = self.together(keys).await?;
        let more = dealt.more;
        let finish = dealt.hands.into_iter().zip(keys).map(|(hand, key)| {
            let position = &dealt.position;
            async move {
                match more && !hand.is_full() {
                    true => self.alone(key, hand, position.as_ref()).await,
                    false => Ok(hand.dealt),
                }
            }
        });
        all(finish.collect()).await
    }

    /// Reads the lists of all keys at once, from the beginning, until few are left that may lack something.
    async fn together(&self, keys: &[Value]) -> Result<Dealt> {
        let mut dealt = Dealt {
            hands: vec![Hand::new(self.find.skip, self.find.limit); keys.len()],
            position: None,
            more: true,
        };
        for _ in 0..ROUNDS {
            let open = |at: &usize| !dealt.hands[*at].is_full();
            let open: Vec<usize> = (0..keys.len()).filter(open).collect();
            let is_first = dealt.position.is_none();
            if !dealt.more || open.is_empty() || (!is_first && open.len() <= FEW) {
                break;
            }
            self.round(keys, &open, &mut dealt).await?;
        }
        Ok(dealt)
    }

    /// Reads on for those keys that may lack something.
    async fn round(&self, keys: &[Value], open: &[usize], dealt: &mut Dealt) -> Result<()> {
        let asked: Vec<Value> = open.iter().map(|at| keys[*at].clone()).collect();
        let dealer = Dealer::new(self.path, &asked);
        let filter = dealer.narrow(&self.find.filter);
        let position = dealt.position.take().or_else(|| self.find.after.clone());
        let mut pages = self
            .list(&filter)
            .pages(self.documents, self.context)
            .after(position);
        for document in pages.page(0, self.rows(open.len())).await? {
            for place in dealer.places_of(document.fields()) {
                let hand = &mut dealt.hands[open[place]];
                if hand.takes_next() {
                    hand.dealt.push(Arc::clone(&document));
                }
            }
        }
        dealt.position = pages.position().cloned();
        dealt.more = pages.has_more();
        Ok(())
    }

    /// The rest of one key's list.
    async fn alone(
        &self,
        key: &Value,
        hand: Hand<Arc<Document>>,
        position: Option<&Position>,
    ) -> Result<Vec<Arc<Document>>> {
        let is_key = Filter::field(self.path, Test::Eq(key.clone()));
        let filter = self.find.filter.clone().and(is_key);
        let position = position.or(self.find.after.as_ref()).cloned();
        let pages = self
            .list(&filter)
            .pages(self.documents, self.context)
            .after(position);
        let (skip, limit) = hand.missing();
        let mut documents = hand.dealt;
        documents.extend(pages.read(skip, limit).await?);
        Ok(documents)
    }

    fn list<'b>(&'b self, filter: &'b Filter) -> List<'b> {
        List {
            collection: self.collection,
            filter,
            order: &self.find.order,
            projection: &self.projection,
        }
    }

    /// How many rows are asked for: more than so many keys need if each has its share, and for all that there are where
    /// a key has one document.
    fn rows(&self, keys: usize) -> u64 {
        let keys = keys as u64;
        let each = match self.path.segments() {
            [field] if field == "_id" => 1,
            _ => self
                .find
                .skip
                .saturating_add(self.find.limit)
                .saturating_mul(2),
        };
        // One more than there can be shows that there are no more.
        let rows = keys.saturating_mul(each).saturating_add(1);
        rows.max(LEAST_ROWS).min(self.documents.page)
    }
}

/// With the field that a path begins with.
fn with(projection: &Projection, path: &Path) -> Projection {
    match projection {
        Projection::All => Projection::All,
        Projection::Fields(names) => {
            let root = path.root().clone();
            Projection::Fields(names.iter().cloned().chain([root]).collect())
        }
    }
}
