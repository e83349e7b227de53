//! Who holds which staff role, and what nobody may do to that.

/// Owners by configuration, for as long as there are none by document.
mod bootstrap;
/// What a document gives, and since when.
mod held;
/// Whatever is written by whomever: nobody gains what its writer lacks, and there is an owner.
mod law;
/// Who × what × by which path.
mod matrix;
/// Writers whose roles are taken meanwhile, and owners who remove each other.
mod races;
/// Writes, as data.
mod writes;
