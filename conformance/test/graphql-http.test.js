// The GraphQL-over-HTTP specification, as the graphql-http project audits servers.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { serverAudits } from "graphql-http";
import { start } from "../harness/server.js";

/** How many audits the pinned version has; all of them must hold, the optional ones too. */
const AUDITS = 61;

let server;
before(async () => {
  server = await start({ orders: 100 });
});
after(() => server?.stop());

const audits = serverAudits({ url: () => server.url });

test("the audit has as many parts as it is known to have", () => {
  assert.equal(audits.length, AUDITS);
});

for (const audit of audits) {
  test(`${audit.id} ${audit.name}`, async () => {
    const result = await audit.fn();
    // An answer whose body is not read keeps its connection busy.
    await result.response?.body?.cancel();
    assert.equal(result.status, "ok", result.reason);
  });
}
