// The tours of the READMEs, to the letter: each command that asks the server is run by bash, and its answer must be the
// JSON that stands below it. `"…"` stands for any value.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { promisify } from "node:util";
import { start } from "../harness/server.js";

const run = promisify(execFile);

/** What the READMEs say the server's address is. */
const ADDRESS = "http://127.0.0.1:8080/graphql";

/** The fenced blocks of a text, in order. */
function blocks(text) {
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, kind, content]) => ({ kind, content }));
}

/** The function `gql`, and each of its uses with the answer that follows. */
function tour(text) {
  const all = blocks(text);
  const definition = all.find(({ kind, content }) => kind === "sh" && content.startsWith("gql()"));
  assert.ok(definition, "the function `gql` is defined");
  const steps = all.flatMap(({ kind, content }, at) =>
    kind === "json" ? [{ command: all[at - 1].content, expected: JSON.parse(content) }] : [],
  );
  return { definition: definition.content, steps };
}

/** The answer with `"…"` wherever that is expected, and what runs in parallel in one order. */
function comparable(actual, expected) {
  if (expected === "…" && actual !== undefined) return "…";
  if (Array.isArray(actual) && Array.isArray(expected)) {
    return actual.map((value, at) => comparable(value, expected[at]));
  }
  if (actual && expected && typeof actual === "object" && typeof expected === "object") {
    const entries = Object.entries(actual).map(([key, value]) => [key, comparable(value, expected[key])]);
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
    for (const { command, expected } of steps) {
      const { stdout } = await run("bash", ["-c", `${gql}\n${command}`]);
      assert.deepEqual(comparable(JSON.parse(stdout), expected), comparable(expected, expected), command);
    }
  });
}
