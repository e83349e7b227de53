// Recorded conversations of the web SDK over its socket, held again with the emulator: what was pushed then is
// written now, and the SDK tells its app the same.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { jsSdk2 } from "../clients/js-sdk-2.js";
import { jsSdk3 } from "../clients/js-sdk-3.js";
import { nodeSdk } from "../clients/node-sdk.js";
import { emulate } from "../harness/emulator.js";
import { eventually } from "../harness/wait.js";

const anonymous = (auth) => auth.signInAnonymously({});

/** Of collections that are there from the beginning. */
const PERMISSIONS = { "error-init-permission": { AclTag: "ADMINONLY" } };

/**
 * The conversations. `before`: a fault before the watch begins; `begun`: what goes wrong once it has, after so many
 * `events`; `singly`: each write waits until the one before was told; `also`: one more write.
 */
const CONVERSATIONS = {
  init: {},
  "init-empty": {},
  "init-doc": {},
  "init-ordered-limited": {},
  "add-enter": {},
  "update-inside": {},
  "replace-inside": {},
  "update-leave": {},
  "update-enter": {},
  delete: {},
  "limit-overflow-and-backfill": {},
  multiplex: {},
  "duplicate-dropped": { begun: (emulator) => emulator.fault({ socket: "duplicate_push", times: 1 }) },
  "gap-rebuild": { begun: (emulator) => emulator.fault({ socket: "swallow_push", times: 1 }) },
  "reconnect-rebuild": { events: 1, begun: (emulator) => emulator.sockets({ drop: true }) },
  "reconnect-two-watches": { begun: (emulator) => emulator.sockets({ drop: true }) },
  "rebuild-answered-with-init-events": {
    events: 1,
    singly: true,
    async begun(emulator) {
      await emulator.fault({ socket: "trim_history", times: 1 });
      // It comes back when the write is done.
      await emulator.fault({ latency_ms: 1000, path: "/web", times: 1 });
      await emulator.sockets({ drop: true });
    },
  },
  "close-1000-by-server": { begun: (emulator) => emulator.sockets({ close: 1000 }) },
  "close-1011-reconnects": { begun: (emulator) => emulator.sockets({ close: 1011 }) },
  "error-close-3050": { begun: (emulator) => emulator.sockets({ close: 3050 }) },
  "error-init-permission": { identity: anonymous, rejects: true },
  "error-login-sign-expired-retry": { before: { socket: "expired_sign", times: 1 } },
  "error-sign-expired-in-init-retry": { before: { socket: "expired_sign", on: "watch", times: 1 } },
  "error-login-expired-push-active": {
    begun: (emulator) => emulator.fault({ socket: "expired_sign", on: "push", times: 1 }),
    also: { _id: "t9", team: "red" },
  },
};

for (const [name, connect] of Object.entries({ "js-sdk 2": jsSdk2, "js-sdk 3": jsSdk3 })) {
  describe(`conversations of ${name}`, () => {
    let emulator;
    before(async () => {
      emulator = await emulate({ files: { "--permissions": PERMISSIONS } });
    });
    after(() => emulator.stop());
    for (const [conversation, trouble] of Object.entries(CONVERSATIONS)) {
      test(conversation, (t) => hold(t, emulator, connect, conversation, trouble));
    }
  });
}

async function hold(t, emulator, connect, name, trouble) {
  const { lists, documents, events, expected } = recorded(name);
  const writer = nodeSdk(emulator);
  const collection = name;
  if (!(name in PERMISSIONS)) await writer.createCollection(collection);
  if (documents.length > 0) await writer.addAll(collection, documents);
  // The SDK has one socket for each environment.
  const client = await connect(emulator, trouble.identity, name);
  if (trouble.before) await emulator.fault(trouble.before);
  t.after(() => emulator.mend());
  if (trouble.rejects) tolerateRejections(t);

  const told = lists.map(() => []);
  const watchers = lists.map((list, at) => watch(client, collection, list, (it) => told[at].push(it)));
  t.after(() => watchers.forEach((watcher) => watcher.close()));
  const hasTold = (count) =>
    eventually(() => told.forEach((it, at) => assert.ok(it.length >= Math.min(count, expected[at].length))));
  const { events: untroubled = 0 } = trouble;
  await hasTold(1);
  for (const event of events.slice(0, untroubled)) await write(writer, collection, event);
  await hasTold(1 + untroubled);
  await trouble.begun?.(emulator);
  for (const [at, event] of events.entries()) {
    if (at < untroubled) continue;
    await write(writer, collection, event);
    if (trouble.singly) await hasTold(at + 2);
  }
  if (trouble.also) await writer.addAll(collection, [trouble.also]);
  await eventually(() => assert.deepEqual(told, expected));
}

/** What was watched, what was there, what was pushed, and what the SDK told of it. */
function recorded(name) {
  const read = (ending) => readFileSync(new URL(`../fixtures/realtime/${name}.${ending}`, import.meta.url), "utf8");
  const messages = read("jsonl").trim().split("\n").map((line) => JSON.parse(line).msg);
  const of = (type) => messages.filter(({ msgType }) => msgType === type);
  const lists = [...new Map(of("INIT_WATCH").map(({ watchId, msgData }) => [watchId, msgData])).values()];
  const listed = of("INIT_EVENT").flatMap(({ msgData }) => msgData.events.map(({ Doc }) => JSON.parse(Doc)));
  const pushed = of("NEXT_EVENT").flatMap(({ msgData }) => msgData.events);
  const known = new Map(listed.map((document) => [document._id, document]));
  const entering = pushed.filter(({ DataType, QueueType }) => `${DataType}/${QueueType}` === "update/enqueue");
  for (const { DocID, Doc, UpdatedFields } of entering) {
    const document = JSON.parse(Doc);
    for (const field of Object.keys(JSON.parse(UpdatedFields))) document[field] = "another";
    if (!known.has(DocID)) known.set(DocID, document);
  }
  const { watches, callbacks } = JSON.parse(read("expect.json"));
  const expected = Object.keys(watches).map((label) =>
    callbacks.filter(({ watch }) => watch === label).map(({ snapshot, error }) => simplified(snapshot, error)),
  );
  return { lists, documents: [...known.values()], events: writes(pushed, known), expected };
}

/** The writes that pushes tell of, each once. */
function writes(pushed, known) {
  const seen = new Set();
  const inOrder = [...pushed].sort((a, b) => a.ID - b.ID);
  return inOrder.filter((event) => {
    const { DataType, DocID, Doc, UpdatedFields } = event;
    if (DataType === "limit" || (DataType === "init" && known.has(DocID))) return false;
    const key = JSON.stringify([DocID, UpdatedFields, DataType === "update" ? "" : Doc, DataType]);
    return !seen.has(key) && seen.add(key);
  });
}

function write(writer, collection, { DataType, DocID, Doc, UpdatedFields, removedFields }) {
  const { _id, ...fields } = Doc ? JSON.parse(Doc) : {};
  switch (DataType) {
    case "add":
    case "init":
      return writer.addAll(collection, [{ _id, ...fields }]);
    case "replace":
      return writer.set(collection, DocID, fields);
    case "remove":
      return writer.remove(writer.collection(collection).doc(DocID));
    default: {
      const removed = removedFields ? JSON.parse(removedFields) : [];
      const changes = JSON.parse(UpdatedFields || "{}");
      for (const path of removed) changes[path] = writer.db.command.remove();
      return writer.update(writer.collection(collection).doc(DocID), changes);
    }
  }
}

function watch(client, collection, { query, orderBy = {}, limit }, tell) {
  const condition = JSON.parse(query);
  let list = client.collection(collection);
  if (Object.keys(condition).join() === "_id") list = list.doc(condition._id);
  else {
    list = list.where(condition);
    for (const [field, direction] of Object.entries(orderBy)) list = list.orderBy(field, direction);
    if (limit !== undefined) list = list.limit(limit);
  }
  return list.watch({
    onChange: (snapshot) => tell(simplified(snapshot)),
    onError: (error) => tell(simplified(undefined, error)),
  });
}

/** What a callback was told, without what is each server's own: the order of a list that asks for none, and words. */
function simplified(snapshot, error) {
  if (error) return { error: error.errCode ?? "as the server put it" };
  const { id, docs, docChanges, msgType, type } = snapshot;
  const changes = docChanges.map(({ dataType, queueType, docId, doc, updatedFields, removedFields }) => ({
    dataType,
    queueType,
    docId,
    doc,
    updatedFields: updatedFields && Object.keys(updatedFields).length > 0 ? updatedFields : undefined,
    removedFields: removedFields?.length > 0 ? removedFields : undefined,
  }));
  const by = (key) => (a, b) => String(a[key]).localeCompare(String(b[key]));
  const plain = { id, docs: [...docs].sort(by("_id")), changes: changes.sort(by("docId")), msgType, type };
  return JSON.parse(JSON.stringify(plain));
}

/** The SDK rejects a promise that nobody has, which the test runner would take for a failure. */
function tolerateRejections(t) {
  const listeners = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  const ignore = () => {};
  process.on("unhandledRejection", ignore);
  t.after(() => {
    process.off("unhandledRejection", ignore);
    for (const listener of listeners) process.on("unhandledRejection", listener);
  });
}
