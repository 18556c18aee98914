import { get, user_derived } from "./svelte.js";
import { polled } from "./common.js";
// src/pages/history/found.svelte.ts
function found(id) {
	const at = (name) => () => id() ? { at: { [name]: id() } } : null;
	const execution = polled("/api/v1/trading/executions/{parent_id}", 30, at("parent_id"));
	const order = polled("/api/v1/trading/orders/{order_id}", 30, at("order_id"));
	const trades = polled("/api/v1/trading/trades", 30, () => id() ? { query: {
		trade_id: id(),
		limit: 1
	} } : null);
	const executionId = user_derived(() => execution.value?.parent_id ?? "");
	const orderId = user_derived(() => get(executionId) ? "" : order.value?.order_id ?? trades.value?.trades[0]?.order_id ?? "");
	return {
		get execution() {
			return get(executionId);
		},
		get order() {
			return get(orderId);
		},
		get looking() {
			return !(execution.value || execution.error) || !(order.value || order.error) || !(trades.value || trades.error);
		},
		get error() {
			return trades.error;
		}
	};
}
// src/pages/history/kinds.ts
var EVENTS = {
	"account.recorded": true,
	"session.started": true,
	"signal.received": true,
	"request.refused": true,
	"request.kept": true,
	"order.intent": true,
	"order.denied": true,
	"order.accepted": true,
	"order.rejected": true,
	"order.not_sent": true,
	"order.unknown": true,
	"order.report": true,
	"order.adopted": true,
	"order.never_accepted": true,
	"order.filled_before": true,
	"order.cancel_requested": true,
	"order.cancel_answered": true,
	"order.amend_intent": true,
	"order.amend_answered": true,
	"account.opened": true,
	"cash.moved": true,
	"holdings.begun": true,
	"holdings.read": true,
	"position.opening": true,
	"position.mode": true,
	"position.shared": true,
	"leverage.set": true,
	"equity.day_opened": true,
	"kill_switch.on": true,
	"kill_switch.off": true,
	"parent.changed": true,
	"parent.controlled": true,
	"parent.step": true,
	"account.watermark": true,
	"account.difference": true,
	"account.difference_ended": true,
	"message.quarantined": true,
	"anomaly": true,
	"operator.evidence": true,
	"key.created": true,
	"key.rotated": true,
	"key.revoked": true,
	"key.disabled": true,
	"key.enabled": true,
	"key.limited": true,
	"approval.asked": true,
	"approval.confirmed": true,
	"approval.refused": true,
	"approval.expired": true,
	"approval.reopened": true,
	"notices.failed": true,
	"notices.resumed": true,
	"traces.failed": true,
	"traces.resumed": true,
	"strategy.started": true,
	"strategy.stopped": true,
	"strategy.failed": true,
	"alert.fired": true,
	"alert.acted": true,
	"alert.acknowledged": true,
	"alert.resolved": true
};
var ORDERS = {
	pending: true,
	sent: true,
	unknown: true,
	live: true,
	partially_filled: true,
	filled: true,
	canceled: true,
	denied: true,
	rejected: true,
	never_accepted: true,
	not_sent: true
};
var KINDS = Object.keys(EVENTS);
var STATUSES = Object.keys(ORDERS);
export { KINDS, STATUSES, found };
