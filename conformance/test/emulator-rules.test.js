// The worked examples of the platform's documentation (tests/it/fixtures/rules/cases.json), asked by the web SDK: permissions
// and rules are set as an administrator sets them, people sign in, and the outcome is what the documentation says.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { jsSdk2, NOBODY } from "../clients/js-sdk-2.js";
import { managerNode, permit } from "../clients/manager-node.js";
import { nodeSdk } from "../clients/node-sdk.js";
import { emulate } from "../harness/emulator.js";
import { watch } from "../harness/watch.js";

const file = new URL("../../tests/it/fixtures/rules/cases.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(file, "utf8"));

/** The collection that cases are about; the others are those that rules look into. */
const COLLECTION = "things";

const users = [
  { username: "alice", password: "alice-pw", openid: "oALICE", loginType: "WECHAT_PUBLIC" },
  { username: "bob", password: "bob-pw", openid: "oBOB", loginType: "WECHAT_PUBLIC" },
  { username: "web_alice", password: "web-alice-pw", uid: "uALICE", loginType: "EMAIL" },
];

let emulator;
let manager;
let clients;
before(async () => {
  emulator = await emulate({ files: { "--users": { users } } });
  manager = managerNode(emulator);
  const signIns = Object.fromEntries(
    users.map(({ username, password }) => [username, (auth) => auth.signIn({ username, password })]),
  );
  clients = { server: nodeSdk(emulator) };
  for (const [name, signIn] of Object.entries({
    ...signIns,
    anon: (auth) => auth.signInAnonymously({}),
    nobody: NOBODY,
  })) {
    clients[name] = await jsSdk2(emulator, signIn, name.replace("_", "-"));
  }
  for (const name of [COLLECTION, ...related()]) await clients.server.createCollection(name);
});
after(() => emulator?.stop());

/** The collections that rules look into. */
function related() {
  const paths = cases.flatMap(({ related = {} }) => Object.keys(related));
  return new Set(["shop", ...paths.map((path) => path.split("/")[0])]);
}

describe("rules", () => {
  for (const one of cases) {
    test(`${one.id}: ${one.reason}`, async (t) => {
      t.after(() => emulator.clock());
      await prepare(one);
      assert.equal(await outcome(one, clients[one.identity]), one.expect);
      if (one.effect?.stored) assert.deepEqual(await stored(), one.effect.stored);
    });
  }
});

/** The documents that a case speaks of, and nothing else; then the permission, and the time. */
async function prepare({ rule, doc, related: others = {}, now }) {
  const { server } = clients;
  await server.remove(server.collection(COLLECTION).where({ _id: /.*/ }));
  if (doc) await server.add(COLLECTION, doc);
  for (const [path, fields] of Object.entries(others)) {
    const [collection, id] = path.split("/");
    await server.set(collection, id, fields);
  }
  await permit(manager, COLLECTION, rule);
  if (now !== undefined) await emulator.clock(now);
}

/** `allow`, `deny`, or `allow-empty`: allowed, but the condition that is added hides what is there. */
async function outcome(one, client) {
  try {
    const met = await ask(one, client);
    // A document that is asked for by its id, and hidden, is told as one that is not there.
    if (met === 0 && one.request.op === "read" && one.request.via === "doc") return "deny";
    return met === 0 && one.effect?.matched === 0 ? "allow-empty" : "allow";
  } catch (error) {
    if ((error.code ?? error.errCode) === "DATABASE_PERMISSION_DENIED") return "deny";
    throw error;
  }
}

/** How many documents the request met. */
async function ask({ request }, client) {
  const { op, via, docId, data } = request;
  const things = client.collection(COLLECTION);
  const target = via === "doc" ? things.doc(docId) : things.where(condition(client, request.where ?? {}));
  switch (op) {
    case "read":
      return (await client.list(target)).length;
    case "aggregate":
      return (await client.rows(things.aggregate().match(condition(client, request.where)))).length;
    case "watch":
      return watched(target);
    case "create":
      await client.add(COLLECTION, data);
      return 1;
    case "update":
      return client.update(target, changes(client, data));
    case "delete":
      return client.remove(target);
  }
  throw new Error(`no operation \`${op}\``);
}

async function watched(query) {
  const watcher = watch(query);
  try {
    return (await watcher.snapshot()).docs.length;
  } catch {
    throw Object.assign(new Error("denied"), { code: "DATABASE_PERMISSION_DENIED" });
  } finally {
    watcher.close();
  }
}

async function stored() {
  const { server } = clients;
  const [{ _id, ...document }] = await server.list(server.collection(COLLECTION).where({}));
  return document;
}

/** A condition as the cases write it, in the SDK's commands. */
function condition(client, where) {
  const { command: _ } = client.db;
  const { $or, ...fields } = where;
  if ($or) return _.or($or.map((branch) => condition(client, branch)));
  return Object.fromEntries(Object.entries(fields).map(([path, wanted]) => [path, tested(client, wanted)]));
}

function tested({ db }, wanted) {
  if (wanted === null || typeof wanted !== "object") return wanted;
  const { command: _ } = db;
  const names = { $ne: "neq" };
  const commands = Object.entries(wanted).map(([name, value]) =>
    name === "$regex" ? db.RegExp({ regexp: value }) : _[names[name] ?? name.slice(1)](value),
  );
  return commands.length === 1 ? commands[0] : _.and(commands);
}

/** A change as the cases write it, in the SDK's commands. */
function changes({ db }, data) {
  const change = (value) => (value?.$inc === undefined ? value : db.command.inc(value.$inc));
  return Object.fromEntries(Object.entries(data).map(([path, value]) => [path, change(value)]));
}
