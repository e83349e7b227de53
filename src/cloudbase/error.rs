//! What can go wrong between us and the cloud, by meaning.

use std::time::Duration;

use super::Code;

/// Why a call brought no answer of use.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The upstream answered, with a refusal.
    #[error(transparent)]
    Refused(Refusal),
    /// No connection: nothing was sent. The text says what to check (name, network, address).
    #[error("the cloud cannot be reached: {0}")]
    Unreachable(String),
    /// The connection broke, or no answer came in time, after the request was sent: whether it was carried out is not known.
    #[error("the cloud did not answer: {0}")]
    Lost(String),
    /// Our own limiter or breaker holds the request back; nothing was sent.
    #[error("the cloud is not asked at the moment: {reason}")]
    Busy {
        reason: &'static str,
        retry_after: Duration,
    },
    /// The deadline passed before anything was sent.
    #[error("there was no time left to ask the cloud")]
    TooLate,
    /// The answer is not what the protocol says.
    #[error("the cloud's answer cannot be understood: {0}")]
    Malformed(String),
    /// The configuration does not suffice for this call; the text says what to set.
    #[error("{0}")]
    Unable(String),
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A refusal in the upstream's words.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the cloud refused with {word}: {message}{}", advice(self))]
pub struct Refusal {
    /// `None`: a code that we do not know, or none.
    pub code: Option<Code>,
    /// The code as it was sent, or the HTTP status.
    pub word: String,
    pub message: String,
    /// What the upstream's operators know the request by.
    pub request_id: Option<String>,
}

/// What may be done after a failure (the cloud's documentation of its codes).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// The same request will fail again.
    Never,
    /// Nothing was carried out: whatever it was may be tried again after a pause.
    Safe,
    /// As `Safe`, and the upstream asks for less: the pause is longer, and less is sent at once.
    Slower,
    /// It may have been carried out: only what changes nothing may be tried again.
    Ambiguous,
    /// A fresh signature or token may help, once.
    Credential,
}

impl Error {
    /// What may be done about it.
    pub fn retry(&self) -> Retry {
        match self {
            Error::Refused(refusal) => refusal.retry(),
            Error::Unreachable(_) | Error::Busy { .. } => Retry::Safe,
            Error::Lost(_) | Error::Malformed(_) => Retry::Ambiguous,
            Error::TooLate | Error::Unable(_) => Retry::Never,
        }
    }

    /// How long to wait before asking again, if that is known.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Error::Busy { retry_after, .. } => Some(*retry_after),
            Error::Refused(_) if self.retry() == Retry::Slower => Some(QUOTA_PAUSE),
            _ => None,
        }
    }

    /// The code of a refusal.
    pub fn code(&self) -> Option<Code> {
        match self {
            Error::Refused(refusal) => refusal.code,
            _ => None,
        }
    }
}

/// How long whoever asks should leave the upstream alone after a quota was exceeded: the short end of what the cloud's
/// documentation of its codes suggests.
const QUOTA_PAUSE: Duration = Duration::from_secs(5);

impl Refusal {
    /// What may be done about it.
    pub fn retry(&self) -> Retry {
        match self.code {
            Some(code) => of_code(code, &self.message),
            None => self.status().map_or_else(|| of_word(&self.word), of_status),
        }
    }

    /// The HTTP status, where that is all that is known.
    fn status(&self) -> Option<u16> {
        self.word.parse().ok()
    }
}

fn of_code(code: Code, message: &str) -> Retry {
    match code {
        Code::ExceedRequestLimit | Code::ExceedConcurrentRequestLimit | Code::ExceedRateLimit => {
            Retry::Slower
        }
        Code::SysErr | Code::ServerTimeout | Code::DatabaseTimeout | Code::StorageRequestFail => {
            Retry::Ambiguous
        }
        // The only thing that is told by a text: a key that another document has stays that document's.
        Code::DatabaseRequestFailed if message.contains("E11000") => Retry::Never,
        Code::DatabaseRequestFailed => Retry::Ambiguous,
        Code::SignParamInvalid
        | Code::SignInvalidError
        | Code::SignExpiredError
        | Code::AccessTokenExpired
        | Code::AccessTokenInvalid
        | Code::InvalidAccessToken
        | Code::AccessTokenDisabled
        | Code::CheckLoginFailed => Retry::Credential,
        // A conflict too: only the whole transaction can be tried again, and whoever began it does that.
        _ => Retry::Never,
    }
}

/// An answer that no server of the database gave, but something on the way to it.
fn of_status(status: u16) -> Retry {
    match status {
        429 => Retry::Slower,
        408 | 500.. => Retry::Ambiguous,
        _ => Retry::Never,
    }
}

/// A code of the cloud API: the first part is the family.
fn of_word(word: &str) -> Retry {
    match word.split_once('.').unwrap_or((word, "")) {
        ("RequestLimitExceeded", _) => Retry::Slower,
        ("InternalError", _) => Retry::Ambiguous,
        ("AuthFailure", "SignatureExpire" | "SignatureFailure") => Retry::Credential,
        // The permission of another collection is being changed.
        ("ResourceInUse", "FsACLJobUnDone") => Retry::Safe,
        _ => Retry::Never,
    }
}

/// What to check, where the upstream's own words do not say it.
fn advice(refusal: &Refusal) -> &'static str {
    match refusal.code {
        Some(code) => advice_on_code(code),
        None => match refusal.word.as_str() {
            "401" | "403" => WRONG_KEY,
            word if word.starts_with("AuthFailure.Signature") => WRONG_SIGNATURE,
            word if word.starts_with("AuthFailure") => WRONG_KEY,
            "ResourceNotFound.EnvNotFound" => WRONG_ENV,
            word if word.starts_with("UnauthorizedOperation") => {
                " (check that the key pair's account may manage this environment)"
            }
            _ => "",
        },
    }
}

const WRONG_KEY: &str = " (check that `CLOUDBASE_APIKEY`, or `TENCENTCLOUD_SECRETID` and `TENCENTCLOUD_SECRETKEY`, are a \
     server key of the environment `CLOUDBASE_ENV_ID`)";

const WRONG_SIGNATURE: &str = " (check this machine's clock, then `TENCENTCLOUD_SECRETID` and `TENCENTCLOUD_SECRETKEY`, \
     then that they are of the account of `CLOUDBASE_ENV_ID`)";

const WRONG_ENV: &str = " (check `CLOUDBASE_ENV_ID` and the region)";

fn advice_on_code(code: Code) -> &'static str {
    match code {
        Code::SignParamInvalid | Code::SignInvalidError | Code::SignExpiredError => WRONG_SIGNATURE,
        Code::MissingCredentials
        | Code::InvalidCredentials
        | Code::UnsupportedAuthType
        | Code::AuthenticationFailed
        | Code::AccessTokenExpired
        | Code::AccessTokenInvalid
        | Code::InvalidAccessToken
        | Code::AccessTokenDisabled
        | Code::CheckLoginFailed => WRONG_KEY,
        Code::InvalidEnv | Code::InvalidEnvSource | Code::InvalidCommonParam => WRONG_ENV,
        Code::InvalidEnvStatus => {
            " (the environment is stopped: look in the console whether it is in arrears or isolated)"
        }
        Code::ResourceNotInitial => {
            " (open the document database for this environment in the console)"
        }
        Code::ExceedRequestLimit => {
            " (the plan's calls may be used up: look at the quota in the console)"
        }
        Code::DatabaseTimeout => " (a query without a fitting index, perhaps)",
        Code::ExceedMaxResponseSize => " (ask for fewer documents at once)",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(word: &str, message: &str) -> Refusal {
        Refusal {
            code: Code::parse(word),
            word: word.to_owned(),
            message: message.to_owned(),
            request_id: None,
        }
    }

    #[test]
    fn what_may_be_done_after_a_refusal() {
        for (word, retry) in [
            ("EXCEED_REQUEST_LIMIT", Retry::Slower),
            ("EXCEED_CONCURRENT_REQUEST_LIMIT", Retry::Slower),
            ("EXCEED_RATELIMIT", Retry::Slower),
            ("429", Retry::Slower),
            ("RequestLimitExceeded.UinLimitExceeded", Retry::Slower),
            ("SYS_ERR", Retry::Ambiguous),
            ("DATABASE_REQUEST_FAILED", Retry::Ambiguous),
            ("502", Retry::Ambiguous),
            ("InternalError", Retry::Ambiguous),
            ("SIGN_PARAM_INVALID", Retry::Credential),
            ("AuthFailure.SignatureExpire", Retry::Credential),
            ("AuthFailure.SecretIdNotFound", Retry::Never),
            ("ResourceInUse.FsACLJobUnDone", Retry::Safe),
            ("INVALID_CREDENTIALS", Retry::Never),
            ("DATABASE_TRANSACTION_CONFLICT", Retry::Never),
            ("DATABASE_COLLECTION_NOT_EXIST", Retry::Never),
            ("404", Retry::Never),
            ("A_CODE_OF_TOMORROW", Retry::Never),
        ] {
            let error = Error::Refused(refusal(word, ""));
            assert_eq!(error.retry(), retry, "{word}");
            assert_eq!(
                error.retry_after().is_some(),
                retry == Retry::Slower,
                "{word}"
            );
        }
        let duplicate = refusal(
            "DATABASE_REQUEST_FAILED",
            "[FailedOperation] E11000 duplicate key",
        );
        assert_eq!(duplicate.retry(), Retry::Never);
    }

    #[test]
    fn a_refusal_says_what_to_check() {
        for (word, checked) in [
            ("INVALID_CREDENTIALS", "CLOUDBASE_APIKEY"),
            ("401", "CLOUDBASE_APIKEY"),
            ("SIGN_PARAM_INVALID", "clock"),
            ("AuthFailure.SignatureExpire", "clock"),
            ("INVALID_ENV", "CLOUDBASE_ENV_ID"),
            ("ResourceNotFound.EnvNotFound", "CLOUDBASE_ENV_ID"),
            ("INVALID_ENV_STATUS", "arrears"),
        ] {
            let text = refusal(word, "no").to_string();
            assert!(text.contains(word) && text.contains(checked), "{text}");
        }
        let plain = refusal("INVALID_PARAM", "no").to_string();
        assert_eq!(plain, "the cloud refused with INVALID_PARAM: no");
    }
}
