// The official client of graphql-transport-ws, unmodified, against the demo shop; and raw sockets for what that client
// would never say.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { follow, forgotten, once, only, ORDERS, remark, subscribe, testsOfSight, withStatus } from "../harness/live.js";
import { expiring, start, tokens } from "../harness/server.js";
import { address, credentials, open, refusal } from "../harness/socket.js";

const PROTOCOL = "graphql-transport-ws";

let server;
before(async () => {
  server = await start({ orders: 300 });
});
after(() => server?.stop());

/** A client that is let go at the end of the test. */
function connect(t, token, options = {}) {
  const client = createClient({
    url: address(options.server ?? server),
    webSocketImpl: WebSocket,
    connectionParams: token && credentials(token),
    ...options,
  });
  t.after(() => client.dispose());
  return client;
}

describe("subscriptions", () => {
  test("a snapshot, then a change for a mutation over HTTP", async (t) => {
    const [id] = await withStatus(server, "PAID");
    const orders = subscribe(connect(t, tokens.admin), ORDERS, only(id));
    const snapshot = await orders.event();
    assert.equal(snapshot.kind, "SNAPSHOT");
    assert.deepEqual(snapshot.nodes.map((node) => node.id), [id]);
    assert.deepEqual(snapshot.changes, [{ type: "ADDED", id, index: 0, node: snapshot.nodes[0] }]);

    await remark(server, id, "over HTTP", tokens.admin);
    const change = await orders.event();
    const node = { id, status: "PAID", remark: "over HTTP" };
    assert.ok(change.sequence > snapshot.sequence);
    assert.deepEqual({ ...change, sequence: null }, {
      sequence: null,
      kind: "CHANGE",
      nodes: [node],
      changes: [{ type: "UPDATED", id, index: 0, node }],
    });
    await orders.stop();
  });

  test("queries and mutations go over the same socket", async (t) => {
    const [id] = await withStatus(server, "PAID");
    let sockets = 0;
    const client = connect(t, tokens.operator, { on: { connected: () => (sockets += 1) } });
    const orders = subscribe(client, ORDERS, only(id));
    assert.equal((await orders.event()).kind, "SNAPSHOT");
    const mutation = `mutation ($id: ID!) {
      updateOrder(id: $id, set: {remark: "over the socket"}) { order { remark } }
    }`;
    assert.deepEqual(await once(client, mutation, { id }), {
      data: { updateOrder: { order: { remark: "over the socket" } } },
    });
    assert.equal((await orders.event()).nodes[0].remark, "over the socket");
    const { data } = await once(client, "{ me { principal } }");
    assert.deepEqual(data, { me: { principal: "openid:demo-operator" } });
    assert.equal(sockets, 1);
    await orders.stop();
  });

  test("several at once on one socket, each with its own events", async (t) => {
    const [one, other] = await withStatus(server, "PAID");
    let sockets = 0;
    const client = connect(t, tokens.admin, { on: { connected: () => (sockets += 1) } });
    const document = `subscription ($id: ID!) { order(id: $id) { kind node { remark } } }`;
    const list = subscribe(client, ORDERS, only(one));
    const first = subscribe(client, document, { id: one });
    const second = subscribe(client, document, { id: other });
    for (const live of [list, first, second]) assert.equal((await live.event()).kind, "SNAPSHOT");
    await remark(server, one, "of the one", tokens.admin);
    await remark(server, other, "of the other", tokens.admin);
    assert.equal((await list.event()).nodes[0].remark, "of the one");
    assert.deepEqual(await first.event(), { kind: "CHANGE", node: { remark: "of the one" } });
    assert.deepEqual(await second.event(), { kind: "CHANGE", node: { remark: "of the other" } });
    assert.equal(sockets, 1);
    for (const live of [list, first, second]) await live.stop();
  });

  test("who is gone is told nothing more, and forgotten", async (t) => {
    const [id] = await withStatus(server, "PAID");
    const socket = await open(server, [PROTOCOL]);
    t.after(() => socket.close());
    await socket.init(tokens.admin);
    socket.subscribe("left", ORDERS, only(id));
    assert.equal((await socket.next()).payload.data.orders.kind, "SNAPSHOT");
    socket.send({ id: "left", type: "complete" });
    await forgotten(server);
    await remark(server, id, "unheard", tokens.admin);
    // Its number is free again, and what comes under it is of the new subscription.
    socket.subscribe("left", ORDERS, only(id));
    const { data } = (await socket.next()).payload;
    assert.equal(data.orders.kind, "SNAPSHOT");
    assert.equal(data.orders.nodes[0].remark, "unheard");
    socket.close();
    await forgotten(server);
  });

  testsOfSight(() => server, connect);

  test("roles that are withdrawn take the list along", async (t) => {
    const own = await start({ orders: 50 });
    t.after(() => own.stop());
    const document = `subscription { orders { kind nodes { id } changes { type id node { id } } } }`;
    const orders = subscribe(connect(t, tokens.support, { server: own }), document);
    const { nodes } = await orders.event();
    assert.ok(nodes.length > 10, `${nodes.length} orders`);
    const withdraw = `mutation { updateRole(id: "openid:demo-support", set: {status: DISABLED}) { id } }`;
    const { body } = await own.query(withdraw, { token: tokens.owner });
    assert.equal(body.errors, undefined, JSON.stringify(body.errors));
    const change = await orders.event();
    assert.deepEqual(change.nodes, []);
    assert.deepEqual(
      change.changes.map(({ type, node }) => ({ type, node })),
      nodes.map(() => ({ type: "REMOVED", node: null })),
    );
    await orders.stop();
  });
});

describe("the client comes back", () => {
  test("after a restart it subscribes again and is told the list anew", async (t) => {
    const own = await start({ orders: 50 });
    t.after(() => own.stop());
    const closes = [];
    const client = connect(t, tokens.admin, {
      server: own,
      retryAttempts: 1000,
      retryWait: () => new Promise((resolve) => setTimeout(resolve, 50)),
      shouldRetry: () => true,
      on: { closed: (event) => closes.push(event.code) },
    });
    const orders = subscribe(client, ORDERS, { first: 3 });
    const before = await orders.event();
    assert.equal(before.kind, "SNAPSHOT");
    assert.equal((await own.restart()).code, 0);
    const after = await orders.event();
    assert.deepEqual({ ...after, sequence: null }, { ...before, sequence: null });
    assert.equal(closes[0], 1001);
    await orders.stop();
  });
});

describe("credentials", () => {
  test("a token that is not known closes the socket", async () => {
    for (const token of ["nonsense", "dev:nobody"]) {
      const socket = await open(server, [PROTOCOL]);
      socket.send({ type: "connection_init", payload: credentials(token) });
      assert.equal((await socket.closed()).code, 4403, token);
    }
  });

  test("the official client gives up on a wrong token", async (t) => {
    const client = connect(t, "nonsense", { retryAttempts: 0 });
    await assert.rejects(once(client, "{ me { principal } }"), ({ code }) => code === 4403);
  });

  test("without a token nobody is signed in", async (t) => {
    const { data, errors } = await once(connect(t), "{ orders { totalCount } }");
    assert.deepEqual(data, { orders: null });
    assert.equal(errors[0].extensions.code, "UNAUTHENTICATED");
  });

  test("a token that expires takes the list along, then the socket", async () => {
    const socket = await open(server, [PROTOCOL]);
    await socket.init(expiring(tokens.alice, 2));
    socket.subscribe("1", `subscription { orders { kind nodes { id } changes { type id node { id } } } }`);
    const { nodes } = (await socket.next()).payload.data.orders;
    assert.ok(nodes.length > 0);
    const { payload } = await socket.next();
    assert.deepEqual(payload.data.orders, {
      kind: "CHANGE",
      nodes: [],
      changes: nodes.map(({ id }) => ({ type: "REMOVED", id, node: null })),
    });
    assert.equal((await socket.closed()).code, 4403);
  });

  test("a ping with a new token makes what is shown follow it", async (t) => {
    const socket = await open(server, [PROTOCOL]);
    t.after(() => socket.close());
    await socket.init(tokens.alice);
    socket.subscribe("1", `subscription { orders { kind nodes { openid } changes { type } } }`);
    const before = (await socket.next()).payload.data.orders;
    assert.deepEqual(new Set(before.nodes.map((node) => node.openid)), new Set(["demo-alice"]));
    socket.send({ type: "ping", payload: credentials(tokens.admin) });
    const messages = [await socket.next(), await socket.next()];
    assert.deepEqual(messages.map(({ type }) => type).sort(), ["next", "pong"]);
    const { payload } = messages.find(({ type }) => type === "next");
    const { kind, nodes, changes } = payload.data.orders;
    assert.equal(kind, "CHANGE");
    assert.ok(nodes.some(({ openid }) => openid !== "demo-alice"));
    assert.equal(changes.length, nodes.length - before.nodes.length);
    assert.ok(changes.every(({ type }) => type === "ADDED"));
  });
});

describe("the protocol", () => {
  test("a ping is answered by a pong", async (t) => {
    const socket = await open(server, [PROTOCOL]);
    t.after(() => socket.close());
    assert.equal(socket.protocol, PROTOCOL);
    await socket.init(tokens.alice);
    socket.send({ type: "ping" });
    assert.equal((await socket.next()).type, "pong");
    // One that nobody asked for is fine.
    socket.send({ type: "pong" });
    socket.send({ type: "ping" });
    assert.equal((await socket.next()).type, "pong");
  });

  test("an operation that is refused is one error, and its number is free again", async (t) => {
    const socket = await open(server, [PROTOCOL]);
    t.after(() => socket.close());
    await socket.init(tokens.alice);
    for (const query of ["{ nothing }", "subscription { nothing }", "{"]) {
      socket.subscribe("1", query);
      const message = await socket.next();
      assert.equal(message.type, "error", query);
      assert.equal(message.id, "1");
      assert.match(message.payload[0].extensions.code, /^GRAPHQL_/);
    }
    socket.subscribe("1", "{ me { principal } }");
    assert.deepEqual(await socket.next(), {
      id: "1",
      type: "next",
      payload: { data: { me: { principal: "openid:demo-alice" } } },
    });
    assert.deepEqual(await socket.next(), { id: "1", type: "complete" });
  });

  test("a socket without a sub-protocol is one that begins with `connection_init`", async (t) => {
    const socket = await open(server);
    t.after(() => socket.close());
    assert.equal(socket.protocol, "");
    await socket.init(tokens.alice);
    socket.subscribe("1", "{ me { principal } }");
    assert.equal((await socket.next()).payload.data.me.principal, "openid:demo-alice");
  });

  const INIT = { type: "connection_init", payload: credentials(tokens.alice) };
  const ask = (id) => ({ id, type: "subscribe", payload: { query: ORDERS } });
  const CLOSES = [
    ["no JSON", ["hello"], 4400],
    ["a list", ["[]"], 4400],
    ["no type", ["{}"], 4400],
    ["a type that is not known", [INIT, { type: "start", id: "1" }], 4400],
    ["a payload that is no object", [{ type: "connection_init", payload: 1 }], 4400],
    ["a subscription without an id", [INIT, ask(undefined)], 4400],
    ["a subscription with an empty id", [INIT, ask("")], 4400],
    ["a subscription without a query", [INIT, { ...ask("1"), payload: {} }], 4400],
    ["a subscription without a payload", [INIT, { ...ask("1"), payload: undefined }], 4400],
    ["variables that are no object", [INIT, { ...ask("1"), payload: { query: ORDERS, variables: [] } }], 4400],
    ["an id that is a number", [INIT, ask(1)], 4400],
    ["bytes", [new Uint8Array([0, 1, 2, 255])], 4400],
    ["a subscription before the beginning", [ask("1")], 4401],
    ["an id that is in use", [INIT, ask("1"), ask("1")], 4409],
    ["two beginnings", [INIT, INIT], 4429],
  ];
  for (const [what, messages, code] of CLOSES) {
    test(`${code} for ${what}`, async () => {
      const socket = await open(server, [PROTOCOL]);
      for (const message of messages) socket.send(message);
      const closed = await socket.closed();
      assert.equal(closed.code, code, closed.reason);
    });
  }

  test("4406 for sub-protocols that are not spoken here", async () => {
    assert.equal(await refusal(server, "graphql-ws, soap"), 4406);
  });

  test("4408 for who never begins", async (t) => {
    const own = await start({ orders: 20, settings: { GATEWAY_SERVER_INIT_TIMEOUT: "50ms" } });
    t.after(() => own.stop());
    const socket = await open(own, [PROTOCOL]);
    assert.equal((await socket.closed()).code, 4408);
  });

  test("1001 when the server goes", async (t) => {
    const own = await start({ orders: 20 });
    const socket = await open(own, [PROTOCOL]);
    await socket.init(tokens.admin);
    socket.subscribe("1", ORDERS);
    assert.equal((await socket.next()).type, "next");
    const idle = await open(own, [PROTOCOL]);
    await idle.init(tokens.admin);
    const ended = own.stop();
    t.after(() => ended);
    assert.equal((await socket.closed()).code, 1001);
    assert.equal((await idle.closed()).code, 1001);
    assert.equal((await ended).code, 0);
  });
});

describe("a thousand subscribers", () => {
  const SOCKETS = 50;
  const EACH = 20;

  test("share one watch and one rendering for each change", async (t) => {
    // All are opened at the same time, whatever else the machine does.
    const settings = { GATEWAY_SERVER_MAX_REQUESTS: String(SOCKETS * EACH) };
    const own = await start({ orders: 50, settings });
    t.after(() => own.stop());
    const { body } = await own.query("{ orders(first: 1) { nodes { id } } }", { token: tokens.admin });
    const [{ id }] = body.data.orders.nodes;
    const lives = [];
    for (let n = 0; n < SOCKETS; n += 1) {
      const client = connect(t, tokens.admin, { server: own });
      for (let m = 0; m < EACH; m += 1) lives.push(subscribe(client, ORDERS, { first: 5 }));
    }
    const snapshots = await Promise.all(lives.map((live) => live.event()));
    assert.ok(snapshots.every(({ kind }) => kind === "SNAPSHOT"));
    const before = await own.metrics();
    assert.equal(before.live_subscribers, SOCKETS * EACH);
    assert.equal(before.live_cohorts, 1);
    assert.equal(before.live_watches, 1);

    const CHANGES = 5;
    for (let n = 0; n < CHANGES; n += 1) {
      await remark(own, id, `change ${n}`, tokens.admin);
      const events = await Promise.all(lives.map((live) => live.event()));
      for (const { kind, nodes } of events) {
        assert.equal(kind, "CHANGE");
        assert.equal(nodes.find((node) => node.id === id).remark, `change ${n}`);
      }
    }
    const after = await own.metrics();
    assert.equal(after.live_renders_total - before.live_renders_total, CHANGES);
    assert.equal(after.live_delivered_total - before.live_delivered_total, CHANGES * SOCKETS * EACH);
    assert.equal(after.live_watches, 1);
    for (const live of lives) live.stop();
    await forgotten(own);
  });
});
