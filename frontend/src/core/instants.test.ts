import { expect, test } from "vitest";
import { dated, offset, span, zoned } from "./instants";

const NOW = Date.parse("2026-11-29T14:03:07.123Z");

test("what is not of today has its date, and the year where that is another", () => {
  expect(dated("2026-11-29T00:00:01Z", NOW, true)).toBe("00:00:01");
  expect(dated("2026-11-28T23:59:59Z", NOW, true)).toBe("11-28 23:59:59");
  expect(dated("2025-11-29T14:03:07Z", NOW, true)).toBe("2025-11-29 14:03:07");
});

test("the clock here has its own day", () => {
  const here = new Date(2026, 10, 29, 0, 30).getTime();
  expect(zoned(here, false)).toBe("2026-11-29T00:30:00.000");
  expect(dated(here, new Date(2026, 10, 29, 23, 0).getTime(), false)).toBe("00:30:00");
});

test("how far a clock is off has one sign", () => {
  expect([-0.005, 0.005, -0.0001, -12, 90000, null].map(offset)).toEqual(["−5 ms", "+5 ms", "0 ms", "−12 s", "+25 h 00 min", "–"]);
  expect([-0.005, 119.6, 7300].map(span)).toEqual(["5 ms", "2 min", "2 h 01 min"]);
});
