//! The names of cloud files: `cloud://<env>.<bucket>/<key>`.

use std::fmt;

/// A file of some environment, as documents and clients name it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FileId {
    pub env: String,
    pub bucket: String,
    pub key: FileKey,
}

/// The path of a file within its bucket, as the cloud allows it: not empty, no `/` at its beginning, no `//`, at most
/// 850 bytes percent-encoded, none of the signs that cannot stand in an address. No segment is `.` or `..`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FileKey(String);

/// Why a text names no file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileIdError {
    #[error("a file id is `cloud://<env>.<bucket>/<path>`")]
    Form,
    #[error(
        "a file's path is not empty, does not begin with `/` and has no `//`, `.` or `..` in it"
    )]
    Path,
    #[error(
        "a file's path has none of the signs ` ^ \" \\ {{ }} [ ] ~ % # > < ? and no control characters"
    )]
    Sign,
    #[error("a file's path has at most {max} bytes, percent-encoded", max = FileKey::MAX_LEN)]
    Length,
}

impl FileId {
    /// Reads a file id. Environments have no dot in their name, so the first one ends it.
    pub fn parse(text: &str) -> Result<Self, FileIdError> {
        let rest = text
            .trim()
            .strip_prefix("cloud://")
            .ok_or(FileIdError::Form)?;
        let (authority, key) = rest.split_once('/').ok_or(FileIdError::Form)?;
        let (env, bucket) = authority.split_once('.').ok_or(FileIdError::Form)?;
        if env.is_empty() || bucket.is_empty() {
            return Err(FileIdError::Form);
        }
        Ok(Self {
            env: env.to_owned(),
            bucket: bucket.to_owned(),
            key: FileKey::parse(key)?,
        })
    }
}

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cloud://{}.{}/{}", self.env, self.bucket, self.key)
    }
}

impl FileKey {
    /// The longest key, in bytes, percent-encoded.
    pub const MAX_LEN: usize = 850;

    const FORBIDDEN: &str = "`^\"\\{}[]~%#><?";

    pub fn parse(text: &str) -> Result<Self, FileIdError> {
        if text.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err(FileIdError::Path);
        }
        if text
            .chars()
            .any(|c| c.is_control() || Self::FORBIDDEN.contains(c))
        {
            return Err(FileIdError::Sign);
        }
        let key = Self(text.to_owned());
        if key.encoded().len() > Self::MAX_LEN {
            return Err(FileIdError::Length);
        }
        Ok(key)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As it stands in an address.
    pub fn encoded(&self) -> String {
        use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
        const KEPT: &AsciiSet = &NON_ALPHANUMERIC
            .remove(b'/')
            .remove(b'-')
            .remove(b'_')
            .remove(b'.');
        utf8_percent_encode(&self.0, KEPT).to_string()
    }
}

impl fmt::Display for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_cloud_gives_out() {
        for (text, key) in [
            ("cloud://prod-x.7072-prod-x-125/a.png", "a.png"),
            (" cloud://prod-x.7072-prod-x-125/a.png ", "a.png"),
            (
                "cloud://prod-x.7072-prod-x-125/dir/中文 1.png",
                "dir/中文 1.png",
            ),
        ] {
            let id = FileId::parse(text).expect(text);
            assert_eq!(
                (id.env.as_str(), id.bucket.as_str()),
                ("prod-x", "7072-prod-x-125")
            );
            assert_eq!(id.key.as_str(), key);
            assert_eq!(id.to_string(), text.trim());
        }
    }

    #[test]
    fn refuses_what_is_no_file() {
        let long = format!("cloud://e.b/{}", "中".repeat(100));
        for (text, error) in [
            (
                "https://7072-prod-x-125.tcb.qcloud.la/a.png",
                FileIdError::Form,
            ),
            ("cloud://prod-x/a.png", FileIdError::Form),
            ("cloud://prod-x.b", FileIdError::Form),
            ("cloud://.b/a", FileIdError::Form),
            ("cloud://prod-x.b/", FileIdError::Path),
            ("cloud://prod-x.b//a.png", FileIdError::Path),
            ("cloud://prod-x.b/a/../b", FileIdError::Path),
            ("cloud://prod-x.b/a.png?x=1", FileIdError::Sign),
            ("cloud://prod-x.b/a\\b", FileIdError::Sign),
            (long.as_str(), FileIdError::Length),
        ] {
            assert_eq!(FileId::parse(text), Err(error), "{text}");
        }
    }
}
