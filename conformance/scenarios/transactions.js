// Transactions: what they see, what others see of them, and how they end.

import assert from "node:assert/strict";
import { before, beforeEach, describe, test } from "node:test";
import { eventually } from "../harness/wait.js";

const OVER =
  /\[ResourceUnavailable\.TransactionNotExist\] Transaction does not exist on the server, transaction must be commit or abort in 30 seconds\. Please check your request, but if the problem persists, contact us\./;
const CONFLICT =
  /\[ResourceUnavailable\.TransactionConflict\] Transaction is conflict, maybe resource operated by others\. Please check your request, but if the problem persists, contact us\./;

/** `client`: a configured SDK. */
export function testsOfTransactions(client) {
  describe("transactions", () => {
    const collection = "accounts";
    const outside = (id) => client.one(collection, id);
    const inc = (by) => ({ n: client.db.command.inc(by) });

    before(() => client.createCollection(collection));
    beforeEach(async () => {
      for (const id of ["one", "two"]) await client.set(collection, id, { n: 10 });
      await client.remove(client.collection(collection).doc("new"));
    });

    test("see what they write; others see it once it is committed", async () => {
      const transaction = await client.begin();
      assert.equal(await transaction.add(collection, { _id: "new", n: 1, at: new Date(5) }), "new");
      assert.equal(await transaction.update(collection, "one", inc(-3)), 1);
      await transaction.set(collection, "two", { n: 13 });
      const { at, ...rest } = await transaction.one(collection, "new");
      assert.deepEqual(rest, { _id: "new", n: 1 });
      if (!client.lacks.has("dates in transactions")) assert.deepEqual(at, new Date(5));
      assert.equal((await transaction.one(collection, "one")).n, 7);
      assert.equal((await transaction.one(collection, "two")).n, 13);
      assert.equal(await outside("new"), undefined);
      assert.equal((await outside("one")).n, 10);
      await transaction.commit();
      assert.equal((await outside("new")).n, 1);
      assert.equal((await outside("one")).n, 7);
      assert.equal((await outside("two")).n, 13);
    });

    test("leave nothing when they are rolled back", async () => {
      const transaction = await client.begin();
      await transaction.add(collection, { _id: "new" });
      assert.equal(await transaction.remove(collection, "one"), 1);
      assert.equal(await transaction.one(collection, "one"), null);
      await transaction.rollback();
      assert.equal(await outside("new"), undefined);
      assert.equal((await outside("one")).n, 10);
    });

    test("see nothing of what others write after their first look", async () => {
      const transaction = await client.begin();
      assert.equal((await transaction.one(collection, "one")).n, 10);
      await client.update(client.collection(collection).doc("one"), { n: 99 });
      await client.remove(client.collection(collection).doc("two"));
      assert.equal((await transaction.one(collection, "one")).n, 10);
      assert.equal((await transaction.one(collection, "two")).n, 10);
      await transaction.rollback();
    });

    test("conflict with what others changed since", async () => {
      const transaction = await client.begin();
      await transaction.one(collection, "one");
      await client.update(client.collection(collection).doc("one"), { n: 99 });
      await client.refused(transaction.update(collection, "one", inc(1)), "DATABASE_TRANSACTION_CONFLICT", CONFLICT);
      await client.refused(transaction.update(collection, "two", inc(1)), "DATABASE_TRANSACTION_FAIL", OVER);
      assert.equal((await outside("one")).n, 99);
      assert.equal((await outside("two")).n, 10);
    });

    test("conflict with each other: the first one to write wins", async () => {
      const [first, second] = [await client.begin(), await client.begin()];
      await second.one(collection, "one");
      await first.update(collection, "one", inc(1));
      await client.refused(second.update(collection, "one", inc(1)), "DATABASE_TRANSACTION_CONFLICT");
      await first.commit();
      assert.equal((await outside("one")).n, 11);
    });

    test("of documents apart go side by side", async () => {
      const [first, second] = [await client.begin(), await client.begin()];
      await first.update(collection, "one", inc(1));
      await second.update(collection, "two", inc(1));
      await second.commit();
      await first.commit();
      assert.deepEqual([(await outside("one")).n, (await outside("two")).n], [11, 11]);
    });

    test("are over once they have ended", async () => {
      const committed = await client.begin();
      await committed.commit();
      await client.refused(committed.set(collection, "one", { n: 0 }), "DATABASE_TRANSACTION_FAIL", OVER);
      const rolledBack = await client.begin();
      await rolledBack.rollback();
      await client.refused(rolledBack.commit(), "DATABASE_TRANSACTION_FAIL", OVER);
    });

    test("run by the SDK give what the callback gives", async () => {
      const given = await client.run(async (transaction) => {
        const { n } = await transaction.one(collection, "one");
        await transaction.update(collection, "one", { n: n - 1 });
        await transaction.update(collection, "two", { n: n + 1 });
        return "done";
      });
      assert.equal(given, "done");
      assert.deepEqual([(await outside("one")).n, (await outside("two")).n], [9, 11]);
    });

    test("run by the SDK reject with the reason of a rollback", async () => {
      const rolledBack = client.run(async (transaction) => {
        await transaction.update(collection, "one", inc(1));
        await transaction.rollback("enough");
      });
      await assert.rejects(rolledBack, (reason) => reason === "enough");
      const thrown = client.run(async (transaction) => {
        await transaction.update(collection, "one", inc(1));
        throw new Error("broken");
      });
      await assert.rejects(thrown, /broken/);
      assert.equal((await outside("one")).n, 10);
    });

    test("run by the SDK begin again after a conflict", async (t) => {
      if (client.lacks.has("restart after a conflict inside"))
        return t.skip("this SDK begins again after a conflict of the commit alone");
      let attempts = 0;
      await client.run(async (transaction) => {
        attempts += 1;
        const { n } = await transaction.one(collection, "one");
        if (attempts === 1) await client.update(client.collection(collection).doc("one"), { n: 20 });
        await transaction.update(collection, "one", { n: n + 1 });
      });
      assert.equal(attempts, 2);
      assert.equal((await outside("one")).n, 21);
    });
  });
}

/** Takes half a minute. */
export function testsOfTime(client) {
  test("transactions live for half a minute", async () => {
    await client.createCollection("brief");
    const transaction = await client.begin();
    await transaction.add("brief", { _id: "a" });
    await eventually(() => client.refused(transaction.one("brief", "a"), "DATABASE_TRANSACTION_FAIL", OVER));
    assert.equal(await client.one("brief", "a"), undefined);
    await client.add("brief", { _id: "a" });
  });
}
