import { describe, expect, it } from "vitest";
import type { Account, Instrument, RiskInForce } from "./kinds";
import { bodyOf, faultsOf, mostOf, type Parameter, previewOf, sidesOf, type Ticket, worstCase, worth } from "./ticket";

const BTC = {
  instrument_id: "BTC-USDT", kind: "spot", base: "BTC", quote: "USDT", settle: "USDT", tick: "0.1", lot: "0.00000001", min_size: "0.00001",
  contract_value: "1", inverse: false, max_limit_size: "100", max_market_size: "10", live: true, leverages: [], fees: { maker: "0.0008", taker: "0.001", age_seconds: 1 },
} as unknown as Instrument;
const COIN = { ...BTC, instrument_id: "PEPE-USDT", base: "PEPE", tick: "0.000000001", lot: "1000", min_size: "1000", max_limit_size: null } as Instrument;
const INVERSE = { ...BTC, instrument_id: "BTC-USD-SWAP", kind: "swap", quote: "USD", contract_value: "100", inverse: true, lot: "1", min_size: "1" } as unknown as Instrument;
const TICKET: Ticket = {
  instrument_id: "BTC-USDT", side: "buy", kind: "limit", strategy: false, size: "0.01", price: "50000", trigger_price: "", distance_pct: "",
  take_profit: "", stop_loss: "", trade_mode: "cash", position_side: "net", reduce_only: false, config: {},
};
const number = (name: string, kind = "number") => ({ name, kind, unit: "", default: null, allowed: "", help: "", amendable: true }) as Parameter;

describe("what is wrong is said at its field", () => {
  it("and nothing of what is right", () => expect(faultsOf(TICKET, BTC)).toEqual({}));
  it("every reason of each", () => {
    expect(faultsOf({ ...TICKET, size: "0.000000001", price: "50000.05", stop_loss: "x" }, BTC)).toEqual({
      size: ["must be a multiple of the lot 0.00000001: 0 is", "the smallest is 0.00001"],
      price: ["must be a multiple of the tick 0.1: 50000 is"],
      stop_loss: ["must be a number above 0, as 0.5"],
    });
  });
  it("by the terms of a coin of a billionth, sold by the thousand", () => {
    expect(faultsOf({ ...TICKET, size: "12000", price: "0.000000123" }, COIN)).toEqual({});
    expect(Object.keys(faultsOf({ ...TICKET, size: "1500", price: "0.0000000005" }, COIN))).toEqual(["size", "price"]);
  });
  it("with what a market order may be at most, and what a stop needs", () => {
    expect(faultsOf({ ...TICKET, kind: "market", size: "11", price: "" }, BTC)).toEqual({ size: ["the largest is 10"] });
    expect(Object.keys(faultsOf({ ...TICKET, kind: "stop_limit", price: "" }, BTC))).toEqual(["price", "trigger_price"]);
    expect(Object.keys(faultsOf({ ...TICKET, kind: "trailing_stop", distance_pct: "1.5" }, BTC))).toEqual(["distance_pct"]);
  });
});

describe("an oco", () => {
  const OCO: Ticket = { ...TICKET, kind: "oco", side: "sell", price: "", take_profit: "55000", stop_loss: "48000" };
  it("needs both its prices, on the sides on which they get out", () => {
    expect(faultsOf(OCO, BTC)).toEqual({});
    expect(faultsOf({ ...OCO, side: "buy" }, BTC)).toEqual({ take_profit: ["must be below the stop loss"] });
    expect(faultsOf({ ...OCO, stop_loss: "55000" }, BTC)).toEqual({ take_profit: ["must be above the stop loss"] });
    expect(faultsOf({ ...OCO, take_profit: "", stop_loss: "48000.05" }, BTC)).toEqual({
      take_profit: ["is needed"],
      stop_loss: ["must be a multiple of the tick 0.1: 48000 is"],
    });
  });
  it("is sent with them and has no preview", () => {
    expect(bodyOf({ ...OCO, trigger_price: "1" }, [])).toEqual({
      instrument_id: "BTC-USDT", side: "sell", size: "0.01", trade_mode: "cash", order_type: "oco", take_profit: "55000", stop_loss: "48000",
    });
    expect(previewOf(OCO, [])).toBeNull();
  });
});

it("brackets a market or a limit order alone, whose exits stand on the sides on which the other side gets out", () => {
  const exits = { take_profit: "55000", stop_loss: "48000" };
  expect(faultsOf({ ...TICKET, ...exits }, BTC)).toEqual({});
  expect(faultsOf({ ...TICKET, ...exits, side: "sell" }, BTC)).toEqual({ take_profit: ["must be below the stop loss"] });
  for (const kind of ["post_only", "ioc", "fok"]) expect(bodyOf({ ...TICKET, ...exits, kind }, [])).not.toHaveProperty("take_profit");
});

describe("what is sent", () => {
  it("has what the kind takes and no more", () => {
    expect(bodyOf({ ...TICKET, kind: "market" }, [])).toEqual({ instrument_id: "BTC-USDT", side: "buy", size: "0.01", trade_mode: "cash", order_type: "market" });
    expect(bodyOf({ ...TICKET, kind: "stop", trigger_price: "49000", take_profit: "1" }, [])).toMatchObject({ order_type: "stop", trigger_price: "49000" });
  });
  it("has of a strategy what was said, as its kind is written", () => {
    const config = { duration: "60", num_slices: "3", use_limit_orders: "true", style: " ", curve: "[1, 2]" };
    const parameters = [number("duration"), number("num_slices", "integer"), number("use_limit_orders", "boolean"), number("style", "string"), number("curve", "array")];
    expect(bodyOf({ ...TICKET, kind: "twap", strategy: true, price: "", config }, parameters)).toEqual({
      instrument_id: "BTC-USDT", side: "buy", size: "0.01", trade_mode: "cash", strategy: "twap", order_type: "market",
      config: { duration: "60", num_slices: 3, use_limit_orders: true, curve: [1, 2] },
    });
  });
  it("is previewed as the strategy that is the same order, and not where it waits for a trigger", () => {
    expect(previewOf({ ...TICKET, kind: "post_only" }, [])).toMatchObject({ strategy: "limit", order_type: "limit", price: "50000", config: { post_only: true, fallback_to_market: false } });
    expect(previewOf({ ...TICKET, kind: "stop_limit", trigger_price: "1" }, [])).toBeNull();
  });
});

it("offers the sides of a position that the account's mode has", () => {
  const of = (...sides: string[]) => ({ leverages: sides.map((position_side) => ({ position_side })) }) as unknown as Instrument;
  expect([sidesOf(of("net")), sidesOf(of("short", "long")), sidesOf(of())]).toEqual([["net"], ["long", "short"], ["net", "long", "short"]]);
});

describe("what it comes to", () => {
  const account = { balances: { USDT: { available: "1001", price: "1" }, BTC: { available: "0.5", price: "50000" } } } as unknown as Account;
  const risk = {
    currency: "USDT", equity: "100000", positions: [{ position: "BTC", worth: "40000", of_equity: "0.4" }],
    limits: [{ name: "max_position_value_pct", limit: "0.5" }],
  } as unknown as RiskInForce;

  it("is exact, and of an inverse contract its own worth", () => {
    expect(worth("0.1", "49999.9", BTC)).toBe("4999.99");
    expect(worth("3", "50000", INVERSE)).toBe("300");
  });
  it("adds to what all open orders would make, but for what is sold of a coin", () => {
    expect(worstCase("20000", TICKET, BTC, risk, account)).toEqual({ value: "60000", share: "0.6", limit: "0.5", over: true });
    expect(worstCase("20000", { ...TICKET, side: "sell" }, BTC, risk, account)).toMatchObject({ value: "40000", over: false });
  });
  it("adds to the side of a contract that the order is of, and is the server's word as soon as that is there", () => {
    const SWAP = { ...BTC, instrument_id: "BTC-USDT-SWAP", kind: "swap", contract_value: "0.01" } as unknown as Instrument;
    const hedged = { ...risk, positions: [{ position: "BTC-USDT-SWAP/long/cross", worth: "30000" }, { position: "BTC-USDT-SWAP/short/cross", worth: "5000" }] } as unknown as RiskInForce;
    const long = { ...TICKET, trade_mode: "cross", position_side: "long" };
    expect(worstCase("1000", long, SWAP, hedged, account)?.value).toBe("31000");
    expect(worstCase("1000", { ...long, position_side: "short" }, SWAP, hedged, account)?.value).toBe("6000");
    expect(worstCase("1000", { ...long, reduce_only: true }, SWAP, hedged, account)?.value).toBe("30000");
    expect(worstCase("1000", long, SWAP, hedged, account, { at_worst: { currency: "USDT", worth: "60000", of_equity: "0.6" } })).toMatchObject({ value: "60000", over: true });
    expect(worstCase("1000", long, SWAP, hedged, account, { at_worst: null })?.value).toBe("30000");
  });
  it("is not known where the quote has no price", () => expect(worstCase("1", TICKET, { ...BTC, quote: "XYZ" }, risk, account)).toBeNull());
  it("is at most what there is, fee included, on the lot", () => {
    expect(mostOf("1", "buy", "50000", BTC, account)).toBe("0.02");
    expect(mostOf("0.5", "sell", "", BTC, account)).toBe("0.25");
    expect(mostOf("1", "buy", "0", BTC, account)).toBeNull();
  });
});
