import { linearScale, numberText } from "./scale.js";
import type { Scale } from "./scale.js";
import type { Spread } from "./statistics.js";
import { element, picture, text } from "./svg.js";
import type { Node } from "./svg.js";

export interface Bar {
  readonly name: string;
  readonly value: Spread;
  /** What the chart is about. */
  readonly strong: boolean;
}

export interface Panel {
  readonly title: string;
  readonly bars: readonly Bar[];
}

export interface BarChart {
  readonly title: string;
  readonly panels: readonly Panel[];
  /** A line to compare with. */
  readonly reference: { readonly value: number; readonly label: string };
}

const width = 860;
const labels = 210;
const numbers = 60;
const barHeight = 16;
const barStep = 21;
const panelTop = 34;
const panelGap = 14;

const colours = { strong: "#2f81f7", other: "#8c959f" };

/** Bars to the right, one panel below the other on one scale from zero; whiskers from quartile to quartile. */
export function barChart({ title, panels, reference }: BarChart): string {
  const longest = Math.max(reference.value, ...panels.flatMap(({ bars }) => bars.map(({ value }) => value.high)));
  const scale = linearScale(longest * 1.05, labels, width - numbers);
  const nodes: Node[] = [text(12, 22, title, { class: "title" })];
  let y = 32;
  for (const panel of panels) {
    nodes.push(...panelNodes(panel, scale, y, reference.value));
    y += panelTop + panel.bars.length * barStep + panelGap;
  }
  for (const tick of scale.ticks) {
    nodes.push(text(scale.at(tick), y + 4, numberText(tick), { "text-anchor": "middle" }));
  }
  nodes.push(text(scale.at(reference.value), y + 20, `dashed: ${reference.label}`, { "text-anchor": "middle" }));
  return picture(width, y + 32, title, nodes);
}

function panelNodes({ title, bars }: Panel, scale: Scale, top: number, reference: number): Node[] {
  const first = top + panelTop - 8;
  const bottom = first + bars.length * barStep;
  const vertical = (value: number, attributes: Readonly<Record<string, string>>): Node =>
    element("line", { x1: scale.at(value), x2: scale.at(value), y1: first - 4, y2: bottom, ...attributes });
  return [
    text(12, top + 18, title, { class: "strong" }),
    ...scale.ticks.map((tick) => vertical(tick, { class: "grid" })),
    ...bars.flatMap((bar, index) => barNodes(bar, scale, first + index * barStep)),
    vertical(reference, { class: "axis", "stroke-dasharray": "4 3" }),
  ];
}

function barNodes({ name, value, strong }: Bar, scale: Scale, y: number): Node[] {
  const middle = y + barHeight / 2;
  const [start, low, high] = [scale.at(0), scale.at(value.low), scale.at(value.high)];
  const fill = strong ? colours.strong : colours.other;
  const emphasis: Readonly<Record<string, string>> = strong ? { class: "strong" } : {};
  return [
    text(labels - 8, middle + 4, name, { "text-anchor": "end", ...emphasis }),
    element("rect", {
      x: start,
      y,
      width: scale.at(value.median) - start,
      height: barHeight,
      rx: 2,
      fill,
      "fill-opacity": "0.85",
    }),
    element("path", { class: "whisker", d: `M${low.toFixed(1)} ${middle}H${high.toFixed(1)}` }),
    text(Math.max(high, scale.at(value.median)) + 6, middle + 4, value.median.toFixed(2), emphasis),
  ];
}
