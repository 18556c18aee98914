/** What is shown of the costs of many orders: which figures, where a spread is drawn, which executions are of a group. Pure. */

import { approximate } from "./decimal";
import { type Execution, words } from "./kinds";

export const GROUPINGS = { strategy: "execution strategy", label: "own strategy", instrument: "instrument", side: "side", size: "size", day: "day", exchange: "exchange", arm: "arm of a wheel" } as const;
export type Grouping = keyof typeof GROUPINGS;

export const isGrouping = (name: string): name is Grouping => Object.hasOwn(GROUPINGS, name);

interface Spread {
  p5: string;
  p25: string;
  median: string;
  p75: string;
  p95: string;
  mean: string;
}

/** From the least to the most of all spreads, zero among them: what they are drawn over. */
export function reach(spreads: readonly Spread[]): [number, number] {
  const all = spreads.flatMap((each) => [each.p5, each.p95, each.mean].map(approximate));
  const [low, high] = [Math.min(0, ...all), Math.max(0, ...all)];
  return low === high ? [low - 1, high + 1] : [low, high];
}

/** Where a value stands between them, as a percentage. */
export const place = (value: string | number, [low, high]: readonly [number, number]): number => ((Number(value) - low) / (high - low)) * 100;

/** How a figure is called, and its unit: markouts are a benefit, all else in bps a cost. */
export function figure(name: string): { title: string; unit: "bps" | "share" } {
  return name.endsWith("_bps") ? { title: words(name.slice(0, -4)), unit: "bps" } : { title: words(name), unit: "share" };
}

type Kinds = Pick<Execution, "strategy" | "strategy_id" | "instrument_id" | "side" | "arm" | "updated_at">;

/** Whether an execution that ended is of a group; null where an execution does not say of which one it is. */
export function isOf(by: Grouping, group: string | null, execution: Kinds): boolean | null {
  switch (by) {
    case "strategy":
      return execution.strategy === group;
    case "label":
      return execution.strategy_id === group;
    case "instrument":
      return execution.instrument_id === group;
    case "side":
      return execution.side === group;
    case "day":
      return execution.updated_at.slice(0, 10) === group;
    case "arm":
      return execution.arm !== null && `${execution.strategy_id}: ${execution.arm}` === group;
    case "exchange":
      return true;
    case "size":
      return null;
  }
}
