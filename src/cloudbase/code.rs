//! The error codes of the cloud's database protocols.

/// Each code once, with the word for it on the wire.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// A string code as the wire spells it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code {
            $($(#[$doc])* #[doc = concat!("(`", $text, "`)")] $name,)*
        }

        impl Code {
            /// The code as the wire spells it.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Code::$name => $text,)*
                }
            }

            /// The code that the wire spells so.
            pub fn parse(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Code::$name),)*
                    _ => None,
                }
            }
        }
    };
}

codes! {
    SysErr = "SYS_ERR",
    ServerTimeout = "SERVER_TIMEOUT",
    /// The plan's calls are used up.
    ExceedRequestLimit = "EXCEED_REQUEST_LIMIT",
    ExceedConcurrentRequestLimit = "EXCEED_CONCURRENT_REQUEST_LIMIT",
    ExceedRateLimit = "EXCEED_RATELIMIT",
    /// No environment of that name.
    InvalidEnv = "INVALID_ENV",
    /// An argument; an update without a condition too.
    InvalidParam = "INVALID_PARAM",
    /// No action of that name.
    InvalidAction = "INVALID_ACTION",
    /// Anything the database refuses: a bad operator, a duplicate key, a `$` name.
    DatabaseRequestFailed = "DATABASE_REQUEST_FAILED",
    DatabasePermissionDenied = "DATABASE_PERMISSION_DENIED",
    DatabaseCollectionNotExist = "DATABASE_COLLECTION_NOT_EXIST",
    DatabaseCollectionAlreadyExist = "DATABASE_COLLECTION_ALREADY_EXIST",
    DatabaseCollectionExceedLimit = "DATABASE_COLLECTION_EXCEED_LIMIT",
    /// REST only; elsewhere a duplicate key is `DATABASE_REQUEST_FAILED`.
    DatabaseDuplicateWrite = "DATABASE_DUPLICATE_WRITE",
    DatabaseTransactionConflict = "DATABASE_TRANSACTION_CONFLICT",
    DatabaseTransactionFail = "DATABASE_TRANSACTION_FAIL",
    DatabaseTimeout = "DATABASE_TIMEOUT",
    /// REST only.
    DocumentNotFound = "DOCUMENT_NOT_FOUND",
    PermissionDenied = "PERMISSION_DENIED",
    /// The signature is wrong.
    SignParamInvalid = "SIGN_PARAM_INVALID",
    MissingCredentials = "MISSING_CREDENTIALS",
    InvalidCredentials = "INVALID_CREDENTIALS",
    AccessTokenExpired = "ACCESS_TOKEN_EXPIRED",
    /// The login is over, or was never one.
    CheckLoginFailed = "CHECK_LOGIN_FAILED",
    ExceedRequestSizeLimit = "EXCEED_REQUEST_SIZE_LIMIT",
    StorageFileNonexist = "STORAGE_FILE_NONEXIST",
    StorageExceedAuthority = "STORAGE_EXCEED_AUTHORITY",
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
