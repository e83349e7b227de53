// Failures that are rehearsed, as official clients meet them.

import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { jsSdk3 } from "../clients/js-sdk-3.js";
import { nodeSdk } from "../clients/node-sdk.js";
import { tcbAdminNode } from "../clients/tcb-admin-node.js";
import { wxServerSdk } from "../clients/wx-server-sdk.js";
import { emulate } from "../harness/emulator.js";

let emulator;
let clients;
before(async () => {
  emulator = await emulate();
  clients = {
    "node-sdk": nodeSdk(emulator),
    "wx-server-sdk": wxServerSdk(emulator),
    "tcb-admin-node": tcbAdminNode(emulator),
    "js-sdk 3": await jsSdk3(emulator),
  };
  await clients["node-sdk"].createCollection("todos");
  await clients["node-sdk"].add("todos", { _id: "a" });
});
afterEach(() => emulator.mend());
after(() => emulator?.stop());

const todos = (client) => client.list(client.collection("todos").where({ _id: "a" }));

describe("codes", () => {
  const codes = [
    "EXCEED_REQUEST_LIMIT",
    "EXCEED_CONCURRENT_REQUEST_LIMIT",
    "SYS_ERR",
    "SERVER_TIMEOUT",
    "DATABASE_TIMEOUT",
    "DATABASE_PERMISSION_DENIED",
    "DATABASE_TRANSACTION_CONFLICT",
  ];
  for (const name of ["node-sdk", "wx-server-sdk", "tcb-admin-node", "js-sdk 3"]) {
    test(name, async () => {
      const client = clients[name];
      for (const code of codes) {
        await emulator.fault({ code, times: 1 });
        await client.refused(todos(client), code);
        assert.equal((await todos(client)).length, 1, "it is over after one time");
      }
    });
  }
});

test("statuses", async () => {
  const client = clients["node-sdk"];
  await emulator.fault({ status: 503, times: 1 });
  await assert.rejects(todos(client), ({ code }) => code === 503);
});

test("connections that break before anything is done", async () => {
  const client = clients["node-sdk"];
  await emulator.fault({ reset: "before", times: 1 });
  await assert.rejects(client.add("todos", { _id: "lost" }), ({ code }) => code === "ECONNRESET");
  assert.equal(await client.one("todos", "lost"), undefined);
});

test("connections that break after all is done", async () => {
  const client = clients["node-sdk"];
  await emulator.fault({ reset: "after", action: "database.insertDocument", times: 1 });
  await assert.rejects(client.add("todos", { _id: "done" }), ({ code }) => code === "ECONNRESET");
  assert.deepEqual(await client.one("todos", "done"), { _id: "done" });
});

test("answers that come too late", async () => {
  const client = clients["node-sdk"];
  await emulator.fault({ latency_ms: 5000, collection: "todos", times: 1 });
  const late = client.collection("todos").where({ _id: "a" }).options({ timeout: 100 });
  await assert.rejects(client.list(late), ({ code }) => code === "ESOCKETTIMEDOUT" || code === "ETIMEDOUT");
});

test("a conflict of a commit begins the transaction again", async () => {
  const client = clients["wx-server-sdk"];
  await emulator.fault({ code: "DATABASE_TRANSACTION_CONFLICT", action: "database.commitTransaction", times: 1 });
  let attempts = 0;
  await client.run(async (transaction) => {
    attempts += 1;
    await transaction.update("todos", "a", { attempts });
  });
  assert.equal(attempts, 2);
  assert.equal((await client.one("todos", "a")).attempts, 2);
});
