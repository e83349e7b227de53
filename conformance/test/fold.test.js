// The function that docs/subscriptions.md gives its readers, to the letter: folding `changes` gives the same list as
// `nodes` and as a query at that moment, for several callers, orders and limits, while items come, go and move.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import * as sse from "graphql-sse";
import * as ws from "graphql-ws";
import WebSocket from "ws";
import { follow } from "../harness/live.js";
import { start, tokens } from "../harness/server.js";
import { address, credentials } from "../harness/socket.js";
import { eventually } from "../harness/wait.js";
import { random } from "../oracle/operations.js";

const SEED = Number(process.env.DIFFERENTIAL_SEED ?? 1);
const MUTATIONS = 60;

const ROW = "fragment Row on Item { title price stock status }";
const ARGUMENTS = "where: $where, orderBy: $orderBy, first: $first";
const VARIABLES = "($where: ItemFilter, $orderBy: [ItemOrder!], $first: Int)";
const LIVE = `subscription ${VARIABLES} {
  items(${ARGUMENTS}) { kind nodes { id ...Row } changes { type id index node { id ...Row } } }
} ${ROW}`;
const NOW = `query ${VARIABLES} { items(${ARGUMENTS}) { nodes { id ...Row } } } ${ROW}`;

/** Who watches what, and by which transport. */
const WATCHES = [
  { caller: "admin", carrier: "ws", variables: { first: 500 } },
  { caller: "admin", carrier: "sse", variables: { orderBy: [{ price: "DESC" }], first: 7 } },
  { caller: "alice", carrier: "ws", variables: { orderBy: [{ price: "ASC" }, { title: "DESC" }], first: 5 } },
  { caller: "alice", carrier: "sse", variables: { where: { stock: { gt: 40 } }, first: 500 } },
  { caller: "support", carrier: "ws", variables: { where: { status: { ne: "ON_SALE" } }, first: 12 } },
];

/** `fold` as readers find it. */
async function documented() {
  const page = await readFile(new URL("../../docs/subscriptions.md", import.meta.url), "utf8");
  const blocks = [...page.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code);
  const code = blocks.find((block) => block.includes("export function fold"));
  assert.ok(code, "the page has the function");
  return import(`data:text/javascript,${encodeURIComponent(code)}`);
}

function client(server, { caller, carrier }) {
  const token = tokens[caller];
  return carrier === "ws"
    ? ws.createClient({ url: address(server), webSocketImpl: WebSocket, connectionParams: credentials(token) })
    : sse.createClient({ url: server.url, headers: { authorization: `Bearer ${token}` }, retryAttempts: 0 });
}

/** A list that is kept up to date by its events alone. */
function keep(server, watch, fold) {
  const connection = client(server, watch);
  const live = follow(connection.iterate({ query: LIVE, variables: watch.variables }));
  const kept = { watch, entries: undefined, events: 0, stop: () => connection.dispose() };
  kept.ended = (async () => {
    for (let result = await live.result(); result; result = await live.result()) {
      assert.equal(result.errors, undefined, JSON.stringify(result.errors));
      const event = result.data.items;
      kept.entries = fold(kept.entries ?? [], event);
      kept.events += 1;
      const nodes = kept.entries.map((entry) => entry.node);
      assert.deepEqual(nodes, event.nodes, JSON.stringify(event.changes));
    }
  })();
  // What is wrong is told where it is waited for.
  kept.ended.catch((error) => (kept.failure = error));
  return kept;
}

const TITLES = ["tea", "茶", "a book", "Zoo"];
const STATUSES = ["DRAFT", "ON_SALE", "OFF_SHELF"];

/** One random mutation, of the items that exist. */
function mutation(rng, ids) {
  const some = {
    title: rng.pick(TITLES),
    price: rng.int(0, 100_000),
    stock: rng.int(0, 80),
    status: rng.pick(STATUSES),
  };
  const id = rng.pick(ids);
  if (rng.chance(0.2)) {
    const document = "mutation ($input: ItemCreate!) { createItem(input: $input) { id } }";
    return { document, variables: { input: { ...some, category: "new" } } };
  }
  if (rng.chance(0.2)) {
    const document = "mutation ($id: ID!) { deleteItem(id: $id) { id } }";
    return { document, variables: { id }, deleted: id };
  }
  const set = Object.fromEntries(rng.some(Object.entries(some), rng.int(1, 3)));
  const document = "mutation ($id: ID!, $set: ItemSet!) { updateItem(id: $id, set: $set) { id } }";
  return { document, variables: { id, set } };
}

/** Waits until every list is what a query gives its caller now. */
async function settled(server, lists) {
  for (const list of lists) {
    const { caller, variables } = list.watch;
    const { body } = await server.query(NOW, { variables, token: tokens[caller] });
    await eventually(() => {
      if (list.failure) return;
      assert.deepEqual(list.entries?.map((entry) => entry.node), body.data.items.nodes, JSON.stringify(list.watch));
    });
    if (list.failure) throw list.failure;
  }
}

test("folded changes are the list, after every mutation", async (t) => {
  const { fold } = await documented();
  const server = await start({ orders: 200 });
  const lists = WATCHES.map((watch) => keep(server, watch, fold));
  t.after(async () => {
    await Promise.all(lists.map((list) => list.stop()));
    await server.stop();
  });
  await settled(server, lists);
  const all = await server.query("{ items(first: 500) { nodes { id } } }", { token: tokens.admin });
  let ids = all.body.data.items.nodes.map((node) => node.id);

  const rng = random(SEED);
  for (let n = 0; n < MUTATIONS; n += 1) {
    // Most of them where somebody looks.
    const shown = rng.pick(lists).entries.map((entry) => entry.id);
    const { document, variables, deleted } = mutation(rng, rng.chance(0.7) && shown.length > 0 ? shown : ids);
    const { body } = await server.query(document, { variables, token: tokens.admin });
    assert.equal(body.errors, undefined, JSON.stringify(body.errors));
    if (deleted) ids = ids.filter((id) => id !== deleted);
    if (body.data.createItem) ids.push(body.data.createItem.id);
    await settled(server, lists);
  }
  for (const list of lists) assert.ok(list.events > 3, `${list.events} events for ${JSON.stringify(list.watch)}`);
});
