// @cloudbase/node-sdk: `/admin`, documents as EJSON texts.

import tcb from "@cloudbase/node-sdk";
import { ENV } from "../harness/emulator.js";
import { Client } from "./client.js";

// It would look for the cloud's metadata service before each request.
process.env.TENCENTCLOUD = "true";

/** `config`: further settings of the SDK, such as `{ accessKey }` in place of the secret. */
export function nodeSdk(emulator, config = { secretId: "id", secretKey: "key" }) {
  const app = tcb.init({ env: ENV, serviceUrl: `${emulator.url}/admin`, ...config });
  return Object.assign(new Client("node-sdk", app.database()), { app });
}
