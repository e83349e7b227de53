// All that every SDK can do with documents.

import { testsOfDocuments } from "./documents.js";
import { testsOfExpressions } from "./expressions.js";
import { testsOfQueries } from "./queries.js";
import { testsOfStages } from "./stages.js";
import { testsOfTransactions } from "./transactions.js";
import { testsOfUpdates } from "./updates.js";

export function testsOfTheDatabase(client) {
  testsOfDocuments(client);
  testsOfQueries(client);
  testsOfUpdates(client);
  testsOfStages(client);
  testsOfExpressions(client);
  testsOfTransactions(client);
}
