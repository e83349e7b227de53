// Aggregations: every stage.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

const orders = [
  { _id: 1, who: "ann", what: "tea", count: 2, price: 3, tags: ["hot", "leaf"] },
  { _id: 2, who: "bob", what: "tea", count: 1, price: 3, tags: ["hot"] },
  { _id: 3, who: "ann", what: "cake", count: 4, price: 5, tags: [] },
  { _id: 4, who: "cat", what: "ice", count: 3, price: 2 },
  { _id: 5, who: "bob", what: "ice", count: 5, price: 2, tags: null },
];

const people = ({ Geo }) => [
  { _id: "ann", name: { first: "Ann", last: "Li" }, place: new Geo.Point(0, 0) },
  { _id: "bob", name: { first: "Bob", last: "Ma" }, place: new Geo.Point(0, 1) },
  { _id: "cat", name: { first: "Cat", last: "Wu" }, place: new Geo.Point(0, 2) },
];

/** Metres from the equator to the first parallel, on the sphere of the database. */
const DEGREE = 6_378_100 * (Math.PI / 180);

/** `[collection, stages, rows]`. Rows of which the order is nobody's business are sorted by the stages. */
const stages = {
  match: ["orders", (a, _) => a.match({ who: "ann", count: _.gt(2) }).project({ what: 1 }), [{ _id: 3, what: "cake" }]],
  "match of a or": [
    "orders",
    (a, _) =>
      a
        .match({ count: _.or(_.eq(1), _.eq(5)) })
        .sort({ _id: 1 })
        .project({ who: 1 }),
    [
      { _id: 2, who: "bob" },
      { _id: 5, who: "bob" },
    ],
  ],
  "sort, skip and limit": [
    "orders",
    (a) => a.sort({ price: -1, count: 1 }).skip(1).limit(2).project({ _id: 1 }),
    [{ _id: 2 }, { _id: 1 }],
  ],
  count: ["orders", (a) => a.match({ what: "tea" }).count("teas"), [{ teas: 2 }]],
  "count of nothing": ["orders", (a) => a.match({ what: "no" }).count("teas"), []],
  project: [
    "orders",
    (a, _, $) =>
      a.match({ _id: 1 }).project({
        _id: 0,
        who: 1,
        cost: $.multiply(["$count", "$price"]),
        both: ["$who", "$what"],
        deep: { tag: $.arrayElemAt(["$tags", 0]) },
      }),
    [{ who: "ann", cost: 6, both: ["ann", "tea"], deep: { tag: "hot" } }],
  ],
  "project without fields": [
    "orders",
    (a) => a.match({ _id: 4 }).project({ _id: 0, what: 0 }),
    [{ who: "cat", count: 3, price: 2 }],
  ],
  addFields: [
    "people",
    (a, _, $) =>
      a
        .match({ _id: "ann" })
        .addFields({ full: $.concat(["$name.last", " ", "$name.first"]), "name.middle": $.literal("$x") })
        .project({ place: 0 }),
    [{ _id: "ann", name: { first: "Ann", last: "Li", middle: "$x" }, full: "Li Ann" }],
  ],
  group: [
    "orders",
    (a, _, $) =>
      a
        .sort({ _id: 1 })
        .group({
          _id: "$who",
          sum: $.sum("$count"),
          n: $.sum(1),
          avg: $.avg("$price"),
          min: $.min("$price"),
          max: $.max("$count"),
          first: $.first("$what"),
          last: $.last("$what"),
          all: $.push({ what: "$what" }),
        })
        .sort({ _id: 1 }),
    [
      {
        _id: "ann",
        sum: 6,
        n: 2,
        avg: 4,
        min: 3,
        max: 4,
        first: "tea",
        last: "cake",
        all: [{ what: "tea" }, { what: "cake" }],
      },
      {
        _id: "bob",
        sum: 6,
        n: 2,
        avg: 2.5,
        min: 2,
        max: 5,
        first: "tea",
        last: "ice",
        all: [{ what: "tea" }, { what: "ice" }],
      },
      { _id: "cat", sum: 3, n: 1, avg: 2, min: 2, max: 3, first: "ice", last: "ice", all: [{ what: "ice" }] },
    ],
  ],
  "group of everything": [
    "orders",
    (a, _, $) => a.group({ _id: null, sum: $.sum($.multiply(["$count", "$price"])) }),
    [{ _id: null, sum: 45 }],
  ],
  "group by several": [
    "orders",
    (a, _, $) =>
      a
        .match({ who: "ann" })
        .group({ _id: { who: "$who", what: "$what" }, n: $.sum(1) })
        .sort({ "_id.what": 1 }),
    [
      { _id: { who: "ann", what: "cake" }, n: 1 },
      { _id: { who: "ann", what: "tea" }, n: 1 },
    ],
  ],
  "group: deviations": [
    "orders",
    (a, _, $) => a.match({ what: "tea" }).group({ _id: null, pop: $.stdDevPop("$count"), none: $.stdDevSamp("$no") }),
    [{ _id: null, pop: 0.5, none: null }],
  ],
  "group: sets": [
    "orders",
    (a, _, $) => a.group({ _id: null, all: $.addToSet("$what") }).project({ _id: 0, n: $.size("$all") }),
    [{ n: 3 }],
  ],
  unwind: [
    "orders",
    (a) => a.sort({ _id: 1 }).unwind("$tags").project({ tags: 1 }),
    [
      { _id: 1, tags: "hot" },
      { _id: 1, tags: "leaf" },
      { _id: 2, tags: "hot" },
    ],
  ],
  "unwind with places, keeping what is empty": [
    "orders",
    (a) =>
      a
        .sort({ _id: 1 })
        .unwind({ path: "$tags", includeArrayIndex: "at", preserveNullAndEmptyArrays: true })
        .project({ tags: 1, at: 1 }),
    [
      { _id: 1, tags: "hot", at: 0 },
      { _id: 1, tags: "leaf", at: 1 },
      { _id: 2, tags: "hot", at: 0 },
      { _id: 3, at: null },
      { _id: 4, at: null },
      { _id: 5, tags: null, at: null },
    ],
  ],
  lookup: [
    "orders",
    (a) =>
      a
        .match({ _id: 4 })
        .lookup({ from: "people", localField: "who", foreignField: "_id", as: "whose" })
        .project({ "whose.name": 1 }),
    [{ _id: 4, whose: [{ name: { first: "Cat", last: "Wu" } }] }],
  ],
  "lookup with stages of its own": [
    "people",
    (a, _, $) =>
      a
        .match({ _id: "bob" })
        .lookup({
          from: "orders",
          let: { who: "$_id" },
          pipeline: $.pipeline()
            .match(_.expr($.eq(["$who", "$$who"])))
            .sort({ _id: 1 })
            .project({ what: 1, _id: 0 })
            .done(),
          as: "orders",
        })
        .project({ orders: 1 }),
    [{ _id: "bob", orders: [{ what: "tea" }, { what: "ice" }] }],
  ],
  geoNear: [
    "people",
    (a, _, $, db) =>
      a
        .geoNear({
          distanceField: "far",
          near: new db.Geo.Point(0, 0),
          spherical: true,
          query: { _id: _.in(["bob", "cat"]) },
          includeLocs: "where",
        })
        .project({ far: 1 }),
    [
      { _id: "bob", far: DEGREE },
      { _id: "cat", far: 2 * DEGREE },
    ],
  ],
  "geoNear within a distance, in kilometres": [
    "people",
    (a, _, $, db) =>
      a
        .geoNear({
          distanceField: "far",
          near: new db.Geo.Point(0, 0),
          spherical: true,
          minDistance: 1000,
          maxDistance: 150_000,
          distanceMultiplier: 0.001,
        })
        .project({ far: 1 }),
    [{ _id: "bob", far: DEGREE * 0.001 }],
  ],
  replaceRoot: [
    "people",
    (a) => a.match({ _id: "ann" }).replaceRoot({ newRoot: "$name" }),
    [{ first: "Ann", last: "Li" }],
  ],
  "replaceRoot by what is computed": [
    "people",
    (a, _, $) => a.match({ _id: "ann" }).replaceRoot({ newRoot: $.mergeObjects([{ last: "?", age: 7 }, "$name"]) }),
    [{ last: "Li", age: 7, first: "Ann" }],
  ],
  sortByCount: [
    "orders",
    (a) => a.unwind("$tags").sortByCount("$tags"),
    [
      { _id: "hot", count: 2 },
      { _id: "leaf", count: 1 },
    ],
  ],
  bucket: [
    "orders",
    (a, _, $) =>
      a.bucket({
        groupBy: "$count",
        boundaries: [0, 3, 5],
        default: "more",
        output: { n: $.sum(1), whos: $.push("$_id") },
      }),
    [
      { _id: 0, n: 2, whos: [1, 2] },
      { _id: 3, n: 2, whos: [3, 4] },
      { _id: "more", n: 1, whos: [5] },
    ],
  ],
  bucketAuto: [
    "orders",
    (a) => a.bucketAuto({ groupBy: "$_id", buckets: 2 }),
    [
      { _id: { min: 1, max: 4 }, count: 3 },
      { _id: { min: 4, max: 5 }, count: 2 },
    ],
  ],
};

/** Stages that mean nothing, and the database says so. */
const refused = {
  "a limit of nothing": (a) => a.limit(0),
  "a group without an id": (a, $) => a.group({ n: $.sum(1) }),
  "a division by zero": (a, $) => a.project({ n: $.divide([1, 0]) }),
  "a field without a dollar": (a) => a.unwind("tags"),
};

/** `client`: a configured SDK. */
export function testsOfStages(client) {
  describe("stages", () => {
    const stagesOf = (collection) => client.collection(collection).aggregate();

    before(async () => {
      for (const [name, documents] of [
        ["orders", orders],
        ["people", people(client.db)],
      ]) {
        await client.createCollection(name);
        await client.addAll(name, documents);
      }
    });

    for (const [name, [collection, build, expected]] of Object.entries(stages)) {
      test(name, async () => {
        const { db } = client;
        const rows = await client.rows(build(stagesOf(collection), db.command, db.command.aggregate, db));
        assert.deepEqual(rows, expected);
      });
    }

    test("sample", async () => {
      const rows = await client.rows(stagesOf("orders").sample({ size: 3 }));
      assert.equal(new Set(rows.map(({ _id }) => _id)).size, 3);
    });

    for (const [name, build] of Object.entries(refused)) {
      test(`refused: ${name}`, async () => {
        const aggregation = build(stagesOf("orders"), client.db.command.aggregate);
        await client.refused(client.rows(aggregation), "DATABASE_REQUEST_FAILED");
      });
    }
  });
}
