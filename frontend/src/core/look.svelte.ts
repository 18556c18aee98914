/** How it looks: light or dark, times in UTC or local. Kept in this browser; nothing secret is. */

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

/** 14:03:07, in the zone that was chosen. Reads the choice, so that what shows it follows. */
export function time(instant: string | number | null | undefined): string {
  if (instant === null || instant === undefined || instant === "") return "–";
  const date = new Date(instant);
  return utc ? date.toISOString().slice(11, 19) : date.toTimeString().slice(0, 8);
}

/** 2026-11-29 14:03:07.123, with its zone. */
export function moment(instant: string | null | undefined): string {
  if (!instant) return "–";
  const date = new Date(instant);
  if (utc) return `${date.toISOString().replace("T", " ").replace("Z", "")} UTC`;
  const zoned = new Date(date.getTime() - date.getTimezoneOffset() * 60000).toISOString();
  return `${zoned.replace("T", " ").replace("Z", "")} local`;
}

/** What a field of date and time holds for an instant, in the zone that was chosen; "" for what is none. */
export function toField(instant: string): string {
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return "";
  const shifted = utc ? date : new Date(date.getTime() - date.getTimezoneOffset() * 60000);
  return shifted.toISOString().slice(0, 19);
}

/** The instant of such a field. */
export function fromField(text: string): string {
  return text ? new Date(utc ? `${text}Z` : text).toISOString() : "";
}

/** 12 s, 4 min, 3 h 05 min, 2 d 4 h. */
export function span(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "–";
  const whole = Math.round(Math.abs(seconds));
  if (Math.abs(seconds) < 1) return `${Math.round(seconds * 1000)} ms`;
  if (whole < 120) return `${whole} s`;
  if (whole < 7200) return `${Math.floor(whole / 60)} min`;
  if (whole < 172800) return `${Math.floor(whole / 3600)} h ${String(Math.floor(whole / 60) % 60).padStart(2, "0")} min`;
  return `${Math.floor(whole / 86400)} d ${Math.floor(whole / 3600) % 24} h`;
}
