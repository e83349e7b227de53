#!/usr/bin/env bash
# Requests per second and CPU of the server for five everyday operations, over 100,000 demo orders, with 32 kept-alive
# connections from wrk on the same machine. Every figure stands beside `ready`, an answer without any work, in one run.
#
#   apt-get install wrk && cargo build --release && benches/http/run.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
. benches/http/workloads.sh

binary=${BENCH_BINARY:-target/release/cloudbase-graphql}
seconds=${SECONDS_EACH:-5}
listen=127.0.0.1:${BENCH_PORT:-18097}
directory=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$directory"' EXIT

start() {
  RUST_LOG=warn "$binary" serve --listen "$listen" --store "sqlite:$directory/shop.db" "$@" >/dev/null 2>"$directory/log" &
  server=$!
  await "http://$listen/readyz" "$server" "$directory/log"
}

stop() {
  kill "$server"
  wait "$server" 2>/dev/null || true
  server=
}

# measure NAME PATH [GRAPHQL]
measure() {
  wrk_script "${3:-}" >"$directory/$1.lua"
  local before after report
  before=$(cpu "$server")
  report=$(wrk -t1 -c32 -d"$seconds" -s "$directory/$1.lua" "http://$listen$2")
  after=$(cpu "$server")
  awk -v name="$1" -v used="$before $after" -v ready="${ready_cpu:-0}" '
    /requests in/ { n = $1 }
    /Requests\/sec/ { rate = $2 }
    /Non-2xx/ { failed = $NF }
    END {
      split(used, at, " ")
      each = (at[2] - at[1]) / n * 1000
      ratio = (ready > 0) ? sprintf("%.1f x ready", each / ready) : ""
      if (failed) ratio = ratio "  FAILED " failed
      printf("%-6s %9.0f requests/s  %.4f CPU s per 1,000  %s\n", name, rate, each, ratio)
    }' <<<"$report" | tee -a "$directory/results"
}

start --demo --demo-orders 100000
stop
start --dev-auth

measure ready /healthz
ready_cpu=$(awk '$1 == "ready" { print $4 }' "$directory/results")
for name in W1 W2 W3 W4 W5; do
  measure "$name" /graphql "${workloads[$name]}"
done
grep VmRSS "/proc/$server/status"
