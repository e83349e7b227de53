// A watch of a web SDK, as tests follow it: what it said, one after the other.

import assert from "node:assert/strict";
import { eventually, within } from "./wait.js";

/** Watches a query, or a document's reference. */
export function watch(query) {
  pardonRefusals();
  const said = [];
  const takers = [];
  const say = (message) => {
    const taker = takers.shift();
    if (taker) taker(message);
    else said.push(message);
  };
  let latest;
  const watcher = query.watch({
    onChange(snapshot) {
      latest = snapshot;
      say({ snapshot });
    },
    // An error that the socket told comes twice, and alone if the SDK tries again: as it was told, and as what it means.
    onError: (error) => error.msgType ?? say({ error }),
  });
  const next = () =>
    said.length > 0 ? said.shift() : within(new Promise((resolve) => takers.push(resolve)), "a push");
  return {
    /** The next list that it tells. */
    async snapshot() {
      const { snapshot, error } = await next();
      assert.equal(error, undefined);
      return snapshot;
    },
    /** What changed, in the words of its documentation: `["add enqueue a"]`. */
    async changes() {
      const { docChanges } = await this.snapshot();
      return docChanges.map(({ dataType, queueType, docId }) => `${dataType} ${queueType} ${docId}`);
    },
    /** The next error; there may be lists before it. */
    async error() {
      for (;;) {
        const { error } = await next();
        if (error) return error;
      }
    },
    /** Waits until its list is this one, whatever it tells on the way. `of`: what of a document is compared. */
    settles(expected, of = ({ _id }) => _id) {
      return eventually(() => assert.deepEqual(latest?.docs.map(of).sort(), [...expected].sort()));
    },
    close: () => watcher.close(),
  };
}

/**
 * A watch that ends with an error also rejects a promise that the SDK keeps to itself: nobody can take that rejection, and
 * the test runner would take it for a failure of the test.
 */
function pardonRefusals() {
  if (pardonRefusals.done) return;
  pardonRefusals.done = true;
  const listeners = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection").on("unhandledRejection", (reason, promise) => {
    if (/^Watch Error/.test(reason?.message ?? reason)) return;
    for (const listener of listeners) listener(reason, promise);
  });
}

/** The ids of a snapshot's list, in its order. */
export const ids = ({ docs }) => docs.map(({ _id }) => _id).join("");
