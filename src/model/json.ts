function compare(a: unknown, b: unknown): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "bigint" && typeof b === "bigint") return a < b ? -1 : Number(a > b);
  const [left, right] = [String(a), String(b)];
  return left < right ? -1 : Number(left > right);
}

/** A value as plain JSON: sets sorted, dates as ISO text, bytes as base64, bigints as text, absent members left out. */
export function toPlain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return typeof value === "bigint" ? value.toString() : value;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (value instanceof Set) {
    const bytes = [...value].some((member) => member instanceof Uint8Array);
    return bytes ? [...value].map(toPlain).toSorted(compare) : [...value].toSorted(compare).map(toPlain);
  }
  if (Array.isArray(value)) return value.map(toPlain);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, toPlain(member)]));
}
