import { get, user_derived } from "./svelte.js";
import { polled } from "./common.js";
// src/api/words.ts
var EVENT_KINDS = [
	"account.recorded",
	"session.started",
	"signal.received",
	"request.refused",
	"request.kept",
	"order.intent",
	"order.denied",
	"order.accepted",
	"order.rejected",
	"order.not_sent",
	"order.unknown",
	"order.report",
	"order.adopted",
	"order.never_accepted",
	"order.filled_before",
	"order.cancel_requested",
	"order.cancel_answered",
	"order.amend_intent",
	"order.amend_answered",
	"account.opened",
	"cash.moved",
	"holdings.begun",
	"holdings.read",
	"position.opening",
	"position.mode",
	"position.shared",
	"leverage.set",
	"equity.day_opened",
	"kill_switch.on",
	"kill_switch.off",
	"parent.changed",
	"parent.controlled",
	"parent.step",
	"account.watermark",
	"account.difference",
	"account.difference_ended",
	"message.quarantined",
	"anomaly",
	"operator.evidence",
	"key.created",
	"key.rotated",
	"key.revoked",
	"key.disabled",
	"key.enabled",
	"key.limited",
	"approval.asked",
	"approval.confirmed",
	"approval.refused",
	"approval.expired",
	"approval.reopened",
	"notices.failed",
	"notices.resumed",
	"traces.failed",
	"traces.resumed",
	"strategy.started",
	"strategy.stopped",
	"strategy.failed",
	"alert.fired",
	"alert.acted",
	"alert.acknowledged",
	"alert.resolved"
];
var ORDER_STATUSES = [
	"pending",
	"denied",
	"sent",
	"unknown",
	"live",
	"partially_filled",
	"filled",
	"canceled",
	"rejected",
	"never_accepted",
	"not_sent"
];
// src/pages/history/found.svelte.ts
var PROPOSAL = "ap-";
function found(id) {
	const proposals = polled("/api/v1/proposals/{approval_id}", 5, () => id().startsWith(PROPOSAL) ? { at: { approval_id: id() } } : null);
	const proposal = user_derived(() => proposals.value);
	/** What is looked for: of a proposal what it has become. */
	const wanted = user_derived(() => id().startsWith(PROPOSAL) ? get(proposal)?.became ?? "" : id());
	const at = (name) => () => get(wanted) ? { at: { [name]: get(wanted) } } : null;
	const ask = (name) => () => get(wanted) ? { query: {
		[name]: get(wanted),
		limit: 1
	} } : null;
	const execution = polled("/api/v1/trading/executions/{parent_id}", 30, at("parent_id"));
	const order = polled("/api/v1/trading/orders/{order_id}", 30, at("order_id"));
	const orders = polled("/api/v1/trading/orders", 30, ask("exchange_order_id"));
	const trades = polled("/api/v1/trading/trades", 30, ask("trade_id"));
	const executionId = user_derived(() => execution.value?.parent_id ?? "");
	const orderId = user_derived(() => get(executionId) ? "" : order.value?.order_id ?? orders.value?.orders[0]?.order_id ?? trades.value?.trades[0]?.order_id ?? "");
	const read = user_derived(() => (get(wanted) ? [
		execution,
		order,
		orders,
		trades
	] : [proposals]).every((each) => each.value !== null || each.error !== ""));
	return {
		get execution() {
			return get(executionId);
		},
		get order() {
			return get(orderId);
		},
		get proposal() {
			return get(proposal)?.became ? null : get(proposal);
		},
		get looking() {
			return !get(read);
		},
		get error() {
			return orders.error || trades.error || proposals.error;
		}
	};
}
export { EVENT_KINDS, ORDER_STATUSES, found };
