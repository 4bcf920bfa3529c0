import type { ProtocolHooks, ProtocolStep } from "../../src/dynamodb/protocol-hooks.js";

/** What others wait for. */
export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

export function gate(): Gate {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

/** Stops a connection's commits at a step of the protocol, from the n-th time on that one gets there, until it lets them go. */
export class Stop {
  readonly hooks: ProtocolHooks;
  readonly #reached = gate();
  readonly #mayGo = gate();

  constructor(step: ProtocolStep | undefined, time = 1) {
    let met = 0;
    this.hooks = {
      step: async (each) => {
        if (each !== step || ++met < time) return;
        this.#reached.open();
        await this.#mayGo.opened;
      },
    };
  }

  /** Resolves when a commit has stopped, or when it has ended without. */
  async reached(deed: Promise<unknown>): Promise<void> {
    await Promise.race([this.#reached.opened, deed]);
  }

  go(): void {
    this.#mayGo.open();
  }
}
