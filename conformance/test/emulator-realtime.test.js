// Recorded conversations of the web SDKs over their socket, held again with the emulator; those that take no time.

import { after, afterEach, before, describe, test } from "node:test";
import { jsSdk2 } from "../clients/js-sdk-2.js";
import { jsSdk3 } from "../clients/js-sdk-3.js";
import { hold, tolerateRejections } from "../harness/conversation.js";
import { emulate } from "../harness/emulator.js";

const anonymous = (auth) => auth.signInAnonymously({});

const drop = ({ emulator }) => emulator.sockets({ drop: true });

/** The socket breaks, and the client is back when the writes are done. */
async function loseForAWhile({ emulator }) {
  await emulator.fault({ latency_ms: 1000, path: "/web", times: 1 });
  await emulator.sockets({ drop: true });
}

/** The conversations, and what goes wrong in them. */
const CONVERSATIONS = {
  init: {},
  "init-empty": {},
  "init-doc": {},
  "init-ordered-limited": {},
  "init-then-push-back-to-back": {},
  "add-enter": {},
  "update-inside": {},
  "replace-inside": {},
  "update-leave": {},
  "update-enter": {},
  delete: {},
  "limit-overflow-and-backfill": {},
  multiplex: {},
  "query-encoding": { watches: ofAllKinds },
  "dates-and-nested-types": { otherwise: asTheDatabase },
  "numeric-id": { otherwise: withDocument },
  close: {
    async begun({ watchers, writer, collection }) {
      watchers[0].close();
      await writer.update(writer.collection(collection).doc("t1"), { n: 11 });
    },
  },
  "close-before-active": {
    before: { socket: "swallow_answer", times: 1 },
    async begun(it) {
      await it.struck();
      it.watchers[0].close();
      await it.watchBeside();
    },
  },
  "batch-many-ids-one-message": { begun: loseForAWhile },
  "duplicate-dropped": { begun: ({ emulator }) => emulator.fault({ socket: "duplicate_push", times: 1 }) },
  "gap-rebuild": { begun: ({ emulator }) => emulator.fault({ socket: "swallow_push", times: 1 }) },
  "reconnect-rebuild": { events: 1, begun: drop },
  "reconnect-two-watches": { begun: drop },
  "rebuild-answered-with-init-events": {
    events: 1,
    singly: true,
    before: { socket: "trim_history", times: 1 },
    begun: loseForAWhile,
  },
  "rebuild-queryid-invalid": { before: { code: "QUERYID_INVALID_ERROR", on: "rebuild", times: 1 }, begun: drop },
  "close-1000-by-server": { begun: ({ emulator }) => emulator.sockets({ close: 1000 }) },
  "close-1011-reconnects": { begun: ({ emulator }) => emulator.sockets({ close: 1011 }) },
  "error-close-3050": { begun: ({ emulator }) => emulator.sockets({ close: 3050 }) },
  "error-init-permission": { identity: anonymous, exists: true },
  "error-init-unknown-code": { before: { code: "LISTEN_DOCS_EXCEED_LIMIT", on: "watch", times: 1 } },
  "error-login-res-code": { before: { code: "INVALIID_ENV", on: "login" } },
  "error-login-sign-expired-retry": { before: { socket: "expired_sign", times: 1 } },
  "error-sign-expired-in-init-retry": { before: { socket: "expired_sign", on: "watch", times: 1 } },
  "error-login-expired-push-active": {
    before: { socket: "expired_sign", on: "push", times: 1 },
    also: { _id: "t9", team: "red" },
  },
  "error-server-push-active": {
    before: { code: "SYS_ERR", on: "push", times: 1 },
    async begun({ writer, collection }) {
      await writer.update(writer.collection(collection).doc("t1"), { n: 0 });
    },
  },
};

/** Of collections that are there from the beginning. */
const PERMISSIONS = { "error-init-permission": { AclTag: "ADMINONLY" } };

for (const [name, connect] of Object.entries({ "js-sdk 2": jsSdk2, "js-sdk 3": jsSdk3 })) {
  describe(`conversations of ${name}`, () => {
    let emulator;
    before(async () => {
      tolerateRejections();
      emulator = await emulate({ files: { "--permissions": PERMISSIONS } });
    });
    afterEach(() => emulator.mend());
    after(() => emulator?.stop());
    for (const [conversation, trouble] of Object.entries(CONVERSATIONS)) {
      test(conversation, () => hold(emulator, connect, conversation, trouble));
    }
  });
}

/** Conditions of every kind, in the order of the recording. */
function ofAllKinds(todos, { command: _, RegExp, Geo }) {
  const place = new Geo.Point(113.3, 23.1);
  return [
    todos,
    todos.where({}),
    todos.where({ a: 1, b: { c: "x" } }),
    todos.where({ b: { c: "x", d: { e: 1 } } }),
    todos.where({ n: _.gt(1).and(_.lte(5)), s: _.in(["p", "q"]), t: _.neq(null), e: _.exists(true) }),
    todos.where(_.or([{ a: 1 }, { b: _.gte(2) }])),
    todos.where({ a: _.not(_.eq(3)) }),
    todos.where({ at: _.gt(new Date(1_700_000_000_000)) }),
    todos.where({ s: /^ab/i }),
    todos.where({ s: RegExp({ regexp: "^ab", options: "i" }) }),
    todos.where({ tags: _.elemMatch(_.eq("a")), l: _.size(2), all: _.all(["a", "b"]) }),
    todos.where({ loc: _.geoNear({ geometry: place, maxDistance: 1000 }) }),
    todos.where({ a: 1 }).orderBy("n", "desc").orderBy("m", "asc").limit(10),
    todos.where({ a: 1 }).skip(5).field({ a: true }).limit(3),
    todos.doc("id-1"),
    todos.where({ _openid: "{openid}" }),
    todos.where({ n: _.gt(5).or(_.lt(1)) }),
  ];
}

/**
 * A number in a path makes no array, as in the database; the SDK, which was told no document, made one. An element that is
 * removed leaves null, and is told so.
 */
function asTheDatabase([watch]) {
  const [, ...later] = watch;
  for (const { docs, changes } of later) for (const document of [docs[0], changes[0].doc]) document.x.y = { 0: { z: 1 } };
  const { updatedFields } = watch[1].changes[0];
  delete updatedFields["x.y.0.z"];
  updatedFields["x.y"] = { 0: { z: 1 } };
  const [last] = watch[2].changes;
  last.updatedFields["l.0"] = null;
  delete last.removedFields;
  return [watch];
}

/** Every update is told with its document; the SDK finds none by an id that is no text. */
function withDocument([watch]) {
  watch[1].changes[0].doc = { _id: 7, team: "red", n: 2 };
  return [watch];
}
