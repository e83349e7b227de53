//! `$sample`: some of the documents, by chance.

use std::cell::Cell;

use super::flow::Item;

/// `size` of the items, each set of them as likely as another (all of them, if there are no more).
pub(super) fn sample(mut items: Vec<Item>, size: usize, seed: &Cell<u64>) -> Vec<Item> {
    let size = size.min(items.len());
    for at in 0..size {
        let chosen = at + below(items.len() - at, seed);
        items.swap(at, chosen);
    }
    items.truncate(size);
    items
}

/// A number below `bound`, which is not 0.
fn below(bound: usize, seed: &Cell<u64>) -> usize {
    let wide = u128::from(next(seed)) * bound as u128;
    usize::try_from(wide >> 64).expect("less than the bound")
}

/// The generator called `SplitMix64`.
fn next(seed: &Cell<u64>) -> u64 {
    let state = seed.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
    seed.set(state);
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
