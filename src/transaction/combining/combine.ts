import type { Connection } from "../../dynamodb/connection.js";
import { keyText } from "../../model/batch-get.js";
import { bindingOf } from "../../model/model-core.js";
import type { GetterItem, RuntimeModel } from "../../model/model-core.js";
import { Participant } from "./participant.js";
import type { Outcome, ParticipantOptions } from "./participant.js";
import { Queue } from "./queue.js";

/** The queues in use: by connection, model class (a subclass has setters and hooks of its own) and key. */
const queues = new WeakMap<Connection, WeakMap<RuntimeModel, Map<string, Queue>>>();

/**
 * Changes an item together with all others of this process that do so now: the item is read once, the setters run in
 * order of arrival, each on a copy, and one conditional write stands for all of them. Never rejects.
 */
export function combine({ model, key }: GetterItem, options: ParticipantOptions): Promise<Outcome> {
  const binding = bindingOf(model);
  const byKey = queuesOf(binding.connection, model);
  const text = keyText(binding.spec, key.stored);
  const queue = byKey.get(text) ?? new Queue({ model, binding, key }, () => byKey.delete(text));
  byKey.set(text, queue);
  const participant = new Participant(options);
  queue.join(participant);
  return participant.outcome;
}

function queuesOf(connection: Connection, model: RuntimeModel): Map<string, Queue> {
  const byModel = queues.get(connection) ?? new WeakMap<RuntimeModel, Map<string, Queue>>();
  queues.set(connection, byModel);
  const byKey = byModel.get(model) ?? new Map<string, Queue>();
  byModel.set(model, byKey);
  return byKey;
}
