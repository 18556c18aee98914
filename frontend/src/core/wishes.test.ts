import { beforeEach, expect, it, vi } from "vitest";
import type { Execution, Order } from "./kinds";

const told = { ended: false, executions: null as Execution[] | null };
vi.mock("./live.svelte", () => ({
  live: {
    order: () => undefined,
    ended: () => told.ended,
    get executions() {
      return told.executions;
    },
  },
}));
const { cancelOrder, steer } = await import("./wishes");

const ORDER = { order_id: "O1", side: "buy", size: "1", instrument_id: "BTC-USDT", status: "live" } as Order;
const RUN = { parent_id: "P1", strategy: "twap", side: "buy", size: "1", instrument_id: "BTC-USDT", status: "paused" } as Execution;
const shown = (wish: { until?: (answer: unknown) => boolean }, answer: unknown): boolean | undefined => wish.until?.(answer);

beforeEach(() => Object.assign(told, { ended: false, executions: null }));

it("a cancel is done where the order is known to be over, not where it is merely not shown", () => {
  expect(shown(cancelOrder(ORDER), ORDER)).toBe(false);
  expect(shown(cancelOrder(ORDER), { ...ORDER, status: "canceled" })).toBe(true);
  told.ended = true;
  expect(shown(cancelOrder(ORDER), ORDER)).toBe(true);
});

it("an execution of which nothing is told is neither resumed nor ended", () => {
  expect(shown(steer(RUN, "resume"), RUN)).toBe(false);
  expect(shown(steer(RUN, "cancel"), { ...RUN, status: "canceling" })).toBe(false);
  told.executions = [];
  expect(shown(steer(RUN, "resume"), RUN)).toBe(false);
  expect(shown(steer(RUN, "cancel"), { ...RUN, status: "canceling" })).toBe(true);
  told.executions = [{ ...RUN, status: "running" }];
  expect(shown(steer(RUN, "resume"), RUN)).toBe(true);
  expect(shown(steer(RUN, "cancel"), RUN)).toBe(false);
});
