import { randomInt } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { testEndpoint } from "./endpoint.js";
import type { TestConnectionOptions, TestDynamoDB } from "./endpoint.js";
import { checkRates, faultKinds, pickFault, seededFractions } from "./fault-plan.js";
import type { Fault, FaultRates } from "./fault-plan.js";
import { LateRequests } from "./late-requests.js";
import { Upstream, bodyOf } from "./upstream.js";
import type { Answer, Sent } from "./upstream.js";

const defaultMaxDelayMs = 50;
const maxSeed = 2 ** 32;

/** What concerns items; requests about tables meet no fault by chance, only by a plan. */
const itemOperations: readonly string[] = [
  ...["GetItem", "PutItem", "UpdateItem", "DeleteItem", "BatchGetItem", "BatchWriteItem", "Query", "Scan"],
  ...["TransactGetItems", "TransactWriteItems", "ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"],
];

/** One request as a fault plan sees it. */
export interface ProxiedRequest {
  /** The operation's name in DynamoDB's API, for example `PutItem`. */
  readonly operation: string;
  /** The request's JSON. */
  readonly body: Readonly<Record<string, unknown>>;
  /** How many requests came before it. */
  readonly index: number;
}

/** A fault, `"none"` to let the request through, or a fault that takes so long (in milliseconds). */
export type PlannedFault = Fault | "none" | { readonly fault: Fault; readonly delayMs: number };

export interface FaultProxyOptions extends TestConnectionOptions {
  /** Which sequence of faults to play, a whole number from 0 to 2^32 - 1. Default: by chance; `FaultProxy.seed` tells. */
  readonly seed?: number | undefined;
  /** The share of requests that meet each fault, by chance. Default: none. */
  readonly rates?: FaultRates | undefined;
  /** The operations that the rates are about, for example `["PutItem", "UpdateItem"]`. Default: all that concern items. */
  readonly operations?: readonly string[] | undefined;
  /** Decides about a request; `undefined` leaves it to the rates. What it throws breaks the connection. */
  readonly plan?: ((request: ProxiedRequest) => PlannedFault | undefined) | undefined;
  /** How long `deliverLater`, `duplicate` and `slow` take at the most, in milliseconds. Default: 50. */
  readonly maxDelayMs?: number | undefined;
}

/** A way to a database on which requests and answers get lost, late, doubled and cut. */
export interface FaultProxy extends TestDynamoDB {
  /** The `seed` that plays the same faults again to the same requests in the same order. */
  readonly seed: number;
  /** How often each fault has struck. */
  readonly counts: Readonly<Record<Fault, number>>;
  /** How many requests of each operation came in, by its name in DynamoDB's API. */
  readonly requests: ReadonlyMap<string, number>;
  /** Other rates from now on. Throws `ValidationError` for shares that are none. */
  setRates(rates: FaultRates): void;
  /** Delivers what is late at once, in the order in which it was sent, and resolves when it has arrived. */
  deliverNow(): Promise<void>;
  /** Resolves when nothing is late any more. */
  settled(): Promise<void>;
  /** Delivers what is late, and ends the proxy; the database behind it goes on. May be called twice. */
  stop(): Promise<void>;
}

interface Decision {
  readonly fault: Fault | undefined;
  readonly delayMs: number;
}

const throttled: Answer = {
  status: 400,
  headers: { "content-type": "application/x-amz-json-1.0" },
  body: Buffer.from(
    JSON.stringify({ __type: "com.amazonaws.dynamodb.v20120810#ThrottlingException", message: "a fault for a test" }),
  ),
};

/** Decides in order of arrival. Every request about items takes two numbers, so that a plan does not shift what follows. */
class Faults {
  readonly seed: number;
  readonly counts = Object.fromEntries(faultKinds.map((kind) => [kind, 0])) as Record<Fault, number>; // true: it names all
  readonly requests = new Map<string, number>();
  rates: FaultRates;
  readonly #options: FaultProxyOptions;
  readonly #fraction: () => number;
  #index = 0;

  constructor(options: FaultProxyOptions) {
    this.seed = options.seed ?? randomInt(maxSeed);
    this.rates = checkRates(options.rates ?? {});
    this.#options = options;
    this.#fraction = seededFractions(this.seed);
  }

  decide({ headers, body }: Sent): Decision {
    const operation = String(headers["x-amz-target"] ?? "").replace(/^.*\./, "");
    this.requests.set(operation, (this.requests.get(operation) ?? 0) + 1);
    const { operations = itemOperations, plan, maxDelayMs = defaultMaxDelayMs } = this.#options;
    const index = this.#index++;
    const drawn = itemOperations.includes(operation) ? [this.#fraction(), this.#fraction()] : [];
    const [chance = 1, delay = 1] = drawn;
    const delayMs = delay * maxDelayMs;
    // True: every request of DynamoDB's is a JSON object.
    const planned = plan?.({ operation, index, body: JSON.parse(body.toString()) as Record<string, unknown> });
    const decision = ((): Decision => {
      if (planned === undefined)
        return { fault: operations.includes(operation) ? pickFault(this.rates, chance) : undefined, delayMs };
      if (planned === "none") return { fault: undefined, delayMs };
      return typeof planned === "string" ? { fault: planned, delayMs } : planned;
    })();
    if (decision.fault !== undefined) this.counts[decision.fault]++;
    return decision;
  }
}

/** Carries requests to the endpoint and answers back, or not. */
class Carrier {
  readonly late = new LateRequests();
  readonly #serving = new Set<Promise<void>>(); // no more than there are connections
  readonly #upstream: Upstream;
  readonly #faults: Faults;

  constructor(upstream: Upstream, faults: Faults) {
    this.#upstream = upstream;
    this.#faults = faults;
  }

  take(request: IncomingMessage, response: ServerResponse): void {
    const served = this.#serve(request, response).finally(() => this.#serving.delete(served));
    this.#serving.add(served);
  }

  /** Resolves when nothing is on its way any more; what is late arrives at once. */
  async finish(): Promise<void> {
    await this.late.deliverNow();
    await Promise.all(this.#serving);
    await this.late.deliverNow(); // what became late meanwhile
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { method = "POST", url: path = "/", headers } = request;
      const sent: Sent = { method, path, headers, body: await bodyOf(request) };
      await this.#carry(sent, this.#faults.decide(sent), response);
    } catch {
      breakOff(response); // the endpoint is not there, or the client has gone
    }
  }

  async #carry(sent: Sent, { fault, delayMs }: Decision, response: ServerResponse): Promise<void> {
    const deliver = (): Promise<Answer> => this.#upstream.send(sent);
    switch (fault) {
      case "loseRequest":
        return breakOff(response);
      case "throttle":
        return answer(response, throttled);
      case "deliverLater":
        void this.late.add(delayMs, deliver).catch(() => {}); // then it is lost for good
        return breakOff(response);
      case "loseReply":
        await deliver();
        return breakOff(response);
      case "cutReply":
        return answerInPart(response, await deliver());
      case "duplicate": {
        const first = await deliver();
        void this.late.add(delayMs, deliver).catch(() => {});
        return answer(response, first);
      }
      case "slow":
        return answer(response, await this.late.add(delayMs, deliver));
      case undefined:
        return answer(response, await deliver());
    }
  }
}

function breakOff(response: ServerResponse): void {
  response.socket?.destroy();
}

function answer(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, "content-length": body.length });
  response.end(body);
}

function answerInPart(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, "content-length": body.length });
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => breakOff(response));
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  // True: a server that listens on a port has an address of this form.
  return (server.address() as AddressInfo).port;
}

/**
 * Starts a proxy on the loopback interface before a database, for tests of what your code does when the network fails:
 * requests and answers are real HTTP, and each request meets the fault that `plan` names or that `rates` and `seed`
 * draw for it. `connection` and `client` go through the proxy and take `FaultProxyOptions` that are options of a
 * connection. The endpoint must be plain HTTP: dynalite, DynamoDB Local. Throws `ValidationError` otherwise.
 */
export async function startFaultProxy(
  behind: string | { readonly endpoint: string },
  options: FaultProxyOptions = {},
): Promise<FaultProxy> {
  const { seed: _, rates: _rates, operations, plan, maxDelayMs, ...connection } = options;
  const upstream = new Upstream(typeof behind === "string" ? behind : behind.endpoint);
  const faults = new Faults(options);
  const carrier = new Carrier(upstream, faults);
  const server = createServer((request, response) => carrier.take(request, response));
  const port = await listen(server);
  const proxied = testEndpoint(port, connection, async () => {
    const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
    await carrier.finish();
    upstream.close();
  });
  return {
    ...proxied,
    seed: faults.seed,
    counts: faults.counts,
    requests: faults.requests,
    setRates: (rates) => void (faults.rates = checkRates(rates)),
    deliverNow: () => carrier.late.deliverNow(),
    settled: () => carrier.late.settled(),
  };
}
