//! What an operator says of the emulator.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use super::layers::{Layers, Written};
use super::{path, sqlite_file, units};
use crate::emulator::{Credentials, Fault, Origins};

const DEFAULT_PORT: u16 = 9000;

/// The settings of `emulate`, besides those of the log and the store that are everybody's.
#[derive(Clone, Debug)]
pub struct Emulator {
    pub listen: SocketAddr,
    /// Where documents are kept; without one, they go with the process.
    pub store: Option<PathBuf>,
    /// The environment's name; without one, every name is taken.
    pub env: Option<String>,
    /// A model file, for collections, indexes and permissions.
    pub schema: Option<PathBuf>,
    /// A file of permissions.
    pub permissions: Option<PathBuf>,
    /// A file of users.
    pub users: Option<PathBuf>,
    /// The key file of the custom login.
    pub custom_login: Option<PathBuf>,
    /// The folder of cloud files.
    pub files: Option<PathBuf>,
    /// Secrets and keys; what is in files is not in it yet.
    pub credentials: Credentials,
    pub faults: Vec<Fault>,
    /// Pages of a browser that may use it, besides those of this machine.
    pub origins: Origins,
}

/// What was given to `emulate` on the command line.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    pub listen: Option<String>,
    pub store: Option<String>,
    pub env: Option<String>,
    pub schema: Option<String>,
    pub permissions: Option<String>,
    pub users: Option<String>,
    pub custom_login: Option<String>,
    pub files: Option<String>,
    pub secrets: Vec<String>,
    pub api_keys: Vec<String>,
    pub publishable_keys: Vec<String>,
    pub faults: Vec<String>,
    pub origins: Vec<String>,
    /// Other machines may reach it too. Neither file nor environment can say so.
    pub anywhere: bool,
}

impl Flags {
    /// The settings that were given: name, flag, text.
    pub(super) fn given(&self) -> impl Iterator<Item = (&'static str, &'static str, String)> {
        let texts = [
            ("emulator.listen", "--listen", self.listen.clone()),
            ("emulator.store", "--store", self.store.clone()),
            ("emulator.env", "--env", self.env.clone()),
            ("emulator.schema", "--schema", self.schema.clone()),
            (
                "emulator.permissions",
                "--permissions",
                self.permissions.clone(),
            ),
            ("emulator.users", "--users", self.users.clone()),
            (
                "emulator.custom_login",
                "--custom-login",
                self.custom_login.clone(),
            ),
            ("emulator.files", "--files", self.files.clone()),
            ("emulator.secrets", "--secret", list(&self.secrets)),
            ("emulator.api_keys", "--api-key", list(&self.api_keys)),
            (
                "emulator.publishable_keys",
                "--publishable-key",
                list(&self.publishable_keys),
            ),
            ("emulator.faults", "--fault", list(&self.faults)),
            ("emulator.origins", "--allow-origin", list(&self.origins)),
        ];
        let given = texts.into_iter();
        given.filter_map(|(name, flag, text)| Some((name, flag, text?)))
    }
}

fn list(texts: &[String]) -> Option<String> {
    (!texts.is_empty()).then(|| texts.join(","))
}

pub(super) fn read(layers: &mut Layers, flags: &Flags) -> Emulator {
    let keys = |text: &str| Ok(units::list(text));
    let credentials = Credentials {
        secrets: secrets(layers),
        api_keys: layers.read("emulator.api_keys", keys, Vec::new()),
        publishable_keys: layers.read("emulator.publishable_keys", keys, Vec::new()),
        ..Credentials::default()
    };
    let file = |text: &str| path(text).map(Some);
    Emulator {
        listen: listen(layers, flags.anywhere),
        store: layers.read("emulator.store", |text| sqlite_file(text).map(Some), None),
        env: layers.read("emulator.env", |text| Ok(Some(text.to_owned())), None),
        schema: layers.read("emulator.schema", file, None),
        permissions: layers.read("emulator.permissions", file, None),
        users: layers.read("emulator.users", file, None),
        custom_login: layers.read("emulator.custom_login", file, None),
        files: layers.read("emulator.files", file, None),
        credentials,
        faults: layers.read("emulator.faults", faults, Vec::new()),
        origins: layers.read("emulator.origins", origins, Origins::default()),
    }
}

/// Whoever can reach it may be an administrator, so other machines may not unless that is said.
fn listen(layers: &mut Layers, anywhere: bool) -> SocketAddr {
    let default = SocketAddr::from((Ipv4Addr::LOCALHOST, DEFAULT_PORT));
    let listen = layers.read("emulator.listen", units::address, default);
    if !listen.ip().is_loopback() && !anywhere {
        layers.problem(
            format!("`{listen}`"),
            "whoever can reach the emulator may do everything, so it listens on loopback only, such as `127.0.0.1:9000`; \
             if everybody who can reach it may, give `--insecure-listen`",
        );
    }
    listen
}

/// `ID:KEY` each. What is wrong is told without its text.
fn secrets(layers: &mut Layers) -> std::collections::BTreeMap<String, String> {
    let Some(Written { text, place }) = layers.written("emulator.secrets") else {
        return [].into();
    };
    let pair = |secret: &String| match secret.split_once(':') {
        Some((id, key)) if !id.is_empty() && !key.is_empty() => {
            Some((id.to_owned(), key.to_owned()))
        }
        _ => None,
    };
    let secrets: Option<_> = units::list(&text).iter().map(pair).collect();
    secrets.unwrap_or_else(|| {
        layers.problem(place, "cannot be read: write `ID:KEY` for each secret");
        [].into()
    })
}

fn faults(text: &str) -> Result<Vec<Fault>, String> {
    let faults = units::list(text);
    let faults = faults.iter().map(|fault| fault.parse::<Fault>());
    faults
        .collect::<Result<_, _>>()
        .map_err(|error| error.to_string())
}

fn origins(text: &str) -> Result<Origins, String> {
    let texts = units::list(text);
    Origins::parse(texts.iter().map(String::as_str)).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::{Config, Flags as AllFlags};
    use super::*;

    fn load(emulator: Flags, variables: &[(&str, &str)]) -> Result<Emulator, Vec<String>> {
        let flags = AllFlags {
            emulator,
            ..AllFlags::default()
        };
        let variables = variables.iter();
        let variables = variables.map(|(name, text)| ((*name).into(), (*text).into()));
        match Config::from(&flags, variables) {
            Ok(config) => Ok(config.emulator),
            Err(problems) => Err(problems.iter().map(ToString::to_string).collect()),
        }
    }

    #[test]
    fn nothing_written_believes_everybody_on_this_machine() {
        let emulator = load(Flags::default(), &[]).expect("a configuration");
        assert_eq!(emulator.listen.to_string(), "127.0.0.1:9000");
        assert_eq!(emulator.store, None);
        assert_eq!(emulator.env, None);
        assert!(emulator.credentials.secrets.is_empty());
    }

    #[test]
    fn keys_come_from_flags_or_the_environment_and_are_not_shown() {
        let flags = Flags {
            secrets: vec!["id-1:key-1".to_owned(), "id-2:key:2".to_owned()],
            faults: vec!["status=503 times=1".to_owned(), "latency_ms=5".to_owned()],
            ..Flags::default()
        };
        let variables = [
            ("GATEWAY_EMULATOR_API_KEYS", "hidden-a, hidden-b"),
            ("GATEWAY_EMULATOR_STORE", "sqlite:data/dev.db"),
        ];
        let emulator = load(flags, &variables).expect("a configuration");
        assert_eq!(emulator.credentials.secrets["id-2"], "key:2");
        assert_eq!(emulator.credentials.api_keys, ["hidden-a", "hidden-b"]);
        assert_eq!(emulator.store, Some(PathBuf::from("data/dev.db")));
        assert_eq!(emulator.faults.len(), 2);
        let shown = format!("{emulator:?}");
        assert!(
            !shown.contains("key-1") && !shown.contains("hidden"),
            "{shown}"
        );
        let told = load(
            Flags::default(),
            &[("GATEWAY_EMULATOR_SECRETS", "a:,hidden")],
        );
        let told = told.expect_err("no pairs").join("\n");
        assert!(
            told.contains("ID:KEY") && !told.contains("hidden"),
            "{told}"
        );
    }

    #[test]
    fn other_machines_are_let_in_by_a_flag_only() {
        let anywhere = Flags {
            listen: Some("0.0.0.0:9000".to_owned()),
            anywhere: true,
            ..Flags::default()
        };
        assert!(load(anywhere.clone(), &[]).is_ok());
        let told = load(
            Flags {
                anywhere: false,
                ..anywhere
            },
            &[],
        );
        assert!(told.expect_err("refused")[0].contains("loopback only"));
        let variables = [("GATEWAY_EMULATOR_ANYWHERE", "true")];
        assert!(load(Flags::default(), &variables).is_err());
    }

    #[test]
    fn pages_of_other_machines_are_allowed_by_origin() {
        let flags = Flags {
            origins: vec!["https://app.example.com".to_owned()],
            ..Flags::default()
        };
        let emulator = load(flags, &[]).expect("a configuration");
        assert_ne!(emulator.origins, Origins::default());
        let told = load(Flags::default(), &[("GATEWAY_EMULATOR_ORIGINS", "app")]);
        assert!(told.expect_err("no origin")[0].contains("`app` is no origin"));
    }

    #[test]
    fn faults_are_read_at_once() {
        let flags = Flags {
            faults: vec!["status=200".to_owned()],
            ..Flags::default()
        };
        let told = load(flags, &[]).expect_err("no failure");
        assert!(told[0].contains("400 to 599"), "{told:?}");
    }
}
