import { $ZodDefault, $ZodEnum, $ZodString, clone } from "zod/v4/core";
import type { $ZodObject, $ZodType } from "zod/v4/core";
import { SchemaError } from "../base/errors.js";

/** `pending` until the first target is saved, then `running`, and `done` at the end. */
export type Status = "pending" | "running" | "done";
export const statuses: readonly Status[] = ["pending", "running", "done"];

/** Members of transactions: an attribute cannot have these names. */
const memberNames = [
  "transient",
  "subtransactions",
  "setup",
  "transactors",
  "getTarget",
  "alterTarget",
  "applySubtransactions",
  "commit",
];

/** A transaction's definition as that of a model: range key `datetime`, attribute `status`. Throws `SchemaError`. */
export function withTransactionFields(definition: {
  readonly table?: unknown;
  readonly schema?: unknown;
  readonly rangeKey?: unknown;
}): object {
  const { schema: given, table, rangeKey } = definition;
  // Whatever it is, only the properties checked here are used; the model's own compiler refuses the rest.
  const schema = given as $ZodObject | undefined;
  const shape = schema?._zod?.def?.shape;
  if (schema === undefined || shape === undefined) return definition;
  const taken = Object.keys(shape).find(
    (name) => memberNames.includes(name) || name === "datetime" || name === "status",
  );
  if (taken !== undefined)
    throw new SchemaError(`table ${String(table)}: an attribute of a transaction cannot be called ${taken}`);
  if (rangeKey !== undefined)
    throw new SchemaError(`table ${String(table)}: the range key of a transaction is always datetime`);
  const status = new $ZodEnum({ type: "enum", entries: Object.fromEntries(statuses.map((name) => [name, name])) });
  const added: Record<string, $ZodType> = {
    datetime: new $ZodString({ type: "string" }),
    status: new $ZodDefault({ type: "default", innerType: status, defaultValue: "pending" }),
  };
  return {
    ...definition,
    schema: clone(schema, { ...schema._zod.def, shape: { ...shape, ...added } }),
    rangeKey: "datetime",
    lateKeys: ["datetime"],
  };
}
