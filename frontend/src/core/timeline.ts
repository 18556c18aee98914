/** The life of an order or an execution as steps, of its events of the journal: what, when, how long after, on whose word. */

import type { components } from "../api/schema";
import { add, shown } from "./decimal";
import { type JournalEvent, type Tone, words } from "./kinds";
import { ANSWERS, asked, delay, inside, listed, micros, parsed, type Payload, RECORDED, SENT, text, told, type Told } from "./told";

export interface Step extends Told {
  /** The event that tells it. */
  seq: number;
  by: string;
  cause: number | null;
  /** Microseconds after the step before; null of the first. */
  after: number | null;
}

/** An order of an execution: its steps, and the whole in a line. */
export interface Group {
  order_id: string;
  title: string;
  why: string;
  end: string;
  tone: Tone;
  steps: Step[];
}

export type Entry = { step: Step; group?: undefined } | { group: Group; step?: undefined };

/** A place step is the reason of its order, though the order's intent is the first event of their turn. */
function inTurn(events: readonly JournalEvent[]): JournalEvent[] {
  const found = [...events].sort((a, b) => a.seq - b.seq);
  for (let at = 1; at < found.length; at += 1) {
    const [intent, step] = [found[at - 1] as JournalEvent, found[at] as JournalEvent];
    if (step.kind === "parent.step" && step.payload["kind"] === "place" && step.cause_seq === intent.seq) [found[at - 1], found[at]] = [step, intent];
  }
  return found;
}

/** The steps of these events, in the order in which they happened. A proposal began before the order that it became. */
export function steps(events: readonly JournalEvent[]): Step[] {
  const found: Omit<Step, "after">[] = [];
  let before: Payload | null = null;
  for (const event of inTurn(events)) {
    const of = { seq: event.seq, by: event.principal, cause: event.cause_seq };
    const made = told(event, before).map((each) => ({ ...each, ...of }));
    if (event.kind === "approval.confirmed") found.unshift(...made.splice(0, 1));
    for (const step of made) {
      // The stream may tell of an order before the answer does that says when it was sent.
      let place = found.length;
      while (step.name === SENT && place > 0 && found[place - 1]?.name !== RECORDED && (found[place - 1]?.at ?? 0) > step.at) place -= 1;
      found.splice(place, 0, step);
    }
    if (event.kind === "parent.changed") before = event.payload;
  }
  return found.map((each, number) => ({ ...each, after: number === 0 ? null : each.at - (found[number - 1]?.at ?? each.at) }));
}

const QUIET = new Set(["request.kept", "parent.step"]);

function group(order_id: string, events: readonly JournalEvent[]): Group {
  const made = steps(events);
  const intent = events.find((event) => "request" in event.payload);
  const place = events.find((event) => event.kind === "parent.step" && event.payload["kind"] === "place");
  const fills = events.filter((event) => event.kind === "order.report" && event.trade_id !== null).map((event) => text(inside(event.payload["fill"])["size"]));
  const told = made.filter((step) => !QUIET.has(events.find((event) => event.seq === step.seq)?.kind ?? ""));
  const last = told.find((step) => step.end) ?? told.at(-1);
  const filled = fills.length ? `${shown(fills.reduce(add, "0"))} filled` : "";
  const took = told.length > 1 ? `in ${delay((last?.at ?? 0) - (told[0]?.at ?? 0))}` : "";
  return { order_id, title: intent ? asked(intent.payload) : "an order whose beginning is further back", why: text(parsed(place?.payload["content"])["reason"]), end: listed(last?.name ?? "", last?.name.startsWith("Fill") ? "" : filled, took), tone: last?.tone ?? "", steps: made };
}

/** An execution's own steps, and each of its orders where it begins; of what comes between two of its own steps the delay is to
 *  the own one before. */
export function entries(events: readonly JournalEvent[]): Entry[] {
  const ordered = [...events].sort((a, b) => a.seq - b.seq);
  const own = ordered.filter((event) => event.order_id === null);
  const orders = new Map<string, JournalEvent[]>();
  for (const event of ordered) {
    if (event.order_id === null) continue;
    const of = orders.get(event.order_id);
    if (of) of.push(event);
    else orders.set(event.order_id, [event]);
  }
  const found: (Entry & { seq: number })[] = steps(own).map((step) => ({ step, seq: step.seq }));
  for (const [order_id, of] of orders) found.push({ group: group(order_id, of), seq: (of[0] as JournalEvent).seq });
  return found.sort((a, b) => a.seq - b.seq);
}

/** From the first step to the wire, to the exchange's answer, to the first fill, to its end or the last step; null where it did not come so far. */
export function delays(made: readonly Step[]): { sent: number | null; answered: number | null; filled: number | null; all: number | null } {
  const first = made[0]?.at;
  const sent = made.find((step) => step.name === SENT)?.at;
  const answer = made.find((step) => Object.values(ANSWERS).some(([name]) => name === step.name))?.at;
  const fill = made.find((step) => step.name.startsWith("Fill of"))?.at;
  const between = (from: number | undefined, to: number | undefined): number | null => (from === undefined || to === undefined ? null : to - from);
  return { sent: between(first, sent), answered: between(sent, answer), filled: between(sent, fill), all: made.length > 1 ? between(first, (made.find((step) => step.end) ?? made.at(-1))?.at) : null };
}

/** A proposal that has become no order, of which the journal has no event by its own id. seq 0: of no event. */
export function proposalSteps(of: components["schemas"]["Proposal"]): Step[] {
  const { side, size, instrument_id } = of.request as Payload;
  const wanted = listed(words(of.act.replace(".", ": ")), [text(side), text(size), text(instrument_id)].filter(Boolean).join(" "));
  const until = of.state === "pending" ? `until ${of.expires_at.slice(0, 19).replace("T", " ")} UTC` : "";
  const of0 = { seq: 0, cause: null };
  const asked = micros(of.asked_at);
  const found: Step[] = [{ ...of0, at: asked, name: "Proposed: it waits for a second person", detail: listed(wanted, until, of.state === "pending" ? of.reason : ""), by: of.asked_by, tone: "warn", after: null }];
  const over = of.decided_at ?? (of.state === "expired" ? of.expires_at : null);
  if (over !== null) found.push({ ...of0, at: micros(over), name: `Proposal ${of.state}`, detail: of.reason, by: of.decided_by ?? "system", tone: "bad", after: micros(over) - asked });
  return found;
}
