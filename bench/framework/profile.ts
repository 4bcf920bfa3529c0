import { Session } from "node:inspector/promises";

/** How much of an operation's time passes in one place. */
export interface Share {
  /** A package, for the SDK with its part; or one of its functions. */
  readonly place: string;
  readonly us: number;
}

export interface Profile {
  /** Of one operation, slower than without the profiler. */
  readonly totalUs: number;
  /** The most expensive first. */
  readonly packages: readonly Share[];
  readonly functions: readonly Share[];
}

const samplingUs = 100;

/** Where the time of an operation passes, by the engine's own sampling, each place without what it calls. */
export async function profileOf(operation: () => Promise<unknown>, times: number): Promise<Profile> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: samplingUs });
  await session.post("Profiler.start");
  const start = performance.now();
  for (let time = 0; time < times; time++) await operation();
  const totalUs = ((performance.now() - start) * 1000) / times;
  const { profile } = await session.post("Profiler.stop");
  session.disconnect();
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const packages = new Map<string, number>();
  const functions = new Map<string, number>();
  for (const [index, id] of (profile.samples ?? []).entries()) {
    const frame = frames.get(id);
    const us = (profile.timeDeltas?.[index] ?? 0) / times;
    if (frame === undefined) continue;
    const place = placeOf(frame.url, frame.functionName);
    add(packages, place, us);
    add(functions, `${frame.functionName || "(anonymous)"}, line ${frame.lineNumber + 1} (${place})`, us);
  }
  return { totalUs, packages: sorted(packages), functions: sorted(functions) };
}

function placeOf(url: string, name: string): string {
  const [, library, part] = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?:dist[^/]*\/submodules\/([^/]+))?/.exec(url) ?? [];
  if (library !== undefined) return part === undefined ? library : `${library}/${part}`;
  if (url.startsWith("node:")) return url.split("/").slice(0, 2).join("/");
  if (/[\\/](dist|src)[\\/]/.test(url)) return "dynatx";
  return url === "" ? name || "native code" : "the benchmark";
}

function add(sums: Map<string, number>, place: string, us: number): void {
  sums.set(place, (sums.get(place) ?? 0) + us);
}

function sorted(sums: ReadonlyMap<string, number>): Share[] {
  return [...sums].map(([place, us]) => ({ place, us })).toSorted((a, b) => b.us - a.us);
}
