/** The tabs of the page History, in their order. Each is a file of its own here, read when it is first gone to. */

import type { Component } from "svelte";

export interface Tab {
  /** Its address, after '#'. */
  path: string;
  title: string;
  load: () => Promise<{ default: Component }>;
}

/** The parameters of the address that mean the same in every tab, and go along from one to another. */
export const SHARED = ["q", "instrument", "strategy", "from", "to"] as const;

export const TABS: readonly Tab[] = [
  { path: "/history", title: "Orders and fills", load: () => import("./Orders.svelte") },
  { path: "/history/events", title: "Events", load: () => import("./Events.svelte") },
  { path: "/history/performance", title: "Performance", load: () => import("./Performance.svelte") },
  { path: "/history/costs", title: "Costs", load: () => import("./Costs.svelte") },
  { path: "/history/exports", title: "Exports", load: () => import("./Exports.svelte") },
];

/** The one whose address this is; the first for what is none. */
export function tabAt(path: string): Tab {
  return TABS.find((tab) => tab.path === path) ?? (TABS[0] as Tab);
}
