//! How often a socket may show who it speaks for: each proof is verified, and each other caller is shown all live lists
//! anew, which no limit of operations counts.

use std::time::Duration;

use tokio::time::Instant;

/// So many may follow each other at once.
const BURST: u32 = 5;

/// And one more each time this has passed. Clients refresh tokens that are good for hours, or at least for minutes.
const PAUSE: Duration = Duration::from_secs(5);

/// What a socket has left.
#[derive(Debug)]
pub(super) struct Proofs {
    left: u32,
    /// Since when what is left has not grown.
    since: Instant,
}

impl Proofs {
    pub(super) fn new() -> Self {
        Self {
            left: BURST,
            since: Instant::now(),
        }
    }

    /// Whether one more may be shown now; then it counts.
    pub(super) fn take(&mut self) -> bool {
        let grown = self.since.elapsed().as_secs() / PAUSE.as_secs();
        if let Ok(grown) = u32::try_from(grown)
            && self.left.saturating_add(grown) < BURST
        {
            self.left += grown;
            self.since += PAUSE * grown;
        } else {
            self.left = BURST;
            self.since = Instant::now();
        }
        let may = self.left > 0;
        self.left = self.left.saturating_sub(1);
        may
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_few_at_once_and_then_one_at_a_time() {
        let mut proofs = Proofs::new();
        let mut taken = |times: u32| (0..times).filter(|_| proofs.take()).count();
        assert_eq!(taken(100), 5);
        tokio::time::advance(PAUSE - Duration::from_millis(1)).await;
        assert_eq!(taken(100), 0);
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(taken(100), 1);
        tokio::time::advance(PAUSE * 3).await;
        assert_eq!(taken(100), 3);
        tokio::time::advance(PAUSE * 1_000).await;
        assert_eq!(taken(100), 5);
    }
}
