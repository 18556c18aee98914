/** The acts of more than one page, in a person's words. */

import type { Wish } from "./acts.svelte";
import { shown } from "./decimal";
import type { Alert, Execution, Order } from "./kinds";
import { hasEnded, isOver } from "./kinds";
import { live } from "./live.svelte";

const V1 = "/api/v1";
const at = (id: string): string => encodeURIComponent(id);

export const cancelOrder = (order: Order): Wish => ({
  title: `Cancel ${order.side} ${shown(order.size)} ${order.instrument_id}`,
  method: "DELETE",
  path: `${V1}/trading/orders/${at(order.order_id)}`,
  subject: order.order_id,
  stops: true,
  until: (answer) => isOver(answer as Order) || live.ended(order.order_id),
});

export const cancelAll = (instrumentId?: string): Wish => ({
  title: instrumentId ? `Cancel all of ${instrumentId}` : "Cancel all orders",
  method: "POST",
  path: `${V1}/trading/orders/cancel-all`,
  body: instrumentId ? { instrument_id: instrumentId } : {},
  subject: `cancel-all ${instrumentId ?? ""}`,
  stops: true,
});

/** Of one instrument, or of all that is ours. */
export const flatten = (instrumentId: string | null): Wish => ({
  title: instrumentId ? `Close the position in ${instrumentId}` : "Flatten: cancel all and close every position",
  method: "POST",
  path: `${V1}/trading/positions/flatten`,
  body: instrumentId ? { instrument_id: instrumentId } : {},
  subject: `flatten ${instrumentId ?? ""}`,
  stops: true,
});

const WORDS = { pause: "Pause", resume: "Resume", cancel: "End" } as const;

export function steer(execution: Execution, word: keyof typeof WORDS, reason = ""): Wish {
  const now = (): Execution | undefined => live.executions?.find((each) => each.parent_id === execution.parent_id);
  const ended = (answer: unknown): boolean => hasEnded(now() ?? (answer as Execution));
  const done = {
    pause: () => now()?.status === "paused",
    resume: (answer: unknown) => ended(answer) || !["paused", "suspended"].includes(now()?.status ?? "paused"),
    cancel: (answer: unknown) => ended(answer) || (live.executions !== null && !now()),
  }[word];
  return {
    title: `${WORDS[word]} ${execution.strategy} ${execution.side} ${shown(execution.size)} ${execution.instrument_id}`,
    method: "POST",
    path: `${V1}/trading/executions/${at(execution.parent_id)}/${word}`,
    body: reason ? { reason } : {},
    subject: execution.parent_id,
    stops: word !== "resume",
    until: done,
  };
}

export interface Amendment {
  /** Each "" where it stays. minutes: until its end, from now on. */
  size: string;
  price: string;
  minutes: string;
  config: Record<string, string>;
  reason: string;
}

export const inMinutes = (minutes: string): Date => new Date(Date.now() + Number(minutes) * 60_000);

/** Asked for again without an answer, so many minutes end when they first would have. Throws RangeError for minutes that are none. */
export function amendExecution(execution: Execution, amendment: Amendment): Wish {
  const { config, minutes, ...told } = amendment;
  const end_at = minutes === "" ? "" : inMinutes(minutes).toISOString();
  const said = Object.fromEntries(Object.entries({ ...told, end_at }).filter(([, value]) => value !== ""));
  return {
    said: amendment,
    title: `Amend ${execution.strategy} ${execution.side} ${shown(execution.size)} ${execution.instrument_id}`,
    method: "PATCH",
    path: `${V1}/trading/executions/${at(execution.parent_id)}`,
    body: Object.keys(config).length ? { ...said, config: Object.fromEntries(Object.entries(config).map(([name, value]) => [name, spoken(value)])) } : said,
    subject: execution.parent_id,
  };
}

/** A written value as JSON has it; numbers stay text. */
function spoken(value: string): string | boolean | null {
  const word = value.trim();
  return word === "none" ? null : word === "true" ? true : word === "false" ? false : word;
}

export const acknowledge = (alert: Alert): Wish => ({
  title: `Take up ${alert.rule} ${alert.subject}`,
  method: "POST",
  path: `${V1}/alerts/${at(alert.alert_id)}/acknowledge`,
  body: {},
  subject: alert.alert_id,
});

export const strategy = (id: string, word: "start" | "stop"): Wish => ({
  title: `${word === "start" ? "Start" : "Stop"} strategy ${id}`,
  method: "POST",
  path: `${V1}/strategies/${at(id)}/${word}`,
  body: word === "stop" ? { reason: "stopped from the page" } : {},
  subject: `strategy ${id}`,
  stops: word === "stop",
});

export const decide = (room: "approvals" | "proposals", id: string, word: "confirm" | "refuse", what: string): Wish => ({
  title: `${word === "confirm" ? "Confirm" : "Refuse"} ${what}`,
  method: "POST",
  path: `${V1}/${room}/${at(id)}/${word}`,
  body: {},
  subject: `${room} ${id}`,
  stops: word === "refuse",
});

/** What a person knows of an order that the exchange no longer tells. */
export const resolveOrder = (order: Order, told: { state: string; filled?: string; by: string; why: string }): Wish => ({
  title: `Resolve ${order.side} ${shown(order.size)} ${order.instrument_id}`,
  method: "POST",
  path: `${V1}/trading/orders/${at(order.order_id)}/resolve`,
  body: told,
  subject: order.order_id,
});

export const acceptDifference = (kind: string, subject: string, by: string, why: string): Wish => ({
  title: `Accept the difference of ${subject}`,
  method: "POST",
  path: `${V1}/trading/differences/accept`,
  body: { kind, subject, by, why },
  subject: `difference ${kind} ${subject}`,
});

/** Of the simulated exchange alone. times: null until it is repaired. */
export const breakExchange = (name: string, times: number | null, value: string): Wish => ({
  title: `Break: ${name.replaceAll("_", " ")}${times === null ? "" : times === 1 ? ", once" : `, ${times} times`}`,
  method: "POST",
  path: `${V1}/simulator/faults`,
  body: { name, times, ...(value ? { value } : {}) },
  subject: `fault ${name}`,
});

/** One fault, or all. */
export const repairExchange = (name: string | null): Wish => ({
  title: name === null ? "Repair the exchange" : `Repair: ${name.replaceAll("_", " ")}`,
  method: "POST",
  path: `${V1}/simulator/faults/repair`,
  body: name === null ? {} : { name },
  subject: name === null ? "faults" : `fault ${name}`,
  stops: true,
});
