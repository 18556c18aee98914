/** Exact decimals, kept as the text they came in. Only what is drawn (a bar's width, a curve) becomes a number. */

interface Parts {
  units: bigint;
  places: number;
}

const PLAIN = /^([+-])?(\d+)(?:\.(\d*))?$|^([+-])?\.(\d+)$/;

/** null for what is no plain decimal: empty, words, exponents. */
function read(text: string): Parts | null {
  const found = PLAIN.exec(text.trim());
  if (!found) return null;
  const negative = (found[1] ?? found[4]) === "-";
  const fraction = found[3] ?? found[5] ?? "";
  const units = BigInt((found[2] ?? "0") + fraction);
  return { units: negative ? -units : units, places: fraction.length };
}

function parts(text: string): Parts {
  const found = read(text);
  if (!found) throw new RangeError(`${JSON.stringify(text)} is no decimal`);
  return found;
}

function text({ units, places }: Parts): string {
  const digits = (units < 0n ? -units : units).toString().padStart(places + 1, "0");
  const whole = digits.slice(0, digits.length - places);
  const fraction = places ? digits.slice(-places).replace(/0+$/, "") : "";
  const sign = units < 0n ? "-" : "";
  return sign + whole + (fraction ? `.${fraction}` : "");
}

function scaled({ units, places }: Parts, to: number): bigint {
  return units * 10n ** BigInt(to - places);
}

export function isDecimal(value: string): boolean {
  return read(value) !== null;
}

export function add(a: string, b: string): string {
  const [x, y] = [parts(a), parts(b)];
  const places = Math.max(x.places, y.places);
  return text({ units: scaled(x, places) + scaled(y, places), places });
}

export function negate(a: string): string {
  const { units, places } = parts(a);
  return text({ units: -units, places });
}

export function subtract(a: string, b: string): string {
  return add(a, negate(b));
}

export function multiply(a: string, b: string): string {
  const [x, y] = [parts(a), parts(b)];
  return text({ units: x.units * y.units, places: x.places + y.places });
}

/** Towards zero. */
export function divide(a: string, b: string, places: number): string {
  const [x, y] = [parts(a), parts(b)];
  const units = (x.units * 10n ** BigInt(places + y.places)) / (y.units * 10n ** BigInt(x.places));
  return text({ units, places });
}

/** -1, 0 or 1. */
export function compare(a: string, b: string): number {
  const [x, y] = [parts(a), parts(b)];
  const places = Math.max(x.places, y.places);
  const difference = scaled(x, places) - scaled(y, places);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export function sign(value: string | null | undefined): number {
  const found = read(value ?? "");
  return !found || found.units === 0n ? 0 : found.units < 0n ? -1 : 1;
}

export function absolute(value: string): string {
  return sign(value) < 0 ? negate(value) : text(parts(value));
}

export function isMultiple(value: string, step: string): boolean {
  const [x, y] = [parts(value), parts(step)];
  const places = Math.max(x.places, y.places);
  return scaled(x, places) % scaled(y, places) === 0n;
}

/** The largest multiple of step that is no further from zero. */
export function toStep(value: string, step: string): string {
  const [x, y] = [parts(value), parts(step)];
  const places = Math.max(x.places, y.places);
  const size = scaled(y, places);
  return text({ units: (scaled(x, places) / size) * size, places });
}

/** Half away from zero. */
export function round(value: string, places: number): string {
  const found = parts(value);
  if (found.places <= places) return text(found);
  const unit = 10n ** BigInt(found.places - places);
  const half = found.units < 0n ? -unit / 2n : unit / 2n;
  return text({ units: (found.units + half) / unit, places });
}

/** Digits after the point of a tick or a lot. */
export function placesOf(step: string): number {
  return text(parts(step)).split(".")[1]?.length ?? 0;
}

const REMEMBERED = 4000;
const written = new Map<string, string>();

/** As it is shown: thousands apart, at most `places` digits after the point, `fixed` of them always. What would round to
 *  nothing keeps three digits that say something, as a coin of a billionth does. */
export function shown(value: string | null | undefined, places = 18, fixed = 0): string {
  if (value === null || value === undefined || value === "") return "–";
  const key = `${value} ${places} ${fixed}`; // a table is drawn ten times a second, and most of it is as it was
  const before = written.get(key);
  if (before !== undefined) return before;
  if (written.size >= REMEMBERED) written.clear();
  const made = write(value, places, fixed);
  written.set(key, made);
  return made;
}

function write(value: string, places: number, fixed: number): string {
  const found = read(value);
  if (!found) return value;
  let rounded = round(value, places);
  if (found.units !== 0n && Number(rounded) === 0) {
    const zeros = /^-?0\.(0*)/.exec(text(found))?.[1]?.length ?? 0;
    rounded = round(value, zeros + 3);
  }
  const [whole = "0", fraction = ""] = rounded.replace("-", "").split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  const tail = fraction.padEnd(fixed, "0");
  return (rounded.startsWith("-") ? "−" : "") + grouped + (tail ? `.${tail}` : "");
}

export const money = (value: string | null | undefined): string => shown(value, 2, 2);

/** With its sign, also where it is a gain. */
export function signed(value: string | null | undefined, places = 2, fixed = places): string {
  return (sign(value) > 0 ? "+" : "") + shown(value, places, fixed);
}

const PRICE_DIGITS = 6;

/** A price that is on no tick, as a mean or a mark: eight digits after the point, and six that say something. */
export function price(value: string | null | undefined): string {
  const zeros = /^-?0?\.(0*)/.exec(value ?? "")?.[1]?.length ?? 0;
  return shown(value, Math.max(8, zeros + PRICE_DIGITS));
}

/** A number that was drawn, on an axis. */
export const drawn = (value: number): string => price(value.toFixed(18));

const LARGE = [["T", 12], ["B", 9], ["M", 6]] as const;

/** How much, where there is room for few digits: from a million on three of them, else at most `places` after the point. */
export function amount(value: string, places = 4): string {
  const whole = absolute(value).split(".")[0]?.length ?? 0;
  const unit = LARGE.find(([, digits]) => whole > digits);
  return unit && whole <= unit[1] + 3 ? `${shown(multiply(value, `0.${"1".padStart(unit[1], "0")}`), 3 - (whole - unit[1]))}${unit[0]}` : shown(value, places);
}

/** A fraction as percent. Statistics come as numbers, limits as text. */
export function percent(value: string | number | null | undefined, places = 2): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "number") {
    const digits = Math.abs(value * 100).toFixed(places);
    return `${value < 0 && Number(digits) !== 0 ? "−" : ""}${digits} %`;
  }
  return `${shown(multiply(value, "100"), places, places)} %`;
}

/** For drawing alone. */
export const approximate = (value: string | null | undefined): number => Number(value ?? NaN);
