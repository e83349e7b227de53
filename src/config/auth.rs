//! What an operator says of access tokens: whose are taken, and whom to ask about them.

use std::time::Duration;

use reqwest::Url;

use super::layers::{Layers, Written};
use super::{cloudbase, units};
use crate::cloudbase::Config as Cloud;
use crate::identity::{Config, Introspect};

/// More would make a token good long after its end.
const MAX_LEEWAY: Duration = Duration::from_secs(5 * 60);

/// Keys are looked for at most once a minute.
const MIN_KEYS_AGE: Duration = Duration::from_secs(60);
const MAX_KEYS_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// The longest that a staff member who signed out may go on.
const MIN_INTROSPECT_AGE: Duration = Duration::from_secs(1);
const MAX_INTROSPECT_AGE: Duration = Duration::from_secs(5 * 60);

/// Without an environment no access tokens are taken: nobody knows for whom they would have to be.
pub(super) fn read(layers: &mut Layers, cloud: &Cloud) -> Option<Config> {
    let own = |text: &str| cloudbase::name(text).map(Some);
    let env = layers.read("auth.env", own, None);
    let env = env.or_else(|| (!cloud.env.is_empty()).then(|| cloud.env.clone()));
    let default = Config::new(env.as_deref().unwrap_or_default());
    let url = url(layers).or_else(|| cloud.origin.clone().filter(|origin| is_safe(origin)));
    let further = layers.read("auth.issuers", |text| Ok(units::list(text)), Vec::new());
    let introspect = |text: &str| match text {
        "staff" => Ok(Introspect::Staff),
        "off" => Ok(Introspect::Off),
        _ => Err("write `staff` or `off`".to_owned()),
    };
    let leeway = |text: &str| match text {
        "0s" => Ok(Duration::ZERO),
        text => units::duration_between(text, Duration::from_millis(1), MAX_LEEWAY),
    };
    let keys_age = |text: &str| units::duration_between(text, MIN_KEYS_AGE, MAX_KEYS_AGE);
    let introspect_age =
        |text: &str| units::duration_between(text, MIN_INTROSPECT_AGE, MAX_INTROSPECT_AGE);
    let config = Config {
        url: url.unwrap_or(default.url),
        issuers: default.issuers.into_iter().chain(further).collect(),
        leeway: layers.read("auth.leeway", leeway, default.leeway),
        keys_max_age: layers.read("auth.keys_max_age", keys_age, default.keys_max_age),
        introspect: layers.read("auth.introspect", introspect, default.introspect),
        introspect_max_age: layers.read(
            "auth.introspect_max_age",
            introspect_age,
            default.introspect_max_age,
        ),
        env: default.env,
    };
    env.is_some().then_some(config)
}

/// Where users sign in. Keys that come from there decide who anybody is, so nobody on the way may change them.
fn url(layers: &mut Layers) -> Option<String> {
    let Written { text, place } = layers.written("auth.url")?;
    let url = cloudbase::bare(&text);
    let url = url.filter(is_unchanged_on_the_way);
    if url.is_none() {
        layers.problem(
            place,
            "cannot be read: write `https://` and a host and no more; `http` only on this machine, such as \
             `http://127.0.0.1:9000` of an emulator",
        );
    }
    Some(url?.origin().ascii_serialization())
}

/// Where documents are may be read over plain HTTP, if an operator says so; who anybody is may not.
fn is_safe(origin: &str) -> bool {
    cloudbase::bare(origin)
        .as_ref()
        .is_some_and(is_unchanged_on_the_way)
}

fn is_unchanged_on_the_way(url: &Url) -> bool {
    url.scheme() == "https" || cloudbase::is_local(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)], cloud: &Cloud) -> (Option<Config>, Vec<String>) {
        let mut layers = Layers::default();
        layers.add_environment(
            variables
                .iter()
                .map(|(name, text)| ((*name).into(), (*text).into())),
        );
        let config = read(&mut layers, cloud);
        layers.report_unknown();
        let problems = layers.problems.iter().map(ToString::to_string);
        (config, problems.collect())
    }

    fn cloud(env: &str, origin: Option<&str>) -> Cloud {
        Cloud {
            env: env.to_owned(),
            protocol: crate::cloudbase::Protocol::default(),
            region: String::new(),
            wx_app_id: None,
            origin: origin.map(str::to_owned),
            credentials: crate::cloudbase::Credentials::default(),
            limits: crate::cloudbase::Limits::default(),
        }
    }

    #[test]
    fn tokens_are_of_the_environment_that_documents_are_of() {
        let (config, problems) = of(&[], &cloud("shop", None));
        assert_eq!(config, Some(Config::new("shop")));
        assert!(problems.is_empty());
        assert_eq!(of(&[], &cloud("", None)), (None, Vec::new()));

        let local = "http://127.0.0.1:9000";
        let (config, _) = of(&[], &cloud("shop", Some(local)));
        assert_eq!(config.map(|config| config.url).as_deref(), Some(local));
        // `cloudbase.plain_http` lets documents be read on the way, and nobody be made an owner there.
        let (config, _) = of(&[], &cloud("shop", Some("http://10.0.0.5")));
        assert_eq!(config, Some(Config::new("shop")));
    }

    #[test]
    fn an_operator_may_say_otherwise() {
        let (config, problems) = of(
            &[
                ("GATEWAY_AUTH_ENV", "accounts"),
                ("GATEWAY_AUTH_URL", "https://sign-in.example/"),
                (
                    "GATEWAY_AUTH_ISSUERS",
                    "https://old.example, https://older.example",
                ),
                ("GATEWAY_AUTH_LEEWAY", "0s"),
                ("GATEWAY_AUTH_KEYS_MAX_AGE", "5m"),
                ("GATEWAY_AUTH_INTROSPECT", "off"),
                ("GATEWAY_AUTH_INTROSPECT_MAX_AGE", "5s"),
            ],
            &cloud("shop", None),
        );
        assert_eq!(problems, Vec::<String>::new());
        let config = config.expect("there is an environment");
        assert_eq!(config.env, "accounts");
        assert_eq!(config.url, "https://sign-in.example");
        let issuers = [
            "https://accounts.api.tcloudbasegateway.com",
            "https://old.example",
            "https://older.example",
        ];
        assert_eq!(config.issuers, issuers);
        assert_eq!(config.leeway, Duration::ZERO);
        assert_eq!(config.keys_max_age, Duration::from_secs(300));
        assert_eq!(config.introspect, Introspect::Off);
        assert_eq!(config.introspect_max_age, Duration::from_secs(5));
    }

    #[test]
    fn what_would_be_unsafe_is_a_problem() {
        for (variable, text) in [
            ("GATEWAY_AUTH_ENV", "shop.example/"),
            ("GATEWAY_AUTH_URL", "http://sign-in.example"),
            ("GATEWAY_AUTH_URL", "https://sign-in.example/path"),
            ("GATEWAY_AUTH_URL", "https://user:key@sign-in.example"),
            ("GATEWAY_AUTH_LEEWAY", "1h"),
            ("GATEWAY_AUTH_KEYS_MAX_AGE", "1s"),
            ("GATEWAY_AUTH_KEYS_MAX_AGE", "48h"),
            ("GATEWAY_AUTH_INTROSPECT", "no"),
            ("GATEWAY_AUTH_INTROSPECT_MAX_AGE", "10m"),
        ] {
            let (_, problems) = of(&[(variable, text)], &cloud("shop", None));
            assert_eq!(problems.len(), 1, "{variable}={text}");
            assert!(problems[0].contains(variable), "{problems:?}");
            assert!(!problems[0].contains("key@"), "{problems:?}");
        }
    }
}
