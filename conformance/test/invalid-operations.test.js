// Operations and variables that graphql-js refuses, run against the server: it
// must refuse each before anything is executed.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { buildSchema, graphql } from "graphql";
import { binary } from "../harness/process.js";
import { start, tokens } from "../harness/server.js";

const file = (name) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const CASES = JSON.parse(readFileSync(file("tests/it/cases/invalid_operations.json"), "utf8"));
const AT_LEAST = 60;

let server;
let schema;
before(async () => {
  server = await start({ orders: 20 });
  const sdl = execFileSync(binary, ["schema", "--schema", file("schema.graphql")], {
    encoding: "utf8",
  });
  schema = buildSchema(sdl);
});
after(() => server?.stop());

test(`there are at least ${AT_LEAST} cases`, () => assert.ok(CASES.length >= AT_LEAST));

for (const { name, query, variables, operationName } of CASES) {
  test(`refused by both: ${name}`, async () => {
    const executed = [];
    const rootValue = new Proxy({}, { get: (_, field) => () => executed.push(field) });
    const theirs = await graphql({
      schema,
      source: query,
      rootValue,
      variableValues: variables,
      operationName,
    });
    assert.ok(theirs.errors?.length, "graphql-js accepts it: not a case for this list");

    const before = (
      await server.query("{ items(first: 1) { totalCount } }", { token: tokens.admin })
    ).body;
    const ours = await server.query(query, { variables, operationName, token: tokens.admin });
    assert.ok(ours.body.errors?.length, JSON.stringify(ours.body));
    assert.equal(ours.body.data ?? null, null, "it was executed");
    for (const error of ours.body.errors) assert.equal(typeof error.extensions.code, "string");
    const later = (
      await server.query("{ items(first: 1) { totalCount } }", { token: tokens.admin })
    ).body;
    assert.deepEqual(later, before);
  });
}
