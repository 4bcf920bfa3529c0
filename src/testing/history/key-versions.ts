import type { Anomaly } from "./anomaly.js";
import type { Findings } from "./findings.js";
import type { Footprint } from "./footprint.js";
import type { KeyVersions, OpenLifetime } from "./lifetime.js";
import { findLostWrites } from "./lost-writes.js";
import { Observation, faultsOf, incompatible, observationsOf } from "./observations.js";
import type { History, Value } from "./operation.js";
import type { Participants } from "./participants.js";
import { listText, valueText } from "./text.js";

export interface KeyFootprints {
  readonly key: string;
  /** Of operations that happened. */
  readonly prints: readonly Footprint[];
  /** Of operations of which nobody knows whether they happened. */
  readonly undecided: readonly Footprint[];
}

const nothing = new Observation(-1, []);

/**
 * The versions of one key as the lists tell them: each list is the beginning of every later one of its lifetime. Where
 * they contradict each other, that is what is found, and the key has no versions.
 */
export function versionsOf(
  footprints: KeyFootprints,
  history: History,
  participants: Participants,
  findings: Findings,
): KeyVersions | undefined {
  const { key, prints, undecided } = footprints;
  const deletes = [...prints, ...undecided].filter(({ deleted }) => deleted);
  const groups = grouped(prints.flatMap(observationsOf), deletes.length > 0);
  const faults = [...groups.values()].flatMap((group) => groupFaults(key, group, participants));
  if (faults.length > 0) return contradiction(faults, findings);

  const blind = deletes.some(({ found }) => found === undefined);
  const closedInDoubt = new Set(undecided.map(({ deleted, found }) => (deleted ? found?.[0] : undefined)));
  const lifetimes = [...groups.values()].map((group): OpenLifetime => {
    const longest = longestOf(group);
    const values = [...longest.values()];
    // True of every value: those without a writer are faults.
    const writers = values.map((value) => participants.writers(key).get(value)?.operation ?? -1);
    const mayBeClosed = blind || (values[0] !== undefined && closedInDoubt.has(values[0]));
    return { key, values, ordered: values.length, writers, readers: [], closers: [], mayBeClosed, longest };
  });
  const absences = addKnowers(lifetimes, prints, deletes.length > 0);
  const found = [...placeFaults(key, lifetimes, prints), ...openFaults(key, lifetimes)];
  if (found.length > 0) return contradiction(found, findings);
  for (const lifetime of lifetimes) findLostWrites(lifetime, history, findings);
  return { lifetimes, absences };
}

function contradiction(anomalies: readonly Anomaly[], findings: Findings): undefined {
  for (const anomaly of anomalies) findings.add(anomaly);
}

/** By the list's first value, which no two lifetimes share. Where nothing is deleted there is one lifetime, always. */
function grouped(observations: readonly Observation[], deletes: boolean): Map<Value | undefined, Observation[]> {
  const groups = new Map<Value | undefined, Observation[]>();
  if (!deletes) return groups.set(undefined, [nothing, ...observations]);
  for (const observation of observations) {
    const group = groups.get(observation.at(0));
    if (group === undefined) groups.set(observation.at(0), [observation]);
    else group.push(observation);
  }
  return groups;
}

function longestOf(group: readonly Observation[]): Observation {
  return group.reduce((longest, each) => (each.length > longest.length ? each : longest), nothing);
}

function groupFaults(key: string, group: readonly Observation[], participants: Participants): Anomaly[] {
  const longest = longestOf(group);
  const values = longest.values();
  const faults = faultsOf(key, longest, participants);
  const other = group.find((each) => !each.begins(values));
  if (other === undefined) return faults;
  const note = "neither list begins with the other, an update was lost";
  return [...faults, ...faultsOf(key, other, participants), incompatible(key, longest, other, note)];
}

/** Enters who saw, deleted, or blindly appended. Returns who found nothing. */
function addKnowers(lifetimes: readonly OpenLifetime[], prints: readonly Footprint[], deletes: boolean): number[] {
  const byFirst = new Map(lifetimes.map((lifetime) => [deletes ? lifetime.values[0] : undefined, lifetime]));
  const absences: number[] = [];
  const places = placesOf(lifetimes);
  for (const { operation, found, appended, deleted } of prints) {
    if (found === undefined) {
      // A blind append: it went to the list where any of its values was seen.
      const seen = appended.find((value) => places.has(value));
      const lifetime = deletes ? seen !== undefined && places.get(seen)?.lifetime : lifetimes[0];
      if (lifetime)
        addUnseen(
          lifetime,
          operation,
          appended.filter((value) => !places.has(value)),
        );
    } else if (deletes && found.length === 0) absences.push(operation);
    else {
      const lifetime = byFirst.get(deletes ? found[0] : undefined);
      lifetime?.readers.push({ operation, length: found.length });
      if (deleted) lifetime?.closers.push(operation);
    }
  }
  return absences;
}

function addUnseen(lifetime: OpenLifetime, operation: number, values: readonly Value[]): void {
  for (const value of values) {
    lifetime.values.push(value);
    lifetime.writers.push(operation);
  }
}

interface Place {
  readonly lifetime: OpenLifetime;
  readonly position: number;
}

function placesOf(lifetimes: readonly OpenLifetime[]): Map<Value, Place> {
  const places = new Map<Value, Place>();
  for (const lifetime of lifetimes)
    for (let position = 0; position < lifetime.ordered; position++)
      places.set(lifetime.values[position] as Value, { lifetime, position }); // true: it is below the length
  return places;
}

/** Values in two lists, and those of a blind append out of their order. */
function placeFaults(key: string, lifetimes: readonly OpenLifetime[], prints: readonly Footprint[]): Anomaly[] {
  const anomalies: Anomaly[] = [];
  const places = placesOf(lifetimes);
  for (const lifetime of lifetimes)
    for (let position = 0; position < lifetime.ordered; position++) {
      const value = lifetime.values[position] as Value; // true: it is below the length
      const other = places.get(value)?.lifetime;
      if (other === undefined || other === lifetime) continue;
      const { operation: reader } = lifetime.longest;
      const explanation = `${lifetime.longest.text} of ${key}, and ${other.longest.text}: ${valueText(value)} is in both, one append was applied twice`;
      anomalies.push({ kind: "duplicateValue", key, value, reader, explanation });
    }
  for (const { operation, found, appended } of prints) {
    if (found !== undefined || appended.length < 2) continue;
    const seen = appended.flatMap((value) => places.get(value) ?? []);
    if (seen.every((place, i) => i === 0 || follows(place, seen[i - 1]))) continue;
    const lists = seen.map(({ lifetime }) => lifetime.longest.text);
    const explanation = `T${operation} appended ${listText(appended)} to ${key} in this order, but ${[...new Set(lists)].join(", and ")}`;
    anomalies.push({ kind: "internal", key, operation, explanation });
  }
  return anomalies;
}

function follows(place: Place, before: Place | undefined): boolean {
  return before !== undefined && place.lifetime === before.lifetime && place.position > before.position;
}

/** Two lists that nobody can have deleted. */
function openFaults(key: string, lifetimes: readonly OpenLifetime[]): Anomaly[] {
  const [first, second] = lifetimes.filter(({ closers, mayBeClosed }) => closers.length === 0 && !mayBeClosed);
  if (first === undefined || second === undefined) return [];
  return [incompatible(key, first.longest, second.longest, "two lists, and nobody deleted either")];
}
