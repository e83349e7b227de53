//! The machine, with time and a server of the test's.

mod anything;
mod life;
mod replay;
mod rig;
mod rotation;
mod watches;
