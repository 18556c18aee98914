import { describe, expect, it } from "vitest";
import { add, amount, compare, divide, drawn, isDecimal, isMultiple, money, multiply, percent, price, round, shown, signed, subtract, toStep } from "./decimal";

describe("decimals stay exact", () => {
  it("where binary numbers are not", () => {
    expect(add("0.1", "0.2")).toBe("0.3");
    expect(subtract("100000000000000000.01", "0.02")).toBe("99999999999999999.99");
    expect(multiply("-0.000000001", "1000")).toBe("-0.000001");
    expect(divide("1", "3", 5)).toBe("0.33333");
    expect(divide("-2", "0.03", 2)).toBe("-66.66");
    expect(compare("1.10", "1.1")).toBe(0);
    expect(compare("-0.1", "0")).toBe(-1);
  });
  it("on ticks and lots", () => {
    expect(isMultiple("49999.3", "0.1")).toBe(true);
    expect(isMultiple("49999.35", "0.1")).toBe(false);
    expect(isMultiple("12000", "1000")).toBe(true);
    expect(toStep("1234.5678", "0.25")).toBe("1234.5");
    expect(toStep("-1999", "1000")).toBe("-1000");
  });
  it("when rounded, half away from zero", () => {
    expect(round("2.345", 2)).toBe("2.35");
    expect(round("-2.345", 2)).toBe("-2.35");
    expect(round("-0.001", 2)).toBe("0");
  });
});

describe("what is shown", () => {
  it("has its thousands apart and its digits fixed", () => {
    expect(money("-1234567.8")).toBe("−1,234,567.80");
    expect(signed("12")).toBe("+12.00");
    expect(signed("0")).toBe("0.00");
  });
  it("keeps what a coin of a billionth is worth", () => {
    expect(shown("0.00000000123456", 4)).toBe("0.00000000123");
    expect(money("-0.0000004")).toBe("−0.0000004");
  });
  it("tells two prices of a billionth apart", () => {
    expect([price("0.000000001234"), price("0.0000000012352"), price("-0.0000000012352")]).toEqual(["0.000000001234", "0.0000000012352", "−0.0000000012352"]);
    expect([price("49990.812616131"), price("0.05"), price(null)]).toEqual(["49,990.81261613", "0.05", "–"]);
  });
  it("has no exponent on an axis", () => {
    expect([1.2352e-9, 49990.1, 0.00025, 0].map(drawn)).toEqual(["0.0000000012352", "49,990.1", "0.00025", "0"]);
  });
  it("is short of what is much", () => {
    expect(["29860300000", "351534000000", "760762384997000", "1234567", "999999.5", "0.02331"].map((each) => amount(each))).toEqual([
      "29.9B", "352B", "761T", "1.23M", "999,999.5", "0.0233",
    ]);
  });
  it("is a dash for nothing, and a word as it is", () => {
    expect([shown(null), shown(""), shown("market")]).toEqual(["–", "–", "market"]);
  });
  it("takes a fraction as text or as a number", () => {
    expect([percent("0.40183246"), percent(-0.0123), percent(-0.000001), percent(null)]).toEqual(["40.18 %", "−1.23 %", "0.00 %", "–"]);
  });
  it("takes no exponent and no word for a decimal", () => {
    expect(["1e3", "", "1,000", "0x1", ".5", "5.", "+1"].map(isDecimal)).toEqual([false, false, false, false, true, true, true]);
  });
});
