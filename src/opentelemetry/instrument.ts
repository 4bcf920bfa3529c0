import { metrics, trace } from "@opentelemetry/api";
import type { MeterProvider, TracerProvider } from "@opentelemetry/api";
import type { Connection } from "../dynamodb/connection.js";
import { measure } from "./measure.js";
import { traceCommits } from "./trace-commits.js";

export interface InstrumentOptions {
  /** Where spans go. Default: the global one, whenever it is registered. */
  readonly tracerProvider?: TracerProvider | undefined;
  /** Where measurements go. Default: the global one, as it is when `instrument` is called: register it before. */
  readonly meterProvider?: MeterProvider | undefined;
}

/** The instrumentation scope of all spans and instruments. */
const scope = "dynatx";

/**
 * Reports what a connection does to OpenTelemetry, until the returned function is called; commits under way then are
 * still reported to their end.
 *
 * Each commit is a span `commit <Transaction>`, a child of the span that was active when `commit()` was called; what runs
 * inside the commit (hooks, getters, setters, requests, sub-transactions) finds it as the active span where a context
 * manager is registered. A commit that fails has the status ERROR, with the error recorded. Neither spans nor
 * measurements carry keys or values of items: they may be personal, and there are too many of them. Error messages name
 * the key, and are recorded on spans.
 *
 * Instruments, durations in seconds: `dynatx.commit.duration`, `dynatx.wait.duration` and `dynatx.batch.size`
 * (histograms), `dynatx.conflicts`, `dynatx.retries`, `dynatx.resends`, `dynatx.inquiries` (writes whose answer was lost,
 * with what became of them), `dynatx.recoveries` and `dynatx.rows.lost` (counters). Called twice for one connection,
 * everything is reported twice.
 */
export function instrument(connection: Connection, options: InstrumentOptions = {}): () => void {
  const tracer = (options.tracerProvider ?? trace).getTracer(scope);
  const meter = (options.meterProvider ?? metrics).getMeter(scope);
  const stops = [traceCommits(connection, tracer), measure(connection, meter)];
  return () => {
    for (const stop of stops) stop();
  };
}
