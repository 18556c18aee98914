/** What an id belongs to: an execution, an order by any of its ids, or the fill of an order. */

import { polled } from "../../core/polled.svelte";

export interface Found {
  readonly order: string;
  readonly execution: string;
  /** Whether it is still looked for. */
  readonly looking: boolean;
  /** Why it could not be. */
  readonly error: string;
}

/** To be called while a component is made. */
export function found(id: () => string): Found {
  const at = (name: string) => () => (id() ? { at: { [name]: id() } } : null);
  const execution = polled("/api/v1/trading/executions/{parent_id}", 30, at("parent_id"));
  const order = polled("/api/v1/trading/orders/{order_id}", 30, at("order_id"));
  const trades = polled("/api/v1/trading/trades", 30, () => (id() ? { query: { trade_id: id(), limit: 1 } } : null));
  const executionId = $derived(execution.value?.parent_id ?? "");
  // A conditional order that is held here is both: its execution has the whole of its life.
  const orderId = $derived(executionId ? "" : (order.value?.order_id ?? trades.value?.trades[0]?.order_id ?? ""));
  return {
    get execution() {
      return executionId;
    },
    get order() {
      return orderId;
    },
    get looking() {
      return !(execution.value || execution.error) || !(order.value || order.error) || !(trades.value || trades.error);
    },
    get error() {
      return trades.error;
    },
  };
}
