// Subscriptions as tests follow them, whichever client carries them.

import assert from "node:assert/strict";
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
