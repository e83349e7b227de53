//! What the outcome of a call says of the upstream's health. A refusal that is our own fault is an answer like any other.

use crate::cloudbase::Code;
use crate::cloudbase::error::{Error, Refusal, Result};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Health {
    Good,
    Bad,
    /// The call tells nothing.
    Unknown,
}

impl Health {
    /// `status`: of the answer, which counts where its code is not known. `excused`: that no answer came in time says
    /// nothing, as the time was short, or others were answered meanwhile.
    pub(super) fn of<T>(outcome: &Result<T>, status: u16, excused: bool) -> Self {
        match outcome {
            Ok(_) => Self::Good,
            Err(Error::Lost(_)) if excused => Self::Unknown,
            Err(Error::Unreachable(_) | Error::Lost(_)) => Self::Bad,
            Err(Error::Refused(refusal)) if is_fault(refusal, status) => Self::Bad,
            Err(Error::Refused(_)) => Self::Good,
            Err(_) => Self::Unknown,
        }
    }
}

fn is_fault(refusal: &Refusal, status: u16) -> bool {
    match refusal.code {
        Some(Code::SysErr | Code::ServerTimeout) => true,
        // Some codes for what we did wrong come with a status of 500 or 503. A slow query is one of these: who asks for
        // many of them must not have everybody else held back.
        Some(_) => false,
        None => status >= 500 || refusal.word.starts_with("InternalError"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(word: &str) -> Result<()> {
        Err(Error::Refused(Refusal {
            code: Code::parse(word),
            word: word.to_owned(),
            message: String::new(),
            request_id: None,
        }))
    }

    #[test]
    fn only_faults_of_the_upstream_count_against_it() {
        let lost = || Err(Error::Lost("x".to_owned()));
        for (outcome, status, excused, health) in [
            (Ok(()), 200, false, Health::Good),
            (lost(), 0, false, Health::Bad),
            (lost(), 0, true, Health::Unknown),
            (
                Err(Error::Unreachable("x".to_owned())),
                0,
                true,
                Health::Bad,
            ),
            (
                Err(Error::Malformed("x".to_owned())),
                200,
                false,
                Health::Unknown,
            ),
            (refused("SYS_ERR"), 200, false, Health::Bad),
            (refused("502"), 502, false, Health::Bad),
            (refused("A_CODE_OF_TOMORROW"), 500, false, Health::Bad),
            (refused("A_CODE_OF_TOMORROW"), 400, false, Health::Good),
            (refused("InternalError.X"), 200, false, Health::Bad),
            (refused("DATABASE_REQUEST_FAILED"), 500, false, Health::Good),
            (refused("DATABASE_TIMEOUT"), 504, false, Health::Good),
            (
                refused("DATABASE_TRANSACTION_CONFLICT"),
                503,
                false,
                Health::Good,
            ),
            (refused("EXCEED_REQUEST_LIMIT"), 422, false, Health::Good),
        ] {
            assert_eq!(
                Health::of(&outcome, status, excused),
                health,
                "{outcome:?} {status}"
            );
        }
    }
}
