//! What operations answer, by the letter of the specification.

mod access;
mod addresses;
mod coercion;
mod filters;
mod invalid;
mod mutations;
mod nulls;
mod paging;
mod reads;
mod selection;
mod size;
mod values;
