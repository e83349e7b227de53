// The emulator in the eyes of wx-server-sdk.

import { after } from "node:test";
import { wxServerSdk } from "../clients/wx-server-sdk.js";
import { emulate } from "../harness/emulator.js";
import { testsOfDocuments } from "../scenarios/documents.js";
import { testsOfExpressions } from "../scenarios/expressions.js";
import { testsOfQueries } from "../scenarios/queries.js";
import { testsOfStages } from "../scenarios/stages.js";
import { testsOfTransactions } from "../scenarios/transactions.js";
import { testsOfUpdates } from "../scenarios/updates.js";

const emulator = await emulate();
const client = await wxServerSdk(emulator);
after(() => emulator.stop());

testsOfDocuments(client);
testsOfQueries(client);
testsOfUpdates(client);
testsOfStages(client);
testsOfExpressions(client);
testsOfTransactions(client);
