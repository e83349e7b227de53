// Watches: what a web SDK tells of the changes of a list.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ids, watch } from "../harness/watch.js";

/**
 * `client`: the web SDK that watches; `writer`: any SDK that writes, as an administrator; `emulator`: for
 * what goes wrong.
 */
export function testsOfWatches(client, writer, emulator) {
  describe("watches", () => {
    let number = 0;
    let collection;
    const _ = () => client.db.command;
    const todos = () => client.collection(collection);
    const doc = (id) => writer.collection(collection).doc(id);
    const add = (...documents) => writer.addAll(collection, documents);
    const watching = (t, query) => {
      const watched = watch(query);
      t.after(() => watched.close());
      return watched;
    };

    /** A test with a collection of its own, which holds these documents. */
    const withTodos = (name, documents, body) =>
      test(name, async (t) => {
        number += 1;
        collection = `todos${number}`;
        await writer.createCollection(collection);
        if (documents.length > 0) await add(...documents);
        await body(t);
      });

    const red = [
      { _id: "a", team: "red", n: 1 },
      { _id: "b", team: "red", n: 2 },
      { _id: "x", team: "blue", n: 0 },
    ];

    withTodos("of nothing begin with an empty list", [], async (t) => {
      const watched = watching(t, todos().where({ team: "red" }));
      const { docs, docChanges, type } = await watched.snapshot();
      assert.deepEqual({ docs, docChanges, type }, { docs: [], docChanges: [], type: "init" });
    });

    withTodos("begin with the list, and tell what comes, changes, leaves, enters and goes", red, async (t) => {
      const watched = watching(t, todos().where({ team: "red" }).orderBy("n", "asc"));
      const first = await watched.snapshot();
      assert.equal(ids(first), "ab");
      assert.deepEqual(first.docs[0], { _id: "a", team: "red", n: 1 });
      assert.ok(first.docChanges.every(({ dataType, queueType }) => dataType === "init" && queueType === "init"));

      await add({ _id: "c", team: "red", n: 3 });
      assert.deepEqual(await watched.changes(), ["add enqueue c"]);
      await writer.update(doc("b"), { n: 2.5, deep: { er: 1 } });
      const { docs, docChanges } = await watched.snapshot();
      assert.deepEqual(
        docChanges.map(({ dataType, queueType }) => [dataType, queueType]),
        [["update", "update"]],
      );
      assert.deepEqual(
        docs.find(({ _id }) => _id === "b"),
        { _id: "b", team: "red", n: 2.5, deep: { er: 1 } },
      );
      await writer.set(collection, "c", { team: "red", n: 4 });
      assert.deepEqual(await watched.changes(), ["replace update c"]);
      await writer.update(doc("a"), { team: "blue" });
      assert.deepEqual(await watched.changes(), ["update dequeue a"]);
      await writer.update(doc("x"), { team: "red" });
      assert.deepEqual(await watched.changes(), ["update enqueue x"]);
      await writer.remove(doc("b"));
      assert.deepEqual(await watched.changes(), ["remove dequeue b"]);
      await writer.set(collection, "a", { team: "red", n: 9 });
      assert.deepEqual(await watched.changes(), ["replace enqueue a"]);
      await watched.settles(["a", "c", "x"]);
    });

    withTodos("tell nothing of what is not theirs", red, async (t) => {
      const watched = watching(t, todos().where({ team: "red" }));
      await watched.snapshot();
      await add({ _id: "y", team: "blue" });
      await writer.update(doc("x"), { n: 7 });
      await add({ _id: "c", team: "red" });
      assert.deepEqual(await watched.changes(), ["add enqueue c"]);
    });

    withTodos("with a limit move documents in and out of the window", red, async (t) => {
      const watched = watching(t, todos().where({ team: "red" }).orderBy("n", "asc").limit(2));
      assert.equal(ids(await watched.snapshot()), "ab");
      await add({ _id: "c", team: "red", n: 0 });
      assert.deepEqual((await watched.changes()).sort(), ["add enqueue c", "limit dequeue b"]);
      await watched.settles(["a", "c"]);
      await writer.remove(doc("a"));
      assert.deepEqual((await watched.changes()).sort(), ["limit enqueue b", "remove dequeue a"]);
      await watched.settles(["b", "c"]);
    });

    withTodos("of one document", red, async (t) => {
      const watched = watching(t, todos().doc("a"));
      assert.equal(ids(await watched.snapshot()), "a");
      await writer.update(doc("a"), { n: 5 });
      assert.deepEqual(await watched.changes(), ["update update a"]);
    });

    withTodos("tell the fields that changed", red, async (t) => {
      const watched = watching(t, todos().where({ team: "red" }));
      await watched.snapshot();
      await writer.update(doc("a"), { n: writer.db.command.remove(), deep: { er: 1 } });
      const { docs, docChanges } = await watched.snapshot();
      assert.deepEqual(
        docs.find(({ _id }) => _id === "a"),
        { _id: "a", team: "red", deep: { er: 1 } },
      );
      assert.deepEqual(docChanges[0].updatedFields, { "deep.er": 1 });
      assert.deepEqual(docChanges[0].removedFields, ["n"]);
    });

    withTodos("tell a change of many documents, and a transaction, as a whole", red, async (t) => {
      const watched = watching(t, todos().where({ team: "red" }));
      await watched.snapshot();
      await writer.update(writer.collection(collection).where({ team: "red" }), { n: 8 });
      assert.deepEqual((await watched.changes()).sort(), ["update update a", "update update b"]);
      const transaction = await writer.begin();
      await transaction.update(collection, "a", { team: "blue" });
      await transaction.add(collection, { _id: "c", team: "red", n: 1 });
      await transaction.commit();
      assert.deepEqual((await watched.changes()).sort(), ["add enqueue c", "update dequeue a"]);
      const rolledBack = await writer.begin();
      await rolledBack.remove(collection, "c");
      await rolledBack.rollback();
      await writer.remove(doc("b"));
      assert.deepEqual(await watched.changes(), ["remove dequeue b"]);
    });

    withTodos(
      "understand what queries understand",
      [
        { _id: "a", n: 5, tags: ["x"] },
        { _id: "b", n: 1 },
      ],
      async (t) => {
        const watched = watching(
          t,
          todos().where(_().or({ n: _().gt(3).and(_().lt(9)) }, { tags: _().all(["x", "y"]) })),
        );
        assert.equal(ids(await watched.snapshot()), "a");
        await writer.update(doc("b"), { tags: ["x", "y", "z"] });
        assert.deepEqual(await watched.changes(), ["update enqueue b"]);
      },
    );

    withTodos("share a socket, and end one by one", red, async (t) => {
      const [first, second] = [
        watching(t, todos().where({ team: "red" })),
        watching(t, todos().where({ team: "blue" })),
      ];
      assert.equal(ids(await first.snapshot()).length, 2);
      assert.equal(ids(await second.snapshot()), "x");
      await first.close();
      await writer.update(doc("x"), { n: 1 });
      assert.deepEqual(await second.changes(), ["update update x"]);
    });

    withTodos("go on where they were when the socket is lost", red, async (t) => {
      const watched = watching(t, todos().where({ team: "red" }));
      assert.equal(ids(await watched.snapshot()).length, 2);
      await emulator.sockets({ drop: true });
      await add({ _id: "c", team: "red", n: 3 });
      await watched.settles(["a", "b", "c"]);
      await writer.remove(doc("a"));
      await watched.settles(["b", "c"]);
    });

    withTodos("begin again when what they missed is forgotten", red, async (t) => {
      t.after(() => emulator.mend());
      const watched = watching(t, todos().where({ team: "red" }));
      assert.equal(ids(await watched.snapshot()).length, 2);
      await emulator.fault({ socket: "trim_history", times: 1 });
      await emulator.sockets({ drop: true });
      await add({ _id: "c", team: "red", n: 3 });
      await watched.settles(["a", "b", "c"]);
    });

    withTodos("ask for what they missed", red, async (t) => {
      t.after(() => emulator.mend());
      const watched = watching(t, todos().where({ team: "red" }));
      assert.equal(ids(await watched.snapshot()).length, 2);
      await emulator.fault({ socket: "swallow_push", collection, times: 1 });
      await add({ _id: "c", team: "red", n: 3 });
      await add({ _id: "d", team: "red", n: 4 });
      await watched.settles(["a", "b", "c", "d"]);
    });

    withTodos("take nothing twice", red, async (t) => {
      t.after(() => emulator.mend());
      const watched = watching(t, todos().where({ team: "red" }));
      await watched.snapshot();
      await emulator.fault({ socket: "duplicate_push", collection, times: 1 });
      await add({ _id: "c", team: "red", n: 3 });
      await add({ _id: "d", team: "red", n: 4 });
      assert.deepEqual(await watched.changes(), ["add enqueue c"]);
      assert.deepEqual(await watched.changes(), ["add enqueue d"]);
    });

    withTodos("sign again when the signature has expired", red, async (t) => {
      t.after(() => emulator.mend());
      await emulator.fault({ socket: "expired_sign", times: 1 });
      const watched = watching(t, todos().where({ team: "red" }));
      await watched.settles(["a", "b"]);
    });

    withTodos("of a collection that is not there end with an error", [], async (t) => {
      const watched = watching(t, client.collection("nowhere").where({ a: 1 }));
      const { errMsg } = await watched.error();
      assert.match(String(errMsg), /DATABASE_COLLECTION_NOT_EXIST/);
    });
  });
}
