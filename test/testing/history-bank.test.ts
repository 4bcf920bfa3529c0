import { ValidationError } from "dynatx";
import { checkBank } from "dynatx/testing";
import { describe, expect, it } from "vitest";
import { failed, ok, snapshot, unknown } from "./history/notation.js";

describe("a bank", () => {
  it("has its total in every set of balances", () => {
    const history = [ok(1, 2, snapshot({ a: 5, b: 7 })), ok(3, 4, snapshot({ a: 0, b: 12 }))];
    expect(checkBank(history, { total: 12 })).toMatchObject({
      valid: true,
      anomalies: [],
      counts: { ok: 2, reads: 2 },
    });
  });

  it("has lost or made money", () => {
    const report = checkBank([ok(1, 2, snapshot({ a: 5, b: 7 })), ok(3, 4, snapshot({ a: 4, b: 7 }))], { total: 12 });
    expect(report).toMatchObject({ valid: false, anomalies: [{ kind: "wrongTotal", reader: 1, sum: 11 }] });
    expect(report.anomalies[0]?.explanation).toContain('the balances {"a":4,"b":7} add up to 11, not to 12');
  });

  it("has overdrawn an account, where that is not allowed", () => {
    const history = [ok(1, 2, snapshot({ a: -1, b: 13 }))];
    expect(checkBank(history, { total: 12 }).anomalies).toMatchObject([
      { kind: "negativeBalance", reader: 0, account: "a" },
    ]);
    expect(checkBank(history, { total: 12, allowNegative: true }).valid).toBe(true);
  });

  it("is not judged by what failed operations saw, nor by unknown ones", () => {
    const history = [failed(1, 2, snapshot({ a: 1 })), unknown(1, snapshot({ a: 1 }))];
    expect(checkBank(history, { total: 12 })).toMatchObject({
      valid: true,
      counts: { failed: 1, unknown: 1, reads: 0 },
    });
  });

  it("counts in safe integers", () => {
    expect(() => checkBank([ok(1, 2, snapshot({ a: 0.1 }))], { total: 12 })).toThrow(ValidationError);
    expect(() => checkBank([ok(1, 2, snapshot({ a: 2 ** 53 }))], { total: 12 })).toThrow(ValidationError);
    expect(() => checkBank([], { total: 0.5 })).toThrow(ValidationError);
  });
});
