// @cloudbase/js-sdk 3.x in its Node build: the REST gateway, EJSON in place.

import { createRequire } from "node:module";
import { ENV } from "../harness/emulator.js";
import { Client, Transaction } from "./client.js";

// The build for `import` does not find `ws`.
const cloudbase = createRequire(import.meta.url)("js-sdk-3");

process.env.TENCENTCLOUD = "true";

/** `identity`: as in 2.x. */
export async function jsSdk3(emulator, identity = { accessKey: "any" }, env = ENV) {
  const config = typeof identity === "function" ? {} : identity;
  const app = cloudbase.init({ env, ...config });
  app.registerHost(emulator.host, "http");
  if (typeof identity === "function") await identity(app.auth({ persistence: "local" }));
  const lacks = ["object ids", "mod of two", "sphere", "undefined in conditions", "dates in transactions"];
  return Object.assign(new Client3("js-sdk 3", app.database(), { lacks }), { app });
}

class Client3 extends Client {
  /** Errors are told beside the data, or not at all: writes and counts that are refused resolve to nothing. */
  async answer(promise) {
    const result = await super.answer(promise);
    if (result.data?.code) throw Object.assign(new Error(result.data.message), { code: result.data.code });
    const { requestId, ids, ...told } = result;
    if (Object.values(told).every((value) => value === undefined) && !(ids?.length > 0)) throw new Untold();
    return result;
  }

  tells(error, code) {
    return error instanceof Untold || super.tells(error, code);
  }

  async begin() {
    return new Transaction3(this, await this.answer(this.db.startTransaction()));
  }

  run(callback) {
    return this.db.runTransaction((transaction) => callback(new Transaction3(this, transaction)));
  }
}

/** An error that the SDK does not hand on. */
class Untold extends Error {
  isUntold = true;
}

class Transaction3 extends Transaction {
  /** The SDK hands over the gateway's list, and takes a document that is not there for an error. */
  async one(collection, id) {
    try {
      const { data } = await this.doc(collection, id).get();
      return data.list[0];
    } catch (error) {
      if (error.code === "DOCUMENT_NOT_FOUND") return null;
      throw error;
    }
  }
}
