// The emulator in the eyes of tcb-admin-node.

import { after } from "node:test";
import { tcbAdminNode } from "../clients/tcb-admin-node.js";
import { emulate } from "../harness/emulator.js";
import { testsOfDocuments } from "../scenarios/documents.js";
import { testsOfExpressions } from "../scenarios/expressions.js";
import { testsOfQueries } from "../scenarios/queries.js";
import { testsOfStages } from "../scenarios/stages.js";
import { testsOfTransactions } from "../scenarios/transactions.js";
import { testsOfUpdates } from "../scenarios/updates.js";

const emulator = await emulate();
const client = await tcbAdminNode(emulator);
after(() => emulator.stop());

testsOfDocuments(client);
testsOfQueries(client);
testsOfUpdates(client);
testsOfStages(client);
testsOfExpressions(client);
testsOfTransactions(client);
