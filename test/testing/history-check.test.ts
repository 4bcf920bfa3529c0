import { ValidationError } from "dynatx";
import { checkHistory } from "dynatx/testing";
import type { Anomaly, History } from "dynatx/testing";
import { describe, expect, it } from "vitest";
import { append, failed, ok, read, remove, unknown } from "./history/notation.js";

/** What a check finds, in a word for each anomaly. */
function found(history: History): string[] {
  return checkHistory(history).anomalies.map(nameOf);
}

function nameOf(anomaly: Anomaly): string {
  if (anomaly.kind !== "cycle") return anomaly.kind;
  return `${anomaly.name}${anomaly.realTime ? " in time" : ""}: ${anomaly.edges.map(({ from, kind }) => `T${from} ${kind}`).join(" ")}`;
}

describe("a history that one order explains", () => {
  const histories: Readonly<Record<string, History>> = {
    "nothing at all": [],
    "one after the other": [
      ok(1, 2, append("x", 1)),
      ok(3, 4, read("x", [1]), append("x", 2)),
      ok(5, 6, read("x", [1, 2])),
    ],
    "reads that overlap an append, with and without it": [
      ok(1, 9, append("x", 1)),
      ok(2, 3, read("x", null)),
      ok(4, 5, read("x", [])),
      ok(6, 7, read("x", [1])),
      ok(8, 9, read("x", [1])),
    ],
    "an operation that sees its own appends": [
      ok(1, 2, append("x", 1)),
      ok(3, 4, append("x", 2), read("x", [1, 2]), append("x", 3), read("x", [1, 2, 3])),
    ],
    "an unknown outcome that took its time, whatever end it has": [
      { ...unknown(1, append("x", 1), append("y", 1)), end: 2 },
      ok(3, 4, read("x", [])),
      ok(5, 6, read("y", [1])),
    ],
    "unknown outcomes: seen, unseen, and seen late": [
      unknown(1, append("x", 1)),
      unknown(2, append("x", 2)),
      ok(3, 4, read("x", [])),
      ok(5, 6, read("x", [2])),
    ],
    "appends that nobody saw": [ok(1, 2, append("x", 1)), ok(1, 2, append("x", 2)), ok(1, 2, append("y", 1))],
    "a failed operation, whose reads count for nothing": [
      ok(1, 2, append("x", 1)),
      failed(3, 4, read("x", [7]), append("x", 2)),
    ],
    "ends and starts at the same time, which are in no order": [ok(1, 2, append("x", 1)), ok(2, 3, read("x", []))],
    "lists deleted and made anew": [
      ok(1, 2, append("x", 1)),
      ok(3, 4, read("x", [1]), remove("x")),
      ok(5, 6, read("x", null), append("x", 2)),
      ok(7, 8, read("x", [2]), remove("x"), append("x", 3)),
      ok(9, 10, read("x", [3])),
    ],
    "a deletion by an unknown operation": [
      ok(1, 2, append("x", 1)),
      unknown(3, read("x", [1]), remove("x")),
      ok(5, 6, read("x", [1])),
      ok(7, 8, read("x", null), append("x", 2)),
      ok(9, 10, read("x", [2])),
    ],
    "appended, deleted, and appended again in one operation": [
      ok(1, 2, append("x", 1), remove("x"), append("x", 2), read("x", [2])),
      ok(3, 4, read("x", [2])),
    ],
    "a deletion of nothing": [ok(1, 2, read("x", null), remove("x"), append("x", 1)), ok(3, 4, read("x", [1]))],
  };
  it.each(Object.entries(histories))("has no anomaly: %s", (_, history) => {
    expect(checkHistory(history).anomalies).toEqual([]);
    expect(checkHistory(history).valid).toBe(true);
  });
});

describe("one anomaly at a time", () => {
  it("a value of a failed operation", () => {
    expect(found([failed(1, 2, append("x", 1)), ok(3, 4, read("x", [1]))])).toEqual(["dirtyRead"]);
  });

  it("a value of an attempt that was given up, by whomever it is seen", () => {
    const abandoned = [{ type: "append", key: "x", value: 1 }] as const;
    expect(found([{ ...ok(1, 5, append("x", 2)), abandoned }, ok(3, 4, read("x", [1]))])).toContain("dirtyRead");
    expect(found([{ ...ok(1, 5, read("x", [1])), abandoned }])).toEqual(["dirtyRead"]);
  });

  it("a value that its own operation deleted again", () => {
    expect(found([ok(1, 2, append("x", 1), remove("x")), ok(1, 4, read("x", [1]))])).toEqual(["dirtyRead"]);
  });

  it("a value of nobody's", () => {
    expect(found([ok(3, 4, read("x", [1]))])).toEqual(["unknownValue"]);
  });

  it("a value twice, in one list and in two", () => {
    expect(found([ok(1, 2, append("x", 1)), ok(3, 4, read("x", [1, 1]))])).toEqual(["duplicateValue"]);
    const twoLists = [
      ok(1, 2, append("x", 1)),
      ok(1, 2, append("x", 2)),
      ok(3, 4, read("x", [1]), remove("x")),
      ok(5, 6, read("x", [2, 1])),
    ];
    expect(found(twoLists)).toEqual(["duplicateValue"]);
  });

  it("a retry that was applied, of an append that had been applied", () => {
    expect(found([ok(1, 2, read("x", [1]), append("x", 1))])).toEqual(["duplicateValue"]);
  });

  it("a lost update: two operations append to the same list", () => {
    const writers = [
      ok(1, 2, append("x", 1)),
      ok(3, 5, read("x", [1]), append("x", 2)),
      ok(4, 6, read("x", [1]), append("x", 3)),
    ];
    expect(found(writers)).toEqual(["incompatibleLists"]);
    const [anomaly] = checkHistory([...writers, ok(7, 8, read("x", [1, 3]))]).anomalies;
    expect(anomaly).toMatchObject({ kind: "incompatibleLists", key: "x" });
    expect(anomaly?.explanation).toMatch(
      /^T\d left \[1, .\] of x, and T\d (saw|left) \[1, .\]: .* an update was lost$/,
    );
  });

  it("two orders of the same values", () => {
    const writers = [ok(1, 2, append("x", 1)), ok(1, 2, append("x", 2))];
    expect(found([...writers, ok(3, 4, read("x", [1, 2])), ok(3, 4, read("x", [2, 1]))])).toEqual([
      "incompatibleLists",
    ]);
  });

  it("two lists, and nobody deleted one", () => {
    const history = [
      ok(1, 2, append("x", 1)),
      ok(1, 9, append("x", 2)),
      ok(3, 4, read("x", [1])),
      ok(3, 9, read("x", [2])),
    ];
    expect(found(history)).toEqual(["incompatibleLists"]);
    expect(found([...history, failed(1, 9, remove("x"))])).toEqual(["incompatibleLists"]);
    expect(found([...history, ok(1, 9, read("x", [1]), remove("x"))])).toEqual([]);
  });

  it("an operation that does not see what it saw or did itself", () => {
    const first = ok(1, 2, append("x", 1));
    expect(found([first, ok(3, 4, read("x", [1]), append("x", 2), read("x", [1]))])).toContain("internal");
    expect(found([first, ok(3, 4, append("x", 2), read("x", [1]))])).toContain("internal");
    expect(found([first, ok(1, 4, read("x", []), read("x", [1]))])).toEqual(["internal"]);
    expect(found([first, ok(3, 4, read("x", [1]), remove("x"), read("x", [1]))])).toEqual(["internal"]);
    expect(found([ok(1, 2, append("x", 1), append("x", 2)), ok(3, 4, read("x", [2, 1]))])).toEqual(["internal"]);
  });

  it("an acknowledged append that never shows", () => {
    const [anomaly] = checkHistory([ok(1, 2, append("x", 1)), ok(3, 4, read("x", []))]).anomalies;
    expect(anomaly).toMatchObject({ kind: "lostWrite", key: "x", value: 1, writer: 0, reader: 1 });
    expect(found([ok(1, 2, append("x", 1)), ok(2, 4, read("x", []))])).toEqual([]); // it may have been before
    expect(found([ok(1, 2, read("x", []), append("x", 1)), ok(3, 4, read("x", []))])).toEqual(["lostWrite"]);
  });

  it("G0: two operations in two orders", () => {
    const both = (a: number, b: number) => ok(1, 9, append("x", a), append("y", b));
    const history = [both(1, 1), both(2, 2), ok(10, 11, read("x", [1, 2]), read("y", [2, 1]))];
    expect(found(history)).toEqual(["G0: T0 ww T1 ww"]);
  });

  it("G0: others come between the appends of one operation", () => {
    const history = [
      ok(1, 9, append("x", 1), append("x", 3)),
      ok(1, 9, append("x", 2)),
      ok(10, 11, read("x", [1, 2, 3])),
    ];
    expect(found(history)).toEqual(["G0: T0 ww T1 ww"]);
  });

  it("G1c: each sees what the other does", () => {
    const history = [ok(1, 9, append("x", 1), read("y", [1])), ok(1, 9, append("y", 1), read("x", [1]))];
    expect(found(history)).toEqual(["G1c: T0 wr T1 wr"]);
  });

  it("G-single: a torn read", () => {
    const history = [ok(1, 9, append("x", 1), append("y", 1)), ok(1, 9, read("x", [1]), read("y", []))];
    expect(found(history)).toEqual(["G-single: T0 wr T1 rw"]);
    expect(found([ok(1, 9, append("x", 1), append("x", 2)), ok(1, 9, read("x", [1]))])).toEqual([
      "G-single: T0 wr T1 rw",
    ]);
  });

  it("G2: write skew", () => {
    const history = [ok(1, 9, read("x", []), append("y", 1)), ok(1, 9, read("y", []), append("x", 1))];
    expect(found(history)).toEqual(["G2: T0 rw T1 rw"]);
    const [anomaly] = checkHistory(history).anomalies;
    expect(anomaly?.explanation).toBe(
      [
        "G2: each of these must come before the next, in a circle",
        "T0 (process 0, ok, from 1 to 9): saw x []; appended 1 to y",
        "T1 (process 0, ok, from 1 to 9): saw y []; appended 1 to x",
        "T0 before T1: T0 saw x as [], before T1 appended 1",
        "T1 before T0: T1 saw y as [], before T0 appended 1",
      ].join("\n  "),
    );
  });

  it("the gravest of several circles, even if it is longer", () => {
    const single = [
      ok(1, 9, read("x", []), append("y", 1), read("z", [1])),
      ok(1, 9, read("y", []), append("x", 1)),
      ok(1, 9, read("x", [1]), append("z", 1)),
    ];
    expect(found(single)).toEqual(["G-single: T0 rw T1 wr T2 wr"]);
    const three = [
      ok(1, 9, read("x", []), append("y", 1)),
      ok(1, 9, read("y", []), append("z", 1)),
      ok(1, 5, read("z", []), append("x", 1)),
      ok(6, 9, read("x", [])), // stale: a circle of two, but in time
      ok(1, 9, read("x", [1])),
    ];
    expect(found(three)).toEqual(["G2: T0 rw T2 rw T1 rw"]);
  });

  it("in real time alone: a stale read", () => {
    const history = [ok(1, 2, append("x", 1)), ok(3, 4, read("x", [1])), ok(5, 6, read("x", []))];
    expect(found(history)).toEqual(["G-single in time: T0 realTime T2 rw"]);
    expect(found([ok(1, 2, append("x", 1)), ok(3, 4, read("x", [1])), ok(1, 6, read("x", []))])).toEqual([]);
  });

  it("in real time alone: appends in the wrong order, and a value seen before it was appended", () => {
    const history = [ok(1, 2, append("x", 1)), ok(3, 4, append("x", 2)), ok(5, 6, read("x", [2, 1]))];
    expect(found(history)).toEqual(["G0 in time: T0 realTime T1 ww"]);
    expect(found([ok(1, 2, read("x", [1])), ok(3, 4, append("x", 1))])).toEqual(["G1c in time: T0 realTime T1 wr"]);
  });

  it("an unknown operation that is torn: it has happened, since one of its appends was seen", () => {
    const history = [unknown(1, append("x", 1), append("y", 1)), ok(3, 4, read("x", [1]), read("y", []))];
    expect(found(history)).toEqual(["G-single: T0 wr T1 rw"]);
    expect(checkHistory(history).counts).toEqual({ ok: 1, failed: 0, unknown: 1, unknownSeen: 1, reads: 2 });
  });

  it("an unknown operation whose reads were stale", () => {
    const history = [
      ok(1, 2, append("y", 1)),
      unknown(3, read("y", []), append("x", 1)),
      ok(4, 5, read("x", [1]), read("y", [1])),
    ];
    expect(found(history)).toEqual(["G-single in time: T0 realTime T1 rw"]);
    expect(found(history.slice(0, 2))).toEqual([]); // nobody knows that it has happened
  });
});

describe("lists that are deleted and made anew", () => {
  const first = ok(1, 2, append("x", 1));
  const deleting = ok(3, 4, read("x", [1]), remove("x"));

  it("seen after their deletion", () => {
    expect(found([first, deleting, ok(5, 6, read("x", [1]))])).toEqual(["G-single in time: T1 realTime T2 rw"]);
  });

  it("deleted by two", () => {
    expect(found([first, deleting, ok(2, 9, read("x", [1]), remove("x"))])).toEqual(["G2: T1 rw T2 rw"]);
  });

  it("deleted with an append that came between reading and deleting", () => {
    const history = [first, ok(3, 9, read("x", [1]), remove("x")), ok(3, 9, read("x", [1]), append("x", 2))];
    expect(found(history)).toEqual(["G-single: T1 rw T2 ww"]);
  });

  it("seen absent before their deletion, and there after they were gone", () => {
    const absent = [first, ok(3, 4, read("x", [])), ok(5, 6, read("x", [1]), remove("x"))];
    expect(found(absent)).toEqual(["G-single in time: T0 realTime T1 lifetime"]);
    expect(checkHistory(absent).anomalies[0]?.explanation).toContain(
      "of x there was no list, and then the list that begins [1]",
    );
    const old = [first, deleting, ok(5, 6, append("x", 2)), ok(7, 8, read("x", [2])), ok(9, 10, read("x", [1]))];
    expect(found(old)).toHaveLength(1);
  });

  it("seen absent although the last list was never deleted", () => {
    const history = [first, deleting, ok(5, 6, append("x", 2)), ok(7, 8, read("x", [2])), ok(9, 10, read("x", null))];
    expect(found(history)).toHaveLength(1);
  });

  it("two at once, which nobody has deleted, after one that was", () => {
    const two = [2, 3].map((value) => ok(5, 9, append("x", value)));
    const history = [first, deleting, ...two, ok(5, 9, read("x", [2])), ok(5, 9, read("x", [3]))];
    expect(found(history)).toEqual(["incompatibleLists"]);
  });

  it("found absent by several at once, one of whom saw elsewhere what came with the next list", () => {
    const history = [
      first,
      deleting,
      ok(5, 30, append("x", 2), append("y", 1)),
      ok(5, 9, read("x", null), read("y", [1])),
      ok(5, 10, read("x", null)),
      ok(20, 21, read("x", [2])),
      ok(40, 41, read("x", [2]), remove("x")),
    ];
    expect(found(history)).toEqual(["G-single in time: T2 wr T3 lifetime"]);
  });

  it("or rather not, since there was nothing to delete", () => {
    const history = [ok(1, 2, read("x", null), remove("x")), ok(3, 4, append("x", 1)), ok(5, 6, read("x", null))];
    expect(found(history)).toEqual(["lostWrite"]);
  });

  it("with an acknowledged append that nobody sees", () => {
    const lost = [
      first,
      ok(3, 4, read("x", [1]), append("x", 2)),
      ok(5, 6, read("x", [1])),
      ok(7, 8, read("x", [1]), remove("x")),
    ];
    expect(found(lost)).toEqual(["lostWrite"]);
  });
});

describe("a report", () => {
  it("names as many anomalies as are wanted, and counts the others", () => {
    const history = Array.from({ length: 10 }, (_, i) => ok(i, i, read(`k${i}`, [1])));
    expect(checkHistory(history, { maxAnomalies: 3 })).toMatchObject({
      valid: false,
      anomalies: { length: 3 },
      omitted: 7,
    });
    expect(checkHistory(history, { maxAnomalies: 0 })).toMatchObject({ valid: false, omitted: 10 });
  });

  it("goes on with the other keys when one contradicts itself", () => {
    const skew = [ok(1, 9, read("x", []), append("y", 1)), ok(1, 9, read("y", []), append("x", 1))];
    expect(found([...skew, ok(1, 2, read("z", [1]))])).toEqual(["unknownValue", "G2: T0 rw T1 rw"]);
  });
});

describe("what is no history", () => {
  it("is refused", () => {
    const bad: readonly History[] = [
      [ok(1, 2, append("x", 1)), ok(1, 2, append("x", 1))],
      [ok(1, 2, append("x", 1), append("x", 1))],
      [ok(2, 1)],
      [{ process: 0, start: 1, outcome: "ok", steps: [] }],
      [ok(Number.NaN, 1)],
    ];
    for (const history of bad) expect(() => checkHistory(history)).toThrow(ValidationError);
    expect(found([ok(1, 2, append("x", 1)), ok(1, 2, append("x", "1")), ok(1, 2, append("y", 1))])).toEqual([]);
  });
});
