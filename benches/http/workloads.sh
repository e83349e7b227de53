# What is measured, and the pieces of measuring that the scripts share. Sourced, not run.

declare -A workloads=(
  [W1]='{ item(id: \"item-0042\") { id title price stock category status } }'
  [W2]='{ orders(first: 50, where: {status: {eq: PAID}}, orderBy: [{createdAt: DESC}]) { nodes { id orderNo status total remark openid createdAt updatedAt } } }'
  [W3]='{ orders(first: 50, where: {status: {eq: PAID}}, orderBy: [{createdAt: DESC}]) { nodes { id status total createdAt user { id nickname } lines { quantity item { id title price } } } } }'
  [W4]='{ items(first: 20, where: {category: {eq: \"tea\"}, price: {gte: 1000, lte: 50000}}, orderBy: [{createdAt: DESC}]) { nodes { id title price stock } totalCount } }'
  [W5]='mutation { updateItem(id: \"item-0042\", set: {stock: 7}) { item { id stock } } }'
  [W5s]='mutation { updateItem(id: \"item-0042\", set: {stock: 7}) { item { id stock } } }'
  [W6]='{ users(first: 50) { nodes { orders(first: 3, orderBy: [{createdAt: DESC}]) { nodes { id } } } } }'
)

# Writes of one document wait for one another; these rarely meet.
spread='request = function()
  local item = string.format("item-%04d", math.random(1, 2000))
  return wrk.format(nil, nil, nil, (wrk.body:gsub("item%-0042", item)))
end'

# CPU seconds that a process has used so far.
cpu() {
  awk -v tick="$(getconf CLK_TCK)" '{ print ($14 + $15) / tick }' "/proc/$1/stat"
}

# await URL PROCESS LOG: until it answers 200. Nobody else may serve there.
await() {
  for _ in $(seq 600); do
    kill -0 "$2" 2>/dev/null || break
    curl -sf -o /dev/null "$1" && return
    sleep 0.1
  done
  cat "$3" >&2
  exit 1
}

# A script for wrk that sends an operation as an administrator; without one, it asks for the page alone.
wrk_script() {
  echo 'wrk.headers["authorization"] = "Bearer dev:openid:demo-admin"'
  if [ -n "${1:-}" ]; then
    echo 'wrk.method = "POST"'
    echo 'wrk.headers["content-type"] = "application/json"'
    printf 'wrk.body = [[{"query": "%s"}]]\n' "$1"
  fi
}
