//! The cloud's file storage, as the gateway asks for it.

use std::sync::Arc;

use async_trait::async_trait;
use smol_str::SmolStr;

use crate::cloudbase::files::{Files, Missing};
use crate::cloudbase::{Client, FileId};
use crate::gateway::{self, FileError};
use crate::store::deadline;

/// Files of the environment that the client is of.
#[derive(Debug)]
pub(super) struct CloudFiles(Files);

impl CloudFiles {
    pub(super) fn new(client: Arc<Client>) -> Self {
        Self(Files::new(client))
    }
}

#[async_trait]
impl gateway::Files for CloudFiles {
    async fn addresses(&self, files: &[SmolStr], max_age: u32) -> Vec<Result<String, FileError>> {
        let ids: Vec<Option<FileId>> = files.iter().map(|file| FileId::parse(file).ok()).collect();
        let known: Vec<FileId> = ids.iter().flatten().cloned().collect();
        let found = self.0.addresses(&known, max_age, deadline::current()).await;
        let mut failures = found.iter().filter_map(|one| match one {
            Err(Missing::Failed(error)) => Some(error),
            _ => None,
        });
        if let Some(error) = failures.next() {
            tracing::warn!(%error, "addresses of files cannot be had");
        }
        let mut found = found.into_iter();
        let outcome = |id: Option<FileId>| match id.and_then(|_| found.next()) {
            Some(outcome) => outcome.map_err(|missing| told(&missing)),
            // No name of a file that there could be.
            None => Err(FileError::NotFound),
        };
        ids.into_iter().map(outcome).collect()
    }
}

fn told(missing: &Missing) -> FileError {
    match missing {
        Missing::NotFound => FileError::NotFound,
        Missing::Forbidden | Missing::Foreign => FileError::Forbidden,
        Missing::Failed(_) => FileError::Unavailable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;
    use crate::cloudbase::{Config, Credentials, Limits, Protocol, Secret};
    use crate::gateway::Files as _;

    /// Nobody listens there: whatever is asked for fails.
    fn files() -> CloudFiles {
        let client = Client::new(
            Config {
                env: "e".to_owned(),
                protocol: Protocol::Rest,
                region: "ap-shanghai".to_owned(),
                wx_app_id: None,
                origin: Some("http://127.0.0.1:1".to_owned()),
                credentials: Credentials {
                    api_key: Some(Secret::new("key")),
                    key_pair: None,
                },
                limits: Limits {
                    max_retries: 0,
                    ..Limits::default()
                },
            },
            Arc::new(SystemClock),
        );
        CloudFiles::new(Arc::new(client.expect("a client")))
    }

    #[tokio::test]
    async fn each_name_has_its_own_answer() {
        let names = [
            "cloud://e.b/../x",
            "cloud://other.b/x",
            "cloud://e.b/a",
            "cloud://e.b//",
            "cloud://other.b/y",
        ];
        let answers = files().addresses(&names.map(SmolStr::new), 60).await;
        let expected = [
            FileError::NotFound,
            FileError::Forbidden,
            FileError::Unavailable,
            FileError::NotFound,
            FileError::Forbidden,
        ];
        assert_eq!(answers, expected.map(Err));
    }
}
