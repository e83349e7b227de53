//! What an operator says of who can reach the server, and what is believed of requests therefore.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;

use axum::http::HeaderName;
use smol_str::SmolStr;

use super::cloudbase::bare;
use super::layers::{Layers, Written};
use super::{on_or_off, units};
use crate::cloudbase;
use crate::identity::TicketKey;
use crate::server::{Auth, ClientAddress, Platform, Trust};

/// Where a server listens, and what it believes of those who come by there.
pub type Doors = Vec<(SocketAddr, Trust)>;

/// Beyond it, a chain of proxies is a mistake.
const MAX_PROXIES: usize = 16;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    BearerOnly,
    WxPrivate,
    ByListener,
}

/// The doors: that of `listen`, and perhaps a second one. What is not said of the platform is what is said of the `cloud`.
pub(super) fn doors(
    layers: &mut Layers,
    listen: SocketAddr,
    auth: Auth,
    cloud: &cloudbase::Config,
) -> Doors {
    let mode = layers.read("trust", mode, Mode::BearerOnly);
    let private = layers.read(
        "private_listen",
        |text| units::address(text).map(Some),
        None,
    );
    let trusted = Trust::WxPrivate(Arc::new(platform(layers, mode, cloud)));
    if mode != Mode::BearerOnly && auth != Auth::Closed {
        layers.problem(
            "`trust`",
            "a server that takes development tokens believes everybody: leave `trust` out, or the development tokens",
        );
    }
    if mode != Mode::ByListener && private.is_some() {
        layers.problem(
            "`private_listen`",
            "is a second listener: set `trust` to `by-listener`, or leave it out",
        );
    }
    match (mode, private) {
        (Mode::BearerOnly, _) => vec![(listen, Trust::BearerOnly)],
        (Mode::WxPrivate, _) => vec![(listen, trusted)],
        (Mode::ByListener, Some(private)) => {
            if private == listen {
                layers.problem(
                    "`private_listen`",
                    "is the same as `listen`: give it another port",
                );
            }
            vec![(listen, Trust::BearerOnly), (private, trusted)]
        }
        (Mode::ByListener, None) => {
            layers.problem(
                "`private_listen`",
                "is missing: where requests of the platform's private link arrive, such as `0.0.0.0:8081`",
            );
            Vec::new()
        }
    }
}

fn mode(text: &str) -> Result<Mode, String> {
    match text {
        "bearer-only" => Ok(Mode::BearerOnly),
        "wx-private" => Ok(Mode::WxPrivate),
        "by-listener" => Ok(Mode::ByListener),
        _ => Err("write `bearer-only`, `wx-private` or `by-listener`".to_owned()),
    }
}

/// What platform headers must say; what is missing of it is a problem only if they are believed anywhere.
fn platform(layers: &mut Layers, mode: Mode, cloud: &cloudbase::Config) -> Platform {
    let app = cloud.wx_app_id.clone().unwrap_or_default();
    let platform = Platform {
        appid: layers.read("wx.appid", name, app.into()),
        env: layers.read("wx.env", name, cloud.env.as_str().into()),
        sharing_appids: layers.read("wx.sharing_appids", names, BTreeSet::new()),
    };
    if mode == Mode::BearerOnly {
        return platform;
    }
    if platform.appid.is_empty() {
        layers.problem(
            "`wx.appid`",
            "is missing: the id of the mini program that the environment belongs to, such as `wx1234567890abcdef`; \
             without it anybody's mini program would be believed",
        );
    }
    if platform.env.is_empty() {
        layers.problem(
            "`wx.env`",
            "is missing: the id of the environment that this service runs in, such as `prod-1a2b3c`",
        );
    }
    platform
}

fn names(text: &str) -> Result<BTreeSet<SmolStr>, String> {
    units::list(text).iter().map(|text| name(text)).collect()
}

/// The id of a mini program or an environment.
fn name(text: &str) -> Result<SmolStr, String> {
    super::cloudbase::name(text).map(SmolStr::from)
}

/// What clients are told apart by.
pub(super) fn client_address(layers: &mut Layers) -> ClientAddress {
    let forwarded = |text: &str| match text {
        "peer" => Ok(false),
        "forwarded" => Ok(true),
        _ => Err("write `peer` or `forwarded`".to_owned()),
    };
    let header = |text: &str| {
        text.parse::<HeaderName>()
            .map_err(|error| error.to_string())
    };
    let number = |text: &str| units::count(text, MAX_PROXIES);
    let default = HeaderName::from_static("x-forwarded-for");
    let forwarded = layers.read("server.client_address", forwarded, false);
    let header = layers.read("server.client_address_header", header, default);
    let proxies = layers.read("server.trusted_proxies", number, NonZeroUsize::MIN);
    match forwarded {
        true => ClientAddress::Forwarded { header, proxies },
        false => ClientAddress::Peer,
    }
}

/// Origins as browsers write them: in lower case, and without the usual port.
pub(super) fn origins(text: &str) -> Result<BTreeSet<String>, String> {
    let origin = |text: &String| {
        let url = bare(text)
            .ok_or("write scheme and host of each, such as `https://admin.example.com`")?;
        Ok(url.origin().ascii_serialization())
    };
    units::list(text).iter().map(origin).collect()
}

/// The variable that holds the secret of tickets: neither a flag nor a file does.
const TICKET_SECRET: &str = "GATEWAY_TICKET_SECRET";

/// With what tickets are authenticated, unless there are none.
pub(super) fn tickets(layers: &mut Layers) -> Option<TicketKey> {
    let offered = layers.read("auth.tickets", on_or_off, true);
    let key = match layers.variable(TICKET_SECRET) {
        Some(Written { text, .. }) => TicketKey::of(text.trim().as_bytes()),
        None => TicketKey::random().ok(),
    };
    if key.is_none() {
        let message = format!(
            "is too short: give {} bytes at least, such as those of `openssl rand -base64 32`, the same to each instance",
            TicketKey::MIN_LEN
        );
        layers.problem(format!("`{TICKET_SECRET}`"), message);
    }
    key.filter(|_| offered)
}

#[cfg(test)]
mod tests {
    use super::super::{Config, Flags};
    use super::*;

    const APP: (&str, &str) = ("GATEWAY_WX_APPID", "wx0123456789abcdef");
    const ENV: (&str, &str) = ("CBR_ENV_ID", "prod-1a2b3c");

    fn load(auth: Auth, variables: &[(&str, &str)]) -> Result<Config, Vec<String>> {
        let flags = Flags {
            auth,
            ..Flags::default()
        };
        let variables = variables.iter();
        let variables = variables.map(|(name, text)| ((*name).into(), (*text).into()));
        Config::from(&flags, variables)
            .map_err(|problems| problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn nothing_is_believed_of_headers_unless_that_is_said() {
        let config = load(Auth::Closed, &[]).expect("a configuration");
        let [(address, Trust::BearerOnly)] = &config.doors[..] else {
            panic!("{:?}", config.doors);
        };
        assert_eq!(address.to_string(), "127.0.0.1:8080");
        assert_eq!(config.server.client_address, ClientAddress::Peer);
    }

    #[test]
    fn the_private_link_is_believed_where_it_arrives() {
        let platform = Platform {
            appid: "wx0123456789abcdef".into(),
            env: "prod-1a2b3c".into(),
            sharing_appids: ["wx1".into(), "wx2".into()].into(),
        };
        let private = Trust::WxPrivate(Arc::new(platform));
        let sharing = ("GATEWAY_WX_SHARING_APPIDS", "wx1, wx2");
        let one = [
            ("GATEWAY_TRUST", "wx-private"),
            ("PORT", "80"),
            APP,
            ENV,
            sharing,
        ];
        let config = load(Auth::Closed, &one).expect("a configuration");
        let all = "0.0.0.0:80".parse().expect("an address");
        assert_eq!(config.doors, [(all, private.clone())]);
        let two = [
            ("GATEWAY_TRUST", "by-listener"),
            ("GATEWAY_PRIVATE_LISTEN", "0.0.0.0:8081"),
            ("GATEWAY_CLOUDBASE_WX_APP_ID", "wx0123456789abcdef"),
            ("GATEWAY_WX_ENV", "prod-1a2b3c"),
            ("PORT", "80"),
            sharing,
        ];
        let config = load(Auth::Closed, &two).expect("a configuration");
        let second = "0.0.0.0:8081".parse().expect("an address");
        assert_eq!(config.doors, [(all, Trust::BearerOnly), (second, private)]);
    }

    #[test]
    fn what_would_believe_too_much_is_a_problem() {
        let wx = ("GATEWAY_TRUST", "wx-private");
        let both = ("GATEWAY_TRUST", "by-listener");
        let second = ("GATEWAY_PRIVATE_LISTEN", "127.0.0.1:8080");
        for (auth, variables, told) in [
            (Auth::Closed, &[wx, APP][..], "`wx.env`: is missing"),
            (Auth::Closed, &[wx, ENV], "`wx.appid`: is missing"),
            (
                Auth::Closed,
                &[both, APP, ENV],
                "`private_listen`: is missing",
            ),
            (Auth::Closed, &[both, second, APP, ENV], "same as `listen`"),
            (Auth::Closed, &[second], "`by-listener`, or leave it out"),
            (Auth::DevOnLoopback, &[wx, APP, ENV], "development tokens"),
            (Auth::Closed, &[("GATEWAY_TRUST", "all")], "`bearer-only`"),
            (Auth::Closed, &[("GATEWAY_WX_APPID", "wx:1")], "letters"),
            (
                Auth::Closed,
                &[("GATEWAY_SERVER_CORS_ORIGINS", "*")],
                "scheme and host",
            ),
            (
                Auth::Closed,
                &[("GATEWAY_SERVER_CORS_ORIGINS", "https://a.example/b")],
                "scheme and host",
            ),
            (
                Auth::Closed,
                &[("GATEWAY_SERVER_CLIENT_ADDRESS", "header")],
                "`peer` or",
            ),
        ] {
            let problems = load(auth, variables).expect_err("refused");
            let [problem] = &problems[..] else {
                panic!("{problems:?}");
            };
            assert!(problem.contains(told), "{problem}");
        }
    }

    #[test]
    fn the_secret_of_tickets_is_long_and_not_shown() {
        let long = "hidden-0123456789-0123456789-0123456789";
        for (variables, given) in [
            (&[][..], true),
            (&[("GATEWAY_TICKET_SECRET", long)], true),
            (
                &[
                    ("GATEWAY_AUTH_TICKETS", "off"),
                    ("GATEWAY_TICKET_SECRET", long),
                ],
                false,
            ),
        ] {
            let config = load(Auth::Closed, variables).expect("a configuration");
            assert_eq!(config.tickets.is_some(), given, "{variables:?}");
            assert!(!format!("{config:?}").contains("hidden"));
        }
        let told = load(Auth::Closed, &[("GATEWAY_TICKET_SECRET", "hidden")]).expect_err("short");
        assert!(
            told[0].contains("32 bytes") && !told[0].contains("hidden"),
            "{told:?}"
        );
    }

    #[test]
    fn origins_are_as_browsers_write_them() {
        let origins =
            super::origins("https://Admin.Example:443, http://10.0.0.5:5173/").expect("two");
        assert!(
            origins
                .iter()
                .eq(["http://10.0.0.5:5173", "https://admin.example"]),
            "{origins:?}"
        );
    }

    #[test]
    fn proxies_are_counted() {
        let variables = [
            ("GATEWAY_SERVER_CLIENT_ADDRESS", "forwarded"),
            (
                "GATEWAY_SERVER_CLIENT_ADDRESS_HEADER",
                "X-Original-Forwarded-For",
            ),
            ("GATEWAY_SERVER_TRUSTED_PROXIES", "2"),
        ];
        let config = load(Auth::Closed, &variables).expect("a configuration");
        let meant = ClientAddress::Forwarded {
            header: HeaderName::from_static("x-original-forwarded-for"),
            proxies: NonZeroUsize::new(2).expect("two"),
        };
        assert_eq!(config.server.client_address, meant);
    }
}
