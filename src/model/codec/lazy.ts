import type { Codec } from "./codec.js";

/** A codec that is not there yet, for schemas that hold themselves. */
export function lazyCodec(inner: () => Codec): Codec {
  return {
    get tags() {
      return inner().tags;
    },
    anatomy: () => inner().anatomy(),
    accepts: (value) => inner().accepts(value),
    encode: (value, old) => inner().encode(value, old),
    decode: (stored) => inner().decode(stored),
  };
}
