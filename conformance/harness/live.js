// Subscriptions as tests follow them, whichever client carries them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { tokens } from "./server.js";
import { eventually, within } from "./wait.js";

/** The live list of orders that most tests watch. */
export const ORDERS = `subscription ($where: OrderFilter, $orderBy: [OrderOrder!], $first: Int) {
  orders(where: $where, orderBy: $orderBy, first: $first) {
    sequence kind nodes { ...Row } changes { type id index node { ...Row } }
  }
}
fragment Row on Order { id status remark }`;

/** The same list, asked for once. */
export const ORDERS_NOW = `query ($where: OrderFilter, $orderBy: [OrderOrder!], $first: Int) {
  orders(where: $where, orderBy: $orderBy, first: $first) { nodes { id status remark } }
}`;

/** Events of one subscription, one after the other. `iterator`: of results, as clients give them. */
export function follow(iterator) {
  return {
    /** The next result as it came; `undefined` at the end. */
    async result() {
      const { done, value } = await within(iterator.next(), "the next event");
      return done ? undefined : value;
    },
    /** The value of the only root field of the next result, which must be one without errors. */
    async event() {
      const result = await this.result();
      assert.ok(result, "the subscription goes on");
      assert.equal(result.errors, undefined, JSON.stringify(result.errors));
      return Object.values(result.data)[0];
    },
    /** Lets the subscription go. */
    stop: () => iterator.return(),
  };
}

/** The events of a client's subscription. */
export const subscribe = (client, query, variables) => follow(client.iterate({ query, variables }));

/** The only result of a query or mutation. */
export async function once(client, query, variables) {
  const results = subscribe(client, query, variables);
  const result = await results.result();
  assert.equal(await results.result(), undefined, "it is complete after one result");
  return result;
}

/** Ids of orders that an administrator sees in this status. */
export async function withStatus(server, status) {
  const document = `query ($status: OrderStatus) {
    orders(where: {status: {eq: $status}}, first: 500) { nodes { id } }
  }`;
  const { body } = await server.query(document, { variables: { status }, token: tokens.admin });
  return body.data.orders.nodes.map(({ id }) => id);
}

/** Variables that make a live list of a single order. */
export const only = (id) => ({ where: { id: { eq: id } } });

/** Changes the remark of an order: a change for everybody who sees it, and for nobody another list. */
export async function remark(server, id, text, token) {
  const document = `mutation ($id: ID!, $text: String) {
    updateOrder(id: $id, set: {remark: $text}) { id }
  }`;
  const { body } = await server.query(document, { variables: { id, text }, token });
  assert.equal(body.errors, undefined, JSON.stringify(body.errors));
}

/** Sets the status of an order: it leaves lists, and others get it. */
export async function move(server, id, status, token) {
  const document = `mutation ($id: ID!, $status: OrderStatus!) {
    updateOrder(id: $id, set: {status: $status}) { id }
  }`;
  const { body } = await server.query(document, { variables: { id, status }, token });
  assert.equal(body.errors, undefined, JSON.stringify(body.errors));
}

/** Waits until the server keeps nothing for subscribers any more. */
export async function forgotten(server) {
  await eventually(async () => {
    const { live_subscribers: subscribers, live_cohorts: cohorts } = await server.metrics();
    assert.deepEqual({ subscribers, cohorts }, { subscribers: 0, cohorts: 0 });
  });
}

/**
 * Tests of who sees what, which hold whichever client carries the events. `server()` is the server, `connect(t, token)` a
 * client of it that is let go at the end of the test.
 */
export function testsOfSight(server, connect) {
  test("each sees what a query would show them", async (t) => {
    const [id] = await withStatus(server(), "PAID");
    const document = `subscription ($id: ID!) { orders(where: {id: {eq: $id}}) { nodes { id address { city } } } }`;
    const seen = {};
    for (const name of ["admin", "support", "bob"]) {
      const orders = subscribe(connect(t, tokens[name]), document, { id });
      seen[name] = (await orders.result()).data.orders.nodes;
      await orders.stop();
    }
    assert.equal(typeof seen.admin[0].address.city, "string");
    assert.deepEqual(seen.support, [{ id, address: null }]);
    assert.deepEqual(seen.bob, []);
  });

  test("an order that may not be seen any more is removed by its id alone", async (t) => {
    const [id] = await withStatus(server(), "SHIPPED");
    const support = subscribe(connect(t, tokens.support), ORDERS, only(id));
    const admin = subscribe(connect(t, tokens.admin), ORDERS, only(id));
    assert.equal((await support.event()).nodes.length, 1);
    assert.equal((await admin.event()).nodes.length, 1);
    await move(server(), id, "CLOSED", tokens.admin);
    const { kind, nodes, changes } = await support.event();
    assert.deepEqual({ kind, nodes, changes }, {
      kind: "CHANGE",
      nodes: [],
      changes: [{ type: "REMOVED", id, index: null, node: null }],
    });
    assert.equal((await admin.event()).nodes[0].status, "CLOSED");
    await support.stop();
    await admin.stop();
  });
}
