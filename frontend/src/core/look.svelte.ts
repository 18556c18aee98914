/** How it looks: light or dark, times in UTC or local. Kept in this browser; nothing secret is. */

import { dated, zoned } from "./instants";

export { offset, span } from "./instants";

type Theme = "auto" | "light" | "dark";

function kept(name: string, otherwise: string): string {
  try {
    return localStorage.getItem(name) ?? otherwise;
  } catch {
    return otherwise; // a browser that keeps nothing
  }
}

function keep(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    return;
  }
}

const dark = matchMedia("(prefers-color-scheme: dark)");
let theme = $state<Theme>(kept("theme", "auto") as Theme);
let utc = $state(kept("times", "utc") === "utc");
let systemDark = $state(dark.matches);
let toured = $state(kept("toured", "") === "yes");
dark.addEventListener("change", (event) => {
  systemDark = event.matches;
  apply();
});

function apply(): void {
  document.documentElement.dataset["theme"] = look.dark ? "dark" : "light";
}

export const look = {
  get dark(): boolean {
    return theme === "auto" ? systemDark : theme === "dark";
  },
  get utc(): boolean {
    return utc;
  },
  get toured(): boolean {
    return toured;
  },
  turn(): void {
    theme = look.dark ? "light" : "dark";
    keep("theme", theme);
    apply();
  },
  turnTimes(): void {
    utc = !utc;
    keep("times", utc ? "utc" : "local");
  },
  tourDone(done = true): void {
    toured = done;
    keep("toured", done ? "yes" : "");
  },
  apply,
};

const none = (instant: string | number | null | undefined): instant is null | undefined | "" => instant === null || instant === undefined || instant === "";

/** 14:03:07, in the zone that was chosen. Reads the choice, so that what shows it follows. */
export function time(instant: string | number | null | undefined): string {
  return none(instant) ? "–" : zoned(instant, utc).slice(11, 19);
}

/** What `time` says, of another day with its date: 11-28 14:03:07. */
export function when(instant: string | number | null | undefined): string {
  return none(instant) ? "–" : dated(instant, Date.now(), utc);
}

/** 2026-11-29 14:03:07.123, with its zone. */
export function moment(instant: string | null | undefined): string {
  return none(instant) ? "–" : `${zoned(instant, utc).replace("T", " ")} ${utc ? "UTC" : "local"}`;
}

/** What a field of date and time holds for an instant, in the zone that was chosen; "" for what is none. */
export function toField(instant: string): string {
  return Number.isNaN(Date.parse(instant)) ? "" : zoned(instant, utc).slice(0, 19);
}

/** The instant of such a field. */
export function fromField(text: string): string {
  return text ? new Date(utc ? `${text}Z` : text).toISOString() : "";
}
