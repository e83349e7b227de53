// A socket that says just what a test wants it to say: for everything that a well-behaved client never does.

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import WebSocket from "ws";
import { within } from "./wait.js";

/** How clients say who they are, in `connection_init` and in a `ping`. */
export const credentials = (token) => ({ authorization: `Bearer ${token}` });

/** Opens a socket; `protocols`: the sub-protocols it offers, none if left out. */
export async function open(server, protocols = []) {
  const socket = new WebSocket(address(server), protocols);
  const waiting = [];
  const taken = [];
  socket.on("message", (data) => {
    const message = JSON.parse(String(data));
    const taker = taken.shift();
    if (taker) taker(message);
    else waiting.push(message);
  });
  const closed = new Promise((resolve) =>
    socket.once("close", (code, reason) => resolve({ code, reason: String(reason) })),
  );
  await within(once(socket, "open"), "the opening of a socket");
  return {
    protocol: socket.protocol,
    /** Sends a message; a text or bytes as they are. */
    send(message) {
      socket.send(typeof message === "string" || message instanceof Uint8Array ? message : JSON.stringify(message));
    },
    /** The next message that came. */
    next() {
      if (waiting.length > 0) return Promise.resolve(waiting.shift());
      return within(new Promise((resolve) => taken.push(resolve)), "the next message");
    },
    /** Says who it is, and is told that it may go on. */
    async init(token) {
      this.send({ type: "connection_init", ...(token && { payload: credentials(token) }) });
      const message = await this.next();
      if (message.type !== "connection_ack") throw new Error(`not acknowledged: ${JSON.stringify(message)}`);
    },
    subscribe(id, query, variables) {
      this.send({ id, type: "subscribe", payload: { query, variables } });
    },
    /** How the server closes it: `{ code, reason }`. */
    closed: () => within(closed, "the end of the socket"),
    close: () => socket.close(1000),
  };
}

/** The address of the API for sockets. */
export const address = (server) => server.url.replace(/^http/, "ws");

/**
 * The code that a socket is closed with at once which offers these sub-protocols. Without a client for sockets: all of
 * them hang up by themselves when the server takes none of what they offer.
 */
export async function refusal(server, protocols) {
  const asking = request(server.url, {
    headers: {
      connection: "upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": randomBytes(16).toString("base64"),
      "sec-websocket-protocol": protocols,
    },
  });
  asking.end();
  const [, socket, head] = await within(once(asking, "upgrade"), "the upgrade");
  let frame = head;
  for await (const bytes of socket) {
    frame = Buffer.concat([frame, bytes]);
    if (frame.length >= 4) break;
  }
  if (frame[0] !== 0x88) throw new Error(`not a close frame: ${frame.toString("hex")}`);
  return frame.readUInt16BE(2);
}
