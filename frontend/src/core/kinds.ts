/** The things that are shown, by the names of the server's description. */

import type { components } from "../api/schema";

type Schemas = components["schemas"];
export type Account = Schemas["Account"];
export type Alert = Schemas["RaisedAlert"];
export type Execution = Schemas["Execution"];
export type Figures = Schemas["ParentFigures"];
export type Instrument = Schemas["InstrumentTerms"];
export type JournalEvent = Schemas["JournalEvent"];
export type Order = Schemas["OrderResponse"];
export type Performance = Schemas["PerformanceMetrics"];
export type Position = Schemas["PositionResponse"];
export type RiskInForce = Schemas["RiskInForce"];
export type Trade = Schemas["TradeResponse"];

const OVER = new Set<string>(["denied", "filled", "canceled", "rejected", "never_accepted", "not_sent"]);
export const isOver = (order: Pick<Order, "status">): boolean => OVER.has(order.status);

const ENDED = new Set<string>(["completed", "completed_with_dust", "partial_expired", "canceled", "rejected", "failed"]);
export const hasEnded = (execution: { status: string }): boolean => ENDED.has(execution.status);

export type Tone = "" | "up" | "down" | "warn" | "bad" | "good" | "quiet";
export const sideTone = (row: { side: string }): Tone => (row.side === "buy" ? "up" : "down");
export const words = (name: string): string => name.replaceAll("_", " ");
