import type { AttributeValue } from "../dynamodb/attribute.js";

/** The members of a stored set; none of any other value. */
export function members({ SS, NS, BS }: AttributeValue): readonly (string | Uint8Array)[] {
  return SS ?? NS ?? BS ?? [];
}

/** Whether every member of a stored set is among the elements of another. */
export function isWithin(stored: AttributeValue, elements: AttributeValue): boolean {
  const texts = new Set(members(elements).map(memberText));
  return members(stored).every((member) => texts.has(memberText(member)));
}

function memberText(member: string | Uint8Array): string {
  return typeof member === "string" ? member : Buffer.from(member).toString("base64");
}
