// A recorded conversation of a web SDK over its socket, held again with the emulator: what was pushed then is written now,
// and the SDK tells its app the same.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { nodeSdk } from "../clients/node-sdk.js";
import { eventually } from "./wait.js";

/** The longest that an SDK takes is a minute, until it gives up. */
const PATIENCE = { within: 120_000, every: 100 };

/**
 * Holds the conversation of this name. `connect`: makes the SDK. `trouble`:
 *
 * - `identity`: who watches; `watches`: what is watched, if that cannot be read from the recording
 * - `exists`: the collection is there from the beginning
 * - `before`: faults that are set before the watches begin; `late`: so many of these begin when `begun` says so
 * - `begun`: what goes wrong once they have begun, after so many `events`; it is given the `Conversation`
 * - `singly`: each write waits until the one before was told
 * - `also`: one more document is inserted at the end
 * - `otherwise`: changes what is expected, where the emulator sends other records to the same end
 */
export async function hold(emulator, connect, name, trouble) {
  const { documents, events, ...recorded } = read(name);
  const expected = trouble.otherwise ? trouble.otherwise(recorded.expected) : recorded.expected;
  const writer = nodeSdk(emulator);
  if (!trouble.exists) await writer.createCollection(name);
  if (documents.length > 0) await writer.addAll(name, documents);
  // The SDK has one socket for each environment.
  const client = await connect(emulator, trouble.identity, name);
  for (const fault of [trouble.before ?? []].flat()) await emulator.fault(fault);

  const lists =
    trouble.watches?.(client.collection(name), client.db) ?? recorded.lists.map((list) => query(client, name, list));
  const it = new Conversation({ emulator, writer, collection: name }, lists, expected);
  try {
    await it.hold(trouble, events);
  } finally {
    it.close();
  }
}

/** A conversation while it is held. */
class Conversation {
  watchers = [];
  /** What each watch told. */
  told;
  #lists;
  #expected;

  constructor(parties, lists, expected) {
    Object.assign(this, parties);
    this.#lists = lists;
    this.#expected = expected;
    this.told = expected.map(() => []);
  }

  async hold({ late = 0, events: untroubled = 0, begun, singly, also }, events) {
    const { writer, collection } = this;
    for (const _ of this.#lists.slice(late)) this.watch();
    await this.#haveTold(1);
    for (const event of events.slice(0, untroubled)) await write(writer, collection, event);
    await this.#haveTold(1 + untroubled);
    await begun?.(this);
    for (const [at, event] of events.entries()) {
      if (at < untroubled) continue;
      await write(writer, collection, event);
      if (singly) await this.#haveTold(at + 2);
    }
    if (also) await writer.addAll(collection, [also]);
    await eventually(() => assert.deepEqual(this.told, this.#expected), PATIENCE);
    await this.struck();
  }

  /** Waits until each watch that has begun has told so much, or all that it will. */
  #haveTold(count) {
    return this.have(...this.watchers.map((_, at) => Math.min(count, this.#expected[at].length)));
  }

  /** Begins the next of the watches. */
  watch() {
    const at = this.watchers.length;
    this.watchers.push(follow(this.#lists[at], (message) => this.told[at].push(message)));
  }

  /** Begins one that was not recorded, and waits until it is told of its list. */
  async watchBeside() {
    const told = [];
    this.watchers.push(follow(this.#lists[0], (message) => told.push(message)));
    await eventually(() => assert.ok(told.length > 0), PATIENCE);
  }

  /** Waits until the watches have told so much, each. */
  have(...counts) {
    return eventually(() => {
      for (const [at, count] of counts.entries()) assert.ok(this.told[at].length >= count, JSON.stringify(this.told[at]));
    }, PATIENCE);
  }

  /** Waits until each fault that strikes a number of times has done so. */
  struck() {
    return eventually(async () => {
      for (const { fault, struck } of await this.emulator.faults()) assert.equal(struck, fault.times ?? struck);
    }, PATIENCE);
  }

  /** Waits until sockets have met such an event so often from now on. */
  async meets(on, times = 1) {
    // One that strikes nothing counts.
    const id = await this.emulator.fault({ socket: "drop", on, times: 0 });
    await eventually(async () => {
      const fault = (await this.emulator.faults()).find((fault) => fault.id === id);
      assert.ok(fault.seen >= times, `${on}: ${fault.seen} of ${times}`);
    }, PATIENCE);
  }

  close() {
    for (const watcher of this.watchers) watcher.close();
  }
}

function follow(list, tell) {
  return list.watch({
    onChange: (snapshot) => tell(simplified(snapshot)),
    onError: (error) => tell(simplified(undefined, error)),
  });
}

/** What was watched, what was there, what was pushed, and what the SDK told of it. */
function read(name) {
  const file = (ending) => readFileSync(new URL(`../fixtures/realtime/${name}.${ending}`, import.meta.url), "utf8");
  const messages = file("jsonl").trim().split("\n").map((line) => JSON.parse(line).msg);
  const of = (type) => messages.filter(({ msgType }) => msgType === type);
  const lists = [...new Map(of("INIT_WATCH").map(({ watchId, msgData }) => [watchId, msgData])).values()];
  // Some did not come so far as to ask.
  if (lists.length === 0) lists.push({ query: "{}" });
  const listed = of("INIT_EVENT").flatMap(({ msgData }) => msgData.events.map(({ Doc }) => JSON.parse(Doc)));
  const pushed = of("NEXT_EVENT").flatMap(({ msgData }) => msgData.events);
  const known = new Map(listed.map((document) => [String(document._id), document]));
  const entering = pushed.filter(({ DataType, QueueType }) => `${DataType}/${QueueType}` === "update/enqueue");
  for (const { DocID, Doc, UpdatedFields } of entering) {
    const document = JSON.parse(Doc);
    for (const field of Object.keys(JSON.parse(UpdatedFields))) document[field] = "another";
    if (!known.has(DocID)) known.set(DocID, document);
  }
  const { watches, callbacks } = JSON.parse(file("expect.json"));
  const labels = Object.keys(watches).length > 0 ? Object.keys(watches) : ["w1"];
  const expected = labels.map((label) =>
    callbacks.filter(({ watch }) => watch === label).map(({ snapshot, error }) => simplified(snapshot, error)),
  );
  return { lists, documents: [...known.values()].map(stored), events: writes(pushed, known), expected };
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
  }).map((event) => ({ ...event, DocID: known.get(event.DocID)?._id ?? event.DocID }));
}

function write(writer, collection, { DataType, DocID, Doc, UpdatedFields, removedFields }) {
  const { _id, ...fields } = Doc ? stored(JSON.parse(Doc)) : {};
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
      const changes = stored(JSON.parse(UpdatedFields || "{}"));
      for (const path of removed) changes[path] = writer.db.command.remove();
      return writer.update(writer.collection(collection).doc(DocID), changes);
    }
  }
}

/** Fields as they are written, of fields as they are told. */
function stored(fields) {
  const value = (told) => (told?.$date === undefined ? told : new Date(told.$date));
  return Object.fromEntries(Object.entries(fields).map(([name, told]) => [name, value(told)]));
}

function query(client, collection, { query, orderBy = {}, limit }) {
  const condition = JSON.parse(query);
  let list = client.collection(collection);
  if (Object.keys(condition).join() === "_id") return list.doc(condition._id);
  list = list.where(condition);
  for (const [field, direction] of Object.entries(orderBy)) list = list.orderBy(field, direction);
  return limit === undefined ? list : list.limit(limit);
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

/**
 * When a watch fails, the SDK also rejects a promise that nobody has, which the test runner would take for a failure. To be
 * called for a whole file.
 */
export function tolerateRejections() {
  process.removeAllListeners("unhandledRejection").on("unhandledRejection", () => {});
}
