// Changes: what each update operator of `db.command` makes of a document.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

/** `[document, change, document afterwards, what an SDK may lack]`. */
const cases = {
  "a value": [{ a: 0 }, () => ({ a: 1 }), { a: 1 }],
  "a new field": [{ a: 0 }, () => ({ b: "x" }), { a: 0, b: "x" }],
  null: [{ a: 0 }, () => ({ a: null }), { a: null }],
  "undefined changes nothing": [{ a: 0, b: 0 }, () => ({ a: undefined, b: 1 }), { a: 0, b: 1 }],
  "within objects": [{ a: { x: 1 } }, () => ({ a: { b: { c: 1 } } }), { a: { x: 1, b: { c: 1 } } }],
  "a dotted path makes objects": [{}, () => ({ "a.b.c": 1 }), { a: { b: { c: 1 } } }],
  "a place within an array": [{ a: [{ b: 0 }, { b: 2 }] }, () => ({ "a.0.b": 1 }), { a: [{ b: 1 }, { b: 2 }] }],
  "behind the end of an array": [{ a: [1] }, () => ({ "a.3": 4 }), { a: [1, null, null, 4] }],
  "an empty array": [{ a: [1] }, () => ({ a: [] }), { a: [] }],
  "a date": [{}, () => ({ a: new Date(5) }), { a: new Date(5) }],
  "several commands": [
    { a: 0, b: 1, c: 1, d: [1] },
    (_) => ({ a: 1, b: _.inc(1), c: _.remove(), d: _.push(2), e: _.set("new") }),
    { a: 1, b: 2, d: [1, 2], e: "new" },
  ],

  "set of a whole object": [{ a: { x: 1 } }, (_) => ({ a: _.set({ b: 1 }) }), { a: { b: 1 } }],
  "set of a value": [{ a: { x: 1 } }, (_) => ({ a: _.set(1) }), { a: 1 }],
  remove: [{ a: 1, b: 2 }, (_) => ({ a: _.remove() }), { b: 2 }],
  "remove within objects": [{ a: { b: 1, c: 2 } }, (_) => ({ a: { b: _.remove() } }), { a: { c: 2 } }],
  "remove leaves null in an array": [
    { a: [{ s: 1, t: 1 }, 2, 3] },
    (_) => ({ a: { 0: { s: _.remove() }, 1: _.remove() } }),
    { a: [{ t: 1 }, null, 3] },
  ],
  "remove what is not there": [{ a: 1 }, (_) => ({ b: _.remove(), a: 2 }), { a: 2 }],
  inc: [{ a: 1 }, (_) => ({ a: _.inc(2) }), { a: 3 }],
  "inc by a fraction": [{ a: 0.2 }, (_) => ({ a: _.inc(-0.05) }), { a: 0.2 - 0.05 }],
  "inc beyond 32 bits": [{ a: 2_147_483_647 }, (_) => ({ a: _.inc(1) }), { a: 2_147_483_648 }],
  "inc makes a field": [{}, (_) => ({ "a.b": _.inc(2) }), { a: { b: 2 } }],
  mul: [{ a: 3 }, (_) => ({ a: _.mul(2) }), { a: 6 }],
  "mul makes a zero": [{}, (_) => ({ a: _.mul(2) }), { a: 0 }],
  max: [{ a: 5, b: 5 }, (_) => ({ a: _.max(9), b: _.max(1), c: _.max(3) }), { a: 9, b: 5, c: 3 }],
  min: [{ a: 5, b: 5 }, (_) => ({ a: _.min(9), b: _.min(1), c: _.min(3) }), { a: 5, b: 1, c: 3 }],
  "bit and": [{ a: 12 }, (_) => ({ a: _.bit({ and: 10 }) }), { a: 8 }],
  "bit or": [{ a: 12 }, (_) => ({ a: _.bit({ or: 3 }) }), { a: 15 }],
  "bit xor": [{ a: 12 }, (_) => ({ a: _.bit({ xor: 5 }) }), { a: 9 }],
  rename: [{ a: 1, b: 2 }, (_) => ({ a: _.rename("c") }), { b: 2, c: 1 }],
  "rename what is not there": [{ b: 2 }, (_) => ({ a: _.rename("c"), b: 3 }), { b: 3 }],

  push: [{ a: [1] }, (_) => ({ a: _.push(2) }), { a: [1, 2] }],
  "push makes an array": [{}, (_) => ({ a: _.push("x") }), { a: ["x"] }],
  "push, arguments": [{ a: [1] }, (_) => ({ a: _.push(2, 3) }), { a: [1, 2, 3] }],
  "push, list": [{ a: [1] }, (_) => ({ a: _.push([2, 3]) }), { a: [1, 2, 3] }],
  "push at a place": [{ a: [1, 2] }, (_) => ({ a: _.push({ each: [8, 9], position: 1 }) }), { a: [1, 8, 9, 2] }],
  "push, sorted and cut": [
    { a: [1, 5, 3] },
    (_) => ({ a: _.push({ each: [4, 2], sort: -1, slice: 3 }) }),
    { a: [5, 4, 3] },
  ],
  "push, sorted by a field, the last ones": [
    { a: [{ n: 2 }] },
    (_) => ({ a: _.push({ each: [{ n: 1 }, { n: 3 }], sort: { n: 1 }, slice: -2 }) }),
    { a: [{ n: 2 }, { n: 3 }] },
  ],
  unshift: [{ a: [1] }, (_) => ({ a: _.unshift(0) }), { a: [0, 1] }],
  "unshift, list": [{ a: [3] }, (_) => ({ a: _.unshift([1, 2]) }), { a: [1, 2, 3] }],
  pop: [{ a: [1, 2] }, (_) => ({ a: _.pop() }), { a: [1] }],
  shift: [{ a: [1, 2] }, (_) => ({ a: _.shift() }), { a: [2] }],
  "pull a value": [{ a: ["x", "y", "x"] }, (_) => ({ a: _.pull("x") }), { a: ["y"] }],
  "pull by a command": [{ a: [1, 5, 7] }, (_) => ({ a: _.pull(_.gte(5)) }), { a: [1] }],
  "pull what is in": [{ a: [1, 2, 3] }, (_) => ({ a: _.pull(_.in([1, 3])) }), { a: [2] }],
  "pull by a condition": [{ a: [{ b: 1 }, { b: 2 }] }, (_) => ({ a: _.pull({ b: _.gt(1) }) }), { a: [{ b: 1 }] }],
  "pull by fields": [{ a: [{ b: 1, c: 1 }, { b: 2 }] }, (_) => ({ a: _.pull({ b: 1 }) }), { a: [{ b: 2 }] }],
  pullAll: [{ a: [1, 2, 3, 1] }, (_) => ({ a: _.pullAll([1, 3]) }), { a: [2] }],
  addToSet: [{ a: ["x"] }, (_) => ({ a: _.addToSet("y") }), { a: ["x", "y"] }],
  "addToSet of what is there": [{ a: ["x"] }, (_) => ({ a: _.addToSet("x"), b: 1 }), { a: ["x"], b: 1 }],
  "addToSet of several": [{ a: ["x"] }, (_) => ({ a: _.addToSet({ $each: ["x", "y"] }) }), { a: ["x", "y"] }],
};

/** Changes that the database refuses: the document stays as it is. */
const refused = {
  "inc of a string": [{ a: "x" }, (_) => ({ a: _.inc(1) })],
  "push to a string": [{ a: "x" }, (_) => ({ a: _.push(1) })],
  "pull of a number": [{ a: 1 }, (_) => ({ a: _.pull(1) })],
  "a field of a number": [{ a: 1 }, () => ({ "a.b": 1 })],
  "two changes of one field": [{ a: {} }, () => ({ a: 1, "a.b": 2 })],
};

/** `client`: a configured SDK. */
export function testsOfUpdates(client) {
  describe("changes", () => {
    const collection = "changes";
    before(() => client.createCollection(collection));

    /** A new document: its id, its reference, and the commands to change it by. */
    const put = async (document) => {
      const id = await client.add(collection, document);
      return [id, client.collection(collection).doc(id), client.db.command];
    };

    for (const [name, [document, change, expected]] of Object.entries(cases)) {
      test(name, async () => {
        const [id, reference, _] = await put(document);
        assert.equal(await client.update(reference, change(_)), 1);
        assert.deepEqual(await client.one(collection, id), { _id: id, ...expected });
      });
    }

    for (const [name, [document, change]] of Object.entries(refused)) {
      test(`refused: ${name}`, async () => {
        const [id, reference, _] = await put(document);
        await client.refused(client.update(reference, change(_)), "DATABASE_REQUEST_FAILED");
        assert.deepEqual(await client.one(collection, id), { _id: id, ...document });
      });
    }

    test("places and times", async () => {
      const { db } = client;
      const [id, reference, _] = await put({ a: [] });
      const changes = {
        a: _.push(db.serverDate()),
        at: db.serverDate({ offset: 60_000 }),
        place: new db.Geo.Point(1, 2),
      };
      assert.equal(await client.update(reference, changes), 1);
      const { a, at, place } = await client.one(collection, id);
      assert.equal(+at, +a[0] + 60_000);
      assert.deepEqual({ ...place }, { ...new db.Geo.Point(1, 2) });
    });

    test("without a condition are refused", async () => {
      const all = client.collection(collection);
      await client.refused(client.update(all, { a: 1 }), "INVALID_PARAM");
    });
  });
}
