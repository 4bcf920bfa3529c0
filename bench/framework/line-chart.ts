import { logScale, numberText } from "./scale.js";
import type { Scale } from "./scale.js";
import { element, picture, text } from "./svg.js";
import type { Node } from "./svg.js";

export interface Line {
  readonly name: string;
  /** One for each place on the x axis; a value that is not positive is left out. */
  readonly values: readonly number[];
  /** What the chart is about. */
  readonly strong: boolean;
}

export interface LinePanel {
  readonly title: string;
  readonly lines: readonly Line[];
}

export interface LineChart {
  readonly title: string;
  readonly xTitle: string;
  readonly yTitle: string;
  /** The places on the x axis, evenly apart. */
  readonly xLabels: readonly string[];
  readonly panels: readonly LinePanel[];
}

const panelWidth = 400;
const panelHeight = 270;
const left = 64;
const top = 62;
const gap = 40;
const legendColumns = 3;
const legendStep = 20;

/** Told apart on white and on near-black, and by people who confuse red and green; dashes tell them apart once more. */
const strongColours = ["#2f81f7", "#8957e5", "#1f9eb5"];
const otherColours = ["#d4880f", "#8c959f", "#c4432b", "#4c9a52", "#bf5fa0", "#9a7b4f"];
const dashes = ["", "6 3", "2 3", "8 3 2 3", "12 4", "4 4"];

/** Lines over the same places, on a logarithmic scale that all panels share; a legend below. */
export function lineChart({ title, xTitle, yTitle, xLabels, panels }: LineChart): string {
  const y = logScale(
    panels.flatMap(({ lines }) => lines.flatMap(({ values }) => values)),
    top + panelHeight,
    top,
  );
  const width = left + panels.length * panelWidth + (panels.length - 1) * gap + 16;
  const nodes: Node[] = [
    text(12, 22, title, { class: "title" }),
    text(16, top + panelHeight / 2, yTitle, {
      "text-anchor": "middle",
      transform: `rotate(-90 16 ${top + panelHeight / 2})`,
    }),
  ];
  for (const [index, panel] of panels.entries()) {
    const start = left + index * (panelWidth + gap);
    nodes.push(...panelNodes(panel, y, start, xLabels));
    nodes.push(text(start + panelWidth / 2, top + panelHeight + 38, xTitle, { "text-anchor": "middle" }));
    if (index === 0) nodes.push(...y.ticks.map((tick) => tickText(tick, y)));
  }
  const lines = panels[0]?.lines ?? [];
  const legendTop = top + panelHeight + 64;
  nodes.push(...lines.flatMap((line, index) => legendNodes(line, lines, index, legendTop, width)));
  return picture(width, legendTop + Math.ceil(lines.length / legendColumns) * legendStep, title, nodes);
}

function tickText(tick: number, y: Scale): Node {
  return text(left - 8, y.at(tick) + 4, numberText(tick), { "text-anchor": "end" });
}

function panelNodes({ title, lines }: LinePanel, y: Scale, start: number, xLabels: readonly string[]): Node[] {
  const step = panelWidth / xLabels.length;
  const x = (index: number): number => start + step * (index + 0.5);
  return [
    text(start, top - 12, title, { class: "strong" }),
    ...y.ticks.map((tick) =>
      element("line", { x1: start, x2: start + panelWidth, y1: y.at(tick), y2: y.at(tick), class: "grid" }),
    ),
    ...xLabels.map((label, index) => text(x(index), top + panelHeight + 18, label, { "text-anchor": "middle" })),
    ...lines.flatMap((line, index) => lineNodes(line, lines, index, x, y)),
  ];
}

function lineNodes(line: Line, lines: readonly Line[], index: number, x: (index: number) => number, y: Scale): Node[] {
  const points = line.values.flatMap((value, place) => (value > 0 ? [{ x: x(place), y: y.at(value) }] : []));
  const path = points.map((point) => `${point.x.toFixed(1)},${point.y.toFixed(1)}`).join(" ");
  const look = lookOf(line, lines, index);
  return [
    element("polyline", { points: path, fill: "none", ...look }),
    ...points.map((point) =>
      element("circle", { cx: point.x, cy: point.y, r: line.strong ? 3.5 : 2.5, fill: look.stroke }),
    ),
  ];
}

/** Colours are given by the place among the strong ones, or the others. */
function lookOf(line: Line, lines: readonly Line[], index: number) {
  const place = lines.slice(0, index).filter(({ strong }) => strong === line.strong).length;
  const colours = line.strong ? strongColours : otherColours;
  return {
    stroke: colours[place % colours.length] ?? "#8c959f",
    "stroke-width": line.strong ? 2.5 : 1.5,
    "stroke-dasharray": dashes[place % dashes.length] ?? "",
  };
}

function legendNodes(line: Line, lines: readonly Line[], index: number, legendTop: number, width: number): Node[] {
  const column = (width - left) / legendColumns;
  const x = left + (index % legendColumns) * column;
  const y = legendTop + Math.floor(index / legendColumns) * legendStep;
  return [
    element("line", { x1: x, x2: x + 30, y1: y - 4, y2: y - 4, ...lookOf(line, lines, index) }),
    text(x + 38, y, line.name, line.strong ? { class: "strong" } : {}),
  ];
}
