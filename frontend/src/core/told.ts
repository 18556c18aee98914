/** What an event of the journal says, in words: of one event there may be several things, each at its own moment. */

import { shown } from "./decimal";
import { type JournalEvent, type Tone, words } from "./kinds";

export interface Told {
  /** Microseconds since 1970, of our clock. */
  at: number;
  name: string;
  detail: string;
  tone: Tone;
  /** With it an order is over. */
  end?: true;
}

export type Payload = Record<string, unknown>;

/** Dates of a browser keep milliseconds; what an order takes is often less. */
export function micros(instant: string): number {
  const fraction = /\.(\d+)/.exec(instant)?.[1] ?? "";
  return Math.floor(Date.parse(instant) / 1000) * 1e6 + Number(fraction.slice(0, 6).padEnd(6, "0"));
}

/** 0.42 ms, 8.3 ms, 1.25 s, 3 min 20 s, 5 h 3 min; negative where a clock was set back. */
export function delay(us: number): string {
  const sign = us < 0 ? "−" : "";
  const ms = Math.abs(us) / 1000;
  if (ms < 1000) return `${sign}${ms < 10 ? ms.toFixed(2) : ms.toFixed(1)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${sign}${seconds.toFixed(2)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${sign}${minutes} min ${Math.floor(seconds % 60)} s`;
  return `${sign}${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export const text = (value: unknown): string => (value === null || value === undefined ? "" : String(value));
export const inside = (value: unknown): Payload => (typeof value === "object" && value !== null ? (value as Payload) : {});
export const parsed = (value: unknown): Payload => (typeof value === "string" ? inside(JSON.parse(value)) : {});
const amount = (value: unknown): string => (typeof value === "string" ? shown(value) : text(value));
export const listed = (...parts: string[]): string => parts.filter(Boolean).join(", ");
/** A number of the browser holds nanoseconds to some 256 of them. */
const ofNs = (value: unknown): number => Math.floor(Number(value) / 1000);

/** Every reason, as a refusal says them. */
export function reasons(value: unknown): string {
  return (Array.isArray(value) ? value : []).map(inside).map((each) => `${text(each["check"])}: ${text(each["field"])}=${text(each["value"])}: ${text(each["rule"])}`).join("; ");
}

/** The order of an intent. */
export function asked(payload: Payload): string {
  const of = inside(payload["request"]);
  const price = of["price"] === null || of["price"] === undefined ? "" : ` @ ${amount(of["price"])}`;
  return `${text(of["side"])} ${amount(of["size"])} ${text(of["instrument_id"])} ${words(text(of["order_type"]))}${price}`;
}

function decided(event: JournalEvent, at: number): Told[] {
  const risk = inside(event.payload["risk"]);
  const checks = (Array.isArray(risk["checked"]) ? risk["checked"] : []).length;
  if (event.kind === "order.denied") return [{ at, name: "Risk refused it", detail: reasons(risk["reasons"]), tone: "bad" }, { at, name: "Denied", detail: asked(event.payload), tone: "bad", end: true }];
  const waits = inside(event.payload["request"])["condition"] ? "it waits at the exchange for its price" : "";
  return [{ at, name: "Risk let it pass", detail: `${checks} checks`, tone: "good" }, { at, name: RECORDED, detail: listed(asked(event.payload), waits), tone: "" }];
}

export const SENT = "Sent";
export const RECORDED = "Intent recorded";
export const ANSWERS: Record<string, [string, Tone]> = {
  "order.accepted": ["Accepted by the exchange", "good"],
  "order.rejected": ["Rejected by the exchange", "bad"],
  "order.not_sent": ["Not sent: nothing of it left", "bad"],
  "order.unknown": ["No clear answer: it is being looked for", "warn"],
};

function answered(event: JournalEvent, at: number): Told[] {
  const said = event.payload;
  const [name, tone] = ANSWERS[event.kind] as [string, Tone];
  const code = text(said["code"]) === "0" ? "" : text(said["code"]);
  const detail = listed(said["venue_order_id"] ? `as ${text(said["venue_order_id"])}` : "", [code, text(said["message"])].filter(Boolean).join(" "), reasons(said["reasons"]));
  const sent: Told[] = said["sent_ns"] ? [{ at: ofNs(said["sent_ns"]), name: SENT, detail: "", tone: "" }] : [];
  return [...sent, { at, name, detail, tone, ...(tone === "bad" ? { end: true as const } : {}) }];
}

const STATES: Record<string, [string, Tone]> = {
  filled: ["Filled", "good"],
  canceled: ["Canceled", "quiet"],
  mmp_canceled: ["Canceled", "quiet"],
  live: ["The exchange has it live", ""],
  partially_filled: ["The exchange has it partly filled", ""],
};

function reported(event: JournalEvent, at: number): Told[] {
  const said = event.payload;
  const fill = inside(said["fill"]);
  const state = text(said["state"]);
  const of = `${amount(said["filled"])} of ${amount(said["size"])}`;
  const [name, tone] = STATES[state] ?? [`The exchange says ${words(state)}`, ""];
  const over = state === "filled" || state.endsWith("canceled") ? { end: true as const } : {};
  const why = listed(text(said["cancel_source"]) ? `source ${text(said["cancel_source"])}` : "", text(said["message"]));
  if (event.trade_id !== null) {
    const fee = fill["fee"] ? `fee ${amount(fill["fee"])} ${text(fill["fee_currency"])}` : "fee not told yet";
    const took = fill["time_ns"] ? `known ${delay(at - ofNs(fill["time_ns"]))} after the exchange's time of it` : "";
    const filled: Told = { at, name: `Fill of ${amount(fill["size"])} @ ${amount(fill["price"])}`, detail: listed(text(fill["liquidity"]), fee, `trade ${event.trade_id}`, took), tone: "good" };
    return over.end ? [filled, { at, name, detail: of, tone, ...over }] : [filled];
  }
  if (fill["trade_id"]) return [{ at, name: `Told of trade ${text(fill["trade_id"])} again`, detail: fill["fee"] ? `fee ${amount(fill["fee"])} ${text(fill["fee_currency"])}` : "", tone: "quiet" }];
  const amended = said["amend_outcome"] ? `amendment ${words(text(said["amend_outcome"]))}: ${listed(amount(said["size"]), amount(said["price"]))}` : "";
  return [{ at, name, detail: listed(of, amended, why), tone, ...over }];
}

function changeAnswered(what: string, event: JournalEvent, at: number): Told[] {
  const kind = text(event.payload["kind"]);
  const code = text(event.payload["code"]) === "0" ? "" : text(event.payload["code"]);
  return [{ at, name: `${what} ${words(kind)}`, detail: [code, text(event.payload["message"])].filter(Boolean).join(" "), tone: kind === "accepted" ? "good" : "warn" }];
}

function ofSignal(event: JournalEvent, at: number): Told[] {
  const said = event.payload;
  const since = said["decision_at"] ? `decided ${delay(at - micros(text(said["decision_at"])))} before` : "";
  const size = said["size"] ? amount(said["size"]) : "";
  const worked = said["strategy"] ? `to be worked by ${text(said["strategy"])}` : "";
  const whose = said["strategy_id"] ? `of ${text(said["strategy_id"])}` : "";
  return [{ at, name: `Signal ${[text(said["type"]), size, text(said["instrument_id"])].filter(Boolean).join(" ")}`, detail: listed(whose, worked, since), tone: "" }];
}

/** The row of an execution; `before`: as it was told before, where that is known. It begins at the moment of its first event. */
function ofExecution(event: JournalEvent, at: number, before: Payload | null): Told[] {
  const said = event.payload;
  const status = text(said["status"]);
  const reason = text(said["reason"]);
  if (Math.abs(ofNs(said["created_ns"]) - at) <= 1) {
    const params = parsed(said["params"]);
    const of = `${text(said["strategy"])} ${text(params["side"])} ${amount(params["size"])} ${text(params["instrument_id"])}`;
    const trigger = parsed(said["config"])["trigger_price"];
    const held = status === "scheduled" ? "it waits for its start" : trigger ? `it waits for the price ${amount(trigger)}` : "";
    return [{ at, name: "Execution accepted", detail: listed(of, held), tone: held ? "warn" : "good" }];
  }
  if (before && status === before["status"] && reason === text(before["reason"])) return [{ at, name: "Its terms moved on", detail: "", tone: "quiet" }];
  const bad = ["failed", "rejected"].includes(status);
  const held = ["paused", "suspended", "partial_expired"].includes(status);
  return [{ at, name: `Execution ${words(status)}`, detail: reason, tone: bad ? "bad" : held ? "warn" : status.startsWith("completed") ? "good" : "" }];
}

function ofApproval(event: JournalEvent, at: number): Told[] {
  const said = event.payload;
  const state = event.kind.slice("approval.".length);
  if (state === "asked") return [{ at, name: "Waits for a second person", detail: words(text(said["act"])), tone: "warn" }];
  const ask: Told = { at: ofNs(said["asked_ns"]), name: "Proposed: it waits for a second person", detail: `by ${text(said["asked_by"])}`, tone: "warn" };
  return [ask, { at, name: `Proposal ${state}`, detail: listed(said["decided_by"] ? `by ${text(said["decided_by"])}` : "", text(said["reason"])), tone: state === "confirmed" ? "good" : state === "reopened" ? "warn" : "bad" }];
}

const CHANGED: Record<string, string> = { price: "price", size: "size" };

/** What an event says, in words. before: the execution's row as the event before had it. */
export function told(event: JournalEvent, before: Payload | null): Told[] {
  const at = micros(event.at);
  const said = event.payload;
  if (event.kind in ANSWERS) return answered(event, at);
  if (event.kind.startsWith("approval.")) return ofApproval(event, at);
  switch (event.kind) {
    case "signal.received": return ofSignal(event, at);
    case "order.intent": case "order.denied": return decided(event, at);
    case "order.report": return reported(event, at);
    case "order.cancel_requested": return [{ at, name: "Cancel asked for", detail: "", tone: "" }];
    case "order.cancel_answered": return changeAnswered("Cancel", event, at);
    case "order.amend_intent": {
      const wanted = inside(said["amendment"]);
      const terms = Object.entries(CHANGED).flatMap(([name, shownAs]) => (wanted[name] ? [`${shownAs} ${amount(wanted[name])}`] : []));
      return [{ at, name: "Amendment asked for", detail: terms.join(", "), tone: "" }];
    }
    case "order.amend_answered": return changeAnswered("Amendment", event, at);
    case "order.adopted": return [{ at, name: "Found at the exchange", detail: listed(asked(said), text(said["source"])), tone: "warn" }];
    case "order.never_accepted": return [{ at, name: "The exchange never had it", detail: text(said["evidence"]), tone: "bad", end: true }];
    case "request.refused": return [{ at, name: "Refused", detail: reasons(said["reasons"]), tone: "bad" }];
    case "request.kept": return [{ at, name: "Its key is kept", detail: "the same request gets the same answer", tone: "quiet" }];
    case "parent.changed": return ofExecution(event, at, before);
    case "parent.controlled": return [{ at, name: `Asked to ${text(said["control"])}`, detail: text(said["why"]), tone: "" }];
    case "parent.step": return [{ at, name: `Step ${text(said["step"])}: ${text(said["kind"])}`, detail: text(parsed(said["content"])["reason"]), tone: "" }];
    case "anomaly": return [{ at, name: `Anomaly: ${words(text(said["code"]))}`, detail: text(said["reason"]), tone: "bad" }];
    default: return [{ at, name: words(event.kind.replace(".", ": ")), detail: "", tone: "quiet" }];
  }
}
