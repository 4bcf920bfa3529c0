import { Connection } from "dynatx";
import { beforeAll, describe, expect, test } from "vitest";
import { asWrite } from "../../../src/model/intent-request.js";
import { asModel, bindingOf } from "../../../src/model/model-core.js";
import type { Write } from "../../../src/model/write.js";
import type { AttributeMap } from "../../../src/dynamodb/attribute.js";
import type { Action } from "../../../src/transaction/backends/atomic/action.js";
import { judgeTransaction } from "../../../src/transaction/backends/atomic/look-up.js";
import { clientOf } from "../../support/databases.js";
import { Account } from "../bank.js";

/** Write ids, newest first, as an item carries them. */
const version = (...names: readonly string[]): string => names.map((name) => name.padEnd(8, "_")).join("");

describe("judgeTransaction: what items show of a transaction in doubt", () => {
  let binding: Write["binding"];
  beforeAll(() => {
    binding = bindingOf(asModel(Account.on(new Connection({ client: clientOf("http://127.0.0.1:1") }))));
  });
  const item = (...names: readonly string[]): AttributeMap => ({
    id: { S: "a" },
    ...(names.length > 0 && { _v: { S: version(...names) } }),
  });
  const action = (before: AttributeMap | undefined, changes: Partial<Write> = {}): Action => {
    const read = { binding, key: { id: { S: "a" } }, keyValues: { id: "a" }, image: before };
    const write = { ...asWrite(read), after: item(), writeId: version("mine"), ...changes };
    return { write, guard: "image", writes: true, item: {} };
  };
  const check = (before: AttributeMap | undefined): Action => ({ ...action(before), writes: false });
  const created = (generatedKey: boolean): Action => action(undefined, { generatedKey });
  const gone = undefined;

  test.each<[string, string, () => readonly (readonly [Action, AttributeMap | undefined])[]]>([
    [
      "the own id in one item, whatever the others show",
      "committed",
      () => [
        [action(item("seen")), gone],
        [action(item("seen")), item("other", "mine", "seen")],
      ],
    ],
    ["nothing has moved", "pending", () => [[action(item("seen")), item("seen")]]],
    [
      "nothing has moved beside a create of a key that is free, or taken",
      "pending",
      () => [
        [action(item("seen")), item("seen")],
        [created(false), gone],
        [created(false), item("other")],
      ],
    ],
    [
      "another came after what was seen, and the own id is not there",
      "passed",
      () => [[action(item("seen")), item("other", "seen")]],
    ],
    [
      "nothing was applied, and an item that was only read has moved",
      "passed",
      () => [
        [action(item("seen")), item("seen")],
        [check(item("x")), item("y", "x")],
      ],
    ],
    [
      "nothing was applied, and an item that was only read is gone",
      "passed",
      () => [
        [action(item("seen")), item("seen")],
        [check(item("x")), gone],
      ],
    ],
    [
      "the history no longer reaches back to what was seen",
      "unknown",
      () => [[action(item("seen")), item("c", "b", "a")]],
    ],
    [
      "gone: deleted by this transaction, or by another after it",
      "unknown",
      () => [
        [action(item("seen"), { after: undefined }), gone],
        [action(item("seen")), gone],
      ],
    ],
    [
      "creates only, whatever is there",
      "unknown",
      () => [
        [created(false), gone],
        [created(false), item("other")],
      ],
    ],
    ["a create of a key that nobody else can know: not there", "pending", () => [[created(true), gone]]],
    ["an item that only other programs have written: as it was", "pending", () => [[action(item()), item()]]],
    [
      "an item that only other programs had written: the library's since",
      "unknown",
      () => [[action(item()), item("x")]],
    ],
    [
      "what was only read proves nothing of what is written",
      "unknown",
      () => [
        [check(item("x")), item("y", "x")],
        [created(false), gone],
      ],
    ],
  ])("A10: %s: %s", (_, verdict, items) => {
    expect(judgeTransaction(items().map(([each, stored]) => ({ action: each, stored })))).toBe(verdict);
  });
});
