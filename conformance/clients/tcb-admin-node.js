// tcb-admin-node: `/admin`, the older actions, values as plain JSON.

import tcb from "tcb-admin-node";
import { ENV } from "../harness/emulator.js";
import { Client } from "./client.js";

/** `config`: further settings of the SDK, such as `{ signMethod: "v3" }`. */
export function tcbAdminNode(emulator, config = {}) {
  const app = tcb.init({
    env: ENV,
    serviceUrl: `${emulator.url}/admin`,
    secretId: "id",
    secretKey: "key",
    ...config,
  });
  const lacks = ["batch insert", "object ids", "mod of two", "sphere"];
  return Object.assign(new Client("tcb-admin-node", app.database(), { lacks }), { app });
}
