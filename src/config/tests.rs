use std::path::Path;
use std::time::Duration;

use super::*;

fn environment(variables: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
    let owned = |(name, text): &(&str, &str)| ((*name).into(), (*text).into());
    variables.iter().map(owned).collect()
}

fn problems(flags: &Flags, variables: &[(&str, &str)]) -> Vec<String> {
    match Config::from(flags, environment(variables)) {
        Ok(config) => panic!("no problem: {config:?}"),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

fn with_file(text: &str) -> (tempfile::TempDir, Flags) {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("gateway.toml");
    fs::write(&path, text).expect("a file");
    let flags = Flags {
        config: Some(path),
        ..Flags::default()
    };
    (dir, flags)
}

#[test]
fn nothing_written_gives_the_defaults() {
    let config = Config::from(&Flags::default(), []).expect("a configuration");
    assert_eq!(config.schema, PathBuf::from("schema.graphql"));
    assert_eq!(config.doors[0].0.to_string(), "127.0.0.1:8080");
    assert!(matches!(&config.store, Store::Sqlite(path) if path == Path::new("data/shop.db")));
    let default = server::Config::default();
    assert_eq!(format!("{:?}", config.server), format!("{default:?}"));
    assert_eq!(config.log.filter, "info");
    assert_eq!(config.graphql.matches, MatchesOperator::Off);
}

#[test]
fn flags_win_over_environment_and_environment_over_file() {
    let (_dir, mut flags) = with_file(
        "listen = \"127.0.0.1:1\"\nlog = \"debug\"\n[server]\nmax_body = 4096\nrequest_timeout = \"3s\"\n\
         [access]\nowners = [\"openid:a\", \"uid:b\"]\n",
    );
    flags.listen = Some("127.0.0.1:3".to_owned());
    let variables = environment(&[
        ("GATEWAY_LISTEN", "127.0.0.1:2"),
        ("GATEWAY_SERVER_MAX_BODY", "2MiB"),
        ("GATEWAY_LOG_FORMAT", "json"),
        ("GATEWAY_GRAPHQL_MATCHES", "staff"),
        ("GATEWAY_STORE", ""),
        ("HOME", "/home/somebody"),
    ]);
    let config = Config::from(&flags, variables).expect("a configuration");
    assert_eq!(config.doors[0].0.port(), 3);
    assert_eq!(config.server.max_body, 2 << 20);
    assert_eq!(config.server.request_timeout, Duration::from_secs(3));
    assert_eq!(config.log.filter, "debug");
    assert_eq!(config.log.format, LogFormat::Json);
    assert_eq!(config.graphql.matches, MatchesOperator::Staff);
    let owners: Vec<&str> = config
        .gateway
        .owners
        .iter()
        .map(Principal::as_str)
        .collect();
    assert_eq!(owners, ["openid:a", "uid:b"]);
}

#[test]
fn a_platforms_port_is_taken_on_every_interface() {
    let port = [("PORT", "80")];
    let config = Config::from(&Flags::default(), environment(&port)).expect("a configuration");
    assert_eq!(config.doors[0].0.to_string(), "0.0.0.0:80");
    let dev = Flags {
        auth: Auth::DevOnLoopback,
        ..Flags::default()
    };
    let config = Config::from(&dev, environment(&port)).expect("a configuration");
    assert_eq!(config.doors[0].0.to_string(), "127.0.0.1:80");
}

#[test]
fn numbers_are_for_this_machine_unless_told_otherwise() {
    for (variables, served) in [
        (&[][..], true),
        (&[("PORT", "80")], false),
        (&[("PORT", "80"), ("GATEWAY_SERVER_METRICS", "on")], true),
        (&[("GATEWAY_SERVER_METRICS", "off")], false),
    ] {
        let config = Config::from(&Flags::default(), environment(variables)).expect("valid");
        assert_eq!(config.server.metrics, served, "{variables:?}");
    }
    let other = problems(&Flags::default(), &[("GATEWAY_SERVER_METRICS", "yes")]);
    assert_eq!(other.len(), 1, "{other:?}");
}

#[test]
fn development_tokens_leave_loopback_only_when_told_twice() {
    let listen = |auth, address: &str, variables: &[(&str, &str)]| {
        let flags = Flags {
            auth,
            listen: Some(address.to_owned()),
            ..Flags::default()
        };
        Config::from(&flags, environment(variables)).is_ok()
    };
    let yes: &[(&str, &str)] = &[("GATEWAY_DEV_AUTH_ANYWHERE", "yes")];
    for (auth, address, variables, allowed) in [
        (Auth::Closed, "0.0.0.0:80", &[][..], true),
        (Auth::DevOnLoopback, "127.0.0.1:80", &[], true),
        (Auth::DevOnLoopback, "[::1]:80", &[], true),
        (Auth::DevOnLoopback, "0.0.0.0:80", &[], false),
        (Auth::DevOnLoopback, "0.0.0.0:80", yes, false),
        (Auth::DevOnLoopback, "192.168.1.2:80", &[], false),
        (Auth::DevAnywhere, "0.0.0.0:80", &[], false),
        (Auth::DevAnywhere, "[::]:80", &[], false),
        (
            Auth::DevAnywhere,
            "0.0.0.0:80",
            &[("GATEWAY_DEV_AUTH_ANYWHERE", "no")],
            false,
        ),
        (Auth::DevAnywhere, "0.0.0.0:80", yes, true),
    ] {
        assert_eq!(
            listen(auth, address, variables),
            allowed,
            "{auth:?} {address} {variables:?}"
        );
    }
}

/// Or a page in the developer's browser could make its own name mean this machine.
#[test]
fn told_once_development_tokens_are_still_for_this_machine_only() {
    let auth = |variables: &[(&str, &str)]| {
        let flags = Flags {
            auth: Auth::DevAnywhere,
            ..Flags::default()
        };
        let config = Config::from(&flags, environment(variables)).expect("a configuration");
        config.server.auth
    };
    assert_eq!(auth(&[]), Auth::DevOnLoopback);
    let yes = [("GATEWAY_DEV_AUTH_ANYWHERE", "yes")];
    assert_eq!(auth(&yes), Auth::DevAnywhere);
}

#[test]
fn development_tokens_cannot_be_switched_on_by_file_or_environment() {
    let (_dir, flags) = with_file("dev_auth = true\ndev_auth_anywhere = \"yes\"\n");
    let told = problems(&flags, &[("GATEWAY_DEV_AUTH", "true")]);
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(
        told.iter()
            .all(|problem| problem.contains("no such setting"))
    );
}

#[test]
fn every_problem_is_told_with_its_place() {
    let (dir, mut flags) = with_file(
        "liste = \"127.0.0.1:1\"\n[server]\nmax_body = \"1MB\"\nmax_requests = 1.5\n[server.deep]\nx = 1\n",
    );
    flags.store = Some("mongodb://localhost".to_owned());
    let told = problems(
        &flags,
        &[
            ("GATEWAY_LISTEN", "8080"),
            ("GATEWAY_SERVER_MAX_BODI", "1"),
            ("GATEWAY_ACCESS_OWNERS", "alice"),
            ("GATEWAY_GRAPHQL_MATCHES", "true"),
            ("GATEWAY_SQLITE_READERS", "1000"),
            ("GATEWAY_NOPE", "1"),
            ("GATEWAY_LOG", "[[["),
        ],
    );
    let file = dir.path().join("gateway.toml").display().to_string();
    let told: Vec<String> = told
        .iter()
        .map(|line| line.replace(&file, "FILE"))
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn what_is_not_utf8_is_a_problem_if_it_is_ours() {
    use std::os::unix::ffi::OsStringExt;
    let garbage = || OsString::from_vec(vec![0xff]);
    let others = [(garbage(), garbage()), ("HOME".into(), garbage())];
    Config::from(&Flags::default(), others).expect("not our business");
    let ours = [("GATEWAY_STORE".into(), garbage())];
    let told = Config::from(&Flags::default(), ours).expect_err("unreadable");
    assert_eq!(told[0].to_string(), "`GATEWAY_STORE`: is not UTF-8");
}

#[test]
fn an_unreadable_file_is_a_problem() {
    let (_dir, flags) = with_file("listen = \n");
    assert!(problems(&flags, &[])[0].contains("not TOML"));
    let flags = Flags {
        config: Some(PathBuf::from("/nowhere/gateway.toml")),
        ..Flags::default()
    };
    assert!(problems(&flags, &[])[0].contains("No such file"));
}

/// `docs/configuration.md`: the names in its table, and the variables that are not named by us.
#[test]
fn the_page_tells_every_setting_and_no_other() {
    let page = include_str!("../../docs/configuration.md");
    let (_, table) = page.split_once("## Settings").expect("a chapter");
    let (table, rest) = table.split_once("\n\nSome variables").expect("their end");
    let names = table.lines().filter_map(|row| row.strip_prefix("| `"));
    let mut told: Vec<&str> = names.filter_map(|row| row.split('`').next()).collect();
    told.extend(["PORT", "RUST_LOG"]);
    told.sort_unstable();
    for variable in layers::PLATFORM_VARIABLES {
        assert!(rest.contains(&format!("`{variable}`")), "{variable}");
    }

    let mut layers = Layers::default();
    check(&mut layers, &Flags::default());
    // What a level has a setting for is told once, for everybody.
    let of_a_level = |name: &&str| name.matches('.').count() > 1;
    let asked = layers.asked.iter().map(String::as_str);
    let asked: Vec<&str> = asked.filter(|name| !of_a_level(name)).collect();
    assert_eq!(told, asked);
}
