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
    /// A fault of the server.
    SysErr = "SYS_ERR",
    ServerTimeout = "SERVER_TIMEOUT",
    /// The plan's calls are used up.
    ExceedRequestLimit = "EXCEED_REQUEST_LIMIT",
    ExceedConcurrentRequestLimit = "EXCEED_CONCURRENT_REQUEST_LIMIT",
    ExceedRateLimit = "EXCEED_RATELIMIT",
    /// No environment of that name.
    InvalidEnv = "INVALID_ENV",
    /// The environment is stopped, for arrears for example.
    InvalidEnvStatus = "INVALID_ENV_STATUS",
    InvalidEnvSource = "INVALID_ENV_SOURCE",
    /// A member that all requests have, such as the environment.
    InvalidCommonParam = "INVALID_COMMON_PARAM",
    /// The sender's domain is not on the environment's list.
    InvalidRequestSource = "INVALID_REQUEST_SOURCE",
    /// The product was never opened for this environment.
    ResourceNotInitial = "RESOURCE_NOT_INITIAL",
    /// An argument; an update without a condition too.
    InvalidParam = "INVALID_PARAM",
    /// No action of that name.
    InvalidAction = "INVALID_ACTION",
    /// Anything the database refuses: a bad operator, a duplicate key, a `$` name.
    DatabaseRequestFailed = "DATABASE_REQUEST_FAILED",
    /// An operator that is not allowed; the cloud spells it so.
    DatabaseInvalidOperator = "DATABASE_INVALID_OPERRATOR",
    DatabasePermissionDenied = "DATABASE_PERMISSION_DENIED",
    DatabaseCollectionNotExist = "DATABASE_COLLECTION_NOT_EXIST",
    DatabaseCollectionAlreadyExist = "DATABASE_COLLECTION_ALREADY_EXIST",
    DatabaseCollectionExceedLimit = "DATABASE_COLLECTION_EXCEED_LIMIT",
    /// REST only; elsewhere a duplicate key is `DATABASE_REQUEST_FAILED`.
    DatabaseDuplicateWrite = "DATABASE_DUPLICATE_WRITE",
    DatabaseTransactionConflict = "DATABASE_TRANSACTION_CONFLICT",
    DatabaseTransactionFail = "DATABASE_TRANSACTION_FAIL",
    /// A query took too long.
    DatabaseTimeout = "DATABASE_TIMEOUT",
    /// REST only.
    DocumentNotFound = "DOCUMENT_NOT_FOUND",
    PermissionDenied = "PERMISSION_DENIED",
    ActionForbidden = "ACTION_FORBIDDEN",
    InvalidOperation = "INVALID_OPERATION",
    /// The signature is wrong.
    SignParamInvalid = "SIGN_PARAM_INVALID",
    SignInvalidError = "SIGN_INVALID_ERROR",
    SignExpiredError = "SIGN_EXPIRED_ERROR",
    MissingCredentials = "MISSING_CREDENTIALS",
    InvalidCredentials = "INVALID_CREDENTIALS",
    UnsupportedAuthType = "UNSUPPORTED_AUTH_TYPE",
    AuthenticationFailed = "AUTHENTICATION_FAILED",
    AccessTokenExpired = "ACCESS_TOKEN_EXPIRED",
    AccessTokenInvalid = "ACCESS_TOKEN_INVALID",
    InvalidAccessToken = "INVALID_ACCESS_TOKEN",
    AccessTokenDisabled = "ACCESS_TOKEN_DISABLED",
    /// The login is over, or was never one.
    CheckLoginFailed = "CHECK_LOGIN_FAILED",
    ExceedRequestSizeLimit = "EXCEED_REQUEST_SIZE_LIMIT",
    ExceedMaxResponseSize = "EXCEED_MAX_RESPONSE_SIZE",
    StorageFileNonexist = "STORAGE_FILE_NONEXIST",
    StorageExceedAuthority = "STORAGE_EXCEED_AUTHORITY",
    StorageRequestFail = "STORAGE_REQUEST_FAIL",
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
