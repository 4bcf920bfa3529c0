import { isDeepStrictEqual } from "node:util";

/** Part of a condition as dynalite parsed it. */
interface Expression {
  readonly type: string;
  readonly name?: string;
  /** Expressions, or operands: a path into the item, a value, a function of these. */
  readonly args: readonly unknown[];
}

interface ConditionalRequest {
  readonly _condition?: { readonly expression: Expression } | undefined;
}

type Item = Readonly<Record<string, unknown>>;

/** A query or scan: the filter, and the paths of the attributes to bring. */
interface SelectRequest {
  readonly _filter?: { readonly expression: Expression } | undefined;
  readonly _projection?: { readonly paths: readonly unknown[] } | undefined;
}

interface Selected {
  readonly Items?: readonly Item[];
  readonly Count?: number;
}

type Done = (error: unknown, result?: Selected) => void;
/** What stands between the request and the callback is the store's own. */
type Select = (
  store: unknown,
  table: unknown,
  request: SelectRequest,
  options: unknown,
  isLocal: unknown,
  whole: unknown,
  startKey: unknown,
  done: Done,
) => void;

/** The functions of dynalite that matter here; its own requests call them by this object. */
export interface DynaliteDatabase {
  /** The error of a condition that does not hold. */
  checkConditional(request: ConditionalRequest, item: Item | undefined): unknown;
  matchesExprFilter(item: Item, expression: Expression): boolean;
  mapPath(path: readonly unknown[], item: Item): unknown;
  /** The part of an item that lies at the paths. */
  mapPaths(paths: readonly unknown[], item: Item): Item;
  /** Reads a page; it filters and projects with functions that cannot be replaced. */
  queryTable: Select;
}

/** Holds for no item: no attribute has this name. */
const never: Expression = { type: "function", name: "attribute_exists", args: [["\0"]] };
const mended = new WeakSet<DynaliteDatabase>();

/**
 * Dynalite compares maps and lists by identity, so that a condition that names one never holds, and every save of an
 * item with a nested object would be a conflict; filters find nothing likewise. DynamoDB compares them by value, and so does dynalite after this.
 */
export function mendEquality(database: DynaliteDatabase): void {
  if (mended.has(database)) return;
  mended.add(database);
  const original = database.checkConditional.bind(database);
  database.checkConditional = (request, item) => {
    const condition = request._condition;
    if (condition === undefined) return original(request, item);
    return holds(database, condition.expression, item ?? {})
      ? null
      : original({ ...request, _condition: { expression: never } }, item);
  };
  database.queryTable = filtering(database, database.queryTable.bind(database));
}

/** Filters and projects what is read without either. */
function filtering(database: DynaliteDatabase, read: Select): Select {
  return (store, table, request, options, isLocal, whole, startKey, done) => {
    const { _filter: filter, _projection: projection, ...rest } = request;
    if (filter === undefined) return read(store, table, request, options, isLocal, whole, startKey, done);
    read(store, table, rest, options, isLocal, whole, startKey, (error, result) => {
      if (result?.Items === undefined) return done(error, result);
      const found = result.Items.filter((item) => holds(database, filter.expression, item));
      const Items = projection ? found.map((item) => database.mapPaths(projection.paths, item)) : found;
      done(error, { ...result, Items, Count: Items.length });
    });
  };
}

function holds(database: DynaliteDatabase, expression: Expression, item: Item): boolean {
  const { type, args } = expression;
  // True: what and, or and not join are expressions.
  const part = (index: number): boolean => holds(database, args[index] as Expression, item);
  if (type === "and") return part(0) && part(1);
  if (type === "or") return part(0) || part(1);
  if (type === "not") return !part(0);
  if (type === "=" || type === "<>") {
    const [left, right] = args.map((operand) => (Array.isArray(operand) ? database.mapPath(operand, item) : operand));
    if (isNested(left) && isNested(right)) return isDeepStrictEqual(ordered(left), ordered(right)) === (type === "=");
  }
  return database.matchesExprFilter(item, expression);
}

function isNested(operand: unknown): operand is object {
  return typeof operand === "object" && operand !== null && ("M" in operand || "L" in operand);
}

/** A stored value with the members of its sets in one order. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      Array.isArray(inner) && inner.every((member) => typeof member === "string") ? inner.toSorted() : ordered(inner),
    ]),
  );
}
