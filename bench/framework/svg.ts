/** An element, or text that stands as it is. */
export type Node = string;
type Attributes = Readonly<Record<string, string | number>>;

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

export function escaped(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => escapes[character] ?? character);
}

/** One element with its children. Numbers are rounded to a tenth of a pixel. */
export function element(name: string, attributes: Attributes, ...children: readonly Node[]): Node {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${typeof value === "number" ? Math.round(value * 10) / 10 : escaped(value)}"`)
    .join("");
  return children.length === 0 ? `<${name}${written}/>` : `<${name}${written}>${children.join("")}</${name}>`;
}

export function text(x: number, y: number, content: string, attributes: Attributes = {}): Node {
  return element("text", { x, y, ...attributes }, escaped(content));
}

/** The whole picture, on no background: it is shown on light pages and on dark ones. */
export function picture(width: number, height: number, title: string, children: readonly Node[]): string {
  const frame = { xmlns: "http://www.w3.org/2000/svg", viewBox: `0 0 ${width} ${height}`, width, height, role: "img" };
  return `${element("svg", frame, element("title", {}, escaped(title)), element("style", {}, style), "\n", children.join("\n"), "\n")}\n`;
}

/** Colours that can be read on white and on near-black; where the viewer says which, the better ones for it. */
const style = `
text{font:12px -apple-system,"Segoe UI",Helvetica,Arial,sans-serif;fill:#6e7781}
.title{font-size:14px;font-weight:600}.strong{font-weight:600}
.grid{stroke:#8c959f;stroke-opacity:.35;fill:none}.axis{stroke:#8c959f;fill:none}
.whisker{stroke:#6e7781;fill:none}
@media(prefers-color-scheme:dark){text{fill:#adbac7}.whisker{stroke:#adbac7}}
`;
