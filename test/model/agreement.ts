/** Questions answered by the library and by a server, and whether the answers agree. */
import { inspect, isDeepStrictEqual } from "node:util";
import { RequestError, ValidationError } from "dynatx";
import { expect } from "vitest";
import { Unstorable } from "../../src/model/codec/codec.js";

/** The ids found, in order, or that the question is refused, here or by the server. */
export async function answer(
  ask: () => Promise<readonly string[]> | readonly string[],
): Promise<readonly string[] | "refused"> {
  try {
    return [...(await ask())].toSorted();
  } catch (error) {
    if (error instanceof Unstorable || error instanceof ValidationError || error instanceof RequestError)
      return "refused";
    throw error;
  }
}

export interface Asked {
  readonly question: unknown;
  readonly here: readonly string[] | "refused";
  readonly there: readonly string[] | "refused";
}

/** Several at once, for the time lies in the round trips. */
export async function askAll(count: number, ask: () => Promise<Asked>): Promise<Asked[]> {
  const all: Asked[] = [];
  const atOnce = 10;
  while (all.length < count) all.push(...(await Promise.all(Array.from({ length: atOnce }, ask))));
  return all;
}

export function expectAgreement(asked: readonly Asked[]): void {
  const differing = asked.filter(({ here, there }) => !isDeepStrictEqual(here, there));
  expect(
    differing
      .slice(0, 5)
      .map((one) => inspect(one, { depth: 12, maxArrayLength: null }))
      .join("\n"),
  ).toBe("");
  const telling = asked.filter(({ here }) => here !== "refused" && here.length > 0);
  expect(telling.length, "questions that some items answer").toBeGreaterThan(asked.length / 2);
}
