import type { TransactWriteItem } from "../../../dynamodb/transact-write.js";
import { checkOf } from "../../../model/check.js";
import type { Footprint } from "../../../model/footprint.js";
import { asWrite } from "../../../model/intent-request.js";
import { requestOf } from "../../../model/write.js";
import type { Guard, Write } from "../../../model/write.js";

/** One item's share in a TransactWriteItems. */
export interface Action {
  /** What is written; of an item that was only read, the write that changes nothing. */
  readonly write: Write;
  readonly guard: Guard;
  readonly writes: boolean;
  readonly item: TransactWriteItem;
}

/** The actions that commit a footprint, writes first. Throws `ValidationError` for conditions beyond DynamoDB's limits. */
export function actionsOf({ writes, reads }: Footprint): readonly Action[] {
  const written = writes.map((write): Action => {
    const guard = write.binding.spec.concurrency;
    return { write, guard, writes: true, item: itemOf(write, guard) };
  });
  const checked = reads
    .filter(({ binding }) => !binding.connection.hooks.without?.has("native checks reads"))
    .map((read): Action => {
      const guard = read.binding.spec.concurrency;
      return { write: asWrite(read), guard, writes: false, item: { ConditionCheck: checkOf(read, guard) } };
    });
  return [...written, ...checked];
}

function itemOf(write: Write, guard: Guard): TransactWriteItem {
  const { operation, input } = requestOf(write, guard, "native minds intents");
  switch (operation) {
    case "PutItem":
      return { Put: input };
    case "UpdateItem":
      // True: the request of a write has an update expression.
      return { Update: input as TransactWriteItem["Update"] };
    case "DeleteItem":
      return { Delete: input };
  }
}
