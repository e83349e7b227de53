// One process of the built binary.

import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** The repository. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** The binary under test; `make conformance` builds it. */
export const binary = process.env.GATEWAY_BINARY ?? path.join(root, "target/debug/cloudbase-graphql");

const STARTED_WITHIN_MS = 60_000;
const STOPPED_WITHIN_MS = 20_000;

/** Those that run. A test run that is broken off takes them with it. */
const running = new Set();
process.once("exit", () => running.forEach((child) => child.kill("SIGKILL")));
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

/** Starts it; resolves once it has said on stdout where it listens. `command`: its arguments. */
export async function launch(command, directory, settings) {
  const child = spawn(binary, command, {
    cwd: directory,
    env: { ...environment(), ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  child.once("exit", () => running.delete(child));
  const log = [];
  child.stderr.on("data", (chunk) => log.push(chunk));
  const ended = once(child, "exit");
  const url = await firstLine(child, ended).catch((error) => {
    child.kill("SIGKILL");
    throw new Error(`${error.message}\n${Buffer.concat(log)}`);
  });
  return {
    url,
    pid: child.pid,
    log: () => Buffer.concat(log).toString(),
    async stop() {
      child.kill("SIGTERM");
      const deadline = setTimeout(() => child.kill("SIGKILL"), STOPPED_WITHIN_MS);
      const [code, signal] = await ended;
      clearTimeout(deadline);
      return { code, signal };
    },
  };
}

/** The server's first line on stdout is the address of its API, once it listens. */
async function firstLine(child, ended) {
  const lines = createInterface({ input: child.stdout });
  const deadline = new AbortController();
  const late = new Promise((_, reject) => {
    const timer = setTimeout(() => reject(new Error("the server did not start in time")), STARTED_WITHIN_MS);
    deadline.signal.addEventListener("abort", () => clearTimeout(timer));
  });
  const gone = Promise.race([ended, once(child, "error")]).then(([code]) => {
    throw new Error(`the server did not start: ${code}`);
  });
  try {
    const [line] = await Promise.race([once(lines, "line"), gone, late]);
    return line;
  } finally {
    deadline.abort();
    gone.catch(() => {});
    // What comes later is of no interest, but must not fill the pipe.
    child.stdout.resume();
  }
}

/** Our own environment without settings of the gateway, which would change what is tested. */
function environment() {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("GATEWAY_") && name !== "PORT");
  return { ...Object.fromEntries(kept), RUST_LOG: "warn" };
}
