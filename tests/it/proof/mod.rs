//! What is promised of the shop as a whole, shown through the served API:
//! permissions to the single field, nothing told of what is hidden, few reads,
//! and answers that survive documents which do not fit.

/// Every caller, collection, operation and field against rules written down by hand.
mod matrix;
/// Shops that differ in what is hidden look alike.
mod metamorphic;
/// Documents that do not fit the model.
mod misfits;
/// How many reads of the store operations take.
mod reads;
