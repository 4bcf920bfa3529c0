import { describe, expect, it } from "vitest";
import type { Clock } from "../../src/base/clock.js";
import { within } from "../../src/base/within.js";

/** A clock whose waits end when they are told to; it remembers how long they were to be, and which were given up. */
function heldClock() {
  const waits: number[] = [];
  const givenUp: number[] = [];
  let end = (): void => {};
  const clock: Clock = {
    now: () => 0,
    sleep(ms, signal) {
      waits.push(ms);
      return new Promise<void>((resolve, reject) => {
        end = resolve;
        signal?.addEventListener("abort", () => {
          givenUp.push(ms);
          reject(signal.reason as Error);
        });
      });
    },
  };
  return { clock, waits, givenUp, end: () => end() };
}

const never = new Promise<void>(() => {});

describe("within a time", () => {
  it("what is awaited comes: true, and the timer is given up", async () => {
    const { clock, waits, givenUp } = heldClock();
    expect(await within(clock, 50, Promise.resolve())).toBe(true);
    expect([waits, givenUp]).toEqual([[50], [50]]);
  });

  it("it does not come: false", async () => {
    const { clock, end } = heldClock();
    const result = within(clock, 50, never);
    end();
    expect(await result).toBe(false);
  });

  it("without an end: the longest that a timer takes, where a longer one would end at once", async () => {
    const { clock, waits, end } = heldClock();
    const result = within(clock, Infinity, never);
    end();
    expect(await result).toBe(false);
    expect(waits).toEqual([2 ** 31 - 1]);
  });

  it("it fails: so does this", async () => {
    const { clock, givenUp } = heldClock();
    await expect(within(clock, 50, Promise.reject(new Error("lost")))).rejects.toThrow("lost");
    expect(givenUp).toEqual([50]);
  });

  it("it fails when the time is over: nobody looks, and nothing is unhandled", async () => {
    const { clock, end } = heldClock();
    let fail = (_: Error): void => {};
    const late = new Promise<void>((_, reject) => {
      fail = reject;
    });
    const result = within(clock, 50, late);
    end();
    expect(await result).toBe(false);
    fail(new Error("too late"));
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  });

  it("the caller's signal ends it with its reason, before or meanwhile", async () => {
    const { clock, givenUp } = heldClock();
    const stop = new AbortController();
    const result = within(clock, 50, never, stop.signal);
    stop.abort(new Error("enough"));
    await expect(result).rejects.toThrow("enough");
    await expect(within(clock, 50, never, stop.signal)).rejects.toThrow("enough");
    expect(givenUp).toEqual([50, 50]);
  });
});
