// @cloudbase/js-sdk 2.x, the SDK of web pages, with an adapter for Node: `/web`, the older actions.

import { createRequire } from "node:module";
import WebSocket from "ws";
import { ENV } from "../harness/emulator.js";
import { Client } from "./client.js";

// The build for `import` expects a bundler.
const cloudbase = createRequire(import.meta.url)("js-sdk-2");

/** The key of nobody: the SDK itself sends no request before somebody signs in, so this stands for no token at all. */
export const NOBODY = { accessKey: "nobody" };

/**
 * `identity`: `{ accessKey }`, or how somebody signs in: a function of the SDK's `auth` object. The SDK has one identity and
 * one socket for each `env`: several people at once need several names.
 */
export async function jsSdk2(emulator, identity = { accessKey: "any" }, env = ENV) {
  cloudbase.useAdapters(adapter());
  const config = typeof identity === "function" ? {} : identity;
  const app = cloudbase.init({ env, ...config });
  app.registerEndPoint(`//${emulator.host}/web`, "http");
  if (typeof identity === "function") await identity(app.auth({ persistence: "local" }));
  const lacks = ["object ids", "mod of two", "sphere"];
  return Object.assign(new Client("js-sdk 2", app.database(), { lacks }), { app });
}

/** What the SDK asks of the place where it runs. */
function adapter() {
  return {
    runtime: "web",
    isMatch: () => true,
    genAdapter: () => ({
      root: { globalThis: {} },
      reqClass: Requests,
      wsClass: WebSocket,
      localStorage: memory(),
      sessionStorage: memory(),
      primaryStorage: "local",
    }),
  };
}

function memory() {
  const items = new Map();
  return {
    mode: "sync",
    setItem: (key, value) => items.set(key, value),
    getItem: (key) => items.get(key) ?? null,
    removeItem: (key) => items.delete(key),
    clear: () => items.clear(),
  };
}

class Requests {
  get = (options) => this.send("GET", options);
  post = (options) => this.send("POST", options);
  put = (options) => this.send("PUT", options);
  upload = (options) => this.send("POST", options);
  download = (options) => this.send("GET", options);

  async send(method, { url, headers, data, body }) {
    if (data?.access_token === NOBODY.accessKey) data.access_token = "";
    const response = await fetch(url, {
      method,
      headers: { "content-type": "application/json", ...headers },
      body: method === "GET" ? undefined : data === undefined ? body : JSON.stringify(data),
    });
    const text = await response.text();
    return {
      statusCode: response.status,
      data: parsed(text),
      header: Object.fromEntries(response.headers),
    };
  }

  async fetch({ url, ...options }) {
    const response = await fetch(url, options);
    return { statusCode: response.status, header: response.headers, data: response.json() };
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
