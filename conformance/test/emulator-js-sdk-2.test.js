// The emulator in the eyes of js-sdk-2.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { jsSdk2 } from "../clients/js-sdk-2.js";
import { emulate } from "../harness/emulator.js";
import { testsOfTheDatabase } from "../scenarios/database.js";
import { testsOfWatches } from "../scenarios/watches.js";

const emulator = await emulate();
const client = await jsSdk2(emulator);
after(() => emulator.stop());

testsOfTheDatabase(client);
testsOfWatches(client, client, emulator);

test("transactions find, count and change by conditions", async () => {
  await client.createCollection("things");
  await client.addAll("things", [
    { _id: "a", n: 1 },
    { _id: "b", n: 2 },
    { _id: "c", n: 3 },
  ]);
  const transaction = await client.db.startTransaction();
  const things = transaction.collection("things");
  const _ = client.db.command;
  assert.equal((await things.where({ n: _.gt(1) }).update({ n: _.inc(10) })).updated, 2);
  const { data } = await things
    .where({ n: _.gt(5) })
    .orderBy("n", "desc")
    .field({ n: true })
    .get();
  assert.deepEqual(data, [
    { _id: "c", n: 13 },
    { _id: "b", n: 12 },
  ]);
  assert.equal((await things.where({ n: _.gt(0) }).count()).total, 3);
  assert.equal((await things.where({ n: 1 }).remove()).deleted, 1);
  await transaction.commit();
  assert.equal(await client.count(client.collection("things").where({ n: _.gt(5) })), 2);
  assert.equal(await client.one("things", "a"), undefined);
});
