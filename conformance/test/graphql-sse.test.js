// The official client of graphql-sse in distinct connections mode, unmodified, against the demo shop; and plain HTTP for
// what a stream looks like.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createClient } from "graphql-sse";
import { forgotten, once, only, ORDERS, remark, subscribe, testsOfSight, withStatus } from "../harness/live.js";
import { expiring, start, tokens } from "../harness/server.js";
import { within } from "../harness/wait.js";

let server;
before(async () => {
  server = await start({ orders: 300 });
});
after(() => server?.stop());

/** A client that is let go at the end of the test. */
function connect(t, token, { server: own = server, ...options } = {}) {
  const client = createClient({
    url: own.url,
    headers: token ? { authorization: `Bearer ${token}` } : {},
    retryAttempts: 0,
    ...options,
  });
  t.after(() => client.dispose());
  return client;
}

/** Asks without a client. */
const ask = (query, { token, variables, headers, signal } = {}) =>
  fetch(server.url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "text/event-stream",
      ...(token && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: JSON.stringify({ query, variables }),
    signal,
  });

/** A small live list, and what its stream begins with. */
const FIRST_ORDER = "subscription { orders(first: 1) { kind } }";
const BEGINNING = ':\n\nevent: next\ndata: {"data":{"orders":{"kind":"SNAPSHOT"}}}\n\n';

test("a query and a mutation are one event, then complete", async (t) => {
  const [id] = await withStatus(server, "PAID");
  const client = connect(t, tokens.operator);
  const me = { principal: "openid:demo-operator" };
  assert.deepEqual(await once(client, "{ me { principal } }"), { data: { me } });
  const mutation = `mutation ($id: ID!) { updateOrder(id: $id, set: {remark: "one\\nline"}) { order { remark } } }`;
  assert.deepEqual(await once(client, mutation, { id }), {
    data: { updateOrder: { order: { remark: "one\nline" } } },
  });
});

test("to the letter", async () => {
  const response = await ask("{ me { principal } }", { token: tokens.alice });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "text/event-stream; charset=utf-8");
  assert.equal(response.headers.get("cache-control"), "no-store");
  assert.equal(response.headers.get("x-accel-buffering"), "no");
  assert.equal(
    await response.text(),
    'event: next\ndata: {"data":{"me":{"principal":"openid:demo-alice"}}}\n\nevent: complete\ndata:\n\n',
  );
});

test("a snapshot, then a change for a mutation", async (t) => {
  const [id] = await withStatus(server, "PAID");
  const orders = subscribe(connect(t, tokens.admin), ORDERS, only(id));
  const snapshot = await orders.event();
  assert.equal(snapshot.kind, "SNAPSHOT");
  assert.deepEqual(snapshot.nodes.map((node) => node.id), [id]);
  await remark(server, id, "over HTTP", tokens.admin);
  const change = await orders.event();
  const node = { id, status: "PAID", remark: "over HTTP" };
  assert.equal(change.kind, "CHANGE");
  assert.deepEqual(change.nodes, [node]);
  assert.deepEqual(change.changes, [{ type: "UPDATED", id, index: 0, node }]);
  await orders.stop();
});

test("several at once, each with its own events", async (t) => {
  const [one, other] = await withStatus(server, "PAID");
  const client = connect(t, tokens.admin);
  const first = subscribe(client, ORDERS, only(one));
  const second = subscribe(client, ORDERS, only(other));
  for (const live of [first, second]) assert.equal((await live.event()).kind, "SNAPSHOT");
  await remark(server, one, "of the one", tokens.admin);
  await remark(server, other, "of the other", tokens.admin);
  assert.equal((await first.event()).nodes[0].remark, "of the one");
  assert.equal((await second.event()).nodes[0].remark, "of the other");
  await first.stop();
  await second.stop();
});

test("who is gone is forgotten", async (t) => {
  const client = connect(t, tokens.admin);
  const lives = Array.from({ length: 3 }, () => subscribe(client, ORDERS, { first: 2 }));
  for (const live of lives) assert.equal((await live.event()).kind, "SNAPSHOT");
  assert.equal((await server.metrics()).live_subscribers, 3);
  for (const live of lives) await live.stop();
  await forgotten(server);
});

testsOfSight(() => server, connect);

test("a token that expires takes the list along, then the stream is complete", async (t) => {
  const document = `subscription { orders { kind nodes { id } changes { type id node { id } } } }`;
  const orders = subscribe(connect(t, expiring(tokens.alice, 2)), document);
  const { nodes } = await orders.event();
  assert.ok(nodes.length > 0);
  const { kind, changes } = await orders.event();
  assert.equal(kind, "CHANGE");
  assert.deepEqual(changes, nodes.map(({ id }) => ({ type: "REMOVED", id, node: null })));
  assert.equal(await orders.result(), undefined);
});

test("what is wrong with an operation is an event; nothing is asked again", async (t) => {
  for (const query of ["{ nothing }", "subscription { nothing }", "{"]) {
    const { data, errors } = await once(connect(t, tokens.alice, { retryAttempts: 5 }), query);
    assert.equal(data, undefined);
    assert.match(errors[0].extensions.code, /^GRAPHQL_/);
  }
});

test("what is no request, or comes with a wrong token, is refused with a status", async (t) => {
  const nobody = await ask("{ me { principal } }", { token: "nonsense" });
  assert.equal(nobody.status, 401);
  assert.equal(nobody.headers.get("content-type"), "application/json; charset=utf-8");
  assert.equal((await nobody.json()).errors[0].extensions.code, "UNAUTHENTICATED");
  await assert.rejects(once(connect(t, "nonsense"), ORDERS), ({ response }) => response.status === 401);

  const malformed = await ask(1);
  assert.equal(malformed.status, 400);
  assert.equal((await malformed.json()).errors[0].extensions.code, "BAD_USER_INPUT");
  const text = await ask("{ me { principal } }", { headers: { "content-type": "text/plain" } });
  assert.equal(text.status, 415);
  await text.body.cancel();
});

test("a GET may ask and subscribe, but not change anything", async () => {
  const get = (query, signal) =>
    fetch(`${server.url}?${new URLSearchParams({ query })}`, {
      headers: { accept: "text/event-stream", authorization: `Bearer ${tokens.admin}` },
      signal,
    });
  assert.match(await (await get("{ me { principal } }")).text(), /^event: next\ndata: .*demo-admin/);
  const refused = await get('mutation { updateOrder(id: "order-000001", set: {remark: "no"}) { id } }');
  assert.equal(refused.status, 405);
  await refused.body.cancel();

  const gone = new AbortController();
  const stream = await get(FIRST_ORDER, gone.signal);
  assert.equal(stream.status, 200);
  const reader = stream.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (text.length < BEGINNING.length) text += (await within(reader.read(), "a snapshot")).value;
  assert.equal(text, BEGINNING);
  gone.abort();
  await forgotten(server);
});

test("a stream that has nothing to tell says that it lives", async (t) => {
  const gone = new AbortController();
  t.after(() => gone.abort());
  const { body } = await ask(FIRST_ORDER, { token: tokens.admin, signal: gone.signal });
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (text.length <= BEGINNING.length) text += (await within(reader.read(), "a sign of life")).value;
  assert.equal(text, `${BEGINNING}:\n\n`);
});

test("a subscription needs a stream", async () => {
  const { status, body } = await server.query(ORDERS, { token: tokens.admin });
  assert.ok(status >= 400 && status < 500, `${status}`);
  assert.equal(body.data, undefined);
  assert.equal(body.errors[0].extensions.code, "BAD_USER_INPUT");
});

test("a stream without `complete` is asked for again elsewhere", async (t) => {
  const own = await start({ orders: 50 });
  t.after(() => own.stop());
  const client = connect(t, tokens.admin, {
    server: own,
    retryAttempts: 1000,
    retry: () => new Promise((resolve) => setTimeout(resolve, 50)),
  });
  const orders = subscribe(client, ORDERS, { first: 3 });
  const before = await orders.event();
  assert.equal(before.kind, "SNAPSHOT");
  assert.equal((await own.restart()).code, 0);
  const after = await orders.event();
  assert.deepEqual({ ...after, sequence: null }, { ...before, sequence: null });
  await orders.stop();
});

test("when the server goes, streams end without `complete`, and nothing waits for them", async () => {
  const own = await start({ orders: 50 });
  const response = await fetch(own.url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "text/event-stream",
      authorization: `Bearer ${tokens.admin}`,
    },
    body: JSON.stringify({ query: FIRST_ORDER }),
  });
  const text = response.text();
  const ended = await own.stop();
  assert.equal(ended.code, 0);
  assert.equal(await within(text, "the end of the stream"), BEGINNING);
  assert.doesNotMatch(own.log(), /cut off/);
});
