import { Unstorable } from "./codec.js";

const maxDigits = 38;
const maxExponent = 125;
const minExponent = -130;
/** Up to this many significant digits, decimal text and a double always convert both ways without loss. */
const exactDigits = 15;

interface Decimal {
  readonly digits: string; // significant ones, without zeros at either end; empty for zero
  readonly exponent: number; // of the first digit
  readonly negative: boolean;
}

/** Reads decimal text (`-12.50`, `1e21`) into a canonical form, so that equal numbers are equal texts. */
function decimal(text: string): Decimal {
  const negative = text.startsWith("-");
  const [mantissa = "", power = "0"] = (negative ? text.slice(1) : text).toLowerCase().split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const all = whole + fraction;
  const leading = all.length - all.replace(/^0+/, "").length;
  const digits = all.slice(leading).replace(/0+$/, "");
  return {
    digits,
    negative: negative && digits !== "",
    exponent: digits === "" ? 0 : whole.length - leading - 1 + Number(power),
  };
}

function sameDecimal(a: Decimal, b: Decimal): boolean {
  return a.digits === b.digits && a.exponent === b.exponent && a.negative === b.negative;
}

/** Whether a double is an integer that its neighbours may have been rounded to. */
function isUnsafeInteger(value: number, { digits }: Decimal): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value) && digits.length > exactDigits;
}

/** The text DynamoDB stores for a number. Throws `Unstorable` for what it, or a double, cannot hold exactly. */
export function encodeNumber(value: number): string {
  if (Number.isSafeInteger(value)) return String(value);
  if (!Number.isFinite(value)) throw new Unstorable(`${value} cannot be stored: DynamoDB's numbers are finite`);
  const text = String(value);
  const parts = decimal(text);
  if (isUnsafeInteger(value, parts)) {
    throw new Unstorable(`${text} is past the integers that a number holds exactly: use z.bigint()`);
  }
  if (parts.exponent > maxExponent || parts.exponent < minExponent) {
    throw new Unstorable(`${text} is beyond DynamoDB's numbers (1e-130 to 9.99e125)`);
  }
  return text.includes("e") ? plainText(parts) : text;
}

/** Without an exponent, as DynamoDB gives numbers back: what was written is then what will be read. */
function plainText({ digits, exponent, negative }: Decimal): string {
  const sign = negative ? "-" : "";
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  const fraction = digits.slice(exponent + 1);
  return `${sign}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

export function encodeBigint(value: bigint): string {
  const text = value.toString();
  const { digits, exponent } = decimal(text);
  if (digits.length > maxDigits) throw new Unstorable(`${text} has more than the ${maxDigits} digits DynamoDB holds`);
  if (exponent > maxExponent) throw new Unstorable(`${text} is beyond DynamoDB's numbers (1e-130 to 9.99e125)`);
  return text;
}

/** The number that was stored, or `undefined` when a double cannot hold it exactly. */
export function exactNumber(text: string): number | undefined {
  const value = Number(text);
  if (Number.isSafeInteger(value) && text.length <= exactDigits) return value;
  const parts = decimal(text);
  if (isUnsafeInteger(value, parts) || !sameDecimal(parts, decimal(String(value)))) return undefined;
  return value;
}

/**
 * The number that was stored. A fraction of more digits than a double has is the nearest one (its text stays stored
 * until the value changes); an integer that a double cannot count with throws `Unstorable`.
 */
export function decodeNumber(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) || !Number.isInteger(value) || !isUnsafeInteger(value, decimal(text))) return value;
  throw new Unstorable(`the stored number ${text} does not fit a JavaScript number exactly: use z.bigint()`);
}

/** The integer that was stored, or `undefined` when it has a fraction. */
export function exactBigint(text: string): bigint | undefined {
  const { digits, exponent, negative } = decimal(text);
  const zeros = exponent - digits.length + 1;
  if (digits === "") return 0n;
  if (zeros < 0) return undefined;
  const value = BigInt(digits + "0".repeat(zeros));
  return negative ? -value : value;
}

/** One text for all ways to write a number, so that keys can be compared. */
export function canonicalNumber(text: string): string {
  const { digits, exponent, negative } = decimal(text);
  return `${negative ? "-" : ""}${digits}e${exponent}`;
}

/** Below zero, zero or above, as `a` is below, equal to or above `b`. All digits count. */
export function compareNumbers(a: string, b: string): number {
  const [left, right] = [decimal(a), decimal(b)];
  const signs = signOf(left) - signOf(right);
  if (signs !== 0) return signs;
  // The digits begin with one that is not zero and end so: those of the greater number sort after, a longer one too.
  const digits = left.digits < right.digits ? -1 : Number(left.digits > right.digits);
  return signOf(left) * (left.exponent - right.exponent || digits);
}

function signOf({ digits, negative }: Decimal): number {
  if (digits === "") return 0;
  return negative ? -1 : 1;
}
