import { expect, it } from "vitest";
import type { Alert, RiskInForce } from "./kinds";
import type { Status } from "./status";
import type { Read } from "./reading";
import { findings, unfinished } from "./verdict";

const WELL: Status = {
  ready: true, reasons: [], phase: "running", account: "main", kill_switch: { engaged: false, reason: "", principal: "", at: null },
  open_orders: 0, unknown_orders: 0, journal_seq: 1, streams: { execution: { up: true, age_seconds: 1 } },
  differences: { standing: [] }, closed: [], store_failed: false, refused_markets: {}, set_aside: [], notices: [],
};
const read = <T>(value: T): Read<T> => ({ value, error: "" });
const NO_LIMITS = { limits: [] } as unknown as RiskInForce;
const of = (changes: Partial<Status>, alerts: Read<readonly Alert[]> = read([]), risk: Read<RiskInForce> = read(NO_LIMITS)) =>
  findings({ status: { ...WELL, ...changes }, alerts, risk }).map((each) => `${each.grade} ${each.what}`);

it("finds nothing where all is well", () => expect(of({})).toEqual([]));

it("says of the kill switch who and why, once", () => {
  const kill_switch = { engaged: true, reason: "lunch", principal: "api:me", at: null };
  expect(of({ kill_switch, ready: false, reasons: ["the kill switch was engaged by api:me: lunch"] })).toEqual([
    "bad The kill switch is on, by api:me: lunch",
  ]);
});

it("puts what stops orders before what may", () => {
  const said = of({ set_aside: [1], unknown_orders: 2, streams: { market: { up: false, age_seconds: 9 } }, reasons: ["market=down: for 9 s"] });
  expect(said).toEqual([
    "bad No new order is taken: market=down: for 9 s",
    "bad The exchange's market stream is down",
    "bad 2 orders have an unknown outcome",
    "warn 1 messages of the exchange could not be read",
  ]);
});

it("tells of a limit before it is full, and of none that has no bound", () => {
  const limits = [
    { name: "max_daily_loss", of: "day", unit: "fraction", limit: "0.1", used: "0.085", left: "0.015", why: null },
    { name: "max_daily_notional", of: "day", unit: "USDT", limit: null, used: "1000", left: null, why: null },
  ];
  expect(of({}, read([]), read({ limits } as unknown as RiskInForce))).toEqual(["warn The limit daily loss is 85 % used"]);
});

it("hands on an alert with its advice and who took it up", () => {
  const alert = { severity: "critical", what: "no fill for 5 min", subject: "twap", advice: "Look.", acknowledged_by: "ann" } as Alert;
  expect(findings({ status: WELL, alerts: read([alert]), risk: read(NO_LIMITS) })).toEqual([
    { grade: "bad", what: "no fill for 5 min (twap)", todo: "Taken up by ann. Look.", link: "#/system" },
  ]);
});

it("says nothing is well of which it could not read the alerts or the limits, also where it could before", () => {
  const alert = { severity: "warning", what: "slow", subject: "" } as Alert;
  expect(of({}, { value: null, error: "not now" }, { value: null, error: "nor this" })).toEqual([
    "warn The alerts could not be read: not now",
    "warn The limits could not be read: nor this",
  ]);
  expect(of({}, { value: [alert], error: "not now" })).toEqual(["warn The alerts could not be read: not now", "warn slow"]);
});

it("takes what was not read yet for neither well nor wrong", () => {
  const known = { status: WELL, alerts: read<readonly Alert[]>([]), risk: read(NO_LIMITS) };
  expect(unfinished(known)).toBe(false);
  for (const missing of ["alerts", "risk"]) {
    const early = { ...known, [missing]: { value: null, error: "" } };
    expect([unfinished(early), findings(early)]).toEqual([true, []]);
  }
});
