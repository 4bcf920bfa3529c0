import { add, append } from "dynatx";
import type { OperationRecorder } from "dynatx/testing";
import type { Log, Note } from "./models.js";
import type { Region, World } from "./world.js";

export type ListItem = Log | Note;

/** A key that holds a list, or nothing. */
export interface Slot {
  /** Its name in the history. */
  readonly key: string;
  readonly region: Region;
  /** Whether its list is never deleted: what the checker says of those leaves nothing out. */
  readonly kept: boolean;
  find(): Promise<ListItem | undefined>;
  /** A new item with one value. */
  make(value: string): ListItem;
  /** Appends without having read. */
  update(value: string): Promise<unknown>;
}

export interface LogSlot extends Slot {
  readonly id: string;
}

/** How many logs, and how many notes, a region has in one generation. */
const perTable = 4;

const numbers = Array.from({ length: perTable }, (_, n) => n);
const isKept = (n: number): boolean => n % 2 === 0;

export function logSlots({ regions }: World, generation: number): LogSlot[] {
  return regions.flatMap((region) => numbers.map((n) => logSlot(region, generation, n)));
}

export function noteSlots(region: Region, generation: number): Slot[] {
  return numbers.map((n) => noteSlot(region, generation, n));
}

export function allSlots(world: World, generation: number): Slot[] {
  return [...logSlots(world, generation), ...world.regions.flatMap((region) => noteSlots(region, generation))];
}

function logSlot(region: Region, generation: number, n: number): LogSlot {
  const { Logs } = region;
  const id = `${generation}.${n}`;
  return {
    key: logKey(region, id),
    id,
    region,
    kept: isKept(n),
    find: () => Logs.find(id),
    make: (value) => new Logs({ id, values: [value], count: 1 }),
    update: (value) => Logs.update(id, { values: append(value), count: add(1) }),
  };
}

export const logKey = ({ name }: Region, id: string): string => `${name}log/${id}`;
export const noteKey = ({ name }: Region, shelf: string, place: number): string => `${name}note/${shelf}.${place}`;

function noteSlot(region: Region, generation: number, place: number): Slot {
  const { Notes } = region;
  const shelf = String(generation);
  return {
    key: noteKey(region, shelf, place),
    region,
    kept: isKept(place),
    find: () => Notes.find(shelf, place),
    make: (value) => new Notes({ shelf, place, values: [value], count: 1 }),
    update: (value) => Notes.update(shelf, place, { values: append(value), count: add(1) }),
  };
}

/** Thrown where an item is what no write has made it. */
export class Broken extends Error {
  override readonly name = "Broken";
}

/** Takes down what an operation sees at a key. */
export function see(op: OperationRecorder, key: string, item: ListItem | undefined): void {
  op.read(key, item?.values ?? null);
  if (item !== undefined && item.count !== item.values.length)
    throw new Broken(`${key} has ${item.values.length} values, and counts ${item.count}`);
}
