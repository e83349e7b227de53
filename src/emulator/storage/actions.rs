//! The `storage.*` actions of `/admin` and `/web`.

use std::sync::Arc;

use super::address::{PATH, Purpose};
use crate::clock::Clock;
use crate::cloudbase::{Code, FileId, FileKey};
use crate::data::{Object, Value};
use crate::emulator::app::App;
use crate::emulator::failure::{Failure, Result};
use crate::emulator::identity::Identity;

/// Files in one call, as in the cloud.
const MAX_FILES: usize = 50;

/// Seconds an address is good for: if the client does not say, and at most. (Ten minutes by one page of the cloud's
/// documentation, two hours by another.)
const MAX_AGE: i64 = 600;
const LONGEST_AGE: i64 = 86_400;

/// Does what a storage action asks; the members of the answer's `data`. `origin`: this server as the client sees it,
/// `http://127.0.0.1:9000`.
pub(crate) async fn act(
    app: &Arc<App>,
    identity: &Identity,
    origin: &str,
    action: &str,
    request: &Object,
) -> Result<Object> {
    if let Identity::Client(caller) = identity
        && caller.signed_in().is_none()
    {
        return Err(Failure::new(
            Code::StorageExceedAuthority,
            "files are for those who are signed in",
        ));
    }
    let asked = Asked {
        app,
        identity,
        origin,
        request,
    };
    match action {
        "storage.batchGetDownloadUrl" => asked.addresses().await,
        "storage.batchDeleteFile" => asked.delete().await,
        "storage.getUploadMetadata" => asked.upload(),
        "storage.batchCopyFile" => asked.copy().await,
        _ => Err(Failure::new(
            Code::InvalidAction,
            format!("the emulator does not know the action `{action}`"),
        )),
    }
}

struct Asked<'a> {
    app: &'a Arc<App>,
    identity: &'a Identity,
    origin: &'a str,
    request: &'a Object,
}

impl Asked<'_> {
    async fn addresses(&self) -> Result<Object> {
        let mut answers = Vec::new();
        for item in self.list("file_list")? {
            let item = item.as_object();
            let id = item.and_then(|item| item.get("fileid")?.as_str());
            let age = item.and_then(|item| item.get("max_age")?.as_f64());
            let encoded = item.and_then(|item| item.get("url_type")?.as_str()) == Some("COS_URL");
            answers.push(self.address(id.unwrap_or_default(), age, encoded).await);
        }
        Ok(object([("download_list", Value::Array(answers))]))
    }

    async fn address(&self, id: &str, age: Option<f64>, encoded: bool) -> Value {
        let found = match self.own(id) {
            Ok(key) => self.exists(&key).await.map(|()| key),
            Err(failure) => Err(failure),
        };
        let (code, address) = match found {
            Ok(key) => ("SUCCESS", self.load_from(&key, age, encoded)),
            Err(failure) => (failure.code.as_str(), String::new()),
        };
        Value::Object(object([
            ("fileID", Value::string(id)),
            ("code", Value::string(code)),
            ("tempFileURL", Value::string(address)),
        ]))
    }

    /// The cloud gives addresses as they are, and clients encode them, unless they ask for the other kind.
    fn load_from(&self, key: &FileKey, age: Option<f64>, encoded: bool) -> String {
        #[expect(clippy::cast_possible_truncation, reason = "clamped to what fits")]
        let age = age.map_or(MAX_AGE, |age| age.clamp(1.0, LONGEST_AGE as f64) as i64);
        let until = self.app.clock.now_ms() / 1000 + age;
        let sign = self.app.files.sign(Purpose::Load, key, until);
        let (origin, path) = (
            self.origin,
            if encoded {
                key.encoded()
            } else {
                key.to_string()
            },
        );
        format!("{origin}{PATH}{path}?sign={sign}&t={until}")
    }

    async fn delete(&self) -> Result<Object> {
        let mut answers = Vec::new();
        for item in self.list("fileid_list")? {
            let id = item.as_str().unwrap_or_default();
            let code = match self.remove(id).await {
                Ok(()) => "SUCCESS",
                Err(failure) => failure.code.as_str(),
            };
            let answer = [("fileID", Value::string(id)), ("code", Value::string(code))];
            answers.push(Value::Object(object(answer)));
        }
        Ok(object([("delete_list", Value::Array(answers))]))
    }

    async fn remove(&self, id: &str) -> Result<()> {
        let key = self.own(id)?;
        self.administrators_only()?;
        let removed = self
            .blocking(move |app| app.files.folder.remove(&key))
            .await?;
        if removed { Ok(()) } else { Err(nonexistent()) }
    }

    fn upload(&self) -> Result<Object> {
        let path = self.request.get("path").and_then(Value::as_str);
        let key = key(path.unwrap_or_default())?;
        let purpose = match self.identity {
            Identity::Admin => Purpose::Replace,
            Identity::Client(_) => Purpose::Create,
        };
        let until = self.app.clock.now_ms() / 1000 + MAX_AGE;
        let sign = self.app.files.sign(purpose, &key, until);
        let id = self.id_of(&key);
        let address = format!("{}{PATH}{}", self.origin, key.encoded());
        Ok(object([
            ("url", Value::string(address)),
            ("token", Value::string("emulator")),
            ("authorization", Value::string(format!("{until}.{sign}"))),
            ("fileId", Value::string(id.to_string())),
            // Goes into a header, where not every character of a name may stand.
            ("cosFileId", Value::string(key.encoded())),
        ]))
    }

    async fn copy(&self) -> Result<Object> {
        self.administrators_only()?;
        let mut answers = Vec::new();
        for item in self.list("file_list")? {
            let text = |name| item.as_object().and_then(|item| item.get(name)?.as_str());
            let is = |name| {
                let flag = item.as_object().and_then(|item| item.get(name));
                matches!(flag, Some(Value::Bool(true)))
            };
            let (from, to) = (text("src_path"), text("dst_path"));
            let (replace, remove) = (is("overwrite"), is("remove_original"));
            let copied = self
                .copy_one(
                    from.unwrap_or_default(),
                    to.unwrap_or_default(),
                    replace,
                    remove,
                )
                .await;
            let (code, id) = match copied {
                Ok(id) => ("SUCCESS", id.to_string()),
                Err(failure) => (failure.code.as_str(), String::new()),
            };
            let answer = [("fileId", Value::string(id)), ("code", Value::string(code))];
            answers.push(Value::Object(object(answer)));
        }
        Ok(object([("copy_list", Value::Array(answers))]))
    }

    async fn copy_one(&self, from: &str, to: &str, replace: bool, remove: bool) -> Result<FileId> {
        let (from, to) = (key(from)?, key(to)?);
        let id = self.id_of(&to);
        let copied = self
            .blocking(move |app| {
                let folder = &app.files.folder;
                let Some(bytes) = folder.read(&from)? else {
                    return Ok(Err(nonexistent()));
                };
                if !folder.write(&to, &bytes, replace)? {
                    return Ok(Err(Failure::invalid(format!(
                        "there is a file `{to}` already"
                    ))));
                }
                if remove {
                    folder.remove(&from)?;
                }
                Ok(Ok(()))
            })
            .await?;
        copied.map(|()| id)
    }

    fn list(&self, name: &str) -> Result<&[Value]> {
        let list = self.request.get(name).and_then(Value::as_array);
        match list {
            Some(list) if list.len() <= MAX_FILES => Ok(list),
            Some(list) => Err(Failure::invalid(format!(
                "`{name}` names {} files, at most {MAX_FILES} are taken in one call",
                list.len()
            ))),
            None => Err(Failure::invalid(format!("`{name}` must be a list"))),
        }
    }

    /// The key of a file that must be of this environment. What another one holds is not known here.
    fn own(&self, id: &str) -> Result<FileKey> {
        let id = FileId::parse(id).map_err(|error| Failure::invalid(error.to_string()))?;
        match &self.app.env {
            Some(env) if id.env != *env => Err(nonexistent()),
            _ => Ok(id.key),
        }
    }

    fn id_of(&self, key: &FileKey) -> FileId {
        let env = self
            .app
            .env
            .clone()
            .unwrap_or_else(|| "emulator".to_owned());
        let prefix: String = env
            .bytes()
            .take(2)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        FileId {
            bucket: format!("{prefix}-{env}-1250000000"),
            env,
            key: key.clone(),
        }
    }

    async fn exists(&self, key: &FileKey) -> Result<()> {
        let key = key.clone();
        let found = self
            .blocking(move |app| app.files.folder.exists(&key))
            .await?;
        if found { Ok(()) } else { Err(nonexistent()) }
    }

    fn administrators_only(&self) -> Result<()> {
        match self.identity {
            Identity::Admin => Ok(()),
            Identity::Client(_) => Err(Failure::new(
                Code::StorageExceedAuthority,
                "the emulator lets administrators alone do this with files",
            )),
        }
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&App) -> std::io::Result<T> + Send + 'static,
    ) -> Result<T> {
        super::transfer::blocking(Arc::clone(self.app), work).await
    }
}

fn key(path: &str) -> Result<FileKey> {
    FileKey::parse(path.trim_start_matches('/'))
        .map_err(|error| Failure::invalid(error.to_string()))
}

fn nonexistent() -> Failure {
    Failure::new(Code::StorageFileNonexist, "there is no such file")
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Object {
    members.into_iter().collect()
}
