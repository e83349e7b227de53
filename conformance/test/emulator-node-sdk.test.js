// The emulator in the eyes of node-sdk.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { nodeSdk } from "../clients/node-sdk.js";
import { emulate } from "../harness/emulator.js";
import { testsOfTheDatabase } from "../scenarios/database.js";
import { testsOfTime } from "../scenarios/transactions.js";

const emulator = await emulate();
const client = await nodeSdk(emulator);
after(() => emulator.stop());

testsOfTheDatabase(client);
testsOfTime(client);

describe("what only this SDK has", () => {
  const { command: _ } = client.db;
  const extras = client.collection("extras");

  before(async () => {
    await client.createCollection("extras");
    await client.addAll("extras", [
      { _id: "a", n: 1 },
      { _id: "b", n: 1 },
    ]);
  });

  test("a change that gives back the document", async () => {
    const changed = await extras.where({ _id: "a" }).updateAndReturn({ n: _.inc(1) });
    assert.deepEqual([changed.updated, changed.doc], [1, { _id: "a", n: 2 }]);
    const unchanged = await extras.where({ _id: "a" }).updateAndReturn({ n: 2 });
    assert.equal(unchanged.updated, 1);
    const none = await extras.where({ _id: "none" }).updateAndReturn({ n: 2 });
    assert.deepEqual([none.updated, none.doc], [0, null]);
  });

  test("changes of one document of several", async () => {
    const both = extras.where({ _id: /^[ab]$/ });
    assert.equal(await client.update(both.options({ multiple: false }), { one: true }), 1);
    assert.equal(await client.count(extras.where({ one: true })), 1);
    assert.equal(await client.update(both.options({ multiple: true }), { all: true }), 2);
    assert.equal(await client.remove(both.options({ multiple: false })), 1);
    assert.equal(await client.count(both), 1);
  });

  test("conditions, changes and stages in the database's own words", async () => {
    await client.set("extras", "raw", { n: 5, tags: ["x", "y"] });
    const raw = extras.options({ raw: true });
    const chosen = raw.where({ n: { $gte: 5 }, tags: { $size: 2 } });
    assert.equal(await client.update(chosen, { $inc: { n: 1 }, $currentDate: { at: true } }), 1);
    const { n, at } = await client.one("extras", "raw");
    assert.equal(n, 6);
    assert.ok(at instanceof Date);
    const rows = await client.rows(raw.aggregate([{ $match: { n: 6 } }, { $project: { n: 1 } }]));
    assert.deepEqual(rows, [{ _id: "raw", n: 6 }]);
  });

  test("a document that must not be there yet", async () => {
    await extras.doc("made").create({ n: 1 });
    assert.deepEqual(await client.one("extras", "made"), { _id: "made", n: 1 });
    await client.refused(extras.doc("made").create({ n: 2 }), "DATABASE_REQUEST_FAILED", /E11000/);
  });
});
