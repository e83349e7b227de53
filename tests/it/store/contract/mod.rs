//! What every store must do, told by the trait alone.
//!
//! Each case gets a store of its own, with [`super::words::specs`]
//! prepared and nothing in it.

pub(crate) mod exotic;
pub(crate) mod lists;
pub(crate) mod per_key;
pub(crate) mod snapshots;
pub(crate) mod writes;

/// Makes a test of each case that every store must pass, or of the cases that are named; `$open` is an async function
/// that gives a new store.
macro_rules! contract {
    ($open:path) => {
        contract!(
            $open,
            lists: [
                by_id, filters, filters_decide_what_indexes_cannot, arrays_fan_out, null_and_missing,
                orders_of_mixed_types, ties_by_id, skip_and_limit, projections, pages_forwards,
                pages_backwards, counts, reads_are_counted, unknown_collections, ids_of_every_type,
            ],
            per_key: [
                lists_for_each_key, keys_of_arrays, keys_without_an_index, null_keys, repeated_keys,
                pages_for_each_key, counts_for_each_key, keys_with_a_filter_beyond_indexes,
            ],
            snapshots: [
                snapshots_give_what_find_gives, snapshots_are_numbered, snapshots_are_reads,
                snapshots_are_of_one_moment,
            ],
            writes: [
                insert_gives_what_is_stored, insert_is_all_or_nothing, duplicate_ids,
                duplicates_name_their_fields, missing_counts_as_null_in_unique_indexes,
                update_only_if_true, update_gives_before_and_after, update_that_changes_nothing,
                update_that_does_not_fit, update_into_a_duplicate, update_many_in_one_commit,
                delete_only_if_true, delete_many, too_large, dropped_futures_still_write,
                changes_in_order, concurrent_increments, values_survive,
            ],
        );
    };
    ($open:path, $($area:ident: [$($case:ident),* $(,)?]),* $(,)?) => {
        $(
            mod $area {
                $(
                    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                    async fn $case() {
                        let store = $open().await;
                        crate::store::contract::$area::$case(store.as_ref()).await;
                    }
                )*
            }
        )*
    };
}

pub(crate) use contract;
