//! Statistics for SQLite's choice among indexes: without them it takes a
//! status that a third of all orders have to be as telling as their owner.

use rusqlite::Connection;

/// Changes after which a store is analysed for the first time.
const FIRST: usize = 1000;

/// Index entries looked at for each index: keeps an analysis in the milliseconds.
const SAMPLE: u32 = 1000;

/// Counts changes and tells when to look again: each time as many have come as
/// before, so that the effort stays in proportion.
#[derive(Debug)]
pub(super) struct Statistics {
    changes: usize,
    due: usize,
}

impl Default for Statistics {
    fn default() -> Self {
        Self {
            changes: 0,
            due: FIRST,
        }
    }
}

impl Statistics {
    /// Takes note of committed changes; analyses if it is time. A failure is
    /// no harm: the old statistics stay.
    pub(super) fn changed(&mut self, changes: usize, connection: &Connection) {
        self.changes = self.changes.saturating_add(changes);
        if self.changes < self.due {
            return;
        }
        self.due = self.changes.saturating_mul(2);
        if let Err(error) = renew(connection) {
            tracing::warn!(%error, "the statistics of the store could not be renewed");
        }
    }
}

/// Makes new statistics within the transaction under way.
pub(super) fn analyse(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "analysis_limit", SAMPLE)?;
    connection.execute_batch("ANALYZE")
}

/// Makes new statistics and lets all connections know: they read them
/// together with the schema, so it is given a new version.
pub(super) fn renew(connection: &Connection) -> rusqlite::Result<()> {
    let transaction = connection.unchecked_transaction()?;
    analyse(&transaction)?;
    let version: u32 = transaction.query_row("PRAGMA schema_version", [], |row| row.get(0))?;
    transaction.pragma_update(None, "schema_version", version.wrapping_add(1))?;
    transaction.commit()
}
