//! The error codes of the cloud's database protocols.

/// A string code as the wire spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// `SYS_ERR`
    SysErr,
    /// `SERVER_TIMEOUT`
    ServerTimeout,
    /// `EXCEED_REQUEST_LIMIT`: the plan's calls are used up.
    ExceedRequestLimit,
    /// `EXCEED_CONCURRENT_REQUEST_LIMIT`
    ExceedConcurrentRequestLimit,
    /// `EXCEED_RATELIMIT`
    ExceedRateLimit,
    /// `INVALID_ENV`: no environment of that name.
    InvalidEnv,
    /// `INVALID_PARAM`: an argument; an update without a condition too.
    InvalidParam,
    /// `INVALID_ACTION`: no action of that name.
    InvalidAction,
    /// `DATABASE_REQUEST_FAILED`: anything the database refuses: a bad operator, a duplicate key, a `$` name.
    DatabaseRequestFailed,
    /// `DATABASE_PERMISSION_DENIED`
    DatabasePermissionDenied,
    /// `DATABASE_COLLECTION_NOT_EXIST`
    DatabaseCollectionNotExist,
    /// `DATABASE_COLLECTION_ALREADY_EXIST`
    DatabaseCollectionAlreadyExist,
    /// `DATABASE_COLLECTION_EXCEED_LIMIT`
    DatabaseCollectionExceedLimit,
    /// `DATABASE_DUPLICATE_WRITE`: REST only; elsewhere a duplicate key is `DATABASE_REQUEST_FAILED`.
    DatabaseDuplicateWrite,
    /// `DATABASE_TRANSACTION_CONFLICT`
    DatabaseTransactionConflict,
    /// `DATABASE_TRANSACTION_FAIL`
    DatabaseTransactionFail,
    /// `DATABASE_TIMEOUT`
    DatabaseTimeout,
    /// `DOCUMENT_NOT_FOUND`: REST only.
    DocumentNotFound,
    /// `PERMISSION_DENIED`
    PermissionDenied,
    /// `SIGN_PARAM_INVALID`: the signature is wrong.
    SignParamInvalid,
    /// `MISSING_CREDENTIALS`
    MissingCredentials,
    /// `INVALID_CREDENTIALS`
    InvalidCredentials,
    /// `ACCESS_TOKEN_EXPIRED`
    AccessTokenExpired,
    /// `CHECK_LOGIN_FAILED`: the login is over, or was never one.
    CheckLoginFailed,
    /// `EXCEED_REQUEST_SIZE_LIMIT`
    ExceedRequestSizeLimit,
    /// `STORAGE_FILE_NONEXIST`
    StorageFileNonexist,
    /// `STORAGE_EXCEED_AUTHORITY`
    StorageExceedAuthority,
}

impl Code {
    /// The code as the wire spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Code::SysErr => "SYS_ERR",
            Code::ServerTimeout => "SERVER_TIMEOUT",
            Code::ExceedRequestLimit => "EXCEED_REQUEST_LIMIT",
            Code::ExceedConcurrentRequestLimit => "EXCEED_CONCURRENT_REQUEST_LIMIT",
            Code::ExceedRateLimit => "EXCEED_RATELIMIT",
            Code::InvalidEnv => "INVALID_ENV",
            Code::InvalidParam => "INVALID_PARAM",
            Code::InvalidAction => "INVALID_ACTION",
            Code::DatabaseRequestFailed => "DATABASE_REQUEST_FAILED",
            Code::DatabasePermissionDenied => "DATABASE_PERMISSION_DENIED",
            Code::DatabaseCollectionNotExist => "DATABASE_COLLECTION_NOT_EXIST",
            Code::DatabaseCollectionAlreadyExist => "DATABASE_COLLECTION_ALREADY_EXIST",
            Code::DatabaseCollectionExceedLimit => "DATABASE_COLLECTION_EXCEED_LIMIT",
            Code::DatabaseDuplicateWrite => "DATABASE_DUPLICATE_WRITE",
            Code::DatabaseTransactionConflict => "DATABASE_TRANSACTION_CONFLICT",
            Code::DatabaseTransactionFail => "DATABASE_TRANSACTION_FAIL",
            Code::DatabaseTimeout => "DATABASE_TIMEOUT",
            Code::DocumentNotFound => "DOCUMENT_NOT_FOUND",
            Code::PermissionDenied => "PERMISSION_DENIED",
            Code::SignParamInvalid => "SIGN_PARAM_INVALID",
            Code::MissingCredentials => "MISSING_CREDENTIALS",
            Code::InvalidCredentials => "INVALID_CREDENTIALS",
            Code::AccessTokenExpired => "ACCESS_TOKEN_EXPIRED",
            Code::CheckLoginFailed => "CHECK_LOGIN_FAILED",
            Code::ExceedRequestSizeLimit => "EXCEED_REQUEST_SIZE_LIMIT",
            Code::StorageFileNonexist => "STORAGE_FILE_NONEXIST",
            Code::StorageExceedAuthority => "STORAGE_EXCEED_AUTHORITY",
        }
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
