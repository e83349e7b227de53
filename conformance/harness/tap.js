// Stands between a client and the emulator, and keeps what they say to each other over HTTP.

import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { eventually } from "./wait.js";

/** Headers that belong to a connection. */
const OWN = new Set(["host", "connection", "content-length", "transfer-encoding", "content-encoding", "keep-alive"]);

/** Listens for a client of this emulator. */
export async function tap(emulator) {
  const exchanges = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const { method, url: path } = request;
    const headers = withoutOwn(Object.entries(request.headers));
    const answer = await fetch(new URL(path, emulator.url), { method, headers, body: body || undefined });
    const told = await answer.text();
    exchanges.push({
      asked: { method, path, headers, body: body ? JSON.parse(body) : {} },
      told: { status: answer.status, body: told && JSON.parse(told) },
    });
    response.writeHead(answer.status, withoutOwn(answer.headers)).end(told);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    /** In place of the emulator's. */
    host: `127.0.0.1:${server.address().port}`,
    /** The first so many exchanges, once they have been. */
    first: (count) =>
      eventually(() => {
        if (exchanges.length < count) throw new Error(`${exchanges.length} of ${count} exchanges`);
        return exchanges.slice(0, count);
      }),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function withoutOwn(headers) {
  return Object.fromEntries([...headers].filter(([name]) => !OWN.has(name)));
}
