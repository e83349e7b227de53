// Recorded conversations in which an SDK waits for what does not come: for up to a minute, so all are held at once.

import { before, describe, test } from "node:test";
import { jsSdk2 } from "../clients/js-sdk-2.js";
import { jsSdk3 } from "../clients/js-sdk-3.js";
import { hold, tolerateRejections } from "../harness/conversation.js";
import { emulate } from "../harness/emulator.js";

const REFUSED = { status: 503, path: "/ws" };

/** The socket breaks, and nobody gets another one. */
async function cutOff({ emulator }) {
  await emulator.fault(REFUSED);
  await emulator.sockets({ drop: true });
}

/** The conversations, and what goes wrong in them. */
const CONVERSATIONS = {
  "ping-pong": {
    begun: (it) => Promise.all([it.meets("ping"), it.meets("check")]),
  },
  "pong-missing-reconnect": {
    before: [{ socket: "swallow_ping" }, { socket: "swallow_answer", on: "check" }],
    begun: (it) => it.meets("rebuild"),
  },
  "check-last": { before: { socket: "swallow_push", times: 1 } },
  "check-last-queryid-invalid": { before: { code: "QUERYID_INVALID_ERROR", on: "check", times: 1 } },
  "login-timeout": { before: { socket: "swallow_answer", on: "login", times: 1 } },
  "init-timeout-retry": { before: { socket: "swallow_answer", times: 1 } },
  "drop-during-init": { before: { socket: "drop", on: "watch", times: 1 } },
  "drop-during-rebuild": {
    before: { socket: "drop", on: "rebuild", times: 1 },
    begun: ({ emulator }) => emulator.sockets({ drop: true }),
  },
  "first-connect-refused-once": {
    before: { ...REFUSED, times: 1 },
    async begun(it) {
      await it.meets("login");
      await it.watchBeside();
    },
  },
  "reconnect-server-refuses-first": {
    async begun({ emulator }) {
      await emulator.fault({ ...REFUSED, times: 1 });
      await emulator.sockets({ drop: true });
    },
  },
  "reconnect-exhausted": { begun: cutOff },
  "reconnect-exhausted-then-new-watch": {
    late: 1,
    async begun(it) {
      await cutOff(it);
      await it.have(2);
      await it.emulator.mend();
      it.watch();
      await it.have(2, 1);
      await it.emulator.sockets({ drop: true });
    },
  },
};

describe("conversations that take their time", { concurrency: true }, () => {
  before(tolerateRejections);
  for (const [name, connect] of Object.entries({ "js-sdk 2": jsSdk2, "js-sdk 3": jsSdk3 })) {
    for (const [conversation, trouble] of Object.entries(CONVERSATIONS)) {
      test(`${name}: ${conversation}`, async () => {
        // Faults strike whoever they meet.
        const emulator = await emulate();
        try {
          await hold(emulator, connect, conversation, trouble);
        } finally {
          await emulator.stop();
        }
      });
    }
  }
});
