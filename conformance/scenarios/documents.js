// Documents one at a time: values, ids, what is refused.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

/** `client`: a configured SDK. */
export function testsOfDocuments(client) {
  describe("documents", () => {
    const collection = "papers";
    const papers = () => client.collection(collection);

    before(() => client.createCollection(collection));

    test("come back as they were put there", async () => {
      const { Geo } = client.db;
      const point = (x, y) => new Geo.Point(x, y);
      const line = new Geo.LineString([point(0, 0), point(1.5, 2)]);
      const ring = new Geo.LineString([point(0, 0), point(2, 0), point(2, 2), point(0, 0)]);
      const document = {
        _id: "kinds",
        text: "中😀\u0000\"'",
        empty: "",
        yes: true,
        no: false,
        nothing: null,
        int: 2_147_483_647,
        long: 9_007_199_254_740_991,
        negative: -2_147_483_649,
        half: 0.1,
        huge: 1e300,
        at: new Date(1_704_164_645_678),
        early: new Date(-1),
        nested: { a: { b: [1, { c: [] }] } },
        list: [1, "x", null, [true], {}],
        "with space": 1,
        键: "值",
        point: point(-180, 20),
        line,
        polygon: new Geo.Polygon([ring]),
        points: new Geo.MultiPoint([point(1, 2), point(3, 4)]),
        lines: new Geo.MultiLineString([line]),
        polygons: new Geo.MultiPolygon([new Geo.Polygon([ring])]),
      };
      assert.equal(await client.add(collection, document), "kinds");
      const found = await client.one(collection, "kinds");
      assert.deepEqual(plain(found), plain(document));
    });

    test("what is undefined is left out", async () => {
      await client.add(collection, { _id: "undefined", a: undefined, b: 1 });
      assert.deepEqual(await client.one(collection, "undefined"), { _id: "undefined", b: 1 });
    });

    test("get an id if they have none", async () => {
      const [first, second] = await client.addAll(collection, [{ a: 1 }, { a: 2 }]);
      assert.equal(typeof first, "string");
      assert.notEqual(first, second);
      assert.deepEqual(await client.one(collection, second), { _id: second, a: 2 });
    });

    test("are found by numbers as ids", async () => {
      assert.equal(await client.add(collection, { _id: 42, a: 1 }), 42);
      assert.deepEqual(await client.one(collection, 42), { _id: 42, a: 1 });
      assert.equal(await client.one(collection, "42"), undefined);
      assert.equal(await client.update(papers().doc(42), { a: 2 }), 1);
      assert.equal(await client.remove(papers().doc(42)), 1);
    });

    test("are found by object ids, which are told as text", async (t) => {
      const { db, lacks } = client;
      if (lacks.has("object ids")) return t.skip("this SDK knows no object ids");
      const [id, other] = ["0123456789abcdef01234567", "0123456789abcdef01234568"];
      assert.equal(await client.add(collection, { _id: db.ObjectId({ id }), other: db.ObjectId({ id: other }) }), id);
      const found = await client.list(papers().where({ _id: db.ObjectId({ id }) }));
      assert.deepEqual(found, [{ _id: id, other }]);
      assert.equal((await client.list(papers().where({ other: db.ObjectId({ id: other }) }))).length, 1);
      assert.equal((await client.list(papers().where({ other }))).length, 0);
      await client.remove(papers().where({ _id: db.ObjectId({ id }) }));
    });

    test("with an id that is taken are refused, and those with them", async () => {
      await client.add(collection, { _id: "taken", a: 1 });
      await client.refused(client.add(collection, { _id: "taken", a: 2 }), "DATABASE_REQUEST_FAILED", /E11000/);
      if (!client.lacks.has("batch insert")) {
        const batch = client.addAll(collection, [{ _id: "free" }, { _id: "taken" }]);
        await client.refused(batch, "DATABASE_REQUEST_FAILED", /E11000/);
        assert.equal(await client.one(collection, "free"), undefined);
      }
      assert.deepEqual(await client.one(collection, "taken"), { _id: "taken", a: 1 });
    });

    test("with names that begin with a dollar are refused", async () => {
      await client.refused(client.add(collection, { $name: 1 }), "DATABASE_REQUEST_FAILED");
    });

    test("may have names with dots", async () => {
      await client.add(collection, { _id: "dots", "key.": 1 });
      assert.deepEqual(await client.one(collection, "dots"), { _id: "dots", "key.": 1 });
    });

    test("are replaced, and made where there are none", async () => {
      await client.set(collection, "replaced", { a: 1, b: 2 });
      assert.deepEqual(await client.one(collection, "replaced"), { _id: "replaced", a: 1, b: 2 });
      await client.set(collection, "replaced", { c: 3 });
      assert.deepEqual(await client.one(collection, "replaced"), { _id: "replaced", c: 3 });
    });

    test("that are not there are not changed, and not removed", async () => {
      assert.equal(await client.one(collection, "nowhere"), undefined);
      assert.equal(await client.update(papers().doc("nowhere"), { a: 1 }), 0);
      assert.equal(await client.remove(papers().doc("nowhere")), 0);
      assert.equal(await client.update(papers().where({ a: "nowhere" }), { a: 1 }), 0);
      assert.equal(await client.remove(papers().where({ a: "nowhere" })), 0);
    });

    test("are changed and removed all at once", async () => {
      await client.addAll(collection, [
        { group: "g", n: 1 },
        { group: "g", n: 2 },
        { group: "h", n: 3 },
      ]);
      assert.equal(await client.update(papers().where({ group: "g" }), { n: 9 }), 2);
      assert.equal(await client.count(papers().where({ n: 9 })), 2);
      assert.equal(await client.remove(papers().where({ group: "g" })), 2);
      assert.equal(await client.count(papers().where({ group: "h" })), 1);
    });

    test("know the time of the database", async () => {
      const { db } = client;
      const [offset, before] = [3_600_000, Date.now()];
      await client.add(collection, {
        _id: "times",
        at: db.serverDate(),
        later: db.serverDate({ offset }),
        list: [db.serverDate()],
      });
      const { at, later, list } = await client.one(collection, "times");
      assert.ok(before <= +at && +at <= Date.now());
      assert.equal(+later, +at + offset);
      assert.equal(+list[0], +at);
    });

    test("of a collection that is not there are refused", async () => {
      const nowhere = client.collection("nowhere");
      for (const refused of [
        () => client.list(nowhere.where({ a: 1 })),
        () => client.count(nowhere.where({ a: 1 })),
        () => client.add("nowhere", { a: 1 }),
        () => client.update(nowhere.where({ a: 1 }), { a: 2 }),
        () => client.remove(nowhere.where({ a: 1 })),
        () => client.rows(nowhere.aggregate().match({ a: 1 })),
      ]) {
        await client.refused(refused(), "DATABASE_COLLECTION_NOT_EXIST");
      }
    });

    test("a collection is made once", async () => {
      await assert.rejects(client.createCollection(collection));
    });
  });
}

/** Dates and places as plain values: SDKs have classes of their own for them. */
function plain(value) {
  if (value instanceof Date) return { date: +value };
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  if (typeof value.toJSON === "function") return value.toJSON();
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]));
}
