import { describe, expect, it } from "vitest";
import { barChart } from "../../../bench/framework/bar-chart.js";
import { lineChart } from "../../../bench/framework/line-chart.js";
import { linearScale, logScale, numberText } from "../../../bench/framework/scale.js";

/** The numbers of all attributes of that name. */
function numbersOf(svg: string, attribute: string): number[] {
  return [...svg.matchAll(new RegExp(` ${attribute}="([^"]*)"`, "g"))].map(([, number]) => Number(number));
}

describe("scales", () => {
  it("place values in proportion, with ticks at round numbers", () => {
    const scale = linearScale(8.7, 100, 970);
    expect(scale.at(0)).toBe(100);
    expect(scale.at(8.7)).toBeCloseTo(970);
    expect(scale.ticks).toEqual([0, 2, 4, 6, 8]);
    expect(linearScale(1, 0, 1).ticks).toHaveLength(6);
  });

  it("place powers of ten evenly, around all that is shown", () => {
    const scale = logScale([3, 900, 0, Number.NaN], 0, 300);
    expect(scale.ticks).toEqual([1, 10, 100, 1000]);
    expect(scale.ticks.map((tick) => Math.round(scale.at(tick)))).toEqual([0, 100, 200, 300]);
    expect(logScale([10, 10], 0, 1).ticks).toEqual([10, 100]);
  });

  it("write numbers with three digits", () => {
    expect([1234.5, 123.456, 0.98765, 0.0204, Number.NaN].map(numberText)).toEqual([
      "1,235",
      "123",
      "0.988",
      "0.0204",
      "–",
    ]);
  });
});

describe("plots", () => {
  it("draw a bar as long as its value says, and escape what is text", () => {
    const value = (median: number) => ({ median, low: median, high: median });
    const bars = [1, 2, 4].map((number) => ({ name: `<${number}>`, value: value(number), strong: false }));
    const svg = barChart({ title: "a & b", panels: [{ title: "p", bars }], reference: { value: 1, label: "one" } });
    const [one = 0, two = 0, four = 0] = numbersOf(svg, "width").slice(1); // the first is the picture's
    expect(two / one).toBeCloseTo(2, 1);
    expect(four / one).toBeCloseTo(4, 1);
    expect(svg).toContain("a &amp; b");
    expect(svg).toContain("&lt;4&gt;");
    expect(svg).not.toMatch(/NaN|undefined/);
  });

  it("leave out what has no place on a logarithmic scale", () => {
    const lines = [{ name: "l", values: [1, Number.NaN, 100, 0], strong: true }];
    const labels = { title: "t", xTitle: "x", yTitle: "y", xLabels: ["1", "2", "3", "4"] };
    const svg = lineChart({ ...labels, panels: [{ title: "p", lines }] });
    expect(numbersOf(svg, "cy")).toHaveLength(2);
    expect(svg).not.toMatch(/NaN|undefined/);
  });
});
