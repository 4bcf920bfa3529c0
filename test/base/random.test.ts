import { describe, expect, it } from "vitest";
import { systemRandom } from "../../src/base/random.js";

describe("write ids", () => {
  it("are eight base64url characters each, none given twice", () => {
    const random = systemRandom();
    const ids = Array.from({ length: 5000 }, () => random.writeId());
    expect(ids.every((id) => /^[\w-]{8}$/.test(id))).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("differ between two sources", () => {
    expect(systemRandom().writeId()).not.toBe(systemRandom().writeId());
  });
});
