//! Both sides in this process: an emulator of the database over documents that go with it, and a gateway over that
//! emulator, with real bytes between them.

use std::fmt;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::clock::SystemClock;
use crate::cloudbase::{Client, Config, Credentials, Limits, Protocol, Secret};
use crate::data::Identity;
use crate::emulator::{self, Emulator, User};
use crate::gateway::{self, Gateway};
use crate::mirror::{DatabaseClient, Member, Permissions, Sides, cast, sign_in};
use crate::model::Model;
use crate::store::CollectionSpec;
use crate::store::cloud::{CloudStore, Options};
use crate::store::sqlite::SqliteStore;

/// The name of an environment that is nowhere.
const ENV: &str = "mirror";

/// The administrator's key, and everybody's password: nothing but this process can reach the emulator for longer than it
/// runs, and nothing is in it that matters.
const SECRET: &str = "of-this-process";

/// See the module. Serves until it is dropped.
pub struct Loopback {
    pub sides: Sides,
    _stop: DropGuard,
}

impl Loopback {
    /// A gateway of this model, over a database that allows what these permissions say.
    ///
    /// # Errors
    /// There is no port, or no temporary folder.
    pub async fn start(model: Arc<Model>, permissions: Permissions) -> Result<Self> {
        let cast = cast();
        let (origin, stop) = serve(&permissions, &cast).await?;
        let administrator = client(&origin, Some(Secret::new(SECRET)))?;
        let mut clients = Vec::with_capacity(cast.len());
        for (at, member) in cast.iter().enumerate() {
            clients.push(enter(&origin, at, member).await?);
        }
        let sides = Sides {
            gateway: gateway(model, Arc::clone(&administrator)),
            permissions,
            cast,
            clients,
            administrator: DatabaseClient::signed_in(administrator),
        };
        Ok(Self { sides, _stop: stop })
    }
}

impl fmt::Debug for Loopback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loopback").finish_non_exhaustive()
    }
}

/// Serves until the guard is dropped.
async fn serve(permissions: &Permissions, cast: &[Member]) -> Result<(String, DropGuard)> {
    let config = emulator::Config {
        env: Some(ENV.to_owned()),
        identity: emulator::Credentials {
            api_keys: vec![SECRET.to_owned()],
            users: cast.iter().enumerate().filter_map(known).collect(),
            ..emulator::Credentials::default()
        },
        permissions: emulator::Permissions::parse(&permissions.to_json())
            .map_err(|failure| anyhow!(failure.message))?,
        ..emulator::Config::default()
    };
    let emulator = Emulator::open(SqliteStore::temporary()?, Arc::new(SystemClock), config)
        .await
        .map_err(|failure| anyhow!(failure.message))?;
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .context("no port of this machine can be listened on")?;
    let origin = format!("http://{}", listener.local_addr()?);
    let stop = CancellationToken::new();
    // Ends with the guard; nobody waits for it, since nothing in it is worth keeping.
    TaskTracker::new().spawn(emulator.serve(listener, stop.clone().cancelled_owned()));
    Ok((origin, stop.drop_guard()))
}

/// A member as the emulator knows them.
fn known((at, member): (usize, &Member)) -> Option<User> {
    let user = member.caller.signed_in()?;
    Some(User {
        uid: user.uid.clone(),
        openid: user.openid.clone(),
        username: Some(name(at)),
        password: Some(SECRET.to_owned()),
        login_type: user.login_type.clone(),
    })
}

fn name(at: usize) -> String {
    format!("member-{at}")
}

/// The database as it is to a member who signed in.
async fn enter(origin: &str, at: usize, member: &Member) -> Result<DatabaseClient> {
    let nobody = client(origin, None)?;
    if member.caller.identity == Identity::None {
        return Ok(DatabaseClient::nobody(nobody));
    }
    let token = sign_in(&nobody, &name(at), SECRET).await?;
    let client = client(origin, Some(token))?;
    Ok(DatabaseClient::signed_in(client))
}

fn client(origin: &str, api_key: Option<Secret>) -> Result<Arc<Client>> {
    let config = Config {
        env: ENV.to_owned(),
        protocol: Protocol::Rest,
        region: "ap-shanghai".to_owned(),
        wx_app_id: None,
        origin: Some(origin.to_owned()),
        credentials: Credentials {
            api_key,
            key_pair: None,
        },
        // There is nobody else whom so many requests could disturb.
        limits: Limits {
            per_second: 1_000_000,
            ..Limits::default()
        },
    };
    Ok(Arc::new(Client::new(config, Arc::new(SystemClock))?))
}

/// Without unique indexes: documents at the edge of rules would be in each other's way.
fn gateway(model: Arc<Model>, client: Arc<Client>) -> Arc<Gateway> {
    let collections = model.collections.iter();
    let specs = collections.map(|collection| CollectionSpec {
        name: collection.name.clone(),
        indexes: Vec::new(),
    });
    let store = CloudStore::new(client, None, specs.collect(), Options::default());
    let clock = Arc::new(SystemClock);
    let config = gateway::Config::default();
    Arc::new(Gateway::new(model, store, clock, config))
}
