import { describe, expect, it } from "vitest";
import { WaitingLines } from "../../src/base/waiting-lines.js";

describe("waiting lines", () => {
  it("give the turn to the first that comes, then to the senior, then in order", async () => {
    const lines = new WaitingLines();
    const turns: number[] = [];
    const places = [5, 7, 3, 7.5, 4].map((seniority) => {
      const place = lines.join("foo", seniority);
      void place.turn.then(() => turns.push(seniority));
      return { seniority, place };
    });
    const gone = new Set<number>();
    for (const first of [5, 3, 4, 7, 7.5]) {
      const inTurn = places.filter(({ seniority, place }) => place.isFirst && !gone.has(seniority));
      expect(inTurn.map(({ seniority }) => seniority)).toEqual([first]); // one at a time
      gone.add(first);
      inTurn[0]?.place.leave();
    }
    await Promise.all(places.map(({ place }) => place.turn));
    expect(turns).toEqual([5, 3, 4, 7, 7.5]);
    expect(lines.isEmpty("foo")).toBe(true);
  });

  it("keep their order among equals", () => {
    const lines = new WaitingLines();
    const [first, second, third] = [1, 1, 1].map((seniority) => lines.join("foo", seniority));
    first?.leave();
    expect([second?.isFirst, third?.isFirst]).toEqual([true, false]);
  });

  it("let whoever has given up be passed over, and bear a place given up twice", () => {
    const lines = new WaitingLines();
    const [first, second, third] = [1, 2, 3].map((seniority) => lines.join("foo", seniority));
    second?.leave();
    second?.leave();
    expect([first?.isFirst, third?.isFirst]).toEqual([true, false]);
    first?.leave();
    first?.leave();
    expect(third?.isFirst).toBe(true);
    expect(lines.isEmpty("foo")).toBe(false);
    third?.leave();
    expect(lines.isEmpty("foo")).toBe(true);
  });

  it("are apart from each other", () => {
    const lines = new WaitingLines();
    const foo = lines.join("foo", 1);
    expect(lines.join("bar", 2).isFirst).toBe(true);
    expect([foo.key, foo.isFirst]).toEqual(["foo", true]);
    expect(lines.isEmpty("other")).toBe(true);
  });
});
