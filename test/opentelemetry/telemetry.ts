import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { onTestFinished } from "vitest";

/** What one instrument measured for one set of attributes. */
export interface Measured {
  /** What is in the attributes besides the database system. */
  readonly attributes: object;
  /** The sum of a counter, or the count and sum of a histogram. */
  readonly value: unknown;
}

/** The SDK of OpenTelemetry, exporting into memory. */
export function telemetry() {
  const spanExporter = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spanExporter)] });
  const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter: metricExporter, exportIntervalMillis: 1e9 });
  const meterProvider = new MeterProvider({ readers: [reader] });
  onTestFinished(async () => {
    await Promise.all([tracerProvider.shutdown(), meterProvider.shutdown()]);
  });
  return {
    tracerProvider,
    meterProvider,
    spans: (): ReadableSpan[] => spanExporter.getFinishedSpans(),
    /** The span of this name; they are named for transactions. */
    span(name: string): ReadableSpan {
      const found = spanExporter.getFinishedSpans().find((span) => span.name === name);
      if (found === undefined) throw new Error(`no span ${name} was ended`);
      return found;
    },
    /** Everything measured so far, by the instrument's name. */
    async measured(): Promise<Record<string, Measured[]>> {
      metricExporter.reset();
      await reader.forceFlush();
      const metrics = metricExporter
        .getMetrics()
        .flatMap((each) => each.scopeMetrics.flatMap((scope) => scope.metrics));
      return Object.fromEntries(
        metrics.map(({ descriptor, dataPoints }) => [
          descriptor.name,
          dataPoints.map(({ attributes: { "db.system.name": _, ...attributes }, value }) => ({
            attributes,
            value:
              typeof value === "number" ? value : { count: value.count, sum: "sum" in value ? value.sum : undefined },
          })),
        ]),
      );
    },
  };
}

/** Milliseconds since the epoch of a time of a span. */
export const millis = ([seconds, nanos]: readonly [number, number]): number => seconds * 1000 + nanos / 1e6;
