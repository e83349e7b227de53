//! `/metrics`: gauges and counters in the text format of Prometheus.
//!
//! Numbers only: nothing that is counted names a document, a caller or a query. Labels are of few values, which the
//! operator chose.

use std::fmt::{self, Display, Write};
use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

use super::App;
use super::socket::Sockets;
use crate::gateway::{Gateway, Upstream};
use crate::graphql::Executor;
use crate::graphql::admission::{Level, Limit};

/// The text format's own media type.
const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// `/metrics`.
pub(super) async fn metrics(State(app): State<Arc<App>>) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, CONTENT_TYPE),
        (header::CACHE_CONTROL, "no-store"),
    ];
    let metrics = [
        transports(&app.sockets).as_slice(),
        &live(&app.executor),
        &limits(&app.executor),
        &store(app.executor.gateway()),
    ]
    .concat();
    (headers, page(&metrics))
}

/// Whether a number goes up and down, or up only.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Gauge,
    Counter,
    /// A counter of seconds, kept in microseconds.
    Seconds,
}

impl Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Gauge => "gauge",
            Kind::Counter | Kind::Seconds => "counter",
        })
    }
}

/// One number that is told.
#[derive(Clone, Debug)]
struct Metric {
    /// Without the prefix that all have.
    name: &'static str,
    kind: Kind,
    help: &'static str,
    /// `{…}` as it is written, or nothing. Those of one name follow each other.
    labels: String,
    value: u64,
}

impl Metric {
    fn gauge(name: &'static str, help: &'static str, value: u64) -> Self {
        Self {
            name,
            kind: Kind::Gauge,
            help,
            labels: String::new(),
            value,
        }
    }

    fn counter(name: &'static str, help: &'static str, value: u64) -> Self {
        Self {
            name,
            kind: Kind::Counter,
            help,
            labels: String::new(),
            value,
        }
    }
}

impl Metric {
    fn value(&self) -> String {
        match self.kind {
            Kind::Gauge | Kind::Counter => self.value.to_string(),
            Kind::Seconds => format!("{}.{:06}", self.value / 1_000_000, self.value % 1_000_000),
        }
    }
}

/// What is held open for clients.
fn transports(sockets: &Sockets) -> [Metric; 2] {
    [
        Metric::gauge(
            "sockets",
            "WebSockets that are open.",
            count(sockets.open()),
        ),
        Metric::gauge(
            "streams",
            "Event streams of subscriptions that are open.",
            count(sockets.streams()),
        ),
    ]
}

/// What live lists are watched, by how many, and what was done for them.
fn live(executor: &Executor) -> [Metric; 7] {
    let counts = executor.live_counts();
    let hub = executor.gateway().live();
    [
        Metric::gauge(
            "live_subscribers",
            "Subscriptions that are open.",
            counts.subscribers,
        ),
        Metric::gauge(
            "live_cohorts",
            "Groups of subscribers that share their payloads.",
            counts.cohorts,
        ),
        Metric::gauge(
            "live_watches",
            "Watches of the store, those that linger after their last subscriber included.",
            count(hub.watches()),
        ),
        Metric::counter(
            "live_missed_total",
            "Times that a list changed without word of it, from a database that tells of others' commits.",
            hub.missed(),
        ),
        Metric::counter(
            "live_renders_total",
            "Payloads rendered, each for however many subscribers.",
            counts.renders,
        ),
        Metric::counter(
            "live_delivered_total",
            "Payloads handed to subscribers.",
            counts.delivered,
        ),
        Metric::counter(
            "live_resyncs_total",
            "Lists sent anew to subscribers who lagged behind.",
            counts.resyncs,
        ),
    ]
}

/// What callers asked for beyond their limits.
fn limits(executor: &Executor) -> Vec<Metric> {
    let exceeded = executor.admission().exceeded().into_iter();
    let metric = |((limit, level), value): ((Limit, Level), u64)| Metric {
        labels: format!("{{limit=\"{}\",level=\"{level}\"}}", limit.name()),
        ..Metric::counter(
            "limits_exceeded_total",
            "Operations beyond a limit of their caller's level, refused or, in measure mode, run.",
            value,
        )
    };
    exceeded.map(metric).collect()
}

/// What was asked of the store, and by it of a server that is not this one.
fn store(gateway: &Gateway) -> Vec<Metric> {
    let reads = Metric::counter(
        "store_reads_total",
        "Reads that the store answered.",
        gateway.reads(),
    );
    let upstream = gateway.upstream().map(upstream);
    [reads]
        .into_iter()
        .chain(upstream.into_iter().flatten())
        .collect()
}

fn upstream(told: Upstream) -> [Metric; 5] {
    [
        Metric::counter(
            "upstream_requests_total",
            "Requests sent to the cloud, those that tried again included.",
            told.requests,
        ),
        Metric::counter(
            "upstream_retries_total",
            "Requests that tried again.",
            told.retries,
        ),
        Metric::counter(
            "upstream_refused_total",
            "Requests held back here, because too many were under way or the cloud was failing.",
            told.refused,
        ),
        Metric {
            name: "upstream_seconds_total",
            kind: Kind::Seconds,
            help: "Time that requests were under way, all added up.",
            labels: String::new(),
            value: told.waited_us,
        },
        Metric::counter(
            "upstream_interruptions_total",
            "Times that word of what others wrote was interrupted.",
            told.interruptions,
        ),
    ]
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn page(metrics: &[Metric]) -> String {
    let mut page = String::new();
    let mut before = "";
    for metric in metrics {
        let Metric {
            name,
            kind,
            help,
            labels,
            ..
        } = metric;
        let value = metric.value();
        let full = format_args!("cloudbase_graphql_{name}");
        let written = match *name == before {
            true => writeln!(page, "{full}{labels} {value}"),
            false => writeln!(
                page,
                "# HELP {full} {help}\n# TYPE {full} {kind}\n{full}{labels} {value}"
            ),
        };
        written.expect("a String takes everything");
        before = name;
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_as_prometheus_reads_it() {
        let metrics = [
            Metric {
                name: "live_subscribers",
                kind: Kind::Gauge,
                help: "Subscriptions that are open.",
                labels: String::new(),
                value: 3,
            },
            Metric {
                name: "live_renders_total",
                kind: Kind::Counter,
                help: "Payloads rendered.",
                labels: String::new(),
                value: u64::MAX,
            },
            Metric {
                name: "upstream_seconds_total",
                kind: Kind::Seconds,
                help: "Time that requests were under way.",
                labels: String::new(),
                value: 61_000_250,
            },
            Metric {
                labels: r#"{limit="depth",level="guest"}"#.to_owned(),
                ..Metric::counter("limits_exceeded_total", "Operations beyond a limit.", 2)
            },
            Metric {
                labels: r#"{limit="depth",level="user"}"#.to_owned(),
                ..Metric::counter("limits_exceeded_total", "Operations beyond a limit.", 3)
            },
        ];
        assert_eq!(
            page(&metrics),
            "# HELP cloudbase_graphql_live_subscribers Subscriptions that are open.\n\
             # TYPE cloudbase_graphql_live_subscribers gauge\n\
             cloudbase_graphql_live_subscribers 3\n\
             # HELP cloudbase_graphql_live_renders_total Payloads rendered.\n\
             # TYPE cloudbase_graphql_live_renders_total counter\n\
             cloudbase_graphql_live_renders_total 18446744073709551615\n\
             # HELP cloudbase_graphql_upstream_seconds_total Time that requests were under way.\n\
             # TYPE cloudbase_graphql_upstream_seconds_total counter\n\
             cloudbase_graphql_upstream_seconds_total 61.000250\n\
             # HELP cloudbase_graphql_limits_exceeded_total Operations beyond a limit.\n\
             # TYPE cloudbase_graphql_limits_exceeded_total counter\n\
             cloudbase_graphql_limits_exceeded_total{limit=\"depth\",level=\"guest\"} 2\n\
             cloudbase_graphql_limits_exceeded_total{limit=\"depth\",level=\"user\"} 3\n"
        );
    }
}
