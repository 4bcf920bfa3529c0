import { $ZodAsyncError, safeEncode, safeParse } from "zod/v4/core";
import type { $ZodIssue, $ZodType } from "zod/v4/core";
import { SchemaError, ValidationError, describeItem } from "../base/errors.js";
import type { KeyValues, ValidationIssue } from "../base/errors.js";
import { Unstorable } from "./codec/codec.js";
import type { Codec } from "./codec/codec.js";
import type { Field, ModelSpec } from "./spec.js";

/** Values by attribute name. */
export type Values = Record<string, unknown>;

/** What a message is about. */
export interface Subject {
  readonly table: string;
  readonly key?: KeyValues | undefined;
  /** What was done, for example "new instance". */
  readonly action: string;
}

const shownIssues = 5;

export function invalid(subject: Subject, issues: readonly ValidationIssue[], cause?: unknown): ValidationError {
  const shown = issues
    .slice(0, shownIssues)
    .map(({ path, message }) => (path.length > 0 ? `${path.map(String).join(".")}: ${message}` : message));
  const more = issues.length > shownIssues ? ` (and ${issues.length - shownIssues} more)` : "";
  const item = subject.key === undefined ? subject.table : describeItem(subject.table, subject.key);
  return new ValidationError(`${item}: ${subject.action}: ${shown.join("; ")}${more}`, {
    issues,
    table: subject.table,
    key: subject.key,
    cause,
  });
}

/** Runs a step that encodes or decodes; what cannot be stored becomes a `ValidationError`. */
export function storable<T>(subject: Subject, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (error instanceof Unstorable)
      throw invalid(subject, [{ code: "unstorable", message: error.message, path: error.path }]);
    throw error;
  }
}

type Result =
  | { readonly success: true; readonly data: unknown }
  | { readonly success: false; readonly error: { readonly issues: readonly $ZodIssue[] } };

function run(subject: Subject, parse: () => Result): unknown {
  let result: Result;
  try {
    result = parse();
  } catch (error) {
    if (error instanceof $ZodAsyncError || (error instanceof Error && error.name === "$ZodAsyncError")) {
      throw new SchemaError(`${subject.table}: the schema of a model cannot be asynchronous`, { cause: error });
    }
    throw error;
  }
  if (result.success) return result.data;
  throw invalid(subject, result.error.issues);
}

/** The own members of an object, free of what objects inherit. */
function ownValues(spec: ModelSpec, values: object): object {
  if (!spec.inheritsNames) return values;
  return Object.assign(
    Object.create(null),
    Object.fromEntries(Object.entries(values).filter(([name]) => name !== "__proto__")),
  );
}

function own(values: object, name: string): unknown {
  return Object.hasOwn(values, name) ? values[name as keyof typeof values] : undefined;
}

/** The attribute named `__proto__` goes around zod's objects, which drop it. */
function withProto(
  spec: ModelSpec,
  values: object,
  data: unknown,
  check: (schema: $ZodType, value: unknown) => unknown,
): Values {
  // True: the schemas given here are object schemas.
  const parsed = data as Values;
  if (spec.protoSchema === undefined) return parsed;
  const value = check(spec.protoSchema, own(values, "__proto__"));
  return Object.defineProperty(parsed, "__proto__", { value, enumerable: true, configurable: true, writable: true });
}

function parse(spec: ModelSpec, schema: $ZodType, values: object, subject: Subject): Values {
  const data = run(subject, () => safeParse(schema, ownValues(spec, values)));
  return withProto(spec, values, data, (member, value) => run(subject, () => safeParse(member, value)));
}

/** The values of a new instance: what was given, validated, with the schema's defaults. Throws `ValidationError`. */
export function parseNew(spec: ModelSpec, values: unknown): Values {
  const subject = { table: spec.table, action: "new instance" };
  if (typeof values !== "object" || values === null)
    throw invalid(subject, [{ code: "invalid_type", message: "expected the values as an object", path: [] }]);
  return parse(spec, spec.newSchema, values, subject);
}

/** The values of a stored item, decoded: validated, with the schema's defaults. Throws `ValidationError`. */
export function parseStored(spec: ModelSpec, values: Values, key: KeyValues): Values {
  return parse(spec, spec.schema, values, {
    table: spec.table,
    key,
    action: "the stored item does not fit the schema",
  });
}

/** What an instance holds, validated, in the form codecs encode. Throws `ValidationError`. */
export function checkInstance(
  spec: ModelSpec,
  instance: object,
  key: KeyValues,
  schema: $ZodType = spec.schema,
): Values {
  const subject = { table: spec.table, key, action: "save" };
  const picked: Values = spec.inheritsNames ? Object.create(null) : {};
  for (const { name, schema: member } of spec.fields) {
    if (member !== undefined && name !== "__proto__" && Object.hasOwn(instance, name))
      picked[name] = instance[name as keyof typeof instance];
  }
  const convert = spec.unwraps ? safeEncode : safeParse;
  const data = run(subject, () => convert(schema, picked));
  return withProto(spec, instance, data, (member, value) => run(subject, () => convert(member, value)));
}

/** A value by itself, validated, in the form its codec encodes. Throws `Unstorable` with the path of the first issue. */
export function checkValue(schema: $ZodType, codec: Codec, value: unknown): unknown {
  const result = codec.unwrap === undefined ? safeParse(schema, value) : safeEncode(schema, value);
  if (result.success) return result.data;
  const [first] = result.error.issues;
  throw new Unstorable(first?.message ?? "invalid", [...(first?.path ?? [])]);
}

/** One attribute's value, validated, in the form its codec encodes. Throws `ValidationError`. */
export function checkField({ schema, codec, name }: Field, value: unknown, subject: Subject): unknown {
  if (schema === undefined) return value;
  try {
    return run(subject, () => (codec.unwrap === undefined ? safeParse(schema, value) : safeEncode(schema, value)));
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    throw invalid(
      subject,
      error.issues.map((issue) => ({ ...issue, path: [name, ...issue.path] })),
    );
  }
}
