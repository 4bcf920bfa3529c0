import { randomFillSync } from "node:crypto";

/** Randomness as the library sees it. A test may give its own to a connection. */
export interface Random {
  /** A number from 0 up to, but not including, 1: for the spread of waits. */
  fraction(): number;
  /** Eight base64url characters that nobody has used before: 48 bits from the system's generator. */
  writeId(): string;
}

const idBytes = 6;
const poolIds = 512; // one call to the generator serves this many ids

export function systemRandom(): Random {
  const pool = Buffer.alloc(idBytes * poolIds);
  let used = pool.length;
  return {
    fraction: () => Math.random(),
    writeId() {
      if (used === pool.length) {
        randomFillSync(pool);
        used = 0;
      }
      used += idBytes;
      return pool.toString("base64url", used - idBytes, used);
    },
  };
}
