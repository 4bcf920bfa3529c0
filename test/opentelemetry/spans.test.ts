import { SpanKind, SpanStatusCode, context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { transactor } from "dynatx";
import type { Clock, Connection } from "dynatx";
import { instrument } from "dynatx/opentelemetry";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { useDatabase } from "../support/databases.js";
import { Account, Deposit, InsufficientFunds, Operation, failureOf, openAccount, unique } from "../transaction/bank.js";
import { changeElsewhere, useBank } from "../transaction/bank-ground.js";
import { millis, telemetry } from "./telemetry.js";

describe("OpenTelemetry: spans of commits", () => {
  const database = useDatabase();
  useBank(database);

  /** A time that only `advance` moves, so far from the real one that the SDK could take it for a time since the process began. */
  function ownClock(): { readonly clock: Clock; advance(ms: number): void; readonly startedAt: number } {
    const startedAt = 1;
    let now = startedAt;
    return { clock: { now: () => now, sleep: () => Promise.resolve() }, advance: (ms) => void (now += ms), startedAt };
  }

  function instrumented(options: { readonly clock?: Clock } = {}) {
    const connection = database.connect(options);
    const sdk = telemetry();
    return { connection, ...sdk, stop: instrument(connection, sdk) };
  }

  test("T7: a commit is one span from its begin to its end on the connection's clock, with its retries as events", async () => {
    const { clock, advance, startedAt } = ownClock();
    const { connection, spans } = instrumented({ clock });
    const { id } = await openAccount();
    let conflicts = 1;
    class Rename extends Operation.on(connection) {
      override setup = (): void => advance(200);
      override transactors() {
        return [
          transactor(Account.at(id), async (account) => {
            account.balance += 1;
            advance(30);
            if (conflicts-- > 0) await changeElsewhere(database, id, 50);
          }),
        ];
      }
    }
    const rename = new Rename({ requester: unique() });
    await rename.commit();
    const [span, ...others] = spans();
    expect(others).toEqual([]);
    expect(span).toMatchObject({
      name: "commit Rename",
      kind: SpanKind.INTERNAL,
      parentSpanContext: undefined,
      status: { code: SpanStatusCode.UNSET },
      instrumentationScope: { name: "dynatx" },
      ended: true,
    });
    expect([millis(span!.startTime), millis(span!.endTime)]).toEqual([startedAt, startedAt + 260]);
    expect(span!.attributes).toEqual({
      "db.system.name": "aws.dynamodb",
      "db.collection.name": "operations",
      "db.operation.name": "commit",
      "dynatx.transaction.name": "Rename",
      "dynatx.transaction.status": "done",
      "dynatx.transaction.datetime": rename.datetime,
      "dynatx.backend": "sequential",
      "dynatx.commit.id": expect.stringMatching(/^[\w-]{8}$/),
      "dynatx.commit.attempts": 2,
      "dynatx.commit.retries": 1,
    });
    expect(span!.events).toMatchObject([
      { name: "dynatx.retry", attributes: { "dynatx.attempt": 1, "error.type": "CONFLICT" } },
    ]);
    expect(millis(span!.events[0]!.time)).toBe(startedAt + 230);
  });

  test("T6: a commit that fails part-way ends its span with the error recorded, and says how far it came", async () => {
    const { clock, advance, startedAt } = ownClock();
    const { connection, span } = instrumented({ clock });
    const [from, to] = [await openAccount(5), await openAccount()];
    class Overdraw extends Operation.on(connection) {
      override transactors() {
        return [
          transactor(Account.at(to.id), (account) => void (account.balance += 6)),
          transactor(Account.at(from.id), (account) => {
            advance(40);
            account.withdraw(6);
          }),
        ];
      }
    }
    const failure = await failureOf(new Overdraw({ requester: unique() }).commit());
    expect(failure).toBeInstanceOf(InsufficientFunds);
    const failed = span("commit Overdraw");
    expect(failed.status).toEqual({ code: SpanStatusCode.ERROR, message: (failure as Error).message });
    expect(failed.attributes).toMatchObject({
      "error.type": "InsufficientFunds",
      "dynatx.transaction.status": "running",
      "dynatx.commit.attempts": 2,
      "dynatx.commit.retries": 0,
    });
    expect(failed.events).toMatchObject([
      { name: "exception", attributes: { "exception.message": (failure as Error).message } },
    ]);
    expect(millis(failed.endTime)).toBe(startedAt + 40);
  });

  test("T4: the errors of the library are named by their codes; what is thrown and no error is recorded too", async () => {
    const { connection, span } = instrumented();
    const [before, error] = [
      Date.now(),
      await failureOf(new (Deposit.on(connection))({ requesterId: unique(), to: unique(), amount: 1 }).commit()),
    ];
    expect(error).toMatchObject({ code: "TARGET_NOT_FOUND" });
    const deposit = span("commit Deposit");
    expect(deposit.attributes["error.type"]).toBe("TARGET_NOT_FOUND");
    expect(deposit.attributes["dynatx.transaction.status"]).toBe("pending");
    expect(millis(deposit.startTime)).toBeGreaterThanOrEqual(before);
    expect(millis(deposit.endTime)).toBeLessThanOrEqual(Date.now());
    class Odd extends Operation.on(connection) {
      override setup(): void {
        // oxlint-disable-next-line typescript/only-throw-error -- a user's code may
        throw "a text";
      }
    }
    await failureOf(new Odd({ requester: unique() }).commit());
    expect(span("commit Odd")).toMatchObject({
      status: { code: SpanStatusCode.ERROR, message: "a text" },
      attributes: { "error.type": "_OTHER" },
    });
  });

  test("T11: without a context manager, a sub-transaction's span is still a child of its parent's", async () => {
    const { connection, span } = instrumented();
    await nested(connection).commit();
    expect(span("commit Part").parentSpanContext?.spanId).toBe(span("commit Whole").spanContext().spanId);
    expect(span("commit Part").spanContext().traceId).toBe(span("commit Whole").spanContext().traceId);
  });

  test("T7: once stopped, what is under way is followed to its end, and nothing more", async () => {
    const { connection, spans, stop } = instrumented();
    class Stopping extends Operation.on(connection) {
      override setup = stop;
    }
    await new Stopping({ requester: unique() }).commit();
    await new Stopping({ requester: unique() }).commit();
    expect(spans().map(({ name }) => name)).toEqual(["commit Stopping"]);
    for (const name of ["begin", "commit", "failed", "retry", "conflict", "wait", "resend", "inquiry"] as const)
      expect(connection.listened(name)).toBe(false);
  });

  test("T7: a commit begun before anybody traced has no span, and is not disturbed", async () => {
    const connection = database.connect();
    const sdk = telemetry();
    class Late extends Operation.on(connection) {
      override setup = (): void => void instrument(connection, sdk);
    }
    const late = await new Late({ requester: unique() }).commit();
    expect(late.status).toBe("done");
    expect(sdk.spans()).toEqual([]);
  });

  describe("with a context manager", () => {
    beforeAll(() => void context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
    afterAll(() => context.disable());

    test("T15: each of many commits at once is a child of the span that was active when it began, and is active inside itself", async () => {
      const { connection, tracerProvider, spans } = instrumented();
      const tracer = tracerProvider.getTracer("test");
      const { id } = await openAccount();
      class Touch extends Operation.on(connection) {
        override async setup(): Promise<void> {
          await Account.get(id);
          tracer.startSpan(`inside ${this.requester}`).end();
        }
        override transactors() {
          return [
            transactor(Account.on(connection).at(id), (account) => {
              account.balance += 1;
              tracer.startSpan(`setter ${this.requester}`).end();
            }),
          ];
        }
      }
      const requesters = Array.from({ length: 20 }, unique);
      await Promise.all(
        requesters.map((requester) =>
          tracer.startActiveSpan(`request ${requester}`, async (request) => {
            await new Touch({ requester }).commit();
            expect(trace.getActiveSpan()).toBe(request);
            request.end();
          }),
        ),
      );
      const byId = new Map(spans().map((span) => [span.spanContext().spanId, span]));
      const parentOf = (span: { parentSpanContext?: { spanId: string } } | undefined) =>
        byId.get(span?.parentSpanContext?.spanId ?? "");
      for (const requester of requesters) {
        for (const child of spans().filter(({ name }) => name.endsWith(requester) && !name.startsWith("request"))) {
          expect(parentOf(child)?.name).toBe("commit Touch");
          expect(parentOf(parentOf(child))?.name).toBe(`request ${requester}`);
        }
      }
      expect(spans().filter(({ name }) => name === "commit Touch")).toHaveLength(20);
      expect(spans().filter(({ name }) => name.startsWith("setter")).length).toBeGreaterThanOrEqual(20);
    });

    test("T11: a sub-transaction is a child of what is active where it begins", async () => {
      const { connection, tracerProvider, span } = instrumented();
      const whole = nested(connection);
      const apply = whole.applySubtransactions.bind(whole);
      whole.applySubtransactions = () =>
        tracerProvider.getTracer("test").startActiveSpan("parts", async (parts) => {
          await apply();
          parts.end();
        });
      await whole.commit();
      expect(span("commit Part").parentSpanContext?.spanId).toBe(span("parts").spanContext().spanId);
      expect(span("parts").parentSpanContext?.spanId).toBe(span("commit Whole").spanContext().spanId);
    });
  });

  test("T1: by default spans go to the global provider, also to one registered later", async () => {
    const connection = database.connect();
    const { tracerProvider, span } = telemetry();
    const stop = instrument(connection);
    trace.setGlobalTracerProvider(tracerProvider);
    try {
      await new (Operation.on(connection))({ requester: unique() }).commit();
    } finally {
      trace.disable();
      stop();
    }
    expect(span("commit Operation").attributes["dynatx.transaction.status"]).toBe("done");
  });

  function nested(connection: Connection) {
    class Part extends Operation.on(connection) {}
    class Whole extends Operation.on(connection) {}
    const whole = new Whole({ requester: unique() });
    whole.subtransactions.push(new Part({ requester: unique() }));
    return whole;
  }
});
