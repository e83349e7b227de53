//! Work that many wait for and one does: whoever asks waits for a round that
//! began after they asked. However many ask at once, one round answers them all.

use tokio::sync::watch;

use crate::store;

/// Shared by those who ask and the task that works.
#[derive(Debug)]
pub struct Rounds {
    /// How often somebody asked.
    asked: watch::Sender<u64>,
    done: watch::Sender<Done>,
}

/// The last round.
#[derive(Clone, Copy, Debug, Default)]
struct Done {
    /// Whoever asked up to then is answered.
    upto: u64,
    failed: bool,
    /// There are no more rounds.
    over: bool,
}

/// Why there was no round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missed {
    /// It could not be completed. The next one may be.
    Failed,
    /// There are no more.
    Over,
}

/// What is told to whoever must not be shown an old state.
impl From<Missed> for store::Error {
    fn from(missed: Missed) -> Self {
        store::Error::unavailable(match missed {
            Missed::Failed => "a list cannot be read at the moment".to_owned(),
            Missed::Over => "it is shutting down".to_owned(),
        })
    }
}

/// A round under way: answers everybody who asked before it began.
#[derive(Clone, Copy, Debug)]
#[must_use = "those who asked wait for it"]
pub struct Round(u64);

impl Default for Rounds {
    fn default() -> Self {
        Self {
            asked: watch::Sender::new(0),
            done: watch::Sender::default(),
        }
    }
}

impl Rounds {
    /// Waits for a round that begins from now on.
    ///
    /// # Errors
    /// See [`Missed`].
    pub async fn ask(&self) -> Result<(), Missed> {
        let mut mine = 0;
        self.asked.send_modify(|asked| {
            *asked += 1;
            mine = *asked;
        });
        let mut done = self.done.subscribe();
        let answered = done.wait_for(|done| done.over || done.upto >= mine).await;
        match answered.map(|done| *done) {
            Ok(Done {
                over: false,
                failed,
                ..
            }) if failed => Err(Missed::Failed),
            Ok(Done { over: false, .. }) => Ok(()),
            _ => Err(Missed::Over),
        }
    }

    /// Waits until somebody asks who was not answered. Dropping the future loses nothing.
    pub async fn asked(&self) {
        let upto = self.done.borrow().upto;
        let mut asked = self.asked.subscribe();
        // The sender is not gone: it is ours.
        let _ = asked.wait_for(|asked| *asked > upto).await;
    }

    /// Whether anybody waits.
    pub fn is_asked(&self) -> bool {
        *self.asked.borrow() > self.done.borrow().upto
    }

    pub fn begin(&self) -> Round {
        Round(*self.asked.borrow())
    }

    pub fn finish(&self, round: Round) {
        self.answer(round, false);
    }

    pub fn fail(&self, round: Round) {
        self.answer(round, true);
    }

    fn answer(&self, round: Round, failed: bool) {
        self.done.send_if_modified(|done| {
            let answers = done.upto < round.0;
            if answers {
                (done.upto, done.failed) = (round.0, failed);
            }
            answers
        });
    }

    /// Whoever asks is told that there are no more rounds.
    pub fn close(&self) {
        self.done.send_modify(|done| done.over = true);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use futures_util::future::join_all;

    use super::*;

    #[tokio::test]
    async fn a_round_answers_whoever_asked_before_it_began() {
        let rounds = Rounds::default();
        assert!(rounds.asked().now_or_never().is_none());
        let early = join_all((0..3).map(|_| rounds.ask()));
        tokio::pin!(early);
        assert!(early.as_mut().now_or_never().is_none());
        rounds.asked().await;
        let round = rounds.begin();
        let late = rounds.ask();
        tokio::pin!(late);
        assert!(late.as_mut().now_or_never().is_none());
        rounds.finish(round);
        assert_eq!(early.await, [Ok(()); 3]);
        assert!(late.as_mut().now_or_never().is_none());
        rounds.asked().await;
        rounds.fail(rounds.begin());
        assert_eq!(late.await, Err(Missed::Failed));
        assert!(rounds.asked().now_or_never().is_none());
    }

    #[tokio::test]
    async fn nobody_waits_for_what_is_over() {
        let rounds = Rounds::default();
        let before = rounds.ask();
        tokio::pin!(before);
        assert!(before.as_mut().now_or_never().is_none());
        rounds.close();
        assert_eq!(before.await, Err(Missed::Over));
        assert_eq!(rounds.ask().await, Err(Missed::Over));
    }
}
