/** What is drawn of one execution: the market's price with its fills on it, and its schedule against what has filled. */

import { add, approximate } from "./decimal";

export interface FillPoint {
  at: string;
  price: string;
  size: string;
}

export interface Look {
  at: string;
  target: string;
}

export interface Drawn {
  /** Seconds, ascending, each once. */
  times: number[];
  lines: (number | null)[][];
}

const seconds = (instant: string): number => Date.parse(instant) / 1000;

/** Values of several kinds over one axis of times: null where a kind says nothing. Of one instant the last one counts. */
export function together(kinds: readonly (readonly (readonly [number, number])[])[]): Drawn {
  const times = [...new Set(kinds.flatMap((kind) => kind.map(([at]) => at)))].sort((a, b) => a - b);
  const lines = kinds.map((kind) => {
    const known = new Map(kind);
    return times.map((at) => known.get(at) ?? null);
  });
  return { times, lines };
}

/** What had filled after each fill, exactly; fills in the order of their times. */
export function filledAfter(fills: readonly FillPoint[]): { at: string; filled: string }[] {
  let filled = "0";
  return [...fills].sort((a, b) => Date.parse(a.at) - Date.parse(b.at)).map(({ at, size }) => ({ at, filled: (filled = add(filled, size)) }));
}

/** [the market's price, the fills' prices, the price at arrival]. */
export function pricePath(candles: readonly { opened_at: string; open: string }[], fills: readonly FillPoint[], arrival: string | null): Drawn {
  const market = candles.map((each) => [seconds(each.opened_at), approximate(each.open)] as const);
  const ours = fills.map((each) => [seconds(each.at), approximate(each.price)] as const);
  const all = [...market, ...ours].map(([at]) => at);
  const level = arrival === null || !all.length ? [] : [Math.min(...all), Math.max(...all)].map((at) => [at, approximate(arrival)] as const);
  return together([market, ours, level]);
}

/** Of the report of what is over, else of how it stands, up to its end. */
export function looksOf(report: readonly Look[], running: readonly { at: string; size: string }[]): readonly Look[] {
  return report.length ? report : running.map(({ at, size }) => ({ at, target: size }));
}

/** [what the schedule wants, what had filled], from nothing at its start. */
export function schedulePath(start: string, looks: readonly Look[], fills: readonly FillPoint[], now: string): Drawn {
  const wanted = looks.map((each) => [seconds(each.at), approximate(each.target)] as const);
  const done = filledAfter(fills).map((each) => [seconds(each.at), approximate(each.filled)] as const);
  const last = done.at(-1)?.[1] ?? 0;
  return together([wanted, [[seconds(start), 0], ...done, [Math.max(seconds(now), done.at(-1)?.[0] ?? 0), last]]]);
}

/** The bar of candles with which so long a time is drawn by at most a few hundred. */
export function barFor(spanSeconds: number): "1m" | "5m" | "15m" | "1h" | "4h" | "1d" {
  const bars = [["1m", 60], ["5m", 300], ["15m", 900], ["1h", 3600], ["4h", 14400]] as const;
  return bars.find(([, length]) => spanSeconds / length <= 240)?.[0] ?? "1d";
}
