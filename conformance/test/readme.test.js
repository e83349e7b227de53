// The tours of the READMEs, to the letter: each command that asks the server is run by bash, and its answer must be what
// stands below it: JSON, in which `"…"` stands for any value, or the events of a stream, which may go on further down.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { promisify } from "node:util";
import { cloud, start } from "../harness/server.js";
import { eventually } from "../harness/wait.js";

const run = promisify(execFile);

/** What the READMEs say the server's address is. */
const ADDRESS = "http://127.0.0.1:8080/graphql";

/** The fenced blocks of a text, in order. */
function blocks(text) {
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, kind, content]) => ({ kind, content }));
}

/** The function `gql`, and each of its uses with what follows. A step without a command is what the stream tells next. */
function tour(text) {
  const all = blocks(text);
  const definition = all.find(({ kind, content }) => kind === "sh" && content.startsWith("gql()"));
  assert.ok(definition, "the function `gql` is defined");
  const steps = all.flatMap(({ kind, content }, at) => {
    const before = all[at - 1]?.kind === "sh" ? all[at - 1].content : undefined;
    if (kind === "json") return [{ command: before, expected: JSON.parse(content) }];
    if (kind === "text" && /^event: /m.test(content)) return [{ command: before, events: content }];
    return [];
  });
  return { definition: definition.content, steps };
}

/** A command that does not end, until `stop`. */
function stream(script) {
  // A process group of its own: curl is a child of bash.
  const child = spawn("bash", ["-c", script], { detached: true, stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (chunk) => (said += chunk));
  return {
    /** Waits until just this was said since the last time. */
    async says(expected) {
      await eventually(() => assert.equal(said.trimEnd(), expected.trimEnd()));
      said = "";
    },
    stop: () => child.exitCode === null && process.kill(-child.pid),
  };
}

/** The answer with `"…"` wherever that is expected, and what runs in parallel in one order. */
function comparable(actual, expected) {
  if (expected === "…" && actual !== undefined) return "…";
  if (Array.isArray(actual) && Array.isArray(expected)) {
    return actual.map((value, at) => comparable(value, expected[at]));
  }
  if (actual && expected && typeof actual === "object" && typeof expected === "object") {
    // How many requests it took depends on where documents live.
    const told = Object.entries(actual).filter(([key]) => !(cloud && key === "upstream"));
    const entries = told.map(([key, value]) => [key, comparable(value, expected[key])]);
    return Object.fromEntries(entries.map(([key, value]) => [key, key === "steps" ? value.toSorted() : value]));
  }
  return actual;
}

for (const name of ["README.md", "README.zh-CN.md"]) {
  test(`the tour of ${name}`, async (t) => {
    const text = await readFile(new URL(`../../${name}`, import.meta.url), "utf8");
    const { definition, steps } = tour(text);
    assert.ok(steps.length >= 10, `${steps.length} steps`);
    const server = await start();
    t.after(() => server.stop());
    const gql = definition.replace(ADDRESS, server.url);
    assert.notEqual(gql, definition);
    let live;
    t.after(() => live?.stop());
    for (const { command, expected, events } of steps) {
      if (events) {
        if (command) live = stream(`${gql}\n${command}`);
        await live.says(events);
        continue;
      }
      const { stdout } = await run("bash", ["-c", `${gql}\n${command}`]);
      assert.deepEqual(comparable(JSON.parse(stdout), expected), comparable(expected, expected), command);
    }
  });
}
