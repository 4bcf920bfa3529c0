import { ValidationError } from "../../../base/errors.js";
import { itemBytes } from "../../../dynamodb/attribute.js";
import type { AttributeMap } from "../../../dynamodb/attribute.js";
import type { Footprint } from "../../../model/footprint.js";
import { applyGuarded } from "../../../model/settle.js";
import type { AtomicBackend } from "../../backend.js";
import { actionsOf } from "./action.js";
import { commitByIntents, validateReads } from "./by-intents.js";
import { NativeCommit } from "./native-commit.js";
import { CommitTerms } from "./terms.js";

export interface AtomicOptions {
  /**
   * How a transaction is made durable. `native`: by one TransactWriteItems; `ValidationError`, before anything is sent,
   * when it does not fit one, and when the endpoint has no such call. `intents`: by the intent protocol, whatever its
   * size. `auto`, the default: by what is cheapest for what it has touched.
   */
  readonly path?: "auto" | "native" | "intents" | undefined;
  /**
   * Whether a commit by the intent protocol is answered as soon as it is decided, while its items are brought up to date
   * (readers and writers of this library see them so already), or only after that. Default: `background`.
   */
  readonly apply?: "background" | "await" | undefined;
}

/** DynamoDB's limits of one TransactWriteItems. */
const maxActions = 100;
const maxBytes = 4 * 1024 * 1024;
/** So many items are never over the limit of bytes: none has more than 400 KB. */
const uncountedItems = 10;

/** The clients whose endpoints have shown that they have no TransactWriteItems. */
const lacking = new WeakSet<object>();

/**
 * All or nothing: what a transaction has changed, and its sub-transactions and audit rows, becomes durable at once, and
 * only if everything it has read is still as it was. Transactions are strictly serializable; one that met a conflict
 * runs again. Where a transaction does not fit one request of DynamoDB's it needs the table that
 * `connection.ensureCoordinator()` makes. Throws `ValidationError` for unknown options.
 */
export function atomic({ path = "auto", apply = "background" }: AtomicOptions = {}): AtomicBackend {
  if (!["auto", "native", "intents"].includes(path) || !["background", "await"].includes(apply))
    throw new ValidationError(`atomic() has no path ${path} or no apply ${apply}`);
  return {
    name: "atomic",
    holdsWrites: true,
    commitFootprint: (footprint, terms) => commitBy(path, footprint, new CommitTerms(terms, apply === "await")),
  };
}

async function commitBy(path: "auto" | "native" | "intents", footprint: Footprint, terms: CommitTerms): Promise<void> {
  const { writes, reads } = footprint;
  const [write, ...more] = writes;
  if (write === undefined) {
    // One item was there at one time by itself.
    if (reads.length > 1) await validateReads(footprint, terms);
    return;
  }
  if (path === "auto" && more.length === 0 && reads.length === 0)
    return applyGuarded(write, write.binding.spec.concurrency, terms.signal);
  if (path !== "intents") {
    const obstacle = obstacleOf(footprint);
    if (obstacle === undefined) {
      if ((await new NativeCommit(actionsOf(footprint), terms).run()) === "committed") return;
      lacking.add(write.binding.connection.client);
    }
    if (path === "native") throw new ValidationError(`atomic({ path: "native" }): ${obstacle ?? noCall}`);
  }
  await commitByIntents(footprint, terms);
}

const noCall = "the endpoint has no TransactWriteItems";

/** Why a footprint cannot be committed by one TransactWriteItems. */
function obstacleOf({ writes, reads }: Footprint): string | undefined {
  const items = [...writes, ...reads];
  if (items.length > maxActions) return `${items.length} items are over DynamoDB's limit of ${maxActions}`;
  const clients = new Set(items.map(({ binding }) => binding.connection.client));
  if (clients.size > 1) return `its items are reached by ${clients.size} clients`;
  if (items.some(({ binding }) => lacking.has(binding.connection.client))) return noCall;
  if (items.length <= uncountedItems) return undefined;
  const bytes =
    writes.reduce((sum, { before, after }) => sum + Math.max(bytesOf(before), bytesOf(after)), 0) +
    reads.reduce((sum, { image }) => sum + bytesOf(image), 0);
  return bytes > maxBytes ? `its items have ${bytes} bytes, over DynamoDB's limit of ${maxBytes}` : undefined;
}

function bytesOf(item: AttributeMap | undefined): number {
  return item === undefined ? 0 : itemBytes(item);
}
