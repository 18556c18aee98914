/** What can be done by the keyboard, in one list: the palette shows it, the shortcuts are its keys. */

import { untrack } from "svelte";

export interface Command {
  title: string;
  /** One key, or two one after the other: "g t". */
  keys?: string;
  run: () => void;
}

let lists = $state.raw<readonly (readonly Command[])[]>([]);
let first = "";
let firstAt = 0;
const BETWEEN_MS = 1200;

export const commands = {
  get all(): Command[] {
    return lists.flat();
  },
  /** A page's own, while it is shown; returns what takes them away. */
  add(list: readonly Command[]): () => void {
    untrack(() => (lists = [...lists, list])); // an effect that adds them does not follow the list
    return () => (lists = lists.filter((each) => each !== list));
  },
};

function writes(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));
}

/** Runs what a key stands for; keys in a field are the field's. */
export function pressed(event: KeyboardEvent): void {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    commands.all.find((each) => each.keys === "/")?.run();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || writes(event.target) || document.querySelector("dialog[open]")) return;
  const both = Date.now() - firstAt < BETWEEN_MS ? `${first} ${event.key}` : "";
  const found = commands.all.find((each) => each.keys && (each.keys === both || each.keys === event.key));
  first = event.key;
  firstAt = Date.now();
  if (!found) return;
  event.preventDefault();
  first = "";
  found.run();
}
