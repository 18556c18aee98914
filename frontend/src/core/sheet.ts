/** What is drawn of a tear sheet, and the periods that one asks for. Pure. */

import { approximate } from "./decimal";

export interface Period {
  name: string;
  change: number | null;
}

/** A year of months: undefined where nothing was asked for, null where a month has no return. whole: its months chained. */
export interface Year {
  year: string;
  months: (number | null | undefined)[];
  whole: number | null;
}

/** Returns one after another; null where one of them is not known. */
export function chained(changes: readonly (number | null)[]): number | null {
  let grown = 1;
  for (const each of changes) {
    if (each === null) return null;
    grown *= 1 + each;
  }
  return grown - 1;
}

/** Months, named 2026-01, as a row a year, the newest year first. */
export function byYear(periods: readonly Period[]): Year[] {
  const years = new Map<string, Period[]>();
  for (const each of periods) years.set(each.name.slice(0, 4), [...(years.get(each.name.slice(0, 4)) ?? []), each]);
  return [...years].reverse().map(([year, months]) => {
    const known = new Map(months.map((each) => [Number(each.name.slice(5)), each.change]));
    return { year, months: Array.from({ length: 12 }, (_, at) => known.get(at + 1)), whole: chained(months.map((each) => each.change)) };
  });
}

/** How far each day's close is below the highest so far, the start included: zero or negative, null where that is not above zero. */
export function underWater(days: readonly { growth: string }[]): (number | null)[] {
  let highest = 1;
  return days.map(({ growth }) => {
    const grown = approximate(growth);
    highest = Math.max(highest, grown);
    return highest > 0 ? grown / highest - 1 : null;
  });
}

/** The instant of a day's close, in seconds: what a curve by day is drawn at. */
export const daySeconds = (day: string): number => Date.parse(day) / 1000;

export const SPANS = ["today", "7 days", "30 days", "90 days", "this year", "all"] as const;
export type Span = (typeof SPANS)[number];

/** Since when a period that goes up to now begins: whole UTC days, today among them; "" from the first record on. */
export function since(span: Span, now: Date): string {
  const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()];
  const back: Record<Span, number | null> = {
    today: Date.UTC(year, month, day),
    "7 days": Date.UTC(year, month, day - 6),
    "30 days": Date.UTC(year, month, day - 29),
    "90 days": Date.UTC(year, month, day - 89),
    "this year": Date.UTC(year, 0, 1),
    all: null,
  };
  const begins = back[span];
  return begins === null ? "" : new Date(begins).toISOString();
}
