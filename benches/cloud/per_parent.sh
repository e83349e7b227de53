#!/usr/bin/env bash
# The newest three children of each of 50 parents, over the emulator: as the gateway reads them, and as one aggregation.
#
# `few`: 10 children each. `many`: 2,000 each. `skewed`: five parents have 20,000 new ones each, the others 10 old ones.
#
#   apt-get install jq && cargo build --release && benches/cloud/per_parent.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
. benches/http/workloads.sh

binary=${BENCH_BINARY:-target/release/cloudbase-graphql}
gateway_address=127.0.0.1:${BENCH_PORT:-28097}
cloud_address=127.0.0.1:${BENCH_CLOUD_PORT:-28098}
documents="http://$cloud_address/v1/database/instances/(default)/databases/(default)/collections"
times=${TIMES:-20}
directory=$(mktemp -d)
gateway=
cloud=
trap 'for process in $gateway $cloud; do kill "$process" 2>/dev/null || true; done; rm -rf "$directory"' EXIT

export CLOUDBASE_ENV_ID=bench CLOUDBASE_APIKEY=x GATEWAY_CLOUDBASE_URL="http://$cloud_address" RUST_LOG=error

kinds="few many skewed"
{
  echo 'type Parent @collection(name: "parents", permission: READONLY) { id: ID!'
  for kind in $kinds; do echo "  $kind: [${kind^}Child!]! @relation(from: \"_id\", to: \"parent\")"; done
  echo '}'
  for kind in $kinds; do
    echo "type ${kind^}Child @collection(name: \"$kind\", permission: READONLY) @index(fields: [\"parent\", \"-at\"]) { id: ID! parent: ID! at: Int! }"
  done
} >"$directory/schema.graphql"

# send METHOD URL BODY-FILE
send() {
  curl -sf -X "$1" -H 'authorization: Bearer x' -H 'content-type: application/json' --data-binary "@$3" "$2"
}

# fill COLLECTION: the lines of stdin, each a document.
fill() {
  split -l 1000 - "$directory/part."
  for part in "$directory"/part.*; do
    jq -cs '{data: .}' "$part" >"$directory/body"
    send POST "$documents/$1/documents" "$directory/body" >/dev/null
    rm "$part"
  done
}

# children PARENTS EACH FROM FIRST: `EACH` for each of so many parents, the first of which is `FROM`, with times from `FIRST` on.
children() {
  awk -v parents="$1" -v each="$2" -v from="$3" -v at="$4" 'BEGIN {
    for (n = 0; n < each; n++) for (p = from; p < from + parents; p++)
      printf("{\"_id\": \"c%d-%d\", \"parent\": \"p%02d\", \"at\": %d}\n", p, n, p, at++)
  }'
}

"$binary" emulate --listen "$cloud_address" --store "sqlite:$directory/cloud.db" --schema "$directory/schema.graphql" \
  >/dev/null 2>"$directory/cloud.log" &
cloud=$!
await "http://$cloud_address/healthz" "$cloud" "$directory/cloud.log"
seq -f '{"_id": "p%02g"}' 0 49 | fill parents
children 50 10 0 0 | fill few
children 50 2000 0 0 | fill many
{ children 45 10 5 0; children 5 20000 0 1000; } | fill skewed

"$binary" serve --schema "$directory/schema.graphql" --listen "$gateway_address" --store cloudbase --dev-auth \
  >/dev/null 2>"$directory/gateway.log" &
gateway=$!
await "http://$gateway_address/readyz" "$gateway" "$directory/gateway.log"

# timed COMMAND...: its milliseconds, the mean of so many runs after one that does not count.
timed() {
  "$@" >"$directory/answer" || { echo "refused"; return; }
  local begun ended
  begun=$(date +%s%N)
  for _ in $(seq "$times"); do "$@" >/dev/null; done
  ended=$(date +%s%N)
  echo "$(((ended - begun) / times / 1000000)) ms"
}

# ask KIND: as somebody who is signed in, who may read all of it.
ask() {
  curl -sf -H 'authorization: Bearer dev:openid:bench' -H 'content-type: application/json' -H 'x-explain: plan' \
    --data-binary "@$directory/$1.query" "http://$gateway_address/graphql"
}

# plan KIND: how many reads of the store, and requests to the cloud, that was.
plan() {
  ask "$1" | jq -r '.extensions.plan | "(\(.reads) reads, \(.upstream.requests) requests)"'
}

printf 'nothing %s\n' "$(timed curl -sf -o /dev/null "http://$gateway_address/healthz")"
for kind in $kinds; do
  jq -nc --arg kind "$kind" '{query: "{ parents(first: 50, orderBy: [{id: ASC}]) { nodes { id \($kind)(first: 3, orderBy: [{at: DESC}]) { nodes { id at } } } } }"}' >"$directory/$kind.query"
  jq -nc --arg kind "$kind" '{pipeline: [
    {"$sort": {_id: 1}}, {"$limit": 50},
    {"$lookup": {from: $kind, let: {id: "$_id"}, as: "children", pipeline: [
      {"$match": {"$expr": {"$eq": ["$parent", "$$id"]}}}, {"$sort": {at: -1}}, {"$limit": 3}]}}]}' >"$directory/lookup"
  jq -nc '{pipeline: [
    {"$match": {parent: {"$in": [range(50) | "p" + ("0\(.)"[-2:])]}}}, {"$sort": {at: -1}},
    {"$group": {_id: "$parent", children: {"$push": {id: "$_id", at: "$at"}}}},
    {"$project": {children: {"$slice": ["$children", 3]}}}, {"$limit": 50}]}' >"$directory/group"
  printf '%-7s gateway %s %s   $lookup %s   $group %s\n' "$kind" "$(timed ask "$kind")" "$(plan "$kind")" \
    "$(timed send POST "$documents/parents/documents/aggregations" "$directory/lookup")" \
    "$(timed send POST "$documents/$kind/documents/aggregations" "$directory/group")"
done
