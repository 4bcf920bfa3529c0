import { DynamoDBModel, add, append, contains, eq, gt, patch, remove } from "dynatx";
import { expectTypeOf } from "expect-type";
import { z } from "zod";
import * as mini from "zod/mini";

/** zod/mini: the same types from other constructors. */
export async function minimal(): Promise<void> {
  class Mini extends DynamoDBModel.define({
    table: "mini",
    hashKey: "id",
    schema: mini.object({
      id: mini.string(),
      count: mini._default(mini.number(), 0),
      note: mini.optional(mini.string()),
      at: mini.nullable(mini.date()),
    }),
  }) {}
  const made = new Mini({ id: "x", at: null });
  expectTypeOf(made.count).toEqualTypeOf<number>();
  expectTypeOf(made.note).toEqualTypeOf<string | undefined>();
  expectTypeOf(made.at).toEqualTypeOf<Date | null>();
  await Mini.update("x", { count: add(1), note: remove() }, { condition: { count: gt(1) } });
  // @ts-expect-error -- a string
  await Mini.get(5);
  const schema = mini.object({ id: mini.string(), map: mini.map(mini.string(), mini.string()) });
  // @ts-expect-error -- a map cannot be stored
  DynamoDBModel.define({ table: "mini", hashKey: "id", schema });
}

const Node = z.object({
  name: z.string(),
  get children() {
    return z.array(Node);
  },
});
interface Category {
  name: string;
  inner?: Category[] | undefined;
}
const category: z.ZodType<Category> = z.object({ name: z.string(), inner: z.lazy(() => z.array(category)).optional() });

export async function recursive(): Promise<void> {
  class Tree extends DynamoDBModel.define({
    table: "trees",
    hashKey: "id",
    schema: z.object({ id: z.string(), root: Node, category }),
  }) {}
  const tree = await Tree.get("x");
  expectTypeOf(tree.root.children.at(0)?.children.at(0)?.name).toEqualTypeOf<string | undefined>();
  expectTypeOf(tree.category).toEqualTypeOf<Category>();
  await Tree.update("x", { root: patch({ children: append({ name: "x", children: [] }) }) });
  Tree.scan({ filter: { root: { name: eq("x"), children: contains({ name: "a", children: [] }) } } });
  // @ts-expect-error -- children are nodes
  await Tree.update("x", { root: patch({ children: append("x") }) });
  // @ts-expect-error -- a name is text
  Tree.scan({ filter: { root: { name: eq(5) } } });
}

/** The kinds of schema that are rarer. */
export async function rare(): Promise<void> {
  class Odd extends DynamoDBModel.define({
    table: "odd",
    hashKey: "id",
    schema: z.object({
      id: z.templateLiteral(["odd-", z.number()]),
      pair: z.tuple([z.string(), z.number()]),
      partial: z.partialRecord(z.enum(["a", "b"]), z.number()),
      both: z.intersection(z.object({ a: z.string() }), z.object({ b: z.number() })),
      fixed: z.object({ a: z.string() }).readonly(),
      one: z.literal(["a", 1, true]),
      safe: z.string().catch("x"),
      perhaps: z.string().nullish(),
      exact: z.exactOptional(z.string()),
      must: z.string().optional().nonoptional(),
    }),
  }) {}
  const odd = await Odd.get("odd-1");
  expectTypeOf(odd.pair).toEqualTypeOf<[string, number]>();
  expectTypeOf(odd.partial).toEqualTypeOf<Partial<Record<"a" | "b", number>>>();
  expectTypeOf(odd.one).toEqualTypeOf<"a" | 1 | true>();
  expectTypeOf(odd.safe).toEqualTypeOf<string>();
  expectTypeOf(odd.perhaps).toEqualTypeOf<string | null | undefined>();
  expectTypeOf(odd.exact).toEqualTypeOf<string | undefined>();
  expectTypeOf(odd.must).toEqualTypeOf<string>();
  await Odd.update("odd-1", {
    pair: ["x", 1],
    partial: patch({ a: add(1) }),
    both: patch({ b: add(1) }),
    perhaps: null,
  });
  await Odd.update("odd-1", { fixed: patch({ a: "x" }), one: true, exact: remove() });
  Odd.scan({
    filter: { pair: eq(["x", 1]), partial: { a: gt(1) }, both: { b: gt(1) }, one: eq(1), fixed: { a: eq("x") } },
  });
  // @ts-expect-error -- not of the template
  await Odd.get("x");
  // @ts-expect-error -- not of the enum
  await Odd.update("odd-1", { partial: patch({ c: 1 }) });
  // @ts-expect-error -- not of the literals
  await Odd.update("odd-1", { one: 2 });
}

/** Schemas made by the user's own helpers, as long as their result is a definite type. */
export function helpers(): void {
  const withId = <S extends z.ZodRawShape>(shape: S) => z.object({ id: z.string(), ...shape });
  class Helped extends DynamoDBModel.define({
    table: "helped",
    hashKey: "id",
    schema: withId({ count: z.number().default(0), note: z.string().optional() }),
  }) {}
  const helped = new Helped({ id: "x" });
  expectTypeOf(helped.count).toEqualTypeOf<number>();
  expectTypeOf(helped.note).toEqualTypeOf<string | undefined>();
  class Changed extends DynamoDBModel.define({
    table: "changed",
    hashKey: "id",
    schema: withId({ a: z.string(), b: z.number() }).omit({ a: true }).partial({ b: true }).extend({ c: z.date() }),
  }) {}
  const changed = new Changed({ id: "x", c: new Date() });
  expectTypeOf(changed.b).toEqualTypeOf<number | undefined>();
  expectTypeOf(changed).not.toHaveProperty("a");
  const stored = <M extends z.ZodType>(value: M) => z.object({ id: z.string(), value: z.array(value) });
  class Box extends DynamoDBModel.define({ table: "boxes", hashKey: "id", schema: stored(z.date()) }) {}
  expectTypeOf<Box["value"]>().toEqualTypeOf<Date[]>();
}

/** Sixty attributes. */
class Large extends DynamoDBModel.define({
  table: "large",
  hashKey: "f0",
  rangeKey: "f6",
  indexes: { first: { hashKey: "f12", rangeKey: "f2" }, second: { hashKey: "f18" } },
  schema: z.object({
    f0: z.string(),
    f1: z.number().default(0),
    f2: z.date().optional(),
    f3: z.set(z.string()).default(new Set()),
    f4: z.object({ a: z.string(), b: z.number().optional() }),
    f5: z.array(z.string()),
    f6: z.string(),
    f7: z.number().default(0),
    f8: z.date().optional(),
    f9: z.set(z.string()).default(new Set()),
    f10: z.object({ a: z.string(), b: z.number().optional() }),
    f11: z.array(z.string()),
    f12: z.string(),
    f13: z.number().default(0),
    f14: z.date().optional(),
    f15: z.set(z.string()).default(new Set()),
    f16: z.object({ a: z.string(), b: z.number().optional() }),
    f17: z.array(z.string()),
    f18: z.string(),
    f19: z.number().default(0),
    f20: z.date().optional(),
    f21: z.set(z.string()).default(new Set()),
    f22: z.object({ a: z.string(), b: z.number().optional() }),
    f23: z.array(z.string()),
    f24: z.string(),
    f25: z.number().default(0),
    f26: z.date().optional(),
    f27: z.set(z.string()).default(new Set()),
    f28: z.object({ a: z.string(), b: z.number().optional() }),
    f29: z.array(z.string()),
    f30: z.string(),
    f31: z.number().default(0),
    f32: z.date().optional(),
    f33: z.set(z.string()).default(new Set()),
    f34: z.object({ a: z.string(), b: z.number().optional() }),
    f35: z.array(z.string()),
    f36: z.string(),
    f37: z.number().default(0),
    f38: z.date().optional(),
    f39: z.set(z.string()).default(new Set()),
    f40: z.object({ a: z.string(), b: z.number().optional() }),
    f41: z.array(z.string()),
    f42: z.string(),
    f43: z.number().default(0),
    f44: z.date().optional(),
    f45: z.set(z.string()).default(new Set()),
    f46: z.object({ a: z.string(), b: z.number().optional() }),
    f47: z.array(z.string()),
    f48: z.string(),
    f49: z.number().default(0),
    f50: z.date().optional(),
    f51: z.set(z.string()).default(new Set()),
    f52: z.object({ a: z.string(), b: z.number().optional() }),
    f53: z.array(z.string()),
    f54: z.string(),
    f55: z.number().default(0),
    f56: z.date().optional(),
    f57: z.set(z.string()).default(new Set()),
    f58: z.object({ a: z.string(), b: z.number().optional() }),
    f59: z.array(z.string()),
  }),
}) {}

export async function large(): Promise<void> {
  const item = await Large.get("a", "b");
  expectTypeOf(item.f59).toEqualTypeOf<string[]>();
  expectTypeOf(item.f56).toEqualTypeOf<Date | undefined>();
  await Large.update("a", "b", { f1: add(1), f8: remove(), f58: patch({ a: "x" }), f59: append("x") });
  Large.query("a", { index: "first", range: gt(new Date()), filter: { f55: gt(1), f58: { b: gt(1) } } });
  // @ts-expect-error -- a number
  await Large.update("a", "b", { f55: "x" });
  // @ts-expect-error -- not in the schema
  await Large.update("a", "b", { f60: "x" });
}
