//! `/metrics`: gauges and counters in the text format of Prometheus.
//!
//! Numbers only: nothing that is counted names a document, a caller or a query.

use std::fmt::{self, Display, Write};
use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

use super::App;
use super::socket::Sockets;
use crate::graphql::Executor;

/// The text format's own media type.
const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// `/metrics`.
pub(super) async fn metrics(State(app): State<Arc<App>>) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, CONTENT_TYPE),
        (header::CACHE_CONTROL, "no-store"),
    ];
    let metrics = [transports(&app.sockets).as_slice(), &live(&app.executor)].concat();
    (headers, page(&metrics))
}

/// Whether a number goes up and down, or up only.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Gauge,
    Counter,
}

impl Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Gauge => "gauge",
            Kind::Counter => "counter",
        })
    }
}

/// One number that is told, without labels.
#[derive(Clone, Copy, Debug)]
struct Metric {
    /// Without the prefix that all have.
    name: &'static str,
    kind: Kind,
    help: &'static str,
    value: u64,
}

impl Metric {
    fn gauge(name: &'static str, help: &'static str, value: u64) -> Self {
        Self {
            name,
            kind: Kind::Gauge,
            help,
            value,
        }
    }

    fn counter(name: &'static str, help: &'static str, value: u64) -> Self {
        Self {
            name,
            kind: Kind::Counter,
            help,
            value,
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
fn live(executor: &Executor) -> [Metric; 6] {
    let counts = executor.live_counts();
    let watches = executor.gateway().live().watches();
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
            count(watches),
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

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn page(metrics: &[Metric]) -> String {
    let mut page = String::new();
    for metric in metrics {
        let Metric {
            name,
            kind,
            help,
            value,
        } = metric;
        let name = format_args!("cloudbase_graphql_{name}");
        writeln!(
            page,
            "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}"
        )
        .expect("a String takes everything");
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
                value: 3,
            },
            Metric {
                name: "live_renders_total",
                kind: Kind::Counter,
                help: "Payloads rendered.",
                value: u64::MAX,
            },
        ];
        assert_eq!(
            page(&metrics),
            "# HELP cloudbase_graphql_live_subscribers Subscriptions that are open.\n\
             # TYPE cloudbase_graphql_live_subscribers gauge\n\
             cloudbase_graphql_live_subscribers 3\n\
             # HELP cloudbase_graphql_live_renders_total Payloads rendered.\n\
             # TYPE cloudbase_graphql_live_renders_total counter\n\
             cloudbase_graphql_live_renders_total 18446744073709551615\n"
        );
    }
}
