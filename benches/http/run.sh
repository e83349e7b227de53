#!/usr/bin/env bash
# Requests per second and CPU of the server for five everyday operations, over 100,000 demo orders, with 32 kept-alive
# connections from wrk on the same machine. Every figure stands beside `ready`, an answer without any work, in one run.
#
#   apt-get install wrk && cargo build --release && benches/http/run.sh
set -euo pipefail
cd "$(dirname "$0")/../.."

binary=${GATEWAY_BINARY:-target/release/cloudbase-graphql}
seconds=${SECONDS_EACH:-5}
listen=127.0.0.1:${BENCH_PORT:-18097}
directory=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$directory"' EXIT

start() {
  RUST_LOG=warn "$binary" serve --listen "$listen" --store "sqlite:$directory/shop.db" "$@" >/dev/null 2>"$directory/log" &
  server=$!
  for _ in $(seq 600); do
    curl -sf -o /dev/null "http://$listen/readyz" && return
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  cat "$directory/log" >&2
  exit 1
}

stop() {
  kill "$server"
  wait "$server" 2>/dev/null || true
  server=
}

# CPU seconds that the server has used so far.
cpu() {
  awk -v tick="$(getconf CLK_TCK)" '{ print ($14 + $15) / tick }' "/proc/$server/stat"
}

# measure NAME PATH [GRAPHQL]
measure() {
  {
    echo 'wrk.headers["authorization"] = "Bearer dev:openid:demo-admin"'
    if [ -n "${3:-}" ]; then
      echo 'wrk.method = "POST"'
      echo 'wrk.headers["content-type"] = "application/json"'
      printf 'wrk.body = [[{"query": "%s"}]]\n' "$3"
    fi
  } >"$directory/$1.lua"
  local before after report
  before=$(cpu)
  report=$(wrk -t1 -c32 -d"$seconds" -s "$directory/$1.lua" "http://$listen$2")
  after=$(cpu)
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
measure W1 /graphql '{ item(id: \"item-0042\") { id title price stock category status } }'
measure W2 /graphql '{ orders(first: 50, where: {status: {eq: PAID}}, orderBy: [{createdAt: DESC}]) { nodes { id orderNo status total remark openid createdAt updatedAt } } }'
measure W3 /graphql '{ orders(first: 50, where: {status: {eq: PAID}}, orderBy: [{createdAt: DESC}]) { nodes { id status total createdAt user { id nickname } lines { quantity item { id title price } } } } }'
measure W4 /graphql '{ items(first: 20, where: {category: {eq: \"tea\"}, price: {gte: 1000, lte: 50000}}, orderBy: [{createdAt: DESC}]) { nodes { id title price stock } totalCount } }'
measure W5 /graphql 'mutation { updateItem(id: \"item-0042\", set: {stock: 7}) { item { id stock } } }'
grep VmRSS "/proc/$server/status"
