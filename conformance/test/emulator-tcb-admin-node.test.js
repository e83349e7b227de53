// The emulator in the eyes of tcb-admin-node.

import { after } from "node:test";
import { tcbAdminNode } from "../clients/tcb-admin-node.js";
import { emulate } from "../harness/emulator.js";
import { testsOfTheDatabase } from "../scenarios/database.js";

const emulator = await emulate();
const client = await tcbAdminNode(emulator);
after(() => emulator.stop());

testsOfTheDatabase(client);
