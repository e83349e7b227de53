// Aggregations: every expression of `db.command.aggregate`.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

const sample = {
  _id: "x",
  n: -2.5,
  i: 7,
  s: "Grüße,x",
  list: [3, 1, 2],
  pairs: [
    ["a", 1],
    ["b", 2],
  ],
  object: { p: 1, q: 2 },
  date: new Date("2019-05-14T09:38:51.686Z"),
  yes: true,
  nothing: null,
};

/** `[expression, value]`, over the document above. */
const expressions = {
  abs: [($) => $.abs("$n"), 2.5],
  add: [($) => $.add(["$i", 1, 0.5]), 8.5],
  ceil: [($) => $.ceil("$n"), -2],
  divide: [($) => $.divide(["$i", 2]), 3.5],
  exp: [($) => $.exp(0), 1],
  floor: [($) => $.floor("$n"), -3],
  ln: [($) => $.ln(1), 0],
  log: [($) => $.log([8, 2]), 3],
  log10: [($) => $.log10(1000), 3],
  mod: [($) => $.mod(["$i", 4]), 3],
  multiply: [($) => $.multiply(["$i", "$n"]), -17.5],
  pow: [($) => $.pow([2, 10]), 1024],
  sqrt: [($) => $.sqrt(9), 3],
  subtract: [($) => $.subtract(["$i", 10]), -3],
  trunc: [($) => $.trunc("$n"), -2],
  "arithmetic with nothing is null": [($) => $.add(["$missing", 1]), null],

  arrayElemAt: [($) => $.arrayElemAt(["$list", -1]), 2],
  arrayToObject: [($) => $.arrayToObject("$pairs"), { a: 1, b: 2 }],
  concatArrays: [($) => $.concatArrays(["$list", [9]]), [3, 1, 2, 9]],
  filter: [($) => $.filter({ input: "$list", as: "one", cond: $.gt(["$$one", 1]) }), [3, 2]],
  in: [($) => $.in([2, "$list"]), true],
  indexOfArray: [($) => $.indexOfArray(["$list", 2]), 2],
  isArray: [($) => $.isArray("$list"), true],
  map: [($) => $.map({ input: "$list", as: "one", in: $.add(["$$one", 1]) }), [4, 2, 3]],
  range: [($) => $.range([0, 10, 4]), [0, 4, 8]],
  reduce: [($) => $.reduce({ input: "$list", initialValue: 0, in: $.add(["$$value", "$$this"]) }), 6],
  reverseArray: [($) => $.reverseArray("$list"), [2, 1, 3]],
  size: [($) => $.size("$list"), 3],
  slice: [($) => $.slice(["$list", 1, 2]), [1, 2]],
  zip: [
    ($) => $.zip({ inputs: ["$list", ["a"]], useLongestLength: true, defaults: [0, "-"] }),
    [
      [3, "a"],
      [1, "-"],
      [2, "-"],
    ],
  ],

  and: [($) => $.and(["$yes", $.gt(["$i", 8])]), false],
  or: [($) => $.or(["$nothing", "$yes"]), true],
  not: [($) => $.not("$nothing"), true],
  cmp: [($) => $.cmp(["$i", 8]), -1],
  eq: [($) => $.eq(["$i", 7]), true],
  neq: [($) => $.neq(["$i", 7]), false],
  gt: [($) => $.gt(["$s", "$i"]), true],
  gte: [($) => $.gte(["$i", 7]), true],
  lt: [($) => $.lt(["$i", 7]), false],
  lte: [($) => $.lte(["$i", 7]), true],
  cond: [($) => $.cond({ if: $.gte(["$i", 7]), then: "big", else: "small" }), "big"],
  ifNull: [($) => $.ifNull(["$missing", "none"]), "none"],
  switch: [
    ($) =>
      $.switch({
        branches: [
          { case: $.gt(["$i", 9]), then: 1 },
          { case: $.gt(["$i", 5]), then: 2 },
        ],
        default: 3,
      }),
    2,
  ],

  dateFromParts: [
    ($) => $.dateFromParts({ year: 2017, month: 2, day: 8, hour: 12, timezone: "America/New_York" }),
    new Date("2017-02-08T17:00:00Z"),
  ],
  dateFromString: [
    ($) => $.dateFromString({ dateString: "2017-02-08T12:10:40.787" }),
    new Date("2017-02-08T12:10:40.787Z"),
  ],
  dateToString: [
    ($) => $.dateToString({ date: "$date", format: "%Y-%m-%d %H:%M:%S.%L %j %u %G-%V" }),
    "2019-05-14 09:38:51.686 134 2 2019-20",
  ],
  "dateToString in a zone": [
    ($) => $.dateToString({ date: "$date", format: "%H:%M %z", timezone: "Asia/Shanghai" }),
    "17:38 +0800",
  ],
  "dateToString of nothing": [($) => $.dateToString({ date: "$missing", format: "%Y", onNull: "never" }), "never"],
  year: [($) => $.year("$date"), 2019],
  month: [($) => $.month("$date"), 5],
  dayOfMonth: [($) => $.dayOfMonth("$date"), 14],
  dayOfWeek: [($) => $.dayOfWeek("$date"), 3],
  dayOfYear: [($) => $.dayOfYear("$date"), 134],
  hour: [($) => $.hour("$date"), 9],
  minute: [($) => $.minute("$date"), 38],
  second: [($) => $.second("$date"), 51],
  millisecond: [($) => $.millisecond("$date"), 686],
  week: [($) => $.week("$date"), 19],
  isoDayOfWeek: [($) => $.isoDayOfWeek("$date"), 2],
  isoWeek: [($) => $.isoWeek("$date"), 20],
  isoWeekYear: [($) => $.isoWeekYear("$date"), 2019],
  "the days between": [
    ($) => $.divide([$.subtract(["$date", $.dateFromParts({ year: 2019, month: 5, day: 14 })]), 1000]),
    34_731.686,
  ],

  literal: [($) => $.literal("$i"), "$i"],
  mergeObjects: [($) => $.mergeObjects(["$object", { q: 3 }]), { p: 1, q: 3 }],
  objectToArray: [
    ($) => $.objectToArray("$object"),
    [
      { k: "p", v: 1 },
      { k: "q", v: 2 },
    ],
  ],
  allElementsTrue: [($) => $.allElementsTrue([["$yes", 1]]), true],
  anyElementTrue: [($) => $.anyElementTrue([[false, 0]]), false],
  setDifference: [($) => $.setDifference(["$list", [1, 2]]), [3]],
  setEquals: [($) => $.setEquals(["$list", [1, 2, 3, 3]]), true],
  setIntersection: [($) => $.setIntersection(["$list", [9, 3]]), [3]],
  setIsSubset: [($) => $.setIsSubset([[1], "$list"]), true],
  setUnion: [($) => $.size($.setUnion(["$list", [3, 4]])), 4],
  concat: [($) => $.concat(["$s", "!"]), "Grüße,x!"],
  indexOfBytes: [($) => $.indexOfBytes(["$s", ","]), 7],
  indexOfCP: [($) => $.indexOfCP(["$s", ","]), 5],
  split: [($) => $.split(["$s", ","]), ["Grüße", "x"]],
  strLenBytes: [($) => $.strLenBytes("$s"), 9],
  strLenCP: [($) => $.strLenCP("$s"), 7],
  strcasecmp: [($) => $.strcasecmp(["ABC", "abd"]), -1],
  substr: [($) => $.substr(["$s", 0, 2]), "Gr"],
  "substrBytes to the end": [($) => $.substrBytes(["abc", 1, -1]), "bc"],
  substrCP: [($) => $.substrCP(["$s", 2, 3]), "üße"],
  toLower: [($) => $.toLower("$s"), "grüße,x"],
  toUpper: [($) => $.toUpper("abc"), "ABC"],
  let: [($) => $.let({ vars: { double: $.multiply(["$i", 2]) }, in: $.add(["$$double", "$$double"]) }), 28],
  "sum of a list": [($) => $.sum(["$i", "$n"]), 4.5],
  "avg of a list": [($) => $.avg("$list"), 2],
  "min of a list": [($) => $.min("$list"), 1],
  "max of a list": [($) => $.max("$list"), 3],
};

/** `client`: a configured SDK. */
export function testsOfExpressions(client) {
  describe("expressions", () => {
    const collection = "samples";

    before(async () => {
      await client.createCollection(collection);
      await client.add(collection, sample);
    });

    for (const [name, [build, expected]] of Object.entries(expressions)) {
      test(name, async () => {
        const value = build(client.db.command.aggregate);
        const rows = await client.rows(client.collection(collection).aggregate().project({ _id: 0, value }));
        assert.deepEqual(rows, [{ value: expected }]);
      });
    }
  });
}
