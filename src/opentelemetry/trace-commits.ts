import { SpanKind, SpanStatusCode, context, trace } from "@opentelemetry/api";
import type { Context, Span, Tracer } from "@opentelemetry/api";
import type { Connection } from "../dynamodb/connection.js";
import type { CommitCounts, CommitEvent, CommitId, ConnectionEvents } from "../dynamodb/connection-events.js";
import { commitAttributes, errorType, names } from "./attributes.js";

/** The span of a commit under way. */
interface Running {
  readonly span: Span;
  readonly startedAt: number;
}

/** Makes a span of each commit; see `instrument`. */
export function traceCommits(connection: Connection, tracer: Tracer): () => void {
  return new CommitTracer(connection, tracer).start();
}

class CommitTracer {
  readonly #connection: Connection;
  readonly #tracer: Tracer;
  /** As many as there are commits under way: each ends with `commit` or `failed`. */
  readonly #running = new Map<CommitId, Running>();
  #stopped = false;
  #followUps: (() => void)[] = [];

  constructor(connection: Connection, tracer: Tracer) {
    this.#connection = connection;
    this.#tracer = tracer;
  }

  start(): () => void {
    const connection = this.#connection;
    const stopBeginning = connection.on("begin", (event) => this.#begin(event));
    this.#followUps = [
      connection.on("retry", (event) => this.#retry(event)),
      connection.on("commit", (event) => this.#end(event, "done")),
      connection.on("failed", (event) => this.#fail(event)),
    ];
    return () => {
      stopBeginning();
      this.#stopped = true;
      this.#leave();
    };
  }

  #begin(event: ConnectionEvents["begin"]): void {
    const parent = this.#parentOf(event.id);
    const span = this.#tracer.startSpan(
      `commit ${event.transaction}`,
      {
        kind: SpanKind.INTERNAL,
        // As a Date: the SDK takes a small number for one of the process's own clock.
        startTime: new Date(event.startedAt),
        attributes: { ...commitAttributes(event), [names.operation]: "commit", [names.commitId]: event.id.text },
      },
      parent,
    );
    this.#running.set(event.id, { span, startedAt: event.startedAt });
    const inside = trace.setSpan(parent, span);
    event.runWithin((run) => context.with(inside, run));
  }

  /** The active context; where no context manager is registered, a part still finds its whole. */
  #parentOf({ parent }: CommitId): Context {
    const active = context.active();
    const whole = parent && this.#running.get(parent);
    return whole === undefined || trace.getSpan(active) !== undefined ? active : trace.setSpan(active, whole.span);
  }

  #retry({ id, attempt, error }: ConnectionEvents["retry"]): void {
    const attributes = { [names.attempt]: attempt, [names.errorType]: errorType(error) };
    this.#running.get(id)?.span.addEvent("dynatx.retry", attributes, new Date(this.#connection.clock.now()));
  }

  #fail(event: ConnectionEvents["failed"]): void {
    const { id, error, durationMs, status } = event;
    const running = this.#running.get(id);
    if (running !== undefined) {
      const { span, startedAt } = running;
      const message = error instanceof Error ? error.message : String(error);
      span.recordException(error instanceof Error ? error : message, new Date(startedAt + durationMs));
      span.setStatus({ code: SpanStatusCode.ERROR, message });
      span.setAttribute(names.errorType, errorType(error));
    }
    this.#end(event, status);
  }

  #end({ id, attempts, retries, durationMs }: CommitEvent & CommitCounts, status: string): void {
    const running = this.#running.get(id);
    if (running === undefined) return; // begun before there was a listener
    const { span, startedAt } = running;
    span.setAttributes({ [names.status]: status, [names.attempts]: attempts, [names.retries]: retries });
    if (id.datetime !== undefined) span.setAttribute(names.datetime, id.datetime);
    span.end(new Date(startedAt + durationMs));
    this.#running.delete(id);
    this.#leave();
  }

  /** Commits under way when it was stopped are still followed to their end. */
  #leave(): void {
    if (!this.#stopped || this.#running.size > 0) return;
    for (const stop of this.#followUps) stop();
    this.#followUps = [];
  }
}
