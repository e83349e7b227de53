// The emulator in the eyes of js-sdk-3.

import { after } from "node:test";
import { jsSdk3 } from "../clients/js-sdk-3.js";
import { emulate } from "../harness/emulator.js";
import { testsOfDocuments } from "../scenarios/documents.js";
import { testsOfExpressions } from "../scenarios/expressions.js";
import { testsOfQueries } from "../scenarios/queries.js";
import { testsOfStages } from "../scenarios/stages.js";
import { testsOfTransactions } from "../scenarios/transactions.js";
import { testsOfUpdates } from "../scenarios/updates.js";
import { testsOfWatches } from "../scenarios/watches.js";

const emulator = await emulate();
const client = await jsSdk3(emulator);
after(() => emulator.stop());

testsOfDocuments(client);
testsOfQueries(client);
testsOfUpdates(client);
testsOfStages(client);
testsOfExpressions(client);
testsOfTransactions(client);
testsOfWatches(client, client, emulator);
