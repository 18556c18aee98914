import { expect, test } from "vitest";
import { figure, isGrouping, isOf, place, reach } from "./costs";

const spread = { p5: "-2", p25: "-1", median: "1", p75: "4", p95: "6", mean: "8" };

test("all spreads are drawn over one reach, zero and the means among them", () => {
  expect(reach([spread, { ...spread, p5: "3", mean: "3" }])).toEqual([-2, 8]);
  expect(place("3", [-2, 8])).toBe(50);
  expect(place(0, reach([]))).toBe(50);
});

test("a figure is called as one says it, with its unit", () => {
  expect(figure("markout_0.1s_bps")).toEqual({ title: "markout 0.1s", unit: "bps" });
  expect(figure("maker_share")).toEqual({ title: "maker share", unit: "share" });
});

test("a grouping is one of those there are", () => {
  expect(isGrouping("day")).toBe(true);
  expect(isGrouping("toString")).toBe(false);
});

test("an execution is of the group that it says itself", () => {
  const one = { strategy: "twap", strategy_id: "mine", instrument_id: "BTC-USDT", side: "buy", arm: "slow", updated_at: "2026-11-29T23:59:59Z" } as const;
  const found = (["strategy", "label", "instrument", "side", "arm", "day"] as const).map((by) =>
    ["twap", "mine", "BTC-USDT", "buy", "mine: slow", "2026-11-29"].filter((group) => isOf(by, group, one)),
  );
  expect(found).toEqual([["twap"], ["mine"], ["BTC-USDT"], ["buy"], ["mine: slow"], ["2026-11-29"]]);
  expect(isOf("size", "10 to 100", one)).toBeNull();
  expect(isOf("label", null, { ...one, strategy_id: null })).toBe(true);
});
