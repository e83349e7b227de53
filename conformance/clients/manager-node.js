// @cloudbase/manager-node: the cloud API, for those who manage an environment.

import CloudBase from "@cloudbase/manager-node";
import { ENV } from "../harness/emulator.js";

/** The SDK itself. It has one address for the whole process. */
export function managerNode(emulator, secret = { secretId: "id", secretKey: "key" }) {
  process.env.TCB_BASE_URL = emulator.url;
  return new CloudBase({ ...secret, envId: ENV });
}

/** Sets who may do what with a collection: one of the four permissions, or a rule. */
export function permit(app, CollectionName, permission) {
  const { aclTag, ...rule } = permission;
  const Param = aclTag === undefined ? { AclTag: "CUSTOM", Rule: JSON.stringify(rule) } : { AclTag: aclTag };
  return call(app, "ModifySafeRule", { CollectionName, ...Param });
}

/** An action of the cloud API that the SDK has no function for. */
export function call(app, Action, Param) {
  return app.commonService().call({ Action, Param: { EnvId: ENV, ...Param } });
}
