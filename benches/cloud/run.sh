#!/usr/bin/env bash
# The everyday operations over 100,000 demo orders in the cloud's place: the emulator, on this machine, which keeps them in
# a file. First over that file itself, then over each protocol of the cloud, then with answers that take 20 ms more, as
# from a data centre. Sixteen kept-alive connections from wrk; all on the same machine.
#
#   apt-get install wrk && cargo build --release && benches/cloud/run.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
. benches/http/workloads.sh

binary=${BENCH_BINARY:-target/release/cloudbase-graphql}
seconds=${SECONDS_EACH:-5}
gateway_address=127.0.0.1:${BENCH_PORT:-28097}
cloud_address=127.0.0.1:${BENCH_CLOUD_PORT:-28098}
connections=16
directory=$(mktemp -d)
gateway=
cloud=
trap 'for process in $gateway $cloud; do kill "$process" 2>/dev/null || true; done; rm -rf "$directory"' EXIT

# A key and an environment that the emulator takes without knowing them; limits that the load does not meet.
export CLOUDBASE_ENV_ID=bench CLOUDBASE_APIKEY=x GATEWAY_CLOUDBASE_URL="http://$cloud_address"
export GATEWAY_CLOUDBASE_MAX_CONCURRENT=256 GATEWAY_CLOUDBASE_PER_SECOND=1000000
export RUST_LOG=warn

serve() {
  "$binary" serve --listen "$gateway_address" "$@" >/dev/null 2>"$directory/gateway.log" &
  gateway=$!
  await "http://$gateway_address/readyz" "$gateway" "$directory/gateway.log"
}

emulate() {
  "$binary" emulate --listen "$cloud_address" --store "sqlite:$directory/shop.db" --schema schema.graphql "$@" \
    >/dev/null 2>"$directory/cloud.log" &
  cloud=$!
  await "http://$cloud_address/healthz" "$cloud" "$directory/cloud.log"
}

stop() {
  kill "$1"
  wait "$1" 2>/dev/null || true
}

# What the gateway counted so far: reads of the store, requests to the cloud, seconds that these were under way.
counted() {
  curl -sf "http://$gateway_address/metrics" | awk '
    { sub(/^cloudbase_graphql_/, "") } !/^#/ { value[$1] = $2 }
    END { print value["store_reads_total"], value["upstream_requests_total"] + 0, value["upstream_seconds_total"] + 0 }'
}

# measure WHERE NAME
measure() {
  wrk_script "${workloads[$2]}" >"$directory/$2.lua"
  [ "$2" != W5s ] || echo "$spread" >>"$directory/$2.lua"
  local before after report
  # The first answers open connections and files; what is still under way then is waited for.
  wrk -t1 -c"$connections" -d1 -s "$directory/$2.lua" "http://$gateway_address/graphql" >/dev/null
  sleep 1
  before="$(cpu "$gateway") $(counted)"
  report=$(wrk --latency -t1 -c"$connections" -d"$seconds" -s "$directory/$2.lua" "http://$gateway_address/graphql")
  after="$(cpu "$gateway") $(counted)"
  awk -v where="$1" -v name="$2" -v before="$before" -v after="$after" -v connections="$connections" \
    -v file="${rates[$2]:-0}" '
    /requests in/ { n = $1; time = $4; sub(/s,?$/, "", time) }
    /Requests\/sec/ { rate = $2 }
    $1 == "50%" { p50 = $2 }
    $1 == "99%" { p99 = $2 }
    /Non-2xx/ { failed = "  FAILED " $NF }
    END {
      split(before, old, " "); split(after, new, " ")
      printf("%-12s %s %8.0f requests/s (%.3f of the file)  p50 %-8s p99 %-8s %.4f CPU s per 1,000  %.2f reads  %.2f requests upstream, under way %.0f %% of the time%s\n",
        where, name, rate, file > 0 ? rate / file : 1, p50, p99, (new[1] - old[1]) / n * 1000,
        (new[2] - old[2]) / n, (new[3] - old[3]) / n, (new[4] - old[4]) / (time * connections) * 100, failed)
    }' <<<"$report" | tee -a "$directory/results"
}

declare -A rates=()

all() {
  for name in ${WORKLOADS:-W1 W2 W3 W4 W5 W5s W6}; do
    measure "$1" "$name"
  done
}

serve --store "sqlite:$directory/shop.db" --demo --demo-orders 100000
stop "$gateway"
serve --store "sqlite:$directory/shop.db" --dev-auth
all file
stop "$gateway"
while read -r _ name rate _; do rates[$name]=$rate; done <"$directory/results"

emulate
for protocol in rest admin; do
  export GATEWAY_CLOUDBASE_PROTOCOL=$protocol
  serve --store cloudbase --dev-auth
  all "$protocol"
  stop "$gateway"
done
stop "$cloud"

emulate --fault latency_ms=20
for protocol in rest admin; do
  export GATEWAY_CLOUDBASE_PROTOCOL=$protocol
  serve --store cloudbase --dev-auth
  all "$protocol+20ms"
  stop "$gateway"
done
