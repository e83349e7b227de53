// The emulator in the eyes of wx-server-sdk.

import { after } from "node:test";
import { wxServerSdk } from "../clients/wx-server-sdk.js";
import { emulate } from "../harness/emulator.js";
import { testsOfTheDatabase } from "../scenarios/database.js";

const emulator = await emulate();
const client = await wxServerSdk(emulator);
after(() => emulator.stop());

testsOfTheDatabase(client);
