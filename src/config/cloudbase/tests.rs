use rsa::RsaPrivateKey;
use rsa::pkcs1::{EncodeRsaPrivateKey, LineEnding};
use rsa::rand_core::OsRng;
use serde_json::json;

use super::super::{Config as All, Flags, Store};
use super::*;
use crate::cloudbase::realtime::Credential;

const ENV: (&str, &str) = ("CLOUDBASE_ENV_ID", "prod-1a2b3c");
const KEY: (&str, &str) = ("CLOUDBASE_APIKEY", "hidden-key");
const PAIR: [(&str, &str); 2] = [
    ("TENCENTCLOUD_SECRETID", "id-1"),
    ("TENCENTCLOUD_SECRETKEY", "hidden-secret"),
];
const ADMIN: (&str, &str) = ("GATEWAY_CLOUDBASE_PROTOCOL", "admin");

fn load(variables: &[(&str, &str)]) -> Result<Cloudbase, Vec<String>> {
    let flags = Flags {
        store: Some("cloudbase".to_owned()),
        ..Flags::default()
    };
    let variables = variables.iter();
    let variables = variables.map(|(name, text)| ((*name).into(), (*text).into()));
    match All::from(&flags, variables) {
        Ok(All {
            store: Store::Cloudbase(cloudbase),
            ..
        }) => Ok(*cloudbase),
        Ok(other) => panic!("not the cloud: {other:?}"),
        Err(problems) => Err(problems.iter().map(ToString::to_string).collect()),
    }
}

#[test]
fn an_environment_and_a_key_are_enough() {
    let cloudbase = load(&[ENV, KEY]).expect("a configuration");
    let client = &cloudbase.client;
    assert_eq!(client.env, "prod-1a2b3c");
    assert_eq!(client.protocol, Protocol::Rest);
    assert_eq!(client.region, "ap-shanghai");
    assert_eq!(client.origin, None);
    let key = client.credentials.api_key.as_ref().expect("a key");
    assert_eq!(key.expose(), "hidden-key");
    assert!(client.credentials.key_pair.is_none());
    let realtime = cloudbase.realtime.as_ref().expect("it is on");
    assert!(matches!(realtime.credential, Credential::ApiKey));
    assert!(!cloudbase.is_local);
    let shown = format!("{cloudbase:?}");
    assert!(!shown.contains("hidden"), "{shown}");
}

#[test]
fn the_environment_is_told_by_us_or_by_the_platform() {
    let ours = ("GATEWAY_CLOUDBASE_ENV", "ours-1");
    let platforms = ("CBR_ENV_ID", "platforms-1");
    for (variables, env) in [
        (&[platforms][..], "platforms-1"),
        (&[platforms, ENV], "prod-1a2b3c"),
        (&[platforms, ENV, ours], "ours-1"),
    ] {
        let cloudbase = load(&[variables, &[KEY]].concat()).expect("a configuration");
        assert_eq!(cloudbase.client.env, env);
    }
    let told = load(&[("CLOUDBASE_ENV_ID", "a.example.com/"), KEY]).expect_err("no name");
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("letters, digits and `-`"), "{told:?}");
}

#[test]
fn what_is_missing_is_told_at_once_with_what_to_set() {
    let told = load(&[]).expect_err("nothing is there");
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("`CLOUDBASE_ENV_ID`: is missing"));
    assert!(told[1].starts_with("`CLOUDBASE_APIKEY`: is missing"));
    let [id, key] = PAIR;
    for (variables, advice) in [
        (&[ENV, ADMIN][..], "needs a server API key"),
        (&[ENV, ADMIN, id], "are a pair"),
        (&[ENV, KEY, key], "are a pair"),
        (&[ENV, id, key], "set `cloudbase.protocol` to `admin`"),
        (&[ENV, ("CLOUDBASE_APIKEY", "hidden key")], "copy it again"),
    ] {
        let told = load(variables)
            .expect_err("something is missing")
            .join("\n");
        assert!(told.contains(advice), "{told}");
        assert!(!told.contains("hidden"), "{told}");
    }
}

#[test]
fn half_a_key_pair_is_all_that_is_told_where_the_other_half_is_enough() {
    let [id, _] = PAIR;
    let told = load(&[ENV, ADMIN, id]).expect_err("half a pair");
    assert_eq!(told.len(), 1, "{told:?}");
    let told = load(&[ENV, id]).expect_err("half a pair, and no key");
    assert_eq!(told.len(), 2, "{told:?}");
}

#[test]
fn a_key_pair_is_enough_for_the_admin_protocol_and_its_socket() {
    let [id, key] = PAIR;
    let token = ("TENCENTCLOUD_SESSIONTOKEN", "hidden-token\n");
    let cloudbase = load(&[ENV, ADMIN, id, key, token]).expect("a configuration");
    let pair = cloudbase.client.credentials.key_pair.expect("a pair");
    assert_eq!(
        (pair.id.as_str(), pair.key.expose()),
        ("id-1", "hidden-secret")
    );
    let token = pair.session_token.expect("a token");
    assert_eq!(token.expose(), "hidden-token");
    let realtime = cloudbase.realtime.expect("it is on");
    assert!(matches!(realtime.credential, Credential::ClientCredential));
}

#[test]
fn a_socket_is_opened_only_with_what_there_is() {
    let credential = |name| ("GATEWAY_REALTIME_CREDENTIAL", name);
    let off = ("GATEWAY_REALTIME_ENABLED", "off");
    let told = load(&[ENV, KEY, credential("client-credential")]).expect_err("no pair");
    assert!(told[0].contains("`TENCENTCLOUD_SECRETID` is missing"));
    let quiet = load(&[ENV, KEY, credential("client-credential"), off]);
    assert!(quiet.expect("a configuration").realtime.is_none());
    let [id, key] = PAIR;
    let both = load(&[ENV, KEY, id, key, credential("client-credential")]);
    let realtime = both.expect("a configuration").realtime.expect("it is on");
    assert!(matches!(realtime.credential, Credential::ClientCredential));
}

/// A key file as the console gives it out.
fn custom_login() -> String {
    let private = RsaPrivateKey::new(&mut OsRng, 1024).expect("a key");
    let pem = private.to_pkcs1_pem(LineEnding::LF).expect("PEM");
    json!({"private_key_id": "k1", "private_key": pem.as_str(), "env_id": "env-1"}).to_string()
}

#[test]
fn a_socket_may_be_a_users() {
    let dir = tempfile::tempdir().expect("a directory");
    let key = dir.path().join("custom_login.json");
    std::fs::write(&key, custom_login()).expect("a file");
    let key = key.to_str().expect("a name in UTF-8");
    let variables = [
        ENV,
        KEY,
        ("GATEWAY_REALTIME_CREDENTIAL", "ticket"),
        ("GATEWAY_REALTIME_ORIGIN", "https://admin.example.com/"),
    ];
    let told = load(&variables).expect_err("no key file");
    assert!(told[0].contains("`realtime.ticket_key` is missing"));
    let file = [("GATEWAY_REALTIME_TICKET_KEY", key)];
    let cloudbase = load(&[&variables[..], &file].concat()).expect("a configuration");
    let realtime = cloudbase.realtime.expect("it is on");
    let Credential::Ticket { uid, .. } = realtime.credential else {
        panic!("no ticket: {:?}", realtime.credential);
    };
    assert_eq!(uid, "graphql-gateway");
    let origin = realtime.web_origin.as_deref();
    assert_eq!(origin, Some("https://admin.example.com"));
    let nowhere = [("GATEWAY_REALTIME_TICKET_KEY", "/nowhere")];
    let told = load(&[&variables[..], &nowhere].concat()).expect_err("no file");
    assert!(told[0].contains("No such file"), "{told:?}");
}

#[test]
fn secrets_come_from_the_environment_alone() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("gateway.toml");
    let text = "CLOUDBASE_APIKEY = \"hidden\"\nTENCENTCLOUD_SECRETKEY = \"hidden\"\n";
    std::fs::write(&path, text).expect("a file");
    let flags = Flags {
        config: Some(path),
        ..Flags::default()
    };
    let told = All::from(&flags, []).expect_err("not in a file");
    assert_eq!(told.len(), 2, "{told:?}");
    for problem in told {
        assert!(problem.message.starts_with("no such setting"), "{problem}");
    }
}

#[test]
fn an_address_is_scheme_and_host_and_safe() {
    let plain = ("GATEWAY_CLOUDBASE_PLAIN_HTTP", "on");
    let url = |text| [ENV, KEY, ("GATEWAY_CLOUDBASE_URL", text)];
    for (text, origin, is_local) in [
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000", true),
        ("http://localhost:9000/", "http://localhost:9000", true),
        ("http://[::1]:9000", "http://[::1]:9000", true),
        ("https://127.0.0.1:9000", "https://127.0.0.1:9000", true),
        (
            "https://cloud.example.com:443",
            "https://cloud.example.com",
            false,
        ),
        (
            "HTTPS://Cloud.example.com",
            "https://cloud.example.com",
            false,
        ),
    ] {
        let cloudbase = load(&url(text)).expect(text);
        assert_eq!(cloudbase.client.origin.as_deref(), Some(origin), "{text}");
        assert_eq!(cloudbase.is_local, is_local, "{text}");
    }
    for (text, advice) in [
        ("http://10.0.0.1:9000", "by `http`"),
        ("http://127.0.0.1.example.com", "by `http`"),
        ("http://localhost.example.com", "by `http`"),
        ("127.0.0.1:9000", "scheme and host"),
        ("ftp://127.0.0.1", "scheme and host"),
        ("http://127.0.0.1:9000/admin", "scheme and host"),
        ("http://user:hidden@127.0.0.1:9000", "scheme and host"),
        ("https://", "scheme and host"),
    ] {
        let told = load(&url(text)).expect_err(text);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with("`GATEWAY_CLOUDBASE_URL`"), "{told:?}");
        assert!(
            told[0].contains(advice) && !told[0].contains("hidden"),
            "{told:?}"
        );
    }
    let trusted = [&url("http://10.0.0.1:9000")[..], &[plain]].concat();
    assert!(!load(&trusted).expect("a configuration").is_local);
}

#[test]
fn what_cannot_be_read_is_told_wherever_documents_live() {
    let variables = [
        ("GATEWAY_CLOUDBASE_PROTOCOL", "soap"),
        ("GATEWAY_CLOUDBASE_WRITES", "sometimes"),
        ("GATEWAY_CLOUDBASE_PAGE", "1001"),
        ("GATEWAY_CLOUDBASE_MAX_RETRIES", "11"),
        ("GATEWAY_REALTIME_ENABLED", "yes"),
        ("GATEWAY_CLOUDBASE_REGION", "a/b"),
    ];
    let variables = variables.map(|(name, text)| (name.into(), text.into()));
    let told = All::from(&Flags::default(), variables).expect_err("unreadable");
    assert_eq!(told.len(), 6, "{told:?}");
}

#[test]
fn whether_the_cloud_is_compared_with_the_schema_is_a_setting() {
    let cloudbase = load(&[ENV, KEY]).expect("a configuration");
    assert_eq!(cloudbase.mirror, Mirror::Warn);
    assert_eq!(cloudbase.mirror_interval, Duration::from_secs(600));
    let name = "GATEWAY_CLOUDBASE_MIRROR";
    for (text, mirror) in [
        ("off", Mirror::Off),
        ("warn", Mirror::Warn),
        ("fail-closed", Mirror::FailClosed),
    ] {
        let cloudbase = load(&[ENV, KEY, (name, text)]).expect("a configuration");
        assert_eq!(cloudbase.mirror, mirror);
    }
    let interval = "GATEWAY_CLOUDBASE_MIRROR_INTERVAL";
    for wrong in [(name, "closed"), (interval, "10ms"), (interval, "2d")] {
        assert_eq!(load(&[ENV, KEY, wrong]).expect_err("wrong").len(), 1);
    }
}
