/** Instants and lengths of time in words. Pure. */

/** 2026-11-29T14:03:07.123, in UTC or as the clock here has it. */
export function zoned(instant: string | number, utc: boolean): string {
  const date = new Date(instant);
  return new Date(date.getTime() - (utc ? 0 : date.getTimezoneOffset() * 60000)).toISOString().slice(0, -1);
}

/** 14:03:07 of today; of another day with its date, 11-28 14:03:07 or 2025-11-28 14:03:07. */
export function dated(instant: string | number, now: number, utc: boolean): string {
  const [[day = "", time = ""], [today = ""]] = [zoned(instant, utc), zoned(now, utc)].map((each) => each.split("T")) as [string[], string[]];
  const date = day === today ? "" : day.slice(0, 4) === today.slice(0, 4) ? `${day.slice(5)} ` : `${day} `;
  return date + time.slice(0, 8);
}

/** How long, whichever way: 12 s, 4 min, 3 h 05 min, 2 d 4 h. */
export function span(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "–";
  const whole = Math.round(Math.abs(seconds));
  if (Math.abs(seconds) < 1) return `${Math.round(Math.abs(seconds) * 1000)} ms`;
  if (whole < 120) return `${whole} s`;
  if (whole < 7200) return `${Math.floor(whole / 60)} min`;
  if (whole < 172800) return `${Math.floor(whole / 3600)} h ${String(Math.floor(whole / 60) % 60).padStart(2, "0")} min`;
  return `${Math.floor(whole / 86400)} d ${Math.floor(whole / 3600) % 24} h`;
}

/** The same with its sign: +3 ms, −12 s. */
export function offset(seconds: number | null | undefined): string {
  const long = span(seconds);
  return seconds && !/^(0 ms|–)$/.test(long) ? `${seconds < 0 ? "−" : "+"}${long}` : long;
}
