// Apollo Client's link for persisted queries, unmodified: it asks by the hash of an operation, by GET, and sends the text
// where the server does not know it yet.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { ApolloClient, gql, HttpLink, InMemoryCache } from "@apollo/client/core/index.js";
import { createPersistedQueryLink } from "@apollo/client/link/persisted-queries/index.js";
import { start, tokens } from "../harness/server.js";

const ITEMS = gql`
  query Items($first: Int!) {
    items(first: $first) {
      nodes {
        id
        title
      }
    }
  }
`;

let server;
before(async () => {
  server = await start({ orders: 20, settings: { GATEWAY_DOCUMENTS_AUTOMATIC: "on" } });
});
after(() => server?.stop());

/** A client, and what it sent: `GET` or `POST`, with the text or without. */
function connect() {
  const sent = [];
  const told = (uri, options) => {
    const method = options.method ?? "GET";
    const parameters = method === "GET" ? Object.fromEntries(new URL(uri).searchParams) : JSON.parse(options.body);
    sent.push(`${method} ${parameters.query === undefined ? "by hash" : "with text"}`);
    return fetch(uri, options);
  };
  const http = new HttpLink({
    uri: server.url,
    fetch: told,
    headers: { authorization: `Bearer ${tokens.alice}` },
  });
  const sha256 = (text) => createHash("sha256").update(text).digest("hex");
  const link = createPersistedQueryLink({ sha256, useGETForHashedQueries: true }).concat(http);
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  const ask = async (first) => {
    const options = { query: ITEMS, variables: { first }, fetchPolicy: "no-cache" };
    return (await client.query(options)).data.items.nodes;
  };
  return { ask, sent };
}

test("what is not known is sent once, and asked for by its hash from then on", async () => {
  const first = connect();
  assert.equal((await first.ask(2)).length, 2);
  assert.deepEqual(first.sent, ["GET by hash", "POST with text"]);
  assert.equal((await first.ask(3)).length, 3);
  const second = connect();
  assert.equal((await second.ask(1)).length, 1);
  assert.deepEqual([...first.sent.slice(2), ...second.sent], ["GET by hash", "GET by hash"]);
});
