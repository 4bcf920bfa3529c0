import type { GetItemCommand } from "@aws-sdk/client-dynamodb";

/** The SDK's stack of middleware. Those of all clients and commands are of one kind; only the types name a command's own input. */
export type Stack = GetItemCommand["middlewareStack"];
export type Handler = ReturnType<Stack["resolve"]>;
export type Context = Parameters<Stack["resolve"]>[1];
export type Middleware = (next: Handler, context: Context) => Handler;

/** One middleware of a stack, and all that decides where it stands. */
export interface Entry {
  readonly middleware: Middleware;
  readonly options: EntryOptions;
}

interface EntryOptions {
  readonly name?: string;
  readonly aliases?: readonly string[];
  readonly tags?: readonly string[];
  readonly override?: boolean;
  readonly step?: string;
  readonly priority?: string;
  /** Only those that stand before or after another one have it. */
  readonly relation?: string;
  readonly toMiddleware?: string;
}

type Add = (middleware: Middleware, options: EntryOptions) => void;

/** What is used of a stack here. Its own types bind each step to arguments of another kind, which nobody looks at here. */
interface OpenStack {
  add: Add;
  addRelativeTo: Add;
  identifyOnResolve(toggle?: boolean): boolean;
  readonly concat?: unknown;
  /** Hands all entries on, in the order and with the options in which they came; then says whether it prints its order. */
  applyToStack(stack: OpenStack): void;
}

// True: see the interface.
const opened = (stack: Stack): OpenStack => stack as unknown as OpenStack;

/** The function by which a stack joins others to it: another one when somebody has put himself in between. */
export function joiningOf(stack: Stack): unknown {
  return opened(stack).concat;
}

/** Visits all entries of a stack. False for one that is to print its order when it is resolved. */
function visit(stack: Stack, each: Add): boolean {
  let prints = false;
  opened(stack).applyToStack({
    add: each,
    addRelativeTo: each,
    identifyOnResolve: (toggle = prints) => (prints = toggle),
    applyToStack() {},
  });
  return !prints;
}

/** What was added to a stack; `undefined` for one that is to print its order. */
export function entriesOf(stack: Stack): Entry[] | undefined {
  const entries: Entry[] = [];
  const silent = visit(stack, (middleware, options) => entries.push({ middleware, options }));
  return silent ? entries : undefined;
}

/** Whether a stack still holds these very entries, and no others. */
export function holds(stack: Stack, entries: readonly Entry[]): boolean {
  let count = 0;
  let same = true;
  const silent = visit(stack, (middleware, options) => {
    const entry = entries[count++];
    same &&= entry !== undefined && entry.middleware === middleware && samePlace(entry.options, options);
  });
  return silent && same && count === entries.length;
}

/** Whether these entries stand in the same places, whatever their middleware. */
export function samePlaces(a: readonly Entry[], b: readonly Entry[]): boolean {
  if (a.length !== b.length) return false;
  for (const [index, { options }] of a.entries()) {
    const opposite = b[index];
    if (opposite === undefined || !samePlace(options, opposite.options)) return false;
  }
  return true;
}

function samePlace(a: EntryOptions, b: EntryOptions): boolean {
  return (
    a.name === b.name &&
    a.step === b.step &&
    a.priority === b.priority &&
    a.relation === b.relation &&
    a.toMiddleware === b.toMiddleware &&
    a.override === b.override &&
    a.aliases === b.aliases &&
    a.tags === b.tags
  );
}

/** Adds a middleware in the place of another. */
export function addAs(stack: Stack, { options }: Entry, middleware: Middleware): void {
  // The SDK keeps the middleware among the options too, and believes these.
  const own = { ...options, middleware };
  if (options.relation === undefined) opened(stack).add(middleware, own);
  else opened(stack).addRelativeTo(middleware, own);
}
