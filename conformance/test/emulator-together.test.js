// Official clients of different kinds at once: no update and no transaction is lost, and everyone who watches ends with what
// is there.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { jsSdk2 } from "../clients/js-sdk-2.js";
import { jsSdk3 } from "../clients/js-sdk-3.js";
import { nodeSdk } from "../clients/node-sdk.js";
import { tcbAdminNode } from "../clients/tcb-admin-node.js";
import { wxServerSdk } from "../clients/wx-server-sdk.js";
import { emulate } from "../harness/emulator.js";
import { watch } from "../harness/watch.js";

const ROUNDS = 20;
const ACCOUNTS = ["a", "b", "c", "d"];

let emulator;
let clients;
before(async () => {
  emulator = await emulate();
  clients = [
    nodeSdk(emulator),
    wxServerSdk(emulator),
    tcbAdminNode(emulator),
    await jsSdk2(emulator),
    await jsSdk3(emulator),
  ];
});
after(() => emulator?.stop());

/** Every client does it, so many times, all at once; what came of it. */
const everyone = async (act) => {
  const rounds = clients.map(async (client, number) => {
    const outcomes = [];
    for (let round = 0; round < ROUNDS; round += 1) outcomes.push(await act(client, number, round));
    return outcomes;
  });
  return (await Promise.all(rounds)).flat();
};

/** A list of each web SDK, of everything in the collection. */
const watchers = (t, collection) =>
  clients
    .filter(({ name }) => name.startsWith("js-sdk"))
    .map((client) => {
      const watched = watch(client.collection(collection).where({ _id: /.*/ }));
      t.after(() => watched.close());
      return watched;
    });

/** Documents as texts that can be compared. */
const told = (document) => JSON.stringify(Object.entries(document).sort());

test("no update is lost, and watchers converge", async (t) => {
  const [first] = clients;
  await first.createCollection("counters");
  for (const _id of ACCOUNTS) await first.add("counters", { _id, n: 0, log: [] });
  const watching = watchers(t, "counters");
  await Promise.all(watching.map((watched) => watched.snapshot()));
  const updated = await everyone((client, number, round) => {
    const { inc, push } = client.db.command;
    const id = ACCOUNTS[round % ACCOUNTS.length];
    return client.update(client.collection("counters").doc(id), { n: inc(1), log: push(`${number}-${round}`) });
  });
  assert.ok(updated.every((count) => count === 1));
  const counters = await first.list(first.collection("counters").where({ _id: /.*/ }));
  assert.deepEqual(
    counters.map(({ n, log }) => [n, new Set(log).size]),
    ACCOUNTS.map(() => [25, 25]),
  );
  for (const watched of watching) await watched.settles(counters.map(told), told);
});

test("no transaction is lost or done by halves, and watchers converge", async (t) => {
  const [first] = clients;
  await first.createCollection("balances");
  await first.createCollection("moves");
  for (const _id of ACCOUNTS) await first.add("balances", { _id, n: 1000 });
  const watching = watchers(t, "balances");
  await Promise.all(watching.map((watched) => watched.snapshot()));
  const moves = await everyone(async (client, number, round) => {
    const from = ACCOUNTS[(number + round) % 4];
    const to = ACCOUNTS[(number + round + 1 + (round % 3)) % 4];
    const move = { _id: `${number}-${round}`, from, to, n: round + 1 };
    await insistently(() => transfer(client, move));
    return move;
  });
  const recorded = await first.list(first.collection("moves").where({ _id: /.*/ }).limit(1000));
  const byId = (one, other) => (one._id < other._id ? -1 : 1);
  assert.deepEqual(recorded.sort(byId), moves.sort(byId));
  const expected = Object.fromEntries(ACCOUNTS.map((id) => [id, 1000]));
  for (const { from, to, n } of moves) {
    expected[from] -= n;
    expected[to] += n;
  }
  const balances = await first.list(first.collection("balances").where({ _id: /.*/ }));
  assert.deepEqual(Object.fromEntries(balances.map(({ _id, n }) => [_id, n])), expected);
  for (const watched of watching) await watched.settles(balances.map(told), told);
});

function transfer(client, { _id, from, to, n }) {
  return client.run(async (transaction) => {
    const [giver, taker] = [await transaction.one("balances", from), await transaction.one("balances", to)];
    await transaction.update("balances", from, { n: giver.n - n });
    await transaction.update("balances", to, { n: taker.n + n });
    await transaction.add("moves", { _id, from, to, n });
  });
}

/** Again after a conflict that the SDK itself does not try again, or not any more. */
async function insistently(act) {
  for (;;) {
    try {
      return await act();
    } catch (error) {
      const text = `${error.code} ${error.errMsg ?? error.message}`;
      if (!/DATABASE_TRANSACTION_CONFLICT|Transaction(Conflict|Busy|NotExist)/.test(text)) throw error;
    }
  }
}
