import { append, child, comment, delegate, delegated, first_child, from_html, get, if_block, noop, pop, push, remove_input_defaults, reset, set_attribute, set_value, sibling, snippet, template_effect, user_derived } from "./svelte.js";
import { Panel, address, fromField, polled, toField } from "./common.js";
// src/pages/history/Filters.svelte
var root = from_html(`<button type="button" class="small">Clear</button>`);
var root_1 = from_html(`<div class="filters svelte-zz5xqi"><label>Id <input type="search"/></label> <label>Instrument <input/></label> <label>Strategy <input/></label> <label>From <input type="datetime-local" step="1"/></label> <label>To <input type="datetime-local" step="1"/></label> <!></div>`);
function Filters($$anchor, $$props) {
	push($$props, true);
	/** The filters that every tab of the history knows, as the address has them; a tab adds its own. */
	const put = (name) => (event) => address.set({ [name]: event.currentTarget.value.trim() });
	const date = (name) => (event) => address.set({ [name]: fromField(event.currentTarget.value) });
	const has = user_derived(() => [
		"q",
		"instrument",
		"strategy",
		"from",
		"to",
		"side",
		"status",
		"kind"
	].some((name) => address.param(name)));
	{
		const aside = ($$anchor) => {
			var fragment_1 = comment();
			var node = first_child(fragment_1);
			var consequent = ($$anchor) => {
				var button = root();
				delegated("click", button, () => address.go(address.path));
				append($$anchor, button);
			};
			if_block(node, ($$render) => {
				if (get(has)) $$render(consequent);
			});
			append($$anchor, fragment_1);
		};
		Panel($$anchor, {
			title: "Search and filters",
			aside,
			children: ($$anchor, $$slotProps) => {
				var div = root_1();
				var label = child(div);
				var input = sibling(child(label));
				remove_input_defaults(input);
				var event_handler = user_derived(() => put("q"));
				reset(label);
				var label_1 = sibling(label, 2);
				var input_1 = sibling(child(label_1));
				remove_input_defaults(input_1);
				var event_handler_1 = user_derived(() => put("instrument"));
				reset(label_1);
				var label_2 = sibling(label_1, 2);
				var input_2 = sibling(child(label_2));
				remove_input_defaults(input_2);
				var event_handler_2 = user_derived(() => put("strategy"));
				reset(label_2);
				var label_3 = sibling(label_2, 2);
				var input_3 = sibling(child(label_3));
				remove_input_defaults(input_3);
				var event_handler_3 = user_derived(() => date("from"));
				reset(label_3);
				var label_4 = sibling(label_3, 2);
				var input_4 = sibling(child(label_4));
				remove_input_defaults(input_4);
				var event_handler_4 = user_derived(() => date("to"));
				reset(label_4);
				var node_1 = sibling(label_4, 2);
				snippet(node_1, () => $$props.children ?? noop);
				reset(div);
				template_effect(($0, $1, $2, $3, $4) => {
					set_value(input, $0);
					set_attribute(input, "placeholder", $$props.placeholder);
					set_value(input_1, $1);
					set_value(input_2, $2);
					set_value(input_3, $3);
					set_value(input_4, $4);
				}, [
					() => address.param("q") ?? "",
					() => address.param("instrument") ?? "",
					() => address.param("strategy") ?? "",
					() => toField(address.param("from") ?? ""),
					() => toField(address.param("to") ?? "")
				]);
				delegated("change", input, function(...$$args) {
					get(event_handler)?.apply(this, $$args);
				});
				delegated("change", input_1, function(...$$args) {
					get(event_handler_1)?.apply(this, $$args);
				});
				delegated("change", input_2, function(...$$args) {
					get(event_handler_2)?.apply(this, $$args);
				});
				delegated("change", input_3, function(...$$args) {
					get(event_handler_3)?.apply(this, $$args);
				});
				delegated("change", input_4, function(...$$args) {
					get(event_handler_4)?.apply(this, $$args);
				});
				append($$anchor, div);
			},
			$$slots: {
				aside: true,
				default: true
			}
		});
	}
	pop();
}
delegate(["click", "change"]);
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
export { Filters, KINDS, STATUSES, found };
