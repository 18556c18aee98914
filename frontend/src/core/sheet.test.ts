import { expect, test } from "vitest";
import { byYear, chained, since, underWater } from "./sheet";

test("returns are chained, and one that is not known leaves none", () => {
  expect(chained([0.1, -0.5])).toBeCloseTo(-0.45);
  expect(chained([])).toBe(0);
  expect(chained([0.1, null])).toBeNull();
});

test("months stand in the row of their year, the newest year first, each under its own name", () => {
  const found = byYear([
    { name: "2025-12", change: 0.1 },
    { name: "2026-01", change: 0.5 },
    { name: "2026-03", change: null },
  ]);
  expect(found.map((each) => each.year)).toEqual(["2026", "2025"]);
  expect(found[0]?.months.slice(0, 4)).toEqual([0.5, undefined, null, undefined]);
  expect(found[0]?.whole).toBeNull();
  expect(found[1]?.months[11]).toBe(0.1);
  expect(found[1]?.whole).toBeCloseTo(0.1);
  expect(byYear([])).toEqual([]);
});

test("the first fall is from the start, and a new height is no fall", () => {
  expect(underWater([{ growth: "0.9" }, { growth: "1.2" }, { growth: "0.6" }])).toEqual([expect.closeTo(-0.1), 0, expect.closeTo(-0.5)]);
});

test("a period begins with a whole day of UTC, today among its days", () => {
  const now = new Date("2026-03-01T00:30:00+01:00");
  expect(since("today", now)).toBe("2026-02-28T00:00:00.000Z");
  expect(since("7 days", now)).toBe("2026-02-22T00:00:00.000Z");
  expect(since("this year", now)).toBe("2026-01-01T00:00:00.000Z");
  expect(since("all", now)).toBe("");
});
