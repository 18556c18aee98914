/** What a person writes into the ticket: what is wrong with it, what it is sent as, what it comes to. Pure. */

import type { components } from "../api/schema";
import { absolute, add, compare, divide, isDecimal, isMultiple, multiply, sign, toStep } from "./decimal";
import type { Account, Instrument, RiskInForce } from "./kinds";

export type Side = "buy" | "sell";
export type Parameter = components["schemas"]["Parameter"];

export interface Ticket {
  instrument_id: string;
  side: Side;
  /** An order type, or a strategy where `strategy` is true. */
  kind: string;
  strategy: boolean;
  size: string;
  price: string;
  trigger_price: string;
  distance_pct: string;
  take_profit: string;
  stop_loss: string;
  trade_mode: string;
  position_side: string;
  reduce_only: boolean;
  /** What was said of a strategy's parameters; what was not is its default. */
  config: Record<string, string>;
}

/** The sides that a position may have in this account's mode, as its leverages tell; all, where they are not known. */
export function sidesOf({ leverages }: Pick<Instrument, "leverages">): string[] {
  const known = ["net", "long", "short"].filter((side) => leverages.some((each) => each.position_side === side));
  return known.length ? known : ["net", "long", "short"];
}

/** field: what is wrong with it. */
export type Faults = Record<string, string[]>;

const PRICED = new Set(["limit", "post_only", "ioc", "fok", "stop_limit", "take_profit_limit"]);
const TRIGGERED = new Set(["stop", "stop_limit", "take_profit", "take_profit_limit"]);
export const ORDER_KINDS = ["market", "limit", "post_only", "ioc", "fok", "stop", "stop_limit", "take_profit", "take_profit_limit", "trailing_stop", "oco"];

const BRACKETED = new Set(["market", "limit"]);
type Need = "needed" | "may" | "no";

/** The fields beside side and size that a kind of order takes: exits are a take-profit and a stop-loss, which get out again what a
 *  bracket got in, and which are all of an oco. A strategy's limit price may be left out. */
export function fieldsOf(ticket: Pick<Ticket, "kind" | "strategy">): { price: Need; trigger: boolean; distance: boolean; exits: Need } {
  if (ticket.strategy) return { price: "may", trigger: false, distance: false, exits: "no" };
  return {
    price: PRICED.has(ticket.kind) ? "needed" : "no",
    trigger: TRIGGERED.has(ticket.kind),
    distance: ticket.kind === "trailing_stop",
    exits: ticket.kind === "oco" ? "needed" : BRACKETED.has(ticket.kind) ? "may" : "no",
  };
}

export function faultsOf(ticket: Ticket, instrument: Instrument): Faults {
  const found: Faults = {};
  const say = (field: string, rule: string): void => void (found[field] ??= []).push(rule);
  const positive = (field: string, value: string): boolean => {
    if (isDecimal(value) && sign(value) > 0) return true;
    say(field, value.trim() ? "must be a number above 0, as 0.5" : "is needed");
    return false;
  };
  const onTick = (field: string, value: string, needed: boolean): void => {
    if (!value.trim() && !needed) return;
    if (positive(field, value) && !isMultiple(value, instrument.tick)) say(field, `must be a multiple of the tick ${instrument.tick}: ${toStep(value, instrument.tick)} is`);
  };
  if (positive("size", ticket.size)) {
    if (!isMultiple(ticket.size, instrument.lot)) say("size", `must be a multiple of the lot ${instrument.lot}: ${toStep(ticket.size, instrument.lot)} is`);
    if (compare(ticket.size, instrument.min_size) < 0) say("size", `the smallest is ${instrument.min_size}`);
    const most = ticket.kind === "market" ? instrument.max_market_size : instrument.max_limit_size;
    if (!ticket.strategy && most && compare(ticket.size, most) > 0) say("size", `the largest is ${most}`);
  }
  const takes = fieldsOf(ticket);
  if (takes.price !== "no") onTick("price", ticket.price, takes.price === "needed");
  if (takes.trigger) onTick("trigger_price", ticket.trigger_price, true);
  if (takes.distance && positive("distance_pct", ticket.distance_pct) && compare(ticket.distance_pct, "1") >= 0) say("distance_pct", "must be below 1: 0.01 is one percent");
  if (takes.exits !== "no") {
    const both = takes.exits === "needed";
    onTick("take_profit", ticket.take_profit, both);
    onTick("stop_loss", ticket.stop_loss, both);
    const sold = (ticket.side === "sell") === both; // what gets out: of a bracket it is the other side
    if (isDecimal(ticket.take_profit) && isDecimal(ticket.stop_loss) && compare(ticket.take_profit, ticket.stop_loss) * (sold ? 1 : -1) <= 0)
      say("take_profit", `must be ${sold ? "above" : "below"} the stop loss`);
  }
  return found;
}

/** The body of the order, or of the execution and of its preview. */
export function bodyOf(ticket: Ticket, parameters: readonly Parameter[]): Record<string, unknown> {
  const takes = fieldsOf(ticket);
  const body: Record<string, unknown> = {
    instrument_id: ticket.instrument_id,
    side: ticket.side,
    size: ticket.size.trim(),
    trade_mode: ticket.trade_mode,
  };
  if (ticket.position_side !== "net") body["position_side"] = ticket.position_side;
  if (ticket.reduce_only) body["reduce_only"] = true;
  if (ticket.strategy) {
    body["strategy"] = ticket.kind;
    body["order_type"] = ticket.price.trim() ? "limit" : "market";
    const said = parameters.filter((each) => (ticket.config[each.name] ?? "").trim() !== "");
    body["config"] = Object.fromEntries(said.map((each) => [each.name, valueOf(each, ticket.config[each.name] as string)]));
  } else body["order_type"] = ticket.kind;
  if (takes.price !== "no" && ticket.price.trim()) body["price"] = ticket.price.trim();
  if (takes.trigger) body["trigger_price"] = ticket.trigger_price.trim();
  if (takes.distance) body["distance_pct"] = ticket.distance_pct.trim();
  if (takes.exits !== "no" && ticket.take_profit.trim()) body["take_profit"] = ticket.take_profit.trim();
  if (takes.exits !== "no" && ticket.stop_loss.trim()) body["stop_loss"] = ticket.stop_loss.trim();
  return body;
}

/** As its kind is written in JSON; what cannot be one is sent as it is, for the server to say so. */
function valueOf({ kind }: Parameter, said: string): unknown {
  const text = said.trim();
  if (kind === "integer" && /^[+-]?\d+$/.test(text)) return Number(text);
  if (kind === "boolean" && (text === "true" || text === "false")) return text === "true";
  if (["number", "string", "integer", "boolean"].includes(kind)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** What the server's preview is asked about: an order's cost is that of the strategy that is the same order. null: it has
 *  no preview, because when it fires is not known. */
export function previewOf(ticket: Ticket, parameters: readonly Parameter[]): Record<string, unknown> | null {
  if (ticket.strategy) return bodyOf(ticket, parameters);
  if (ticket.kind === "market") return bodyOf({ ...ticket, kind: "market", strategy: true, config: {}, price: "" }, []);
  if (!PRICED.has(ticket.kind) || TRIGGERED.has(ticket.kind)) return null;
  const body = bodyOf({ ...ticket, kind: "limit", strategy: true, config: {} }, []);
  return { ...body, config: { fallback_to_market: false, post_only: ticket.kind === "post_only" } };
}

/** What it is worth at a price, in the currency that it is quoted in; for an inverse contract a size is worth itself. */
export function worth(size: string, price: string, instrument: Instrument): string {
  const contracts = multiply(size, instrument.contract_value);
  return instrument.inverse ? contracts : multiply(contracts, price);
}

export interface WorstCase {
  /** All, if this and every open order of the position fill; in the account's currency. */
  value: string;
  /** Of the equity. */
  share: string | null;
  limit: string | null;
  over: boolean;
}

type Placed = Pick<Ticket, "side" | "trade_mode" | "position_side" | "reduce_only">;
type Preview = Pick<components["schemas"]["ParentPreview"], "at_worst">;

/** As the server reckons it, which knows what of the position is on which side; before it has, what the order adds to what there
 *  may be. null where there is no price of the quote currency in the account's. */
export function worstCase(value: string, ticket: Placed, instrument: Instrument, risk: RiskInForce, account: Account, preview: Preview | null = null): WorstCase | null {
  const spot = instrument.kind === "spot";
  const key = spot ? instrument.base : `${instrument.instrument_id}/${ticket.position_side}/${ticket.trade_mode}`;
  const before = risk.positions.find((each) => each.position === key)?.worth ?? "0";
  const reduces = preview ? preview.at_worst === null : ticket.reduce_only || (spot && ticket.side === "sell");
  const rate = instrument.quote === risk.currency || (instrument.inverse && risk.currency === "USD") ? "1" : account.balances[instrument.quote]?.price;
  const sum = reduces ? before : preview ? preview.at_worst?.worth : rate ? add(absolute(before), multiply(value, rate)) : null;
  if (sum === null || sum === undefined) return null;
  const share = sign(risk.equity) > 0 ? divide(sum, risk.equity, 8) : null;
  const limit = risk.limits.find((each) => each.name === "max_position_value_pct")?.limit ?? null;
  return { value: sum, share, limit, over: share !== null && limit !== null && compare(share, limit) > 0 };
}

/** What there is for it: of the quote currency over the price to buy spot, of the base to sell it. */
export function mostOf(part: string, side: Side, price: string, instrument: Instrument, account: Account): string | null {
  if (instrument.kind !== "spot") return null;
  const have = account.balances[side === "buy" ? instrument.quote : instrument.base]?.available;
  if (!have || sign(have) <= 0) return null;
  const fee = instrument.fees?.taker ?? "0";
  const all = side === "sell" ? have : sign(price) > 0 ? divide(have, multiply(price, add("1", absolute(fee))), 18) : null;
  return all === null ? null : toStep(multiply(all, part), instrument.lot);
}
