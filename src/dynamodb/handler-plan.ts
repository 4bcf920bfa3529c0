import { addAs, entriesOf, holds, joiningOf, samePlaces } from "./middleware-entry.js";
import type { Context, Entry, Handler, Middleware, Stack } from "./middleware-entry.js";

/** A command of the SDK, as far as plans go. Its own type says which stacks and configurations it takes. */
export interface PlannedCommand {
  resolveMiddleware(stack: never, ...rest: never): unknown;
}

/** A middleware of the client, or the number of one that each command brings for itself. */
type Place = Middleware | number;

/** What was found for the stacks that came last. */
interface Found {
  readonly joining: unknown;
  readonly client: readonly Entry[];
  readonly command: readonly Entry[];
  /** From the innermost outwards. `null`: there is no plan for these stacks. Absent: they have come once. */
  order?: readonly Place[] | null;
}

/**
 * The order of the middleware for one kind of command on one client. The SDK finds it anew for each command, at more
 * cost than all that this library does for a request. Here it is found once, by the SDK's own stack, and anew when
 * something was added or removed. All else is as without a plan: each command has a context and handlers of its own,
 * made by all middleware of the client and the command. The SDK does it by itself where somebody has put himself into
 * the methods of the stack, as tracing tools do.
 */
export class HandlerPlan {
  #found: Found | undefined;

  /** Makes a command follow the plan when a client sends it. */
  lead(command: PlannedCommand): void {
    // What is behind it is the command's own affair: it gets what the client gives, but for the stack.
    const resolve = command.resolveMiddleware.bind(command) as (stack: Stack, ...rest: readonly unknown[]) => unknown;
    command.resolveMiddleware = (stack: Stack, ...rest: readonly unknown[]) => resolve(this.#standIn(stack), ...rest);
  }

  /** The client's stack as a command sees it: it joins its own to it and has both resolved, and no more. */
  #standIn(client: Stack): Stack {
    const concat = (command: Stack): Stack => {
      const own = entriesOf(command);
      const order = own && this.#orderOf(client, command, own);
      if (!own || !order) return client.concat(command);
      // True as far as commands go, see above.
      return { resolve: (handler: Handler, context: Context) => resolved(order, own, handler, context) } as Stack;
    };
    return { concat } as Stack; // the same
  }

  #orderOf(client: Stack, command: Stack, own: readonly Entry[]): readonly Place[] | null {
    const found = this.#found;
    if (
      found !== undefined &&
      found.joining === joiningOf(client) &&
      holds(client, found.client) &&
      samePlaces(own, found.command)
    ) {
      // Looked for when they come again: not in vain where stacks change with each command.
      if (found.order === undefined) found.order = findOrder(client, command, own);
      return found.order;
    }
    const entries = entriesOf(client);
    this.#found = entries && { joining: joiningOf(client), client: entries, command: own };
    return null;
  }
}

function resolved(order: readonly Place[], own: readonly Entry[], handler: Handler, context: Context): Handler {
  let outermost = handler;
  for (const place of order) {
    const middleware = typeof place === "number" ? own[place]?.middleware : place;
    if (middleware !== undefined) outermost = middleware(outermost, context);
  }
  return outermost;
}

/** Lets the stack itself order what was added to both, by putting something into each place that tells when it is asked. */
function findOrder(client: Stack, command: Stack, own: readonly Entry[]): readonly Place[] | null {
  const whole = client.concat(command);
  const entries = entriesOf(whole);
  if (entries === undefined) return null;
  for (const { middleware } of entries) whole.remove(middleware);
  if (entriesOf(whole)?.length !== 0) return null;
  const order: Place[] = [];
  for (const entry of entries) {
    const number = own.findIndex(({ middleware }) => middleware === entry.middleware);
    addAs(whole, entry, (next) => {
      order.push(number === -1 ? unlessUnheard(entry) : number);
      return next;
    });
  }
  const nobody: Handler = () => Promise.reject(new Error("only its place is asked for"));
  // Whoever is in between, in the stack's own methods, shows by another handler than the one given.
  const handler = whole.resolve(nobody, {});
  return handler === nobody && order.length === entries.length ? order : null;
}

/**
 * The SDK's logging walks through all that was sent and received before it calls the logger, also the one by default,
 * which does nothing; it is the dearest middleware after signing. Somebody else's under its name is left as it is.
 */
function unlessUnheard({ middleware, options: { name, tags } }: Entry): Middleware {
  if (name !== "loggerMiddleware" || !tags?.includes("LOGGER")) return middleware;
  return (next, context) => {
    const logged = middleware(next, context);
    return (args) => (isMute(context.logger) ? next(args) : logged(args));
  };
}

/** The SDK itself tells its silent logger by this name. */
function isMute(logger: Context["logger"]): boolean {
  return logger === undefined || logger.constructor.name === "NoOpLogger";
}
