// Waiting for what happens elsewhere: with a deadline that only something broken misses, never by a pause.

import { setTimeout as pause } from "node:timers/promises";

const LONG_MS = 60_000;
const BETWEEN_LOOKS_MS = 20;

/** What a promise resolves to, if it does in time. */
export async function within(promise, what = "it") {
  const late = new AbortController();
  const deadline = pause(LONG_MS, undefined, { signal: late.signal }).then(() => {
    throw new Error(`${what} did not happen within ${LONG_MS / 1000} s`);
  });
  // Called off, the deadline is missed by nobody.
  deadline.catch(() => {});
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    late.abort();
  }
}

/** Looks again and again until the check no longer throws; what it threw last if it always does. (Milliseconds.) */
export async function eventually(check, { within = LONG_MS, every = BETWEEN_LOOKS_MS } = {}) {
  const end = performance.now() + within;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > end) throw error;
    }
    await pause(every);
  }
}
