import { atomic } from "dynatx";
import type { AtomicBackend } from "dynatx";
import type { HistoryRecorder, OperationRecorder } from "dynatx/testing";
import type { Dice } from "../support/dice.js";
import type { EndpointKind } from "./settings.js";
import { allSlots } from "./slot.js";
import type { Slot } from "./slot.js";
import type { Region, World } from "./world.js";

export interface ClientOptions {
  /** Unique in the run: values begin with it. */
  readonly name: string;
  readonly world: World;
  readonly kind: EndpointKind;
  readonly recorder: HistoryRecorder;
  /** Everything the client is going to do is drawn from these, before it does it. */
  readonly dice: Dice;
  /** Which keys are worked on now. */
  readonly generation: () => number;
}

const mostThoughtMs = 80;

/** A backend, and the path that it takes. */
export interface Way {
  readonly path: string;
  readonly backend: AtomicBackend;
}

/** One line of operations, one after the other. */
export class Client {
  readonly name: string;
  readonly world: World;
  readonly dice: Dice;
  readonly #options: ClientOptions;
  #values = 0;

  constructor(options: ClientOptions) {
    this.name = options.name;
    this.world = options.world;
    this.dice = options.dice;
    this.#options = options;
  }

  get generation(): number {
    return this.#options.generation();
  }

  get slots(): Slot[] {
    return allSlots(this.world, this.generation);
  }

  /** A name that nothing else in the run has. */
  value(): string {
    return `${this.name}.${this.#values++}`;
  }

  /** Some different ones of `choices`, at least `least`. */
  distinct<T>(choices: readonly T[], most: number, least = 1): T[] {
    const left = [...choices];
    const count = least + this.dice.below(Math.min(most, left.length) - least + 1);
    return Array.from({ length: count }, () => left.splice(this.dice.below(left.length), 1)).flat();
  }

  /** How long it thinks between reading and writing, in milliseconds: mostly not at all. */
  thought(): number {
    const [thinks, ms] = [this.dice.chance(0.3), this.dice.below(mostThoughtMs)];
    return thinks ? ms : 0;
  }

  /** A way to commit what touches those regions. */
  way(regions: readonly Region[]): Way {
    const native = this.#options.kind === "local" && new Set(regions).size === 1;
    const path = this.dice.pick(native ? (["intents", "native", "auto"] as const) : (["intents", "auto"] as const));
    return { path, backend: atomic({ path, apply: this.dice.pick(["background", "await"] as const) }) };
  }

  /** Records `work` as one operation; how it failed is in the history. */
  async record(kind: string, work: (op: OperationRecorder) => Promise<unknown>): Promise<void> {
    await this.#options.recorder.operation(`${this.name} ${kind}`, work).catch(() => {});
  }
}
