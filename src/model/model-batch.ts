import { refuseCounterKey } from "./auto-increment.js";
import { bulkWrite, deleteParts, refuseDuplicates, refuseFailures, runBatch } from "./batch-write.js";
import type { BatchPart } from "./batch-write.js";
import type { ItemKey } from "./key.js";
import { encodeKey, keyValues } from "./key.js";
import { bindingOf, internalsOf, saveInstance, saveableOf } from "./model-core.js";
import type { RuntimeModel } from "./model-core.js";
import type { BatchWriteOptions } from "./model-types.js";
import { saveItem, saveOf, saved, snapshot } from "./save.js";
import type { Saveable } from "./save.js";
import { currentSession, refuseInSession } from "./session.js";
import { keyFields } from "./spec.js";
import { invalid } from "./validate.js";
import type { Values } from "./validate.js";
import type { Write } from "./write.js";

/** Saves instances and deletes items by key; see `ModelStatics.batchWrite`. Bad input is refused before anything is sent. */
export async function modelBatchWrite(
  model: RuntimeModel,
  puts: readonly object[],
  deletes: readonly ItemKey[],
  options: BatchWriteOptions,
): Promise<void> {
  const binding = bindingOf(model);
  const { spec, table } = binding;
  const saves = puts.map((instance) => ({ instance, key: putKey(model, instance) }));
  const known = saves.flatMap(({ key }) => (key === undefined ? [] : [key]));
  refuseDuplicates(binding, [...known, ...deletes]);
  for (const { stored } of deletes) refuseCounterKey(binding, stored);
  if (options.bulk) {
    refuseInSession(`${model.name}.batchWrite with bulk`, "without it, the writes are part of the transaction");
    return bulk(model, puts, deletes, options.signal);
  }
  const session = currentSession();
  if (session !== undefined) {
    for (const instance of puts) await session.save(instance, { signal: options.signal });
    for (const key of deletes) await session.deleteKey(model, key);
    return;
  }
  const parts = saves.map(({ instance }): BatchPart => {
    const { values } = saveableOf(instance);
    return { key: keyValues(spec, values), run: () => saveInstance(instance, { signal: options.signal }) };
  });
  await runBatch(table, [...parts, ...(await deleteParts(binding, deletes, options.signal))]);
}

/** The key of an instance to save; `undefined` when auto-increment is to give one. */
function putKey(model: RuntimeModel, instance: object): ItemKey | undefined {
  const binding = bindingOf(model);
  const { spec, table } = binding;
  const { values, model: own } = internalsOf(instance);
  if (bindingOf(own).connection !== binding.connection || !(own === model || own.prototype instanceof model)) {
    throw invalid({ table, action: "batchWrite" }, [
      { code: "custom", message: `put takes instances of ${model.name} on the same connection`, path: ["put"] },
    ]);
  }
  if (spec.autoIncrement && values[spec.hash.name] === undefined) return undefined;
  return encodeKey(
    binding,
    keyFields(spec).map(({ name }) => values[name]),
    "batchWrite",
  );
}

async function bulk(
  model: RuntimeModel,
  puts: readonly object[],
  deletes: readonly ItemKey[],
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted();
  const binding = bindingOf(model);
  const saves: { saveable: Saveable; given: Values; write: Write }[] = [];
  for (const instance of puts) {
    const hook = internalsOf(instance).model.beforeSave(instance);
    if (hook !== undefined) await hook;
    const saveable = saveableOf(instance);
    if (saveable.values[binding.spec.hash.name] === undefined) await saveItem(saveable, { signal });
    else saves.push({ saveable, given: snapshot(saveable), write: saveOf(saveable, undefined) });
  }
  const erased = deletes.map(({ stored, values }): Write => ({
    binding,
    key: stored,
    keyValues: values,
    before: undefined,
    after: undefined,
    writeId: "",
    condition: undefined,
    generatedKey: false,
  }));
  const writes = [...saves.map(({ write }) => write), ...erased];
  const failed = await bulkWrite(binding, writes, signal);
  for (const { saveable, given, write } of saves) {
    if (!failed.has(write)) saved(saveable, write, given);
  }
  const [first] = failed.values();
  if (failed.size === writes.length && first instanceof Error) throw first; // nothing is known to be written
  const failures = [...failed].map(([{ keyValues: key }, error]) => ({ key, error }));
  refuseFailures(binding.table, writes.length, failures);
}
