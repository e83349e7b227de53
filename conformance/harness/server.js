// Starts the built binary with the demo shop in a store of its own, and stops it again.
//
//   import { start, tokens } from "./harness/server.js";
//   const server = await start();            // listens on a free loopback port
//   await server.query("{ me { roles } }", { token: tokens.admin });
//   await server.stop();                     // SIGTERM, waits for the end, removes the store

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { launch, root } from "./process.js";

/** Over which protocol the shop is in the cloud, which is an emulator: `rest`, `admin`; or undefined, in a file. */
export const cloud = process.env.CONFORMANCE_STORE || undefined;

/** Development tokens of the demo's people; `none` is not signed in. */
export const tokens = {
  owner: "dev:openid:demo-owner",
  admin: "dev:openid:demo-admin",
  operator: "dev:openid:demo-operator",
  support: "dev:openid:demo-support",
  alice: "dev:openid:demo-alice",
  bob: "dev:openid:demo-bob",
  none: undefined,
};

/** A development token that is good for so many seconds. */
export const expiring = (token, seconds) =>
  `${token};expires=${Math.ceil(Date.now() / 1000) + seconds}`;

/**
 * Starts a server with the demo shop.
 *
 * `orders`: how many orders the shop has (2,000 if left out); `args`: further arguments of `serve`; `settings`: such as
 * `{ GATEWAY_SERVER_MAX_BODY: "1KiB" }`.
 */
export async function start({
  orders,
  schema = path.join(root, "schema.graphql"),
  args = [],
  settings = {},
} = {}) {
  const directory = await mkdtemp(path.join(tmpdir(), "cloudbase-graphql-"));
  const store = await stored(`sqlite:${path.join(directory, "shop.db")}`, directory);
  const command = [
    "serve",
    "--demo",
    ...["--schema", schema],
    ...["--store", store.name],
    ...(orders === undefined ? [] : ["--demo-orders", String(orders)]),
    ...args,
  ];
  const run = (listen) =>
    launch([...command, "--listen", listen], directory, { ...store.settings, ...settings });
  const remove = async () => {
    await store.stop();
    await rm(directory, { recursive: true, force: true });
  };
  let running = await run("127.0.0.1:0").catch(async (error) => {
    await remove();
    throw error;
  });
  const { url } = running;
  return {
    url,
    directory,
    get pid() {
      return running.pid;
    },
    log: () => running.log(),
    query: (document, options) => query(url, document, options),
    metrics: () => metrics(url),
    /** Stops it, and starts it again with the same store at the same address. */
    async restart() {
      const ended = await running.stop();
      running = await run(new URL(url).host);
      return ended;
    },
    async stop() {
      const ended = await running.stop();
      await remove();
      return ended;
    },
  };
}

/** Where a server has its documents: in a file, or in an emulator over that file. */
async function stored(file, directory) {
  if (!cloud) return { name: file, settings: {}, stop: async () => {} };
  const emulator = await launch(["emulate", "--listen", "127.0.0.1:0", "--store", file], directory);
  return {
    name: "cloudbase",
    settings: {
      CLOUDBASE_ENV_ID: "conformance",
      CLOUDBASE_APIKEY: "any",
      GATEWAY_CLOUDBASE_URL: new URL(emulator.url).origin,
      GATEWAY_CLOUDBASE_PROTOCOL: cloud,
      // A plan of the cloud bears less than these tests ask.
      GATEWAY_CLOUDBASE_PER_SECOND: "100000",
    },
    stop: () => emulator.stop(),
  };
}

/**
 * Sends one operation by POST; resolves to `{ status, headers, body }`, the body parsed.
 */
export async function query(url, document, { variables, operationName, token, headers = {} } = {}) {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/graphql-response+json, application/json;q=0.9",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: JSON.stringify({ query: document, variables, operationName }),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

/** The numbers of `/metrics`, by their names without the prefix: `{ live_subscribers: 0, … }`. */
async function metrics(url) {
  const response = await fetch(new URL("/metrics", url));
  const text = await response.text();
  const samples = text.matchAll(/^cloudbase_graphql_(\w+) (\d+)$/gm);
  return Object.fromEntries([...samples].map(([, name, value]) => [name, Number(value)]));
}
