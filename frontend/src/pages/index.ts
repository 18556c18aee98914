/** The pages, in the order of the menu. Each is a file of its own here, read when it is first gone to. */

import type { Component } from "svelte";

export interface Page {
  /** The beginning of its address, after '#'. */
  path: string;
  title: string;
  /** After g: its shortcut. */
  key: string;
  load: () => Promise<{ default: Component }>;
}

export const PAGES: readonly Page[] = [
  { path: "/", title: "Overview", key: "o", load: () => import("./Overview.svelte") },
  { path: "/trade", title: "Trade", key: "t", load: () => import("./Trade.svelte") },
  { path: "/executions", title: "Executions", key: "e", load: () => import("./Executions.svelte") },
  { path: "/history", title: "History", key: "h", load: () => import("./History.svelte") },
  { path: "/system", title: "System", key: "s", load: () => import("./System.svelte") },
];

/** The one whose address this is, or undefined. */
export function pageAt(path: string): Page | undefined {
  return PAGES.find((page) => path === page.path || (page.path !== "/" && path.startsWith(`${page.path}/`)));
}
