// Recorded exchanges of the web SDKs before they open a socket: who somebody is, and the socket's signature. The SDKs ask
// the emulator the same, and all that was answered then is in its answers.

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import tcb from "@cloudbase/node-sdk";
import { jsSdk2 } from "../clients/js-sdk-2.js";
import { jsSdk3 } from "../clients/js-sdk-3.js";
import { nodeSdk } from "../clients/node-sdk.js";
import { tolerateRejections } from "../harness/conversation.js";
import { emulate } from "../harness/emulator.js";
import { tap } from "../harness/tap.js";
import { within } from "../harness/wait.js";

const users = [{ uid: "pwd-user", username: "gateway", password: "p@ss" }];

/** The exchanges: which SDK, who it is, and what happens besides. */
const EXCHANGES = {
  "http-anonymous-signin-and-sign": { connect: jsSdk2, identity: (auth) => auth.signInAnonymously({}) },
  "http-password-signin-and-sign": {
    connect: jsSdk2,
    identity: (auth) => auth.signIn({ username: "gateway", password: "p@ss" }),
  },
  "http-custom-ticket-sign-and-refresh": { connect: jsSdk2, identity: withTicket, later: outlive },
  "http-sign-denied": {
    connect: jsSdk2,
    identity: { accessKey: "local-key" },
    fault: { code: "PERMISSION_DENIED", action: "auth.wsWebSign" },
  },
  "http-sign-v3-accesskey": { connect: jsSdk3, identity: { accessKey: "local-key" } },
  "http-sign-v3-secretkey-admin": { connect: jsSdk3, identity: { secretId: "AKIDexample", secretKey: "key" } },
};

describe("exchanges before a socket", () => {
  let emulator;
  before(async () => {
    tolerateRejections();
    emulator = await emulate({ files: { "--users": { users } } });
    await nodeSdk(emulator).createCollection("todos");
  });
  after(() => emulator?.stop());

  for (const [name, { connect, identity, fault, later }] of Object.entries(EXCHANGES)) {
    test(name, async (t) => {
      const recorded = read(name);
      const line = await tap(emulator);
      t.after(() => line.close());
      t.after(() => emulator.mend());
      if (fault) await emulator.fault(fault);
      // The SDK has one identity for each environment.
      const client = await connect(line, typeof identity === "function" ? (auth) => identity(auth, name) : identity, name);
      const begun = new Promise((onChange) => {
        const watcher = client.collection("todos").where({}).watch({ onChange, onError() {} });
        t.after(() => watcher.close());
      });
      await later?.(t, emulator, begun);
      const exchanges = await line.first(recorded.length);
      for (const [at, { asked, told }] of exchanges.entries()) {
        const before = recorded[at];
        assert.deepEqual(request(asked, name), request(before.asked, "emu-env"));
        assert.deepEqual(Object.keys(before.asked.headers).filter((header) => !(header in asked.headers)), []);
        assert.equal(told.status, before.told.status);
        assert.deepEqual(shared(before.told.body, told.body), answer(before.told.body, name));
      }
    });
  }
});

function read(name) {
  const file = new URL(`../fixtures/realtime/${name}.jsonl`, import.meta.url);
  const said = readFileSync(file, "utf8").trim().split("\n").map((line) => JSON.parse(line).msg.http);
  return said.flatMap((asked, at) => (at % 2 === 0 ? [{ asked, told: said[at + 1] }] : []));
}

/** What was made up for one time only. */
const MADE_UP = new Set(["access_token", "refresh_token", "ticket", "seqId"]);

/** A request without what is another each time. */
function request({ method, path, body }, env) {
  const fields = Object.entries(body).map(([name, value]) => [name, MADE_UP.has(name) ? typeof value : value]);
  return JSON.parse(JSON.stringify({ method, path, body: Object.fromEntries(fields) }).replaceAll(env, "E"));
}

/** Parts of an answer that clients look at as they are. */
const EXACT = new Set(["token_type", "code", "envId"]);

/** What of an answer must be as it was. */
function answer(body, env) {
  return shape(body, (name, value) => (EXACT.has(name) ? String(value).replace("emu-env", env) : typeof value));
}

/** The same of our answer, as far as there was such a part. */
function shared(then, now) {
  const parts = Object.keys(then).filter((name) => name in now);
  return Object.fromEntries(
    parts.map((name) => {
      const isObject = typeof then[name] === "object" && !Array.isArray(then[name]);
      if (isObject) return [name, shared(then[name], now[name])];
      return [name, EXACT.has(name) ? now[name] : typeof now[name]];
    }),
  );
}

function shape(body, of) {
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => {
      const isObject = typeof value === "object" && !Array.isArray(value);
      return [name, isObject ? shape(value, of) : of(name, value)];
    }),
  );
}

/** Signs in with a ticket of a server. */
async function withTicket(auth, env) {
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });
  const credentials = { private_key_id: "key-id-1", private_key: privateKey, env_id: env };
  const issuer = tcb.init({ env, secretId: "id", secretKey: "key", credentials });
  await auth.setCustomSignFunc(async () => issuer.auth().createTicket("custom-user"));
  await auth.signInWithCustomTicket();
}

/** The socket breaks when the client's token is over. */
async function outlive(t, emulator, begun) {
  await within(begun, "the watch");
  t.mock.timers.enable({ apis: ["Date"], now: Date.now() + 3 * 3_600_000 });
  await emulator.sockets({ drop: true });
}
