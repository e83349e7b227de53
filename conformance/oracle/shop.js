// A second, naive implementation of the shop: graphql-js executes, resolvers
// scan arrays. It shares nothing with the gateway but the SDL and the stored
// documents, so that an equal answer means something.
import { buildSchema, execute, getNamedType, parse, validate } from "graphql";

/** The shop's types and their collections. */
export const TYPES = { User: "users", Role: "roles", Item: "items", Order: "orders" };
const SINGLE = { User: "user", Role: "role", Item: "item", Order: "order" };

// What the model file says, written down a second time by hand.
export const STORED_NAME = { id: "_id", openid: "_openid" };
const RELATIONS = {
  "User.orders": { target: "Order", from: "_openid", to: "_openid", many: true },
  "Order.user": { target: "User", from: "_openid", to: "_openid", many: false },
  "OrderLine.item": { target: "Item", from: "itemId", to: "_id", many: false },
};

const holds = (caller, ...roles) => roles.some((role) => caller.roles.includes(role));
const owns = (caller, doc) => typeof doc._openid === "string" && doc._openid === caller.openid;

const ROW_READ = {
  User: (caller, doc) => holds(caller, "admin", "operator", "support") || owns(caller, doc),
  Role: (caller) => holds(caller, "admin"),
  Item: (caller, doc) => holds(caller, "admin", "operator", "support") || doc.status === "ON_SALE",
  Order: (caller, doc) =>
    holds(caller, "admin", "operator") ||
    owns(caller, doc) ||
    (holds(caller, "support") && typeof doc.status === "string" && doc.status !== "CLOSED"),
};

const FIELD_READ = {
  "User.phone": (caller, doc) => holds(caller, "admin") || owns(caller, doc),
  "Item.cost": (caller) => holds(caller, "admin"),
  "Order.address": (caller, doc) => holds(caller, "admin", "operator") || owns(caller, doc),
};

// Decided for everybody or for nobody, whatever the document: 'all', 'none' or 'some'.
function collectionRead(caller, type) {
  if (type === "Role") return holds(caller, "admin") ? "all" : "none";
  return "some";
}

function fieldRead(caller, coordinate) {
  if (!(coordinate in FIELD_READ)) return "all";
  if (coordinate === "Item.cost") return holds(caller, "admin") ? "all" : "none";
  if (coordinate === "User.phone") return holds(caller, "admin") ? "all" : "some";
  return holds(caller, "admin", "operator") ? "all" : "some";
}

/** A schema with resolvers over `documents` (by collection name), and a way to run operations on it. */
export function createOracle(sdl, documents) {
  const schema = buildSchema(sdl);
  attach(schema, documents);
  return {
    schema,
    validate: (query) => validate(schema, parse(query)),
    execute: (query, variableValues, caller) =>
      execute({ schema, document: parse(query), variableValues, contextValue: { caller } }),
  };
}

function attach(schema, documents) {
  for (const type of Object.values(schema.getTypeMap())) {
    if (typeof type.getFields !== "function" || type.name.startsWith("__")) continue;
    for (const field of Object.values(type.getFields())) {
      const resolver = resolverFor(schema, documents, type.name, field);
      if (resolver) field.resolve = resolver;
    }
  }
}

function resolverFor(schema, documents, typeName, field) {
  if (typeName === "Query") return rootResolver(schema, documents, field);
  const relation = RELATIONS[`${typeName}.${field.name}`];
  if (relation) return relationResolver(schema, documents, relation);
  if (typeName === "GeoPoint") return (parent) => parent.coordinates[PLACE[field.name]];
  if (typeName in TYPES || typeName === "OrderLine" || typeName === "Address") {
    return (parent, _args, { caller }) => {
      const guard = FIELD_READ[`${typeName}.${field.name}`];
      if (guard && !guard(caller, parent)) return null;
      return served(parent[STORED_NAME[field.name] ?? field.name]);
    };
  }
  return undefined;
}

/** The stored form of a place is a GeoJSON point. */
const PLACE = { longitude: 0, latitude: 1 };

const served = (value) => (value instanceof Date ? value.toISOString() : value);

function rootResolver(schema, documents, field) {
  const type = Object.keys(TYPES).find(
    (one) => TYPES[one] === field.name || SINGLE[one] === field.name,
  );
  if (!type) return undefined;
  if (TYPES[type] === field.name) {
    return (_root, args, { caller }) => list(schema, documents, caller, type, args, () => true);
  }
  return (_root, args, { caller }) => {
    refuseUnlessReadable(caller, type);
    const [key, value] = args.by ? Object.entries(args.by)[0] : ["id", args.id];
    const stored = STORED_NAME[key] ?? key;
    const found = documents[TYPES[type]].find((doc) => doc[stored] === value);
    return found && ROW_READ[type](caller, found) ? found : null;
  };
}

function relationResolver(schema, documents, { target, from, to, many }) {
  const all = documents[TYPES[target]];
  if (many) {
    return (parent, args, { caller }) =>
      list(
        schema,
        documents,
        caller,
        target,
        args,
        (doc) => parent[from] != null && doc[to] === parent[from],
      );
  }
  return (parent, _args, { caller }) => {
    if (parent[from] == null) return null;
    const found = all.find((doc) => doc[to] === parent[from]);
    return found && ROW_READ[target](caller, found) ? found : null;
  };
}

function refuseUnlessReadable(caller, type) {
  if (collectionRead(caller, type) === "none") throw new Error(`FORBIDDEN ${type}`);
}

function list(schema, documents, caller, type, args, belongs) {
  refuseUnlessReadable(caller, type);
  const filterType = schema.getType(`${type}Filter`);
  const guards = filterGuards(caller, type, args.where);
  for (const key of args.orderBy ?? []) {
    if (fieldRead(caller, `${type}.${Object.keys(key)[0]}`) !== "all")
      throw new Error("FORBIDDEN order");
  }
  const rows = documents[TYPES[type]]
    .filter((doc) => belongs(doc) && ROW_READ[type](caller, doc))
    .filter((doc) => guards.every((guard) => guard(caller, doc)))
    .filter((doc) => !args.where || matches(filterType, args.where, doc))
    .sort(comparator(args.orderBy ?? []));
  return page(rows, args);
}

/** The read rules of all fields a filter names: refused outright, or joined once to the whole filter. */
function filterGuards(caller, type, where, guards = []) {
  for (const [key, value] of Object.entries(where ?? {})) {
    if (key === "and" || key === "or")
      value.forEach((inner) => filterGuards(caller, type, inner, guards));
    else if (key === "not") filterGuards(caller, type, value, guards);
    else {
      const coordinate = `${type}.${key}`;
      const decision = fieldRead(caller, coordinate);
      if (decision === "none") throw new Error(`FORBIDDEN ${coordinate}`);
      if (decision === "some") guards.push(FIELD_READ[coordinate]);
    }
  }
  return guards;
}

function page(rows, args) {
  const skip = args.offset ?? 0;
  const backwards = args.last != null;
  const size = backwards ? args.last : args.first;
  const nodes = backwards
    ? rows.slice(Math.max(0, rows.length - size))
    : rows.slice(skip, skip + size);
  return {
    nodes,
    edges: nodes.map((node) => ({ node })),
    totalCount: rows.length,
    pageInfo: {
      hasNextPage: backwards ? false : rows.length > skip + size,
      hasPreviousPage: backwards ? rows.length > size : skip > 0,
    },
  };
}

// ---- filters ----

/** Whether an object fits a filter of the given input type. */
function matches(filterType, filter, object) {
  return Object.entries(filter).every(([key, condition]) => {
    if (key === "and") return condition.every((inner) => matches(filterType, inner, object));
    if (key === "or") return condition.some((inner) => matches(filterType, inner, object));
    if (key === "not") return !matches(filterType, condition, object);
    if (key === "exists") return (object !== undefined) === condition;
    const type = getNamedType(filterType.getFields()[key].type);
    const value = object?.[STORED_NAME[key] ?? key];
    if ("and" in type.getFields()) return matches(type, condition, value);
    return Object.entries(condition).every(([operator, operand]) =>
      test(type, operator, operand, value),
    );
  });
}

function test(type, operator, operand, value) {
  const candidates = Array.isArray(value) ? value : [value];
  switch (operator) {
    case "eq":
      return equal(value, operand);
    case "ne":
      return !equal(value, operand);
    case "in":
      return operand.some((one) => equal(value, one));
    case "notIn":
      return !operand.some((one) => equal(value, one));
    case "gt":
      return ordered(value, operand, (sign) => sign > 0);
    case "gte":
      return ordered(value, operand, (sign) => sign >= 0);
    case "lt":
      return ordered(value, operand, (sign) => sign < 0);
    case "lte":
      return ordered(value, operand, (sign) => sign <= 0);
    case "exists":
      return (value !== undefined) === operand;
    case "startsWith":
      return typeof value === "string" && value.startsWith(operand);
    case "endsWith":
      return typeof value === "string" && value.endsWith(operand);
    case "contains":
      return typeof value === "string" && value.includes(operand);
    case "has":
      return Array.isArray(value) && value.some((one) => equal(one, operand));
    case "hasEvery":
      return operand.every((want) => candidates.some((one) => equal(one, want)));
    case "hasSome":
      return operand.some((want) => candidates.some((one) => equal(one, want)));
    case "size":
      return Array.isArray(value) && value.length === operand;
    case "some":
      return Array.isArray(value) && value.some((one) => someElement(type, operand, one));
    default:
      throw new Error(`the oracle does not know the operator ${operator}`);
  }
}

function someElement(type, operand, element) {
  const elementType = getNamedType(type.getFields().some.type);
  if ("and" in elementType.getFields()) return matches(elementType, operand, element);
  return Object.entries(operand).every(([operator, inner]) =>
    test(elementType, operator, inner, element),
  );
}

const isTime = (text) => typeof text === "string" && /^\d{4}-\d\d-\d\dT/.test(text);
const comparable = (stored, operand) =>
  stored instanceof Date && isTime(operand) ? new Date(operand) : operand;

function equal(stored, operand) {
  if (stored == null || operand == null) return stored == null && operand == null;
  return +compareScalars(stored, comparable(stored, operand)) === 0;
}

function ordered(stored, operand, accept) {
  if (stored == null || operand == null) return false;
  const sign = compareScalars(stored, comparable(stored, operand));
  return Number.isNaN(sign) ? false : accept(sign);
}

/** Negative, zero or positive within one type; NaN across types. */
function compareScalars(a, b) {
  if (a instanceof Date && b instanceof Date) return a.getTime() - b.getTime();
  if (typeof a !== typeof b) return NaN;
  if (typeof a === "string") return Buffer.compare(Buffer.from(a), Buffer.from(b));
  if (typeof a === "number" || typeof a === "boolean") return a - b;
  return NaN;
}

// ---- order ----

const CLASS = (value) =>
  value == null
    ? 0
    : typeof value === "number"
      ? 1
      : typeof value === "string"
        ? 2
        : typeof value === "boolean"
          ? 7
          : 8;

function compareValues(a, b) {
  const classes = CLASS(a) - CLASS(b);
  if (classes !== 0 || a == null) return classes;
  return compareScalars(a, b);
}

function comparator(orderBy) {
  const keys = orderBy.map((key) => Object.entries(key)[0]);
  return (a, b) => {
    for (const [field, direction] of keys) {
      const stored = STORED_NAME[field] ?? field;
      const sign = compareValues(a[stored], b[stored]);
      if (sign !== 0) return direction === "DESC" ? -sign : sign;
    }
    return compareValues(a._id, b._id);
  };
}
