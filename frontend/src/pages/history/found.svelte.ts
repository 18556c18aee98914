/** What an id belongs to: an execution, an order by any of its ids, the fill of an order, or a proposal. */

import type { components } from "../../api/schema";
import { polled } from "../../core/polled.svelte";

export type Proposal = components["schemas"]["Proposal"];

export interface Found {
  readonly order: string;
  readonly execution: string;
  /** One that has become neither. */
  readonly proposal: Proposal | null;
  /** Whether it is still looked for. */
  readonly looking: boolean;
  /** Why it could not be. */
  readonly error: string;
}

const PROPOSAL = "ap-";

/** To be called while a component is made. */
export function found(id: () => string): Found {
  const proposals = polled("/api/v1/proposals/{approval_id}", 5, () => (id().startsWith(PROPOSAL) ? { at: { approval_id: id() } } : null));
  const proposal = $derived(proposals.value);
  /** What is looked for: of a proposal what it has become. */
  const wanted = $derived(id().startsWith(PROPOSAL) ? (proposal?.became ?? "") : id());
  const at = (name: string) => () => (wanted ? { at: { [name]: wanted } } : null);
  const ask = (name: string) => () => (wanted ? { query: { [name]: wanted, limit: 1 } } : null);
  const execution = polled("/api/v1/trading/executions/{parent_id}", 30, at("parent_id"));
  const order = polled("/api/v1/trading/orders/{order_id}", 30, at("order_id"));
  const orders = polled("/api/v1/trading/orders", 30, ask("exchange_order_id"));
  const trades = polled("/api/v1/trading/trades", 30, ask("trade_id"));
  const executionId = $derived(execution.value?.parent_id ?? "");
  // A conditional order that is held here is both: its execution has the whole of its life.
  const orderId = $derived(executionId ? "" : (order.value?.order_id ?? orders.value?.orders[0]?.order_id ?? trades.value?.trades[0]?.order_id ?? ""));
  const read = $derived((wanted ? [execution, order, orders, trades] : [proposals]).every((each) => each.value !== null || each.error !== ""));
  return {
    get execution() {
      return executionId;
    },
    get order() {
      return orderId;
    },
    get proposal() {
      return proposal?.became ? null : proposal;
    },
    get looking() {
      return !read;
    },
    // That no order and no execution has the id is an error of those two; of the others it is an empty list.
    get error() {
      return orders.error || trades.error || proposals.error;
    },
  };
}
