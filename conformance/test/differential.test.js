// Random queries, answered by the server and by graphql-js over the same
// documents and the same SDL: the data must be equal, and errors must stand at
// the same places. Another seed: DIFFERENTIAL_SEED=7 npm test

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { parse, print } from "graphql";
import { documents } from "../harness/documents.js";
import { binary } from "../harness/process.js";
import { start, tokens } from "../harness/server.js";
import { operation, random } from "../oracle/operations.js";
import { createOracle, STORED_NAME, TYPES } from "../oracle/shop.js";

const SEED = Number(process.env.DIFFERENTIAL_SEED ?? 1);
const QUERIES_PER_CALLER = Number(process.env.DIFFERENTIAL_QUERIES ?? 400);
const ORDERS = 300;

const CALLERS = {
  owner: { openid: "demo-owner", roles: ["owner", "admin", "operator", "support"] },
  admin: { openid: "demo-admin", roles: ["admin", "operator", "support"] },
  operator: { openid: "demo-operator", roles: ["operator"] },
  support: { openid: "demo-support", roles: ["support"] },
  alice: { openid: "demo-alice", roles: [] },
};

let server;
let oracle;
let pool;

before(async () => {
  server = await start({ orders: ORDERS });
  const schema = fileURLToPath(new URL("../../schema.graphql", import.meta.url));
  const sdl = execFileSync(binary, ["schema", "--schema", schema], { encoding: "utf8" });
  const stored = await documents(server, Object.values(TYPES));
  oracle = createOracle(withoutAddresses(sdl), stored);
  pool = valuePool(stored);
});
after(() => server?.stop());

/** The same without what only the cloud's storage knows: where files are. */
function withoutAddresses(sdl) {
  const kept = (definition) => ({
    ...definition,
    fields: definition.fields?.filter(({ name }) => !name.value.endsWith("Url")),
  });
  const document = parse(sdl);
  return print({ ...document, definitions: document.definitions.map(kept) });
}

for (const [name, caller] of Object.entries(CALLERS)) {
  test(`${QUERIES_PER_CALLER} random queries as ${name}`, async () => {
    const rng = random(SEED * 1000 + Object.keys(CALLERS).indexOf(name));
    let answered = 0;
    for (let n = 0; n < QUERIES_PER_CALLER; n += 1) {
      const { query, variables } = operation(oracle.schema, rng, pool);
      assert.deepEqual(oracle.validate(query), [], query);
      const expected = JSON.parse(JSON.stringify(await oracle.execute(query, variables, caller)));
      const { body } = await server.query(query, { variables, token: tokens[name] });
      const told = `${query}\n${JSON.stringify(variables)}\n${JSON.stringify(body.errors)}`;
      assert.deepEqual(body.data, expected.data, told);
      assert.deepEqual(paths(body.errors), paths(expected.errors), told);
      answered += JSON.stringify(body.data).length;
    }
    assert.ok(
      answered > QUERIES_PER_CALLER * 50,
      `hardly anything was answered: ${answered} bytes`,
    );
  });
}

test("a caller who is not signed in gets errors and no data, whatever is asked", async () => {
  const rng = random(SEED);
  for (let n = 0; n < 100; n += 1) {
    const { query, variables } = operation(oracle.schema, rng, pool);
    const { body } = await server.query(query, { variables });
    const values = Object.values(body.data ?? {});
    assert.ok(
      values.every((value) => value === null),
      query,
    );
    assert.equal(body.errors?.length ?? 0, values.length, query);
    for (const error of body.errors ?? []) assert.equal(error.extensions.code, "UNAUTHENTICATED");
  }
});

for (const [name, caller] of Object.entries(CALLERS)) {
  test(`pages visit each document once, forwards and backwards, as ${name}`, async () => {
    for (const orderBy of [
      "[]",
      "[{paidAt: ASC}]",
      "[{status: DESC}, {createdAt: ASC}]",
      "[{remark: DESC}]",
    ]) {
      const all = `{ orders(first: 500, orderBy: ${orderBy}) { nodes { id } } }`;
      const { data } = await oracle.execute(all, {}, caller);
      const expected = data.orders.nodes.map((node) => node.id);
      assert.deepEqual(await walk("first", "after", orderBy, tokens[name]), expected);
      assert.deepEqual((await walk("last", "before", orderBy, tokens[name])).reverse(), expected);
    }
  });
}

/** Ids in the order in which pages of 37 give them; a page read backwards is turned round. */
async function walk(size, from, orderBy, token) {
  const document = `query Page($cursor: String) {
    orders(${size}: 37, ${from}: $cursor, orderBy: ${orderBy}) {
      edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }`;
  const ids = [];
  let cursor = null;
  for (let pages = 0; pages < 100; pages += 1) {
    const { body } = await server.query(document, { variables: { cursor }, token });
    assert.equal(body.errors, undefined, JSON.stringify(body.errors));
    const { edges, pageInfo } = body.data.orders;
    const page = edges.map((edge) => edge.node.id);
    ids.push(...(size === "first" ? page : page.reverse()));
    if (!(size === "first" ? pageInfo.hasNextPage : pageInfo.hasPreviousPage)) return ids;
    cursor = size === "first" ? pageInfo.endCursor : pageInfo.startCursor;
  }
  throw new Error("the pages do not end");
}

const paths = (errors) => (errors ?? []).map((error) => JSON.stringify(error.path)).sort();

/** Stored values of a field, so that random conditions find something. */
function valuePool(stored) {
  const found = new Map();
  return (type, path_) => {
    const key = [type, ...path_].join(".");
    if (!found.has(key)) found.set(key, collect(stored[TYPES[type]] ?? [], path_));
    return found.get(key);
  };
}

function collect(docs, path_) {
  let values = docs;
  for (const name of path_) {
    values = values.flatMap((value) => value?.[STORED_NAME[name] ?? name] ?? []);
  }
  const spelled = values.filter(
    (value) => (value !== null && typeof value !== "object") || value instanceof Date,
  );
  const texts = spelled.map((value) => (value instanceof Date ? value.toISOString() : value));
  return [...new Set(texts)].slice(0, 200);
}
