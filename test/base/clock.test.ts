import { describe, expect, it } from "vitest";
import { datetimeText, systemClock, uniqueDatetime } from "../../src/base/clock.js";
import type { Clock } from "../../src/base/clock.js";

/** A clock that stands still until it is told otherwise. */
function standing(start: number): Clock & { time: number } {
  return {
    time: start,
    now() {
      return this.time;
    },
    sleep: () => Promise.resolve(),
  };
}

describe("time", () => {
  it("T12: datetimes are ISO-8601 UTC with microseconds, and differ though the clock stands still", () => {
    const clock = standing(Date.UTC(2026, 0, 2, 3, 4, 5, 678));
    const times = Array.from({ length: 2000 }, () => uniqueDatetime(clock));
    expect(times[0]).toBe("2026-01-02T03:04:05.678000Z");
    expect(times[1]).toBe("2026-01-02T03:04:05.678001Z");
    expect(times[1000]).toBe("2026-01-02T03:04:05.679000Z");
    expect(new Set(times).size).toBe(times.length);
    expect(times.toSorted()).toEqual(times);
  });

  it("T13: datetimes never go back, though the clock does", () => {
    const clock = standing(5_000_000);
    const before = uniqueDatetime(clock);
    clock.time -= 1000;
    expect(uniqueDatetime(clock) > before).toBe(true);
  });

  it("texts of times sort by time", () => {
    const late = Date.UTC(2026, 10, 22, 5, 1, 11, 129) * 1000 + 557;
    const micros = [0, 1, 999, 1000, late];
    expect(micros.map(datetimeText)).toEqual(micros.map(datetimeText).toSorted());
    expect(datetimeText(late)).toBe("2026-11-22T05:01:11.129557Z");
  });

  it("D27: a sleep ends with the caller's reason when its signal aborts, also one that does not last", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const sleeping = systemClock.sleep(60_000, controller.signal);
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    await expect(systemClock.sleep(0, controller.signal)).rejects.toBe(reason);
  });
});
