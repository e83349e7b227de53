// Starts the built binary with the demo shop in a store of its own, and stops it again.
//
//   import { start, tokens } from "./harness/server.js";
//   const server = await start();            // listens on a free loopback port
//   await server.query("{ me { roles } }", { token: tokens.admin });
//   await server.stop();                     // SIGTERM, waits for the end, removes the store

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The binary under test; `make conformance` builds it. */
export const binary =
  process.env.GATEWAY_BINARY ?? path.join(root, "target/debug/cloudbase-graphql");

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

const STARTED_WITHIN_MS = 60_000;
const STOPPED_WITHIN_MS = 20_000;

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
  const command = [
    "serve",
    "--demo",
    ...["--schema", schema],
    ...["--store", `sqlite:${path.join(directory, "shop.db")}`],
    ...(orders === undefined ? [] : ["--demo-orders", String(orders)]),
    ...args,
  ];
  const run = (listen) => launch([...command, "--listen", listen], directory, settings);
  const remove = () => rm(directory, { recursive: true, force: true });
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

/** One process of the server. */
async function launch(command, directory, settings) {
  const child = spawn(binary, command, {
    cwd: directory,
    env: { ...environment(), ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  // A test run that is broken off takes its server with it.
  const abandon = () => child.kill("SIGKILL");
  const abort = () => process.exit(1);
  process.once("exit", abandon);
  process.once("SIGINT", abort);
  process.once("SIGTERM", abort);
  const log = [];
  child.stderr.on("data", (chunk) => log.push(chunk));
  const ended = once(child, "exit");
  const url = await firstLine(child, ended).catch((error) => {
    child.kill("SIGKILL");
    throw new Error(`${error.message}\n${Buffer.concat(log)}`);
  });
  return {
    url,
    pid: child.pid,
    log: () => Buffer.concat(log).toString(),
    async stop() {
      child.kill("SIGTERM");
      const deadline = setTimeout(() => child.kill("SIGKILL"), STOPPED_WITHIN_MS);
      const [code, signal] = await ended;
      clearTimeout(deadline);
      process.off("exit", abandon).off("SIGINT", abort).off("SIGTERM", abort);
      return { code, signal };
    },
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

/** The server's first line on stdout is the address of its API, once it listens. */
async function firstLine(child, ended) {
  const lines = createInterface({ input: child.stdout });
  const deadline = new AbortController();
  const late = new Promise((_, reject) => {
    const timer = setTimeout(
      () => reject(new Error("the server did not start in time")),
      STARTED_WITHIN_MS,
    );
    deadline.signal.addEventListener("abort", () => clearTimeout(timer));
  });
  const gone = Promise.race([ended, once(child, "error")]).then(([code]) => {
    throw new Error(`the server did not start: ${code}`);
  });
  try {
    const [line] = await Promise.race([once(lines, "line"), gone, late]);
    return line;
  } finally {
    deadline.abort();
    gone.catch(() => {});
    // What comes later is of no interest, but must not fill the pipe.
    child.stdout.resume();
  }
}

/** Our own environment without settings of the gateway, which would change what is tested. */
function environment() {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith("GATEWAY_") && name !== "PORT",
  );
  return { ...Object.fromEntries(kept), RUST_LOG: "warn" };
}
