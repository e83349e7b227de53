// Who is who: credentials of every official client, and what they are good for.

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { after, before, describe, test } from "node:test";
import tcb from "@cloudbase/node-sdk";
import { jsSdk2, NOBODY } from "../clients/js-sdk-2.js";
import { jsSdk3 } from "../clients/js-sdk-3.js";
import { managerNode, permit } from "../clients/manager-node.js";
import { nodeSdk } from "../clients/node-sdk.js";
import { tcbAdminNode } from "../clients/tcb-admin-node.js";
import { emulate, ENV } from "../harness/emulator.js";

const SECRET = { secretId: "AKIDEXAMPLE", secretKey: "example-secret-key" };
const WRONG = { ...SECRET, secretKey: "another-secret-key" };

const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs1", format: "pem" },
});
const ticketKey = { private_key_id: "key-1", private_key: privateKey, env_id: ENV };

const users = [
  { uid: "u-alice", username: "alice", password: "alice-pw" },
  { openid: "o-bob", username: "bob", password: "bob-pw", loginType: "WECHAT_PUBLIC" },
];

describe("with a secret, an API key and a publishable key", () => {
  let emulator;
  before(async () => {
    const secret = `${SECRET.secretId}:${SECRET.secretKey}`;
    const args = ["--secret", secret, "--api-key", "server-key", "--publishable-key", "public-key"];
    emulator = await emulate({ args });
    const admin = nodeSdk(emulator, SECRET);
    await admin.createCollection("notes");
    await admin.add("notes", { _id: "a" });
  });
  after(() => emulator?.stop());

  const notes = (client) => client.list(client.collection("notes").where({ _id: "a" }));

  test("signatures are checked: node-sdk", async () => {
    assert.equal((await notes(nodeSdk(emulator, SECRET))).length, 1);
    const wrong = nodeSdk(emulator, WRONG);
    await wrong.refused(notes(wrong), "SIGN_PARAM_INVALID");
  });

  for (const signMethod of ["v2", "v3"]) {
    test(`signatures are checked: tcb-admin-node, ${signMethod}`, async () => {
      assert.equal((await notes(tcbAdminNode(emulator, { ...SECRET, signMethod }))).length, 1);
      const wrong = tcbAdminNode(emulator, { ...WRONG, signMethod });
      await wrong.refused(notes(wrong), "SIGN_PARAM_INVALID");
    });
  }

  test("signatures are checked: manager-node", async () => {
    const app = (config) => managerNode(emulator, config);
    assert.equal((await app(SECRET).database.checkCollectionExists("notes")).Exists, true);
    await assert.rejects(app(WRONG).database.listCollections(), ({ code }) => code === "AuthFailure.SignatureFailure");
  });

  test("API keys are checked", async () => {
    assert.equal((await notes(nodeSdk(emulator, { accessKey: "server-key" }))).length, 1);
    assert.equal((await notes(await jsSdk3(emulator, { accessKey: "server-key" }, "with-key"))).length, 1);
    const wrong = nodeSdk(emulator, { accessKey: "no-key" });
    await assert.rejects(notes(wrong));
  });

  test("the publishable key is somebody without documents", async () => {
    const manager = managerNode(emulator, SECRET);
    const anybody = await jsSdk2(emulator, { accessKey: "public-key" }, "with-public-key");
    await permit(manager, "notes", { aclTag: "READONLY" });
    assert.equal((await notes(anybody)).length, 1);
    await permit(manager, "notes", { aclTag: "ADMINONLY" });
    await anybody.refused(notes(anybody), "DATABASE_PERMISSION_DENIED");
  });
});

describe("people", () => {
  let emulator;
  let admin;
  before(async () => {
    emulator = await emulate({ files: { "--users": { users }, "--custom-login": ticketKey } });
    admin = nodeSdk(emulator);
    await admin.createCollection("diaries");
  });
  after(() => emulator?.stop());

  const signIns = {
    anonymously: (auth) => auth.signInAnonymously({}),
    "by password": (auth) => auth.signIn({ username: "alice", password: "alice-pw" }),
    "as a WeChat user": (auth) => auth.signIn({ username: "bob", password: "bob-pw" }),
    "by a ticket": async (auth) => {
      const issuer = tcb.init({ env: ENV, ...SECRET, credentials: ticketKey });
      await auth.setCustomSignFunc(async () => issuer.auth().createTicket("carol-1"));
      await auth.signInWithCustomTicket();
    },
  };
  const owners = { "by password": "u-alice", "as a WeChat user": "o-bob" };

  for (const [sdk, make] of [
    ["js-sdk 2", jsSdk2],
    ["js-sdk 3", jsSdk3],
  ]) {
    for (const [how, signIn] of Object.entries(signIns)) {
      test(`${sdk} signs in ${how}, and has documents of its own`, async () => {
        const env = how === "by a ticket" ? ENV : `${sdk} ${how}`.replace(/\W+/g, "-");
        const client = await make(emulator, signIn, env);
        const id = await client.add("diaries", { text: how });
        const [own] = await client.list(client.collection("diaries").where({ text: how }));
        assert.equal(own._id, id);
        assert.equal(typeof own._openid, "string");
        if (owners[how]) assert.equal(own._openid, owners[how]);
        await admin.add("diaries", { _id: `${sdk} ${how}`, text: how, _openid: "somebody else" });
        assert.equal(await client.count(client.collection("diaries").where({ text: how })), 1);
        assert.equal(await client.update(client.collection("diaries").where({ text: how }), { n: 1 }), 1);
        await admin.remove(admin.collection("diaries").where({ text: how }));
      });
    }

    test(`${sdk} is told that a password is wrong`, async () => {
      const wrong = make(
        emulator,
        (auth) => auth.signIn({ username: "alice", password: "no" }),
        `${sdk}-wrong`.replace(/\W+/g, "-"),
      );
      await assert.rejects(wrong);
    });
  }

  test("who does not sign in may do nothing", async () => {
    const nobody = await jsSdk2(emulator, NOBODY, "nobody");
    await nobody.refused(nobody.list(nobody.collection("diaries").where({ a: 1 })), "DATABASE_PERMISSION_DENIED");
    await nobody.refused(nobody.add("diaries", { a: 1 }), "DATABASE_PERMISSION_DENIED");
  });
});
