//! How requests to the cloud are signed: the two TC3 variants and the older
//! q-sign. Pure: the clock and the secret are arguments.
//!
//! The client signs with these, the emulator computes the same and compares.
