// The documents of a running server's store, read behind its back: a copy of
// the database file, opened with Python's own SQLite.

import { execFile } from "node:child_process";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const DUMP = `
import json, sqlite3, sys
db = sqlite3.connect(sys.argv[1])
out = {name: [json.loads(doc) for (doc,) in db.execute(f'SELECT doc FROM "docs:{name}"')] for name in sys.argv[2:]}
json.dump(out, sys.stdout)
`;

/** `{users: [...], orders: [...]}` as plain JavaScript values, dates as `Date`. */
export async function documents(server, collections) {
  const directory = await mkdtemp(path.join(server.directory, "copy-"));
  try {
    const copy = path.join(directory, "shop.db");
    for (const suffix of ["", "-wal"]) {
      await copyFile(path.join(server.directory, `shop.db${suffix}`), copy + suffix);
    }
    const { stdout } = await run("python3", ["-c", DUMP, copy, ...collections], {
      maxBuffer: 1 << 29,
    });
    return Object.fromEntries(
      Object.entries(JSON.parse(stdout)).map(([name, docs]) => [name, docs.map(decode)]),
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The store's own form of values (src/data/ejson/storage), undone a second time. */
function decode(value) {
  if (Array.isArray(value)) return value.map(decode);
  if (value === null || typeof value !== "object") return value;
  const [[name, inner] = [""], ...rest] = Object.entries(value);
  if (name === "$d" && rest.length === 0) return new Date(inner);
  if (name.startsWith("$")) throw new Error(`the shop stores no ${JSON.stringify(value)}`);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, decode(one)]));
}
