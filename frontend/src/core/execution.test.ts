import { expect, test } from "vitest";
import { barFor, filledAfter, looksOf, pricePath, schedulePath, together } from "./execution";

const fill = (second: number, price: string, size: string) => ({ at: new Date(second * 1000).toISOString(), price, size });

test("what several kinds say at one time stands at one place", () => {
  expect(together([[[1, 10], [3, 30]], [[2, 5], [3, 6]], []])).toEqual({
    times: [1, 2, 3],
    lines: [[10, null, 30], [null, 5, 6], [null, null, null]],
  });
});

test("fills that came in another order add up exactly in the order of their times", () => {
  const found = filledAfter([fill(2, "1", "0.2"), fill(1, "1", "0.1"), fill(3, "1", "1000")]);
  expect(found.map((each) => each.filled)).toEqual(["0.1", "0.3", "1000.3"]);
});

test("the price at arrival is a level over all that is drawn", () => {
  const drawn = pricePath([{ opened_at: fill(60, "", "").at, open: "100" }], [fill(90, "101", "1")], "99.5");
  expect(drawn).toEqual({ times: [60, 90], lines: [[100, null], [null, 101], [99.5, 99.5]] });
  expect(pricePath([], [], "99.5").times).toEqual([]);
});

test("what had filled begins with nothing and goes on to now", () => {
  const drawn = schedulePath(fill(10, "", "").at, [{ at: fill(20, "", "").at, target: "2" }], [fill(15, "1", "1")], fill(30, "", "").at);
  expect(drawn).toEqual({ times: [10, 15, 20, 30], lines: [[null, null, 2, null], [0, 1, null, 1]] });
});

test("what runs has the schedule that lies before it, what is over the one that its report compares it with", () => {
  const ahead = [{ at: fill(90, "", "").at, size: "3" }];
  expect(looksOf([], ahead)).toEqual([{ at: fill(90, "", "").at, target: "3" }]);
  expect(looksOf([{ at: fill(20, "", "").at, target: "2" }], ahead)).toHaveLength(1);
  const drawn = schedulePath(fill(10, "", "").at, looksOf([], ahead), [], fill(30, "", "").at);
  expect(drawn).toEqual({ times: [10, 30, 90], lines: [[null, null, 3], [0, 0, null]] });
});

test("a minute and a month are both drawn by a few hundred candles", () => {
  expect(barFor(600)).toBe("1m");
  expect(barFor(5 * 3600)).toBe("5m");
  expect(barFor(86400 * 30)).toBe("4h");
  expect(barFor(86400 * 365)).toBe("1d");
});
