import type { Client } from "../client.js";
import { audit, transfer } from "./bank.js";
import { count } from "./counting.js";
import { edit, extend, glance, overwrite, push, remove } from "./plain.js";
import { look, rewrite } from "./transactions.js";
import { batch, query, scan } from "./wide.js";

type Work = (client: Client) => Promise<void>;

/** How often each kind of operation is drawn, in the hundred or so. */
const weights: readonly (readonly [Work, number])[] = [
  ...([
    [rewrite, 30],
    [look, 10],
    [glance, 8],
    [edit, 14],
    [remove, 3],
    [overwrite, 3],
    [extend, 4],
  ] as const),
  ...([
    [push, 8],
    [count, 6],
    [transfer, 12],
    [audit, 6],
    [batch, 3],
    [query, 4],
    [scan, 1],
  ] as const),
];

const drawn = weights.flatMap(([work, weight]) => Array.from({ length: weight }, () => work));

/** The next operation of a client. */
export function draw({ dice }: Client): Work {
  return dice.pick(drawn);
}
