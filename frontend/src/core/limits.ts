/** A risk limit as a bar: its name, its words, how much of it is used. */

import { approximate, money, percent, shown } from "./decimal";
import { words } from "./kinds";

export interface Limit {
  name: string;
  unit: string;
  limit: string | null;
  used: string | null;
  why: string | null;
}

export function amount(value: string | null, unit: string): string {
  if (value === null) return "–";
  if (unit === "fraction") return percent(value);
  if (unit === "orders") return shown(value);
  if (unit === "seconds") return `${shown(value)} s`;
  if (unit === "base") return shown(value);
  return `${money(value)} ${unit}`;
}

export const share = (limit: Limit): number =>
  limit.limit === null || limit.used === null ? 0 : approximate(limit.limit) > 0 ? approximate(limit.used) / approximate(limit.limit) : Number(approximate(limit.used) > 0);

export const title = (limit: Limit): string => words(limit.name.replace(/^max_/, "").replace(/_pct$/, ""));

export const told = (limit: Limit): string =>
  limit.why ?? (limit.limit === null ? `${amount(limit.used, limit.unit)}, no limit` : `${amount(limit.used, limit.unit)} of ${amount(limit.limit, limit.unit)}`);
