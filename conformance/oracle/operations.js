// Random but valid operations over a schema: roots, nested selections,
// aliases, fragments, directives, arguments inline or in variables.
import {
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
} from "graphql";

/** A small, seedable generator of numbers (mulberry32): a failing seed can be run again. */
export function random(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return {
    chance: (probability) => next() < probability,
    int: (low, high) => low + Math.floor(next() * (high - low + 1)),
    pick: (list) => list[Math.floor(next() * list.length)],
    some(list, count) {
      const rest = [...list];
      const taken = [];
      while (rest.length && taken.length < count)
        taken.push(...rest.splice(Math.floor(next() * rest.length), 1));
      return taken;
    },
  };
}

const ROOTS = ["user", "users", "role", "roles", "item", "items", "order", "orders"];
// Cursors are opaque (another implementation spells them differently); paging has a test of its own.
const LEFT_OUT = new Set(["cursor", "startCursor", "endCursor"]);
const JUNCTIONS = new Set(["and", "or", "not"]);
const MAX_DEPTH = 7;

/** `{query, variables}` of one random operation. `pool(type, path)` gives stored values of a field. */
export function operation(schema, rng, pool) {
  const state = { schema, rng, pool, variables: {}, declared: [], fragments: [], serial: 0 };
  const query = schema.getQueryType();
  const roots = rng.some(ROOTS, rng.int(1, 3)).map((name) => {
    const alias = rng.chance(0.3) ? `a${(state.serial += 1)}: ` : "";
    return alias + field(state, query.getFields()[name], 1);
  });
  const head = state.declared.length ? `query Q(${state.declared.join(", ")})` : "query Q";
  return {
    query: [`${head} { ${roots.join(" ")} }`, ...state.fragments].join("\n"),
    variables: state.variables,
  };
}

function field(state, definition, depth) {
  const { rng } = state;
  const type = getNamedType(definition.type);
  const args = fieldArguments(state, definition);
  const directive = rng.chance(0.06) ? ` ${condition(state)}` : "";
  const selection = isLeafType(type) ? "" : ` ${selectionSet(state, type, depth + 1)}`;
  return `${definition.name}${args}${directive}${selection}`;
}

function selectionSet(state, type, depth) {
  const { rng } = state;
  const fields = Object.values(type.getFields()).filter((one) => !LEFT_OUT.has(one.name));
  const leaves = fields.filter((one) => isLeafType(getNamedType(one.type)));
  const usable = depth >= MAX_DEPTH ? leaves : preferConnectionParts(rng, fields);
  const parts = rng.some(usable, rng.int(1, 5)).map((one) => {
    const alias = rng.chance(0.12) ? `b${(state.serial += 1)}: ` : "";
    return alias + field(state, one, depth);
  });
  if (parts.length === 0 || rng.chance(0.15)) parts.push("__typename");
  if (leaves.length && rng.chance(0.1)) parts.push(fragment(state, type, leaves));
  return `{ ${parts.join(" ")} }`;
}

/** A connection without nodes says little. */
const preferConnectionParts = (rng, fields) =>
  fields.some((one) => one.name === "nodes") && rng.chance(0.8)
    ? fields.filter((one) => one.name !== "edges" || rng.chance(0.3))
    : fields;

function fragment(state, type, leaves) {
  const fields = state.rng
    .some(leaves, 3)
    .map((one) => one.name)
    .join(" ");
  if (state.rng.chance(0.5)) return `... on ${type.name} { ${fields} }`;
  const name = `F${(state.serial += 1)}`;
  state.fragments.push(`fragment ${name} on ${type.name} { ${fields} }`);
  return `...${name}`;
}

function condition(state) {
  const name = state.rng.pick(["skip", "include"]);
  const value = state.rng.chance(0.5);
  if (state.rng.chance(0.5)) return `@${name}(if: ${value})`;
  return `@${name}(if: ${variable(state, "Boolean!", value)})`;
}

function variable(state, type, value) {
  const name = `v${(state.serial += 1)}`;
  state.declared.push(`$${name}: ${type}`);
  state.variables[name] = value;
  return `$${name}`;
}

// ---- arguments ----

function fieldArguments(state, definition) {
  const { rng } = state;
  const byName = Object.fromEntries(definition.args.map((arg) => [arg.name, arg]));
  const chosen = [];
  const owner = getNamedType(definition.type).name.replace(/Connection$/, "");
  if (byName.id) chosen.push(single(state, byName, owner));
  if (byName.where && rng.chance(0.7))
    chosen.push([byName.where, filter(state, byName.where.type, owner, [], 2)]);
  if (byName.orderBy && rng.chance(0.6))
    chosen.push([byName.orderBy, orderBy(state, byName.orderBy.type)]);
  if (byName.first) chosen.push(...paging(rng, byName));
  const parts = chosen.map(([arg, value]) => `${arg.name}: ${spell(state, arg.type, value)}`);
  return parts.length ? `(${parts.join(", ")})` : "";
}

function single(state, byName, owner) {
  if (byName.by && state.rng.chance(0.4)) {
    const key = state.rng.pick(Object.keys(getNamedType(byName.by.type).getFields()));
    return [byName.by, { [key]: scalar(state, "String", owner, [key]) }];
  }
  return [byName.id, scalar(state, "ID", owner, ["id"])];
}

function paging(rng, byName) {
  if (rng.chance(0.15)) return [[byName.last, rng.int(1, 6)]];
  const chosen = [[byName.first, rng.int(1, 6)]];
  if (rng.chance(0.2)) chosen.push([byName.offset, rng.int(0, 5)]);
  return chosen;
}

function orderBy(state, type) {
  const keys = Object.keys(getNamedType(type).getFields());
  return state.rng
    .some(keys, state.rng.int(0, 2))
    .map((key) => ({ [key]: state.rng.pick(["ASC", "DESC"]) }));
}

function filter(state, type, owner, path, depth) {
  const { rng } = state;
  const fields = getNamedType(type).getFields();
  const value = {};
  const names = Object.keys(fields).filter((name) => depth > 0 || !JUNCTIONS.has(name));
  for (const name of rng.some(names, rng.int(1, 2))) {
    const member = fields[name];
    if (name === "and" || name === "or") {
      value[name] = Array.from({ length: rng.int(0, 2) }, () =>
        filter(state, member.type, owner, path, depth - 1),
      );
    } else if (name === "not") {
      value[name] = filter(state, member.type, owner, path, depth - 1);
    } else {
      const inner = operators(state, member.type, owner, [...path, name], depth);
      if (inner !== undefined) value[name] = inner;
    }
  }
  return value;
}

/** The operators on one field, or the filter of an embedded object; undefined where the oracle has no answer (geo). */
function operators(state, type, owner, path, depth) {
  const { rng } = state;
  const named = getNamedType(type);
  if (isLeafType(named)) return rng.chance(0.5);
  const fields = named.getFields();
  if ("within" in fields) return undefined;
  if ("and" in fields) return filter(state, type, owner, path, 0);
  const value = {};
  for (const name of rng.some(
    Object.keys(fields).filter((key) => key !== "matches"),
    rng.int(1, 2),
  )) {
    value[name] = operand(state, name, fields[name].type, owner, path, depth);
  }
  return value;
}

function operand(state, name, type, owner, path, depth) {
  const { rng } = state;
  if (name === "size") return rng.int(0, 5);
  if (name === "exists") return rng.chance(0.5);
  if (name === "some") return withoutExists(() => operators(state, type, owner, path, depth));
  if (name === "eq" || name === "ne") if (rng.chance(0.1)) return null;
  const inner = getNullableType(type);
  if (isListType(inner))
    return Array.from({ length: rng.int(0, 3) }, () => leaf(state, inner.ofType, owner, path));
  const value = leaf(state, type, owner, path);
  if (["startsWith", "endsWith", "contains"].includes(name)) return piece(rng, name, String(value));
  return value;
}

/** Of an element of a list nobody asks whether it exists: the gateway refuses that. */
function withoutExists(make) {
  for (;;) {
    const value = make();
    if (!("exists" in value)) return value;
  }
}

function piece(rng, name, text) {
  const letters = [...text];
  const length = Math.min(letters.length, rng.int(0, 3));
  const last = letters.length - length;
  const start = name === "startsWith" ? 0 : name === "endsWith" ? last : rng.int(0, last);
  return letters.slice(start, start + length).join("");
}

function leaf(state, type, owner, path) {
  const named = getNamedType(type);
  if (isEnumType(named)) return state.rng.pick(named.getValues()).name;
  return scalar(state, named.name, owner, path);
}

function scalar(state, name, owner, path) {
  const { rng } = state;
  const stored = state.pool(owner, path);
  if (stored.length && rng.chance(0.85)) return rng.pick(stored);
  if (name === "Int") return rng.int(-5, 20000);
  if (name === "Float") return rng.int(-50, 50) / 4;
  if (name === "Boolean") return rng.chance(0.5);
  if (name === "DateTime")
    return new Date(Date.UTC(2025, rng.int(0, 20), rng.int(1, 28))).toISOString();
  if (name === "Long") return String(rng.int(0, 1000000));
  if (name === "FileID") return "cloud://demo/none.png";
  return rng.pick(["", "x", "没有", "item-1"]);
}

// ---- spelling ----

function spell(state, type, value) {
  if (state.rng.chance(0.3)) return variable(state, String(type), value);
  return literal(type, value);
}

function literal(type, value) {
  if (value === null) return "null";
  if (isNonNullType(type)) return literal(type.ofType, value);
  if (isListType(type)) return `[${value.map((one) => literal(type.ofType, one)).join(", ")}]`;
  if (isEnumType(type)) return value;
  if (isInputObjectType(type)) {
    const fields = type.getFields();
    const members = Object.entries(value).map(
      ([name, one]) => `${name}: ${literal(fields[name].type, one)}`,
    );
    return `{${members.join(", ")}}`;
  }
  return JSON.stringify(value);
}
