// Starts `emulate` on a store of its own, and stops it again.
//
//   import { emulate } from "./harness/emulator.js";
//   const emulator = await emulate();        // listens on a free loopback port
//   await emulator.clock(1_700_000_000_000); // its time stands still
//   await emulator.stop();                   // SIGTERM, waits for the end, removes the store

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { launch } from "./process.js";

/** The environment that clients of tests name. */
export const ENV = "emu-env";

/**
 * Starts an emulator.
 *
 * `kept`: whether its store outlives `restart`; `files`: JSON files that it is given, such as `{"--users": [...]}`;
 * `args`: further arguments.
 */
export async function emulate({ kept = false, files = {}, args = [] } = {}) {
  const directory = await mkdtemp(path.join(tmpdir(), "cloudbase-emulator-"));
  const command = ["emulate", ...(await written(files, directory)), ...args];
  if (kept) command.push("--store", `sqlite:${path.join(directory, "kept.db")}`);
  const run = (listen) => launch([...command, "--listen", listen], directory);
  const remove = () => rm(directory, { recursive: true, force: true });
  let running = await run("127.0.0.1:0").catch(async (error) => {
    await remove();
    throw error;
  });
  const { origin: url, host } = new URL(running.url);
  return {
    url,
    /** Address and port. */
    host,
    log: () => running.log(),
    /** What goes wrong from now on, such as `{ status: 503, times: 1 }`; see docs/emulator.md. Its number. */
    fault: async (fault) => (await control(url, "POST", "faults", fault)).id,
    /** What is set to go wrong, with its number and how often it was met. */
    faults: async () => (await control(url, "GET", "faults")).faults,
    /** Nothing goes wrong any more. */
    mend: () => control(url, "DELETE", "faults"),
    /** What is done to all open sockets now: `{ drop: true }`, `{ close: 3050 }`. */
    sockets: (order) => control(url, "POST", "sockets", order),
    /** Stands still at this moment (milliseconds since 1970), or goes with the machine's clock again. */
    clock: (at = null) => control(url, "POST", "clock", { at }),
    /** Stops it, and starts it again with the same arguments at the same address. */
    async restart() {
      await running.stop();
      running = await run(host);
    },
    async stop() {
      const ended = await running.stop();
      await remove();
      return ended;
    },
  };
}

/** Arguments that name these files, once they are written. */
async function written(files, directory) {
  const args = [];
  for (const [flag, content] of Object.entries(files)) {
    const file = path.join(directory, `${flag.replace(/^-+/, "")}.json`);
    await writeFile(file, JSON.stringify(content));
    args.push(flag, file);
  }
  return args;
}

/** Sets, or asks for, what only tests and rehearsals set. */
async function control(url, method, what, setting) {
  const response = await fetch(new URL(`/_emulator/${what}`, url), {
    method,
    headers: { "content-type": "application/json" },
    body: setting && JSON.stringify(setting),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${what}: ${response.status} ${text}`);
  return text && JSON.parse(text);
}
