use std::ffi::OsString;
use std::fs;

use super::*;
use crate::config::{Config, Flags};

/// With this file and these variables.
fn read(file: &str, variables: &[(&str, &str)], auth: Auth) -> Result<Config, Vec<String>> {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("gateway.toml");
    fs::write(&path, file).expect("a file");
    let flags = Flags {
        config: Some(path),
        auth,
        ..Flags::default()
    };
    let variables = variables
        .iter()
        .map(|(name, text)| (OsString::from(name), OsString::from(text)));
    Config::from(&flags, variables).map_err(|problems| {
        let without_path = |problem: &crate::config::Problem| {
            let (place, _) = problem
                .place
                .split_once(" in ")
                .unwrap_or((&problem.place, ""));
            format!("{place}: {}", problem.message)
        };
        problems.iter().map(without_path).collect()
    })
}

fn limits(file: &str, variables: &[(&str, &str)]) -> Limits {
    let config = read(file, variables, Auth::Closed).expect("a configuration");
    config.graphql.limits
}

#[test]
fn a_level_overrides_what_is_for_everybody() {
    let file = "
        [limits]
        depth = 9
        aliases = 30
        answer = \"1MiB\"
        rate = \"5/s burst 6\"
        [limits.guest]
        depth = 4
        introspection = \"off\"
        [limits.Shop-Admin]
        depth = 12
        rate = \"off\"
        timeout = \"3s\"
    ";
    let variables = [
        ("GATEWAY_LIMITS_SHOP_ADMIN_ALIASES", "50"),
        ("GATEWAY_LIMITS_CLERK_ROOT_FIELDS", "7"),
        ("GATEWAY_LIMITS_USER_PAGE", "40"),
        ("GATEWAY_LIMITS_ROOT_FIELDS", "8"),
    ];
    let limits = limits(file, &variables);
    assert_eq!((limits.guest.depth, limits.guest.aliases), (4, 30));
    assert!(!limits.guest.introspection && limits.user.introspection);
    assert_eq!((limits.user.depth, limits.user.page), (9, 40));
    assert_eq!(limits.staff.page, 500, "a role is no user");
    assert_eq!(limits.user.answer, 1 << 20);
    assert_eq!(limits.user.rate, Some(paced(5, 6)));
    assert_eq!(limits.anonymous, None);
    let names: Vec<&str> = limits.roles.keys().map(Role::as_str).collect();
    assert_eq!(names, ["Shop-Admin", "clerk"]);
    let admin = limits.roles[&Role::new("Shop-Admin")];
    assert_eq!((admin.depth, admin.aliases, admin.rate), (12, 50, None));
    assert_eq!(admin.timeout, Some(Duration::from_secs(3)));
    let clerk = limits.roles[&Role::new("clerk")];
    assert_eq!((clerk.root_fields, clerk.depth), (7, 9));
    assert_eq!(limits.guest.root_fields, 8);
}

#[test]
fn who_is_signed_in_anonymously_is_a_user_unless_told_otherwise() {
    let limits = limits(
        "[limits.user]\ndepth = 7\n[limits.anonymous]\npage = 30",
        &[],
    );
    let anonymous = limits.anonymous.expect("a level");
    assert_eq!((anonymous.depth, anonymous.page), (7, 30));
}

#[test]
fn rates_are_kept_unless_identities_are_believed() {
    let closed = limits("", &[]);
    assert_eq!(closed.guest.rate, Some(paced(20, 100)));
    assert_eq!(closed.user.rate, Some(paced(50, 200)));
    assert_eq!(closed.user.concurrent, Some(64));
    assert!(closed.address_rate.is_some() && closed.address_sockets.is_some());
    let dev = read("", &[], Auth::DevOnLoopback).expect("a configuration");
    assert_eq!(dev.graphql.limits, Limits::default());
    let told = [("GATEWAY_LIMITS_RATE", "3")];
    let told = read("", &told, Auth::DevOnLoopback).expect("a configuration");
    assert_eq!(told.graphql.limits.guest.rate, Some(paced(3, 12)));
}

#[test]
fn what_is_no_limit_is_told() {
    let file = "
        [limits]
        mode = \"soft\"
        page = 10
        complexity = 2000000
        bytes = \"2MiB\"
        rate = \"often\"
        dephts = 3
        [limits.guest]
        dept = 3
        concurrent = 0
        [limits.guest.more]
        depth = 3
    ";
    let problems = read(file, &[("GATEWAY_LIMITS_CLERK_DEPHT", "3")], Auth::Closed);
    let problems = problems.expect_err("problems").join("\n");
    for told in [
        "`limits.mode`: `soft` cannot be read: write `enforce` or `measure`",
        "`limits.page`: `10` cannot be read: write a number from 20 to 500",
        "`limits.complexity`: `2000000` cannot be read: write a number from 1 to 1000000",
        "`limits.bytes`: `2MiB` cannot be read: at most 1024KiB",
        "`limits.rate`: `often` cannot be read: write `off` or how often",
        "`limits.dephts`: no such setting; is `limits.depth` meant?",
        "`limits.guest.dept`: no such setting; is `limits.guest.depth` meant?",
        "`limits.guest.concurrent`: `0` cannot be read",
        "`limits.guest.more`: write a text",
        "`GATEWAY_LIMITS_CLERK_DEPHT`: no such setting",
    ] {
        assert!(problems.contains(told), "{told} in\n{problems}");
    }
}
