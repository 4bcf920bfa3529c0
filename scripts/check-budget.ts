import { writeFileSync } from "node:fs";
import { run } from "./run.js";
import { scratchProject, writeUserConfig, type ModuleType } from "./scratch.js";

/** What 20 models, defined and lightly used, may cost a user's compiler: zod's own share is about 9,000. */
const budget = 30_000;
const models = 20;

/** Fails when a user's project needs more type instantiations than the budget, whichever way it imports. */
export async function checkBudget(): Promise<string> {
  const counts = [await instantiations("module"), await instantiations("commonjs")];
  const note = `${counts.join(" as ESM, ")} as CommonJS, of ${budget} instantiations`;
  if (counts.some((count) => count > budget)) throw new Error(`Too many for ${models} models: ${note}`);
  return note;
}

async function instantiations(type: ModuleType): Promise<number> {
  const folder = scratchProject(`budget-${type}`, type);
  writeUserConfig(folder);
  for (let i = 0; i < models; i += 1) writeFileSync(`${folder}model-${i}.ts`, modelSource(i));
  const { stdout } = await run("tsc", ["--project", folder, "--extendedDiagnostics"]);
  const count = /^Instantiations:\s+(\d+)/m.exec(stdout)?.[1];
  if (count === undefined) throw new Error(`tsc reported no count of instantiations:\n${stdout}`);
  return Number(count);
}

/** Eight fields, two indexes, and the light use of every day: get, fields, create, update with a condition. */
function modelSource(i: number): string {
  return `import { DynamoDBModel, add, ge } from "dynatx";
import { z } from "zod";

export class Model${i} extends DynamoDBModel.define({
  table: "models-${i}",
  hashKey: "id",
  indexes: { byOwner: { hashKey: "owner", rangeKey: "openedAt" }, byKind: { hashKey: "kind", rangeKey: "balance" } },
  schema: z.object({
    id: z.string(),
    owner: z.string(),
    kind: z.enum(["current", "savings", "kind${i}"]),
    balance: z.number().int().default(0),
    tags: z.set(z.string()).default(() => new Set<string>()),
    openedAt: z.date().default(() => new Date()),
    note: z.string().optional(),
    city: z.string().nullable(),
  }),
}) {
  get label(): string {
    return \`\${this.owner} \${this.balance}\`;
  }
}

export async function use${i}(): Promise<Model${i}> {
  const read = await Model${i}.get("a");
  read.balance += read.tags.size;
  const made = new Model${i}({ id: "b", owner: read.owner, kind: "kind${i}", city: null });
  console.log(made.label, made.openedAt.getTime(), made.city?.length);
  return Model${i}.update("a", { balance: add(1), note: "seen" }, { condition: { balance: ge(5) } });
}
`;
}
