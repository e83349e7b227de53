// The emulator in the eyes of js-sdk-3.

import { after } from "node:test";
import { jsSdk3 } from "../clients/js-sdk-3.js";
import { emulate } from "../harness/emulator.js";
import { testsOfTheDatabase } from "../scenarios/database.js";
import { testsOfWatches } from "../scenarios/watches.js";

const emulator = await emulate();
const client = await jsSdk3(emulator);
after(() => emulator.stop());

testsOfTheDatabase(client);
testsOfWatches(client, client, emulator);
