//! Transactions, each its beginner's alone.

use super::Session;
use crate::emulator::database::TransactionId;
use crate::emulator::failure::Result;

impl Session {
    pub(crate) fn begin(&self) -> Result<TransactionId> {
        self.database.begin(self.identity.clone())
    }

    /// # Errors
    /// Also for a transaction that another identity began: it does not exist for this one.
    pub(crate) async fn commit(&self, transaction: &TransactionId) -> Result<()> {
        self.check_transaction(Some(transaction))?;
        self.database.commit(transaction).await
    }

    /// # Errors
    /// As of [`Session::commit`].
    pub(crate) async fn abort(&self, transaction: &TransactionId) -> Result<()> {
        self.check_transaction(Some(transaction))?;
        self.database.abort(transaction).await
    }

    pub(super) fn check_transaction(&self, within: Option<&TransactionId>) -> Result<()> {
        match within {
            Some(transaction) => self.database.check_owner(transaction, &self.identity),
            None => Ok(()),
        }
    }
}
