//! Stores that stand in front of another one, and differ from it where a test needs it.

/// `impl Store` for a type that hands every call on to the store that the expression gives, except for those written
/// out: `snapshot`, `changes`, and `reads`, which has no way to fail. The expression may fail by `?`.
macro_rules! store_in_front {
    ($front:ty, |$self:ident| $behind:expr, { $($written_out:tt)* }) => {
        #[async_trait::async_trait]
        impl cloudbase_graphql::store::Store for $front {
            async fn find(
                &$self,
                collection: &CollectionName,
                find: &Find,
            ) -> Result<Vec<Arc<Document>>> {
                $behind.find(collection, find).await
            }

            async fn find_per_key(
                &$self,
                collection: &CollectionName,
                path: &Path,
                keys: &[Value],
                find: &Find,
            ) -> Result<Vec<Vec<Arc<Document>>>> {
                $behind.find_per_key(collection, path, keys, find).await
            }

            async fn count(&$self, collection: &CollectionName, filter: &Filter) -> Result<u64> {
                $behind.count(collection, filter).await
            }

            async fn count_per_key(
                &$self,
                collection: &CollectionName,
                path: &Path,
                keys: &[Value],
                filter: &Filter,
            ) -> Result<Vec<u64>> {
                $behind.count_per_key(collection, path, keys, filter).await
            }

            async fn insert(
                &$self,
                collection: &CollectionName,
                documents: Vec<Document>,
            ) -> Result<Vec<Arc<Document>>> {
                $behind.insert(collection, documents).await
            }

            async fn update_one(
                &$self,
                collection: &CollectionName,
                id: &DocId,
                condition: &Filter,
                update: &Update,
            ) -> Result<Option<Updated>> {
                $behind.update_one(collection, id, condition, update).await
            }

            async fn update_many_by_id(
                &$self,
                collection: &CollectionName,
                ids: &[DocId],
                condition: &Filter,
                update: &Update,
            ) -> Result<Vec<Updated>> {
                $behind.update_many_by_id(collection, ids, condition, update).await
            }

            async fn delete_one(
                &$self,
                collection: &CollectionName,
                id: &DocId,
                condition: &Filter,
            ) -> Result<Option<Arc<Document>>> {
                $behind.delete_one(collection, id, condition).await
            }

            async fn delete_many_by_id(
                &$self,
                collection: &CollectionName,
                ids: &[DocId],
                condition: &Filter,
            ) -> Result<Vec<Arc<Document>>> {
                $behind.delete_many_by_id(collection, ids, condition).await
            }

            async fn ready(&$self) -> Result<()> {
                $behind.ready().await
            }

            $($written_out)*
        }
    };
}
