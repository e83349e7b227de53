// Whom the web SDKs sign in, a gateway knows by the SDK's own access token: end users, custom logins, guests and staff. It
// takes no development tokens here; all it has of anybody is what the environment, an emulator, publishes and answers.

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import tcb from "@cloudbase/node-sdk";
import { jsSdk2 } from "../clients/js-sdk-2.js";
import { jsSdk3 } from "../clients/js-sdk-3.js";
import { emulate, ENV } from "../harness/emulator.js";
import { launch } from "../harness/process.js";
import { query } from "../harness/server.js";

const SCHEMA = `
extend schema @role(name: "owner", includes: ["editor"]) @role(name: "editor")

type Note @collection(name: "notes", permission: PRIVATE) @grant(role: "editor", read: true) {
  id: ID!
  text: String!
}

type Role @collection(name: "roles", permission: ADMINONLY) @grant(role: "owner", read: true, write: true) {
  id: ID!
  roles: [String!]!
  status: String!
}`;

const ME = "{ me { principal roles loginType } }";

const users = ["owner", "editor", "alice", "bob"].map((name) => ({ uid: `u-${name}`, username: name, password: "p" }));

const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs1", format: "pem" },
});
const ticketKey = { private_key_id: "key-1", private_key: privateKey, env_id: ENV };

/** The ways to sign in of an SDK's `auth`. */
const by = {
  password: (username) => (auth) => auth.signIn({ username, password: "p" }),
  ticket: (uid) => async (auth) => {
    const issuer = tcb.init({ env: ENV, secretId: "id", secretKey: "key", credentials: ticketKey });
    await auth.setCustomSignFunc(async () => issuer.auth().createTicket(uid));
    await auth.signInWithCustomTicket();
  },
  nothing: () => (auth) => auth.signInAnonymously({}),
};

/** A gateway without people of its own, that knows those of the emulator; `u-owner` is an owner. */
async function gateway(emulator) {
  const directory = await mkdtemp(path.join(tmpdir(), "cloudbase-graphql-"));
  const schema = path.join(directory, "schema.graphql");
  await writeFile(schema, SCHEMA);
  const store = `sqlite:${path.join(directory, "notes.db")}`;
  const running = await launch(["serve", "--schema", schema, "--store", store, "--listen", "127.0.0.1:0"], directory, {
    GATEWAY_AUTH_ENV: ENV,
    GATEWAY_AUTH_URL: emulator.url,
    GATEWAY_AUTH_INTROSPECT_MAX_AGE: "1s",
    GATEWAY_ACCESS_OWNERS: "uid:u-owner",
  });
  return {
    ask: (document, token, variables) => query(running.url, document, { token, variables }),
    async stop() {
      await running.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

for (const [sdk, connect] of [["js-sdk 2", jsSdk2], ["js-sdk 3", jsSdk3]]) {
  describe(`access tokens of ${sdk}`, () => {
    let emulator, server, auth;
    /** Access tokens by the name of their person: the SDK knows one person at a time, tokens outlive that. */
    const tokens = {};

    /** Signs in, in place of whoever was before. */
    async function signIn(name, how) {
      await how(auth);
      const { accessToken } = await auth.getAccessToken();
      tokens[name] = accessToken;
    }

    /** The data of an answer that has no errors. */
    async function data(document, token, variables) {
      const { status, body } = await server.ask(document, token, variables);
      assert.deepEqual({ status, errors: body.errors }, { status: 200, errors: undefined });
      return body.data;
    }

    const me = async (name) => (await data(ME, tokens[name])).me;
    const write = (name) => data(`mutation { createNote(input: {text: "of ${name}"}) { id } }`, tokens[name]);
    async function texts(name) {
      const { notes } = await data("{ notes { nodes { text } } }", tokens[name]);
      return notes.nodes.map(({ text }) => text).sort();
    }

    /** The owner makes somebody an editor, whoever it is. */
    function promote(principal) {
      const document = `mutation ($id: ID!) {
        createRole(input: {id: $id, roles: ["editor"], status: "ACTIVE"}) { id }
      }`;
      return data(document, tokens.owner, { id: principal });
    }

    async function refused(token) {
      const { status, headers, body } = await server.ask(ME, token);
      assert.equal(status, 401, JSON.stringify(body));
      assert.equal(body.errors[0].extensions.code, "UNAUTHENTICATED");
      assert.equal(headers.get("www-authenticate"), 'Bearer error="invalid_token"');
    }

    before(async () => {
      emulator = await emulate({ files: { "--users": { users }, "--custom-login": ticketKey } });
      server = await gateway(emulator);
      await connect(emulator, (its) => void (auth = its));
      await signIn("owner", by.password("owner"));
      await signIn("alice", by.password("alice"));
      await signIn("bob", by.password("bob"));
      await signIn("carol", by.ticket("carol-1"));
      await signIn("guest", by.nothing());
      // Last, since it is the one who signs out.
      await signIn("editor", by.password("editor"));
      await promote("uid:u-editor");
      for (const name of ["alice", "bob", "carol", "guest"]) await write(name);
    });
    after(async () => {
      await server?.stop();
      await emulator?.stop();
    });

    test("each is who signed in, and sees their own", async () => {
      for (const [name, loginType] of Object.entries({ alice: "OTHER", bob: "OTHER", carol: "CUSTOM" })) {
        const principal = name === "carol" ? "uid:carol-1" : `uid:u-${name}`;
        assert.deepEqual(await me(name), { principal, roles: [], loginType });
        assert.deepEqual(await texts(name), [`of ${name}`]);
      }
      const { body } = await server.ask("{ notes { nodes { text } } }");
      assert.equal(body.errors[0].extensions.code, "UNAUTHENTICATED");
    });

    test("staff see what staff may", async () => {
      assert.deepEqual(await me("editor"), { principal: "uid:u-editor", roles: ["editor"], loginType: "OTHER" });
      assert.deepEqual(await texts("editor"), ["of alice", "of bob", "of carol", "of guest"]);
    });

    test("a guest is never staff, whatever is written of them", async () => {
      const { principal } = await me("guest");
      await promote(principal);
      assert.deepEqual(await me("guest"), { principal, roles: [], loginType: "ANONYMOUS" });
      assert.deepEqual(await texts("guest"), ["of guest"]);
    });

    test("a token that was changed is nobody's", async () => {
      const [header, claims, signature] = tokens.alice.split(".");
      const changed = (segment, change) => {
        const members = { ...JSON.parse(Buffer.from(segment, "base64url")), ...change };
        return Buffer.from(JSON.stringify(members)).toString("base64url");
      };
      await refused([header, changed(claims, { sub: "u-editor" }), signature].join("."));
      await refused([header, tokens.editor.split(".")[1], signature].join("."));
      await refused([changed(header, { alg: "none" }), claims, ""].join("."));
      await refused([changed(header, { kid: "another" }), claims, signature].join("."));
      await refused([header, claims, `${signature[0] === "A" ? "B" : "A"}${signature.slice(1)}`].join("."));
      await refused("dev:uid:u-editor");
      assert.equal((await me("alice")).principal, "uid:u-alice");
    });

    test("staff who sign out with the SDK are nobody a second later", async () => {
      assert.equal((await me("editor")).principal, "uid:u-editor");
      await auth.signOut();
      // As long as an answer about a login holds.
      await pause(1100);
      await refused(tokens.editor);
      assert.deepEqual((await me("owner")).roles, ["editor", "owner"]);
      await signIn("editor", by.password("editor"));
      assert.equal((await texts("editor")).length, 4);
    });
  });
}
