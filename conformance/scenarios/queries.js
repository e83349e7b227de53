// Conditions: what each operator of `db.command` finds.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

/** Documents that differ in types and shapes; every case names those it finds. */
const documents = ({ Geo }) => [
  {
    _id: "a",
    n: 1,
    s: "apple",
    on: true,
    tags: ["red", "round"],
    size: { h: 3, w: 2 },
    marks: [
      { v: 1, w: 1 },
      { v: 7, w: 2 },
    ],
    at: new Date("2024-01-01"),
    place: new Geo.Point(0, 0),
  },
  {
    _id: "b",
    n: 5,
    s: "Banana",
    on: false,
    tags: ["yellow"],
    size: { h: 3, w: 2, d: 1 },
    marks: [{ v: 3, w: 2 }],
    at: new Date("2024-06-01"),
    place: new Geo.Point(1, 1),
  },
  {
    _id: "c",
    n: 2.5,
    s: "cherry",
    tags: ["red"],
    marks: [],
    none: null,
    at: new Date("2025-01-01"),
    place: new Geo.Point(3, 3),
  },
  { _id: "d", n: "5", s: "date", tags: [1, 2, 3, 4], none: 0 },
  { _id: "e", n: 7, s: "elder", tags: [], list: [1, 5, 9] },
  { _id: "f", n: null, s: "fig", tags: "red", size: { w: 2, h: 3 } },
];

const square = ({ Geo }, low, high) =>
  new Geo.Polygon([
    new Geo.LineString([
      new Geo.Point(low, low),
      new Geo.Point(high, low),
      new Geo.Point(high, high),
      new Geo.Point(low, high),
      new Geo.Point(low, low),
    ]),
  ]);

/** `[ids, condition, what an SDK may lack]`; the condition is built of `_`, `$` and the SDK's database. */
const cases = {
  "all documents": ["abcdef", () => ({})],
  "every id": ["abcdef", () => ({ _id: /.*/ })],
  "an id": ["c", () => ({ _id: "c" })],
  "a number": ["a", () => ({ n: 1 })],
  "a string is no number": ["d", () => ({ n: "5" })],
  "a boolean and a number": ["a", () => ({ on: true, n: 1 })],
  nothing: ["", () => ({ on: true, n: 5 })],
  "null finds null and nothing": ["abcef", () => ({ none: null })],
  "undefined asks nothing": ["d", () => ({ n: undefined, s: "date" }), "undefined in conditions"],
  "fields within objects": ["abf", () => ({ size: { h: 3, w: 2 } })],
  "a dotted path": ["b", () => ({ "size.d": 1 })],
  "an element of an array": ["acf", () => ({ tags: "red" })],
  "an array as a whole": ["c", () => ({ tags: ["red"] })],
  "a place within an array": ["ac", () => ({ "tags.0": "red" })],
  "fields of elements": ["ab", () => ({ "marks.w": 2 })],
  "a date": ["b", () => ({ at: new Date("2024-06-01") })],
  "a point": ["b", (_, $, db) => ({ place: new db.Geo.Point(1, 1) })],

  eq: ["b", (_) => ({ n: _.eq(5) })],
  "eq null": ["f", (_) => ({ n: _.eq(null) })],
  "eq of a whole object minds the order": ["a", (_) => ({ size: _.eq({ h: 3, w: 2 }) })],
  "eq of a date": ["a", (_) => ({ at: _.eq(new Date("2024-01-01")) })],
  neq: ["bcdef", (_) => ({ n: _.neq(1) })],
  gt: ["bce", (_) => ({ n: _.gt(2) })],
  gte: ["be", (_) => ({ n: _.gte(5) })],
  lt: ["a", (_) => ({ n: _.lt(2.5) })],
  lte: ["ac", (_) => ({ n: _.lte(2.5) })],
  "gt of strings goes by bytes": ["cdef", (_) => ({ s: _.gt("b") })],
  "lt of dates": ["a", (_) => ({ at: _.lt(new Date("2024-06-01")) })],
  "gte of dates": ["bc", (_) => ({ at: _.gte(new Date("2024-06-01")) })],
  "lt now": ["abc", (_, $, db) => ({ at: _.lt(db.serverDate()) })],
  "gt a second ago": ["", (_, $, db) => ({ at: _.gt(db.serverDate({ offset: -1000 })) })],
  in: ["adf", (_) => ({ n: _.in([1, "5", null]) })],
  "in, of elements": ["bd", (_) => ({ tags: _.in(["yellow", 3]) })],
  "in of nothing": ["", (_) => ({ n: _.in([]) })],
  nin: ["cdef", (_) => ({ n: _.nin([1, 5]) })],
  "nin of nothing": ["abcdef", (_) => ({ n: _.nin([]) })],

  "and of a field": ["bc", (_) => ({ n: _.gt(1).and(_.lt(7)) })],
  "and of a field, in a row": ["bc", (_) => ({ n: _.gt(1).lt(7) })],
  "and of a field, arguments": ["bc", (_) => ({ n: _.and(_.gt(1), _.lt(7)) })],
  "and of a field, list": ["bc", (_) => ({ n: _.and([_.gt(1), _.lt(7)]) })],
  "and of two fields": ["c", (_) => ({ n: _.gt(1).and(_.lt(7)), s: _.gt("b").and(_.lt("d")) })],
  "or of a field": ["ae", (_) => ({ n: _.gt(5).or(_.lt(2)) })],
  "or of a field, arguments": ["ae", (_) => ({ n: _.or(_.eq(1), _.eq(7)) })],
  "or of two fields is one or": ["aef", (_) => ({ n: _.or(_.eq(1), _.eq(7)), s: _.or(_.eq("fig")) })],
  "nor of a field": ["bcdf", (_) => ({ n: _.nor(_.eq(1), _.eq(7)) })],
  not: ["adf", (_) => ({ n: _.not(_.gt(2)) })],
  "not in": ["cdef", (_) => ({ n: _.not(_.in([1, 5])) })],
  "not of an expression": ["bcdef", (_) => ({ s: _.not(/^A/i) })],
  "or of conditions": ["af", (_) => _.or({ n: 1 }, { s: "fig" })],
  "or of conditions, list": ["ae", (_) => _.or([{ n: 1 }, { n: _.gt(5) }])],
  "and of conditions": ["a", (_) => _.and({ on: true }, { n: 1 })],
  "and of two ors": ["ab", (_) => _.and([{ n: _.or(_.eq(1), _.eq(5)) }, { on: _.or(_.eq(true), _.eq(false)) }])],
  "nor of conditions": ["cdef", (_) => _.nor({ n: 1 }, { on: false })],

  exists: ["cd", (_) => ({ none: _.exists(true) })],
  "exists not": ["abef", (_) => ({ none: _.exists(false) })],
  mod: ["ab", (_) => ({ n: _.mod([4, 1]) })],
  "mod, arguments": ["e", (_) => ({ n: _.mod(4, 3) }), "mod of two"],
  all: ["a", (_) => ({ tags: _.all(["red", "round"]) })],
  "all of one": ["acf", (_) => ({ tags: _.all(["red"]) })],
  "elemMatch of a command": ["d", (_) => ({ tags: _.elemMatch(_.gt(2)) })],
  "elemMatch of a condition": ["ab", (_) => ({ marks: _.elemMatch({ v: _.gt(2), w: 2 }) })],
  "elemMatch asks one element": ["", (_) => ({ marks: _.elemMatch({ v: 1, w: 2 }) })],
  "elemMatch of mod": ["ab", (_) => ({ marks: _.elemMatch({ v: _.mod([4, 3]) }) })],
  size: ["bc", (_) => ({ tags: _.size(1) })],
  "size of nothing": ["e", (_) => ({ tags: _.size(0) })],

  "an expression": ["ac", () => ({ s: /^[a-c]/ })],
  "an expression with flags": ["b", () => ({ s: /^b/i })],
  "an expression of elements": ["acf", () => ({ tags: /^r/ })],
  RegExp: ["b", (_, $, db) => ({ s: db.RegExp({ regexp: "AN", options: "i" }) })],
  "or of RegExps": [
    "cf",
    (_, $, db) => ({ s: _.or(db.RegExp({ regexp: "RR", options: "i" }), db.RegExp({ regexp: "^f", options: "s" })) }),
  ],

  "geoNear, nearest first": ["abc", (_, $, db) => ({ place: _.geoNear({ geometry: new db.Geo.Point(0, 0) }) })],
  "geoNear between distances": [
    "b",
    (_, $, db) => ({
      place: _.geoNear({ geometry: new db.Geo.Point(0, 0), minDistance: 1000, maxDistance: 200_000 }),
    }),
  ],
  geoWithin: ["ab", (_, $, db) => ({ place: _.geoWithin({ geometry: square(db, -1, 2) }) })],
  "geoWithin a circle": [
    "ab",
    (_, $, db) => ({ place: _.geoWithin({ centerSphere: [new db.Geo.Point(0, 0), 0.03] }) }),
    "sphere",
  ],
  geoIntersects: ["c", (_, $, db) => ({ place: _.geoIntersects({ geometry: square(db, 2, 4) }) })],

  "expr compares across types": ["bde", (_, $) => _.expr($.gte(["$n", 3]))],
  jsonSchema: ["ab", (_) => _.jsonSchema({ required: ["on"] })],
  "nor of a jsonSchema": ["cdef", (_) => _.nor([_.jsonSchema({ required: ["on"] })])],
};

/** Conditions that mean nothing, and the database says so. */
const refused = {
  "or of bare values": (_) => ({ n: _.or(1, 2) }),
  "size of a string": (_) => ({ tags: _.size("one") }),
};

/** `client`: a configured SDK. */
export function testsOfQueries(client) {
  describe("conditions", () => {
    const collection = "fruits";

    before(async () => {
      await client.createCollection(collection);
      await client.addAll(collection, documents(client.db));
    });

    for (const [name, [ids, condition, needs]] of Object.entries(cases)) {
      test(name, async (t) => {
        const { db, lacks } = client;
        if (lacks.has(needs)) return t.skip(`this SDK knows no ${needs}`);
        const query = db.collection(collection).where(condition(db.command, db.command.aggregate, db));
        const found = (await client.list(query)).map(({ _id }) => _id);
        const sorted = name.startsWith("geoNear") ? found : found.sort();
        assert.equal(sorted.join(""), ids);
        if (!name.startsWith("geoNear")) assert.equal(await client.count(query), ids.length);
      });
    }

    for (const [name, condition] of Object.entries(refused)) {
      test(`refused: ${name}`, async () => {
        const { db } = client;
        const query = db.collection(collection).where(condition(db.command));
        await client.refused(client.list(query), "DATABASE_REQUEST_FAILED");
      });
    }

    const ids = async (query) => (await client.list(query)).map(({ _id }) => _id).join("");
    const fruits = () => client.collection(collection);

    test("orders, one after the other, and across types", async () => {
      assert.equal(await ids(fruits().orderBy("s", "desc")), "fedcab");
      assert.equal(await ids(fruits().orderBy("n", "asc").orderBy("_id", "asc")), "facbed");
      assert.equal(await ids(fruits().orderBy("n", "desc").orderBy("_id", "asc")), "debcaf");
      assert.equal(await ids(fruits().orderBy("size.d", "desc").orderBy("_id", "desc")), "bfedca");
    });

    test("pages", async () => {
      const ordered = fruits().orderBy("_id", "asc");
      assert.equal(await ids(ordered.limit(2)), "ab");
      assert.equal(await ids(ordered.skip(4)), "ef");
      assert.equal(await ids(ordered.skip(2).limit(2)), "cd");
      assert.equal(await ids(ordered.skip(9)), "");
    });

    test("fields", async () => {
      const row = async (fields) => {
        const [found] = await client.list(fruits().where({ _id: "a" }).field(fields));
        return found;
      };
      assert.deepEqual(await row({ n: true, s: true }), { _id: "a", n: 1, s: "apple" });
      assert.deepEqual(await row({ _id: false, n: true }), { n: 1 });
      assert.deepEqual(await row({ "size.h": true }), { _id: "a", size: { h: 3 } });
      assert.deepEqual(await row({ "marks.v": true }), { _id: "a", marks: [{ v: 1 }, { v: 7 }] });
      assert.deepEqual(Object.keys(await row({ marks: false, at: false, place: false, size: false })).sort(), [
        "_id",
        "n",
        "on",
        "s",
        "tags",
      ]);
      const { project } = client.db.command;
      assert.deepEqual(await row({ _id: false, n: true, tags: project.slice(1) }), { n: 1, tags: ["red"] });
      assert.deepEqual(await row({ n: true, marks: project.elemMatch({ w: 2 }) }), {
        _id: "a",
        n: 1,
        marks: [{ v: 7, w: 2 }],
      });
    });
  });

  describe("many documents", () => {
    const collection = "many";
    const many = () => client.collection(collection);

    before(async () => {
      await client.createCollection(collection);
      await client.addAll(
        collection,
        Array.from({ length: 1001 }, (_, n) => ({ n })),
      );
    });

    test("are counted, given a hundred or a thousand at a time, and removed", async () => {
      const length = async (query) => (await client.list(query)).length;
      assert.equal(await client.count(many().where({})), 1001);
      assert.equal(await length(many().where({})), 100);
      assert.equal(await length(many().where({}).limit(101)), 101);
      assert.equal(await length(many().where({}).limit(1000)), 1000);
      assert.equal(await length(many().where({}).limit(1001)), 1000);
      const last = many().orderBy("n", "asc").skip(1000);
      assert.deepEqual(
        (await client.list(last)).map(({ n }) => n),
        [1000],
      );
      assert.equal(await client.remove(many().where({ _id: /.*/ })), 1001);
      assert.equal(await client.count(many().where({})), 0);
    });
  });
}
