//! Cloud files, kept in a local folder: addresses to load them from, uploads, deletion.
//!
//! A file's bytes lie under its key in the folder, so that they can be put there and looked at by hand. Its address is
//! this server's, signed and good for a while. Storage has rules of its own in the cloud, which are not mirrored here:
//! administrators may do everything; who is signed in reads, and uploads what was not there; nobody else may do anything.
//!
//! - `actions.rs`: what SDKs ask for; `transfer.rs`: bytes in and out; `folder.rs`: the files; `address.rs`: signed addresses

mod actions;
mod address;
mod folder;
mod transfer;

use std::path::PathBuf;

use ring::hmac;

pub(super) use self::actions::act;
use self::folder::Folder;
pub(super) use self::transfer::routes;

/// The files of the environment.
#[derive(Debug)]
pub(crate) struct Files {
    folder: Folder,
    /// Signs addresses; made anew at each start, so that none outlives the process.
    key: hmac::Key,
}

impl Files {
    /// Files in this folder, which is made if it is not there; without one, in a temporary folder that goes with this
    /// value.
    ///
    /// # Errors
    /// No folder can be made, or the system has no random numbers.
    pub(crate) fn open(directory: Option<PathBuf>) -> std::io::Result<Self> {
        let random = ring::rand::SystemRandom::new();
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &random)
            .map_err(|_| std::io::Error::other("the system gives no random numbers"))?;
        Ok(Self {
            folder: Folder::open(directory)?,
            key,
        })
    }
}
