//! The environment itself.

use serde_json::json;

use super::{Members, members};

/// What the manager SDK asks before its first call: the name of the database instance. Any will do.
pub(super) fn describe(env: Option<String>) -> Members {
    let env = env.unwrap_or_else(|| "emulator".to_owned());
    members(json!({ "EnvInfo": { "EnvBaseInfo": {
        "EnvId": env,
        "Alias": "emulator",
        "Status": "NORMAL",
        "Region": "ap-shanghai",
        "Databases": [{ "InstanceId": "tnt-emulator", "Status": "RUNNING", "Region": "ap-shanghai" }],
        "Storages": [],
        "Functions": [],
    } } }))
}
