import { describe, expect, it, vi } from "vitest";
import { Emitter } from "../../src/base/events.js";

interface Events {
  readonly grew: { readonly by: number };
}

describe("events", () => {
  it("reach every listener until it is taken off, and are not made when nobody listens", () => {
    const emitter = new Emitter<Events>();
    const make = vi.fn(() => ({ by: 1 }));
    emitter.emit("grew", make);
    expect(make).not.toHaveBeenCalled();
    expect(emitter.listened("grew")).toBe(false);

    const seen: string[] = [];
    const off = emitter.on("grew", ({ by }) => seen.push(`first ${by}`));
    emitter.on("grew", ({ by }) => seen.push(`second ${by}`));
    emitter.emit("grew", make);
    expect(emitter.listened("grew")).toBe(true);
    off();
    emitter.emit("grew", make);
    expect(seen).toEqual(["first 1", "second 1", "second 1"]);
    expect(make).toHaveBeenCalledTimes(2);
  });

  it("a listener may be added twice over time and taken off while an event is under way", () => {
    const emitter = new Emitter<Events>();
    const seen: number[] = [];
    const off = emitter.on("grew", ({ by }) => {
      seen.push(by);
      off();
    });
    emitter.emit("grew", () => ({ by: 1 }));
    expect(emitter.listened("grew")).toBe(false);
    emitter.emit("grew", () => ({ by: 2 }));
    expect(seen).toEqual([1]);
  });
});
