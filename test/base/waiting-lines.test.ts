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
    const leave = (seniority: number): void => places.find((each) => each.seniority === seniority)?.place.leave();
    for (const first of [5, 3, 4, 7, 7.5]) {
      expect(places.filter(({ place }) => place.isFirst).map((each) => each.seniority)).toContain(first);
      leave(first);
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
