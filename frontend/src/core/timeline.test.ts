import { expect, it } from "vitest";
import type { JournalEvent } from "./kinds";
import { delays, entries, proposalSteps, steps } from "./timeline";
import { delay, micros } from "./told";

const T0 = 1795973435_000_000; // 2026-11-29T17:30:35Z in microseconds
const ns = (us: number): number => (T0 + us) * 1000;

function event(seq: number, us: number, kind: string, payload: object, links: Partial<JournalEvent> = {}): JournalEvent {
  const at = `2026-11-29T17:30:35.${String(us).padStart(6, "0")}Z`;
  return { seq, at, kind, principal: "api:me", order_id: null, trade_id: null, position: null, parent_id: null, cause_seq: null, payload: { ...payload }, hash: "", ...links };
}

const REQUEST = { side: "buy", size: "0.010", instrument_id: "BTC-USDT", order_type: "limit", price: "49000", condition: null };
const PASS = { verdict: "pass", checked: ["a", "b", "c"], reasons: [] };
const WHY = [{ check: "balance", field: "size", value: "0.01", rule: "is too much" }];
const of = { order_id: "ord-1" };
const filled = (seq: number, us: number, state: string, trade: string, size: string) =>
  event(seq, us, "order.report", { state, filled: size, size: "0.010", fill: { size, price: "48999.5", fee: "0.1", fee_currency: "USDT", liquidity: "maker", time_ns: ns(us - 250) } }, { ...of, trade_id: trade });
const said = (events: JournalEvent[]) => steps(events).map((step) => `${step.after === null ? "" : `+${step.after} `}${step.name}${step.detail ? `: ${step.detail}` : ""}`);

it("tells an order from its signal to its end, with what each step waited for", () => {
  const made = [
    event(1, 1000, "signal.received", { type: "buy", size: "0.01", instrument_id: "BTC-USDT", strategy_id: "mine", decision_at: "2026-11-29T17:30:35.000250Z" }),
    event(2, 1000, "order.intent", { request: REQUEST, risk: PASS }, { ...of, cause_seq: 1 }),
    event(3, 9000, "order.accepted", { sent_ns: ns(6000), code: "0", venue_order_id: "77", message: "" }, of),
    filled(4, 9500, "partially_filled", "t1", "0.004"),
    filled(5, 12000, "filled", "t2", "0.006"),
  ];
  expect(said(made)).toEqual([
    "Signal buy 0.01 BTC-USDT: of mine, decided 0.75 ms before",
    "+0 Risk let it pass: 3 checks",
    "+0 Intent recorded: buy 0.01 BTC-USDT limit @ 49,000",
    "+5000 Sent",
    "+3000 Accepted by the exchange: as 77",
    "+500 Fill of 0.004 @ 48,999.5: maker, fee 0.1 USDT, trade t1, known 0.25 ms after the exchange's time of it",
    "+2500 Fill of 0.006 @ 48,999.5: maker, fee 0.1 USDT, trade t2, known 0.25 ms after the exchange's time of it",
    "+0 Filled: 0.006 of 0.01",
  ]);
  expect(delays(steps(made))).toEqual({ sent: 5000, answered: 3000, filled: 3500, all: 11000 });
});

it("tells why a denied order was, and that nothing was sent", () => {
  const made = [event(1, 0, "order.denied", { request: REQUEST, risk: { ...PASS, reasons: WHY } }, of)];
  expect(said(made)).toEqual(["Risk refused it: balance: size=0.01: is too much", "+0 Denied: buy 0.01 BTC-USDT limit @ 49,000"]);
  expect(delays(steps(made))).toEqual({ sent: null, answered: null, filled: null, all: 0 });
});

it("puts the sending before what the stream told of it ahead of the answer", () => {
  const made = [
    event(1, 1000, "order.intent", { request: REQUEST, risk: PASS }, of),
    filled(2, 8000, "filled", "t1", "0.010"),
    event(3, 9000, "order.accepted", { sent_ns: ns(6000), code: "0", venue_order_id: "77", message: "" }, of),
  ];
  expect(steps(made).map((step) => step.name)).toEqual(["Risk let it pass", "Intent recorded", "Sent", "Fill of 0.01 @ 48,999.5", "Filled", "Accepted by the exchange"]);
  expect(delays(steps(made))).toEqual({ sent: 5000, answered: 3000, filled: 2000, all: 7000 });
  expect(entries(made).map((each) => each.group?.end)).toEqual(["Filled, in 7.00 ms"]);
});

it("tells what an answer came to, whichever it was", () => {
  const answer = (kind: string, payload: object): string[] => said([event(1, 9, kind, payload, of)]);
  expect(answer("order.not_sent", { sent_ns: null, code: "", message: "", reasons: WHY })).toEqual(["Not sent: nothing of it left: balance: size=0.01: is too much"]);
  expect(answer("order.rejected", { sent_ns: ns(1), code: "51008", message: "too poor" })).toEqual(["Sent", "+8 Rejected by the exchange: 51008 too poor"]);
  expect(answer("order.unknown", { sent_ns: ns(1), code: "", message: "no answer" })).toEqual(["Sent", "+8 No clear answer: it is being looked for: no answer"]);
});

it("begins an order that a second person let happen with the proposal", () => {
  const made = [
    event(1, 900, "order.intent", { request: REQUEST, risk: PASS }, of),
    event(2, 900, "approval.confirmed", { asked_ns: ns(100), asked_by: "api:model", decided_by: "api:me", reason: "" }, of),
  ];
  expect(said(made)).toEqual([
    "Proposed: it waits for a second person: by api:model",
    "+800 Risk let it pass: 3 checks",
    "+0 Intent recorded: buy 0.01 BTC-USDT limit @ 49,000",
    "+0 Proposal confirmed: by api:me",
  ]);
});

it("tells an execution by its own steps, each order a line with its reason, its fills and its end", () => {
  const row = (seq: number, us: number, status: string, reason: string | null) =>
    event(seq, us, "parent.changed", { strategy: "stop", status, reason, created_ns: ns(0), params: JSON.stringify({ side: "buy", size: "0.01", instrument_id: "BTC-USDT" }), config: '{"trigger_price":"50001"}' }, { parent_id: "P1" });
  const child = { order_id: "ord-1", parent_id: "P1" };
  const place = { step: 1, kind: "place", content: '{"reason":"trigger_price 50001 was reached"}' };
  const made = entries([
    row(1, 0, "running", null),
    event(2, 5000, "order.intent", { request: REQUEST, risk: PASS }, child),
    event(3, 5000, "parent.step", place, { ...child, cause_seq: 2 }),
    event(4, 8000, "order.accepted", { sent_ns: ns(7000), code: "0" }, child),
    filled(5, 9000, "filled", "t1", "0.010"),
    event(6, 9000, "request.kept", {}, child),
    row(7, 9900, "running", null),
    row(8, 10000, "completed", "all filled"),
  ]);
  expect(made.map((each) => (each.step ? `${each.step.after} ${each.step.name}: ${each.step.detail}` : { ...each.group, steps: each.group.steps.length }))).toEqual([
    "null Execution accepted: stop buy 0.01 BTC-USDT, it waits for the price 50,001",
    { order_id: "ord-1", title: "buy 0.01 BTC-USDT limit @ 49,000", why: "trigger_price 50001 was reached", end: "Filled, in 4.00 ms", tone: "good", steps: 8 },
    "9900 Its terms moved on: ",
    "100 Execution completed: all filled",
  ]);
});

it("ends an order with its first end, whatever is told of it later", () => {
  const fee = event(3, 900_000, "order.report", { state: "filled", filled: "0.010", size: "0.010", fill: { trade_id: "t1", size: "0.010", fee: "0.2", fee_currency: "USDT" } }, of);
  const made = [event(1, 0, "order.intent", { request: REQUEST, risk: PASS }, of), filled(2, 5000, "filled", "t1", "0.010"), fee];
  expect(said(made).at(-1)).toBe("+895000 Told of trade t1 again: fee 0.2 USDT");
  expect(delays(steps(made)).all).toBe(5000);
});

it("tells a proposal that waits, and one that became nothing", () => {
  const of = {
    proposal_id: "ap-1", act: "order.place", instrument_id: "BTC-USDT", request: { side: "buy", size: "0.01", instrument_id: "BTC-USDT" }, state: "pending",
    asked_by: "api:model", asked_at: "2026-11-29T17:30:35Z", expires_at: "2026-11-29T18:30:35Z", decided_by: null, decided_at: null, reason: "", became: null,
  };
  const told = (changes: object): string[] => proposalSteps({ ...of, ...changes }).map((step) => `${step.after ?? ""} ${step.name}: ${step.detail} (${step.by})`);
  const asked = " Proposed: it waits for a second person: order: place, buy 0.01 BTC-USDT";
  expect(told({})).toEqual([`${asked}, until 2026-11-29 18:30:35 UTC (api:model)`]);
  expect(told({ state: "refused", decided_by: "api:me", decided_at: "2026-11-29T17:30:36Z", reason: "no" })).toEqual([`${asked} (api:model)`, "1000000 Proposal refused: no (api:me)"]);
  expect(told({ state: "expired" })).toEqual([`${asked} (api:model)`, "3600000000 Proposal expired:  (system)"]);
});

it("keeps what is under a millisecond, and says that a clock was set back", () => {
  expect(micros("2026-11-29T17:30:35.000250Z") - micros("2026-11-29T17:30:35Z")).toBe(250);
  expect([420, 8300, 12_300, 1_250_000, 200_000_000, 18_180_000_000, -3000].map(delay)).toEqual(["0.42 ms", "8.30 ms", "12.3 ms", "1.25 s", "3 min 20 s", "5 h 3 min", "−3.00 ms"]);
});
