//! Reading `schema.graphql`: good models, and the messages for bad ones.

mod bad_schemas;
mod documentation;
mod names;
mod robustness;
mod shop;
