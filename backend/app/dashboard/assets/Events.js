import { append, child, delegate, delegated, each, first_child, from_html, get, init_select, only_child, pop, push, reset, select_option, set_text, sibling, template_effect, user_derived } from "./svelte.js";
import { EVENT_KINDS, found } from "./found.svelte.js";
import { EventTable, Further, Panel, address, paged } from "./common.js";
import { Filters } from "./Filters.js";
// src/pages/history/Events.svelte
var root = from_html(`<option> </option>`);
var root_1 = from_html(`<label>Kind <select><option>any</option><!></select></label>`);
var root_2 = from_html(`<!> <!>`, 1);
var root_3 = from_html(`<div class="grid"><!> <!></div>`);
function Events($$anchor, $$props) {
	push($$props, true);
	/** The journal, newest first, filtered by the address. */
	const q = user_derived(() => address.param("q") ?? "");
	const kind = user_derived(() => address.param("kind") ?? "");
	const belongs = found(() => get(q));
	const unknown = user_derived(() => get(q) !== "" && !belongs.execution && !belongs.order);
	const list = paged("/api/v1/events/search", 5, () => get(unknown) ? null : { query: {
		limit: 500,
		kind: get(kind),
		order_id: belongs.order,
		parent_id: belongs.execution,
		instrument_id: address.param("instrument"),
		strategy_id: address.param("strategy"),
		start_date: address.param("from"),
		end_date: address.param("to")
	} }, (page) => ({
		rows: page.events,
		cursor: page.next_cursor
	}));
	const empty = user_derived(() => {
		if (get(unknown)) return belongs.looking ? "Looking …" : belongs.error ? `It was not found: ${belongs.error}` : `No order, no execution and no fill has the id ${get(q)}${belongs.proposal ? `: it is a proposal that is ${belongs.proposal.state}` : ""}.`;
		if (!list.rows) return list.error ? "There is nothing to show." : "Reading the journal …";
		return list.more ? "No event that was looked through matches the filters; older ones may." : "No event matches the filters.";
	});
	const lead = (event) => {
		const id = event.order_id ?? event.parent_id;
		if (id) address.go("/history", { q: id });
	};
	var div = root_3();
	var node = child(div);
	Filters(node, {
		placeholder: "of an order, execution, fill",
		children: ($$anchor, $$slotProps) => {
			var label = root_1();
			var select = sibling(child(label));
			var option = child(select);
			option.value = option.__value = "";
			var node_1 = sibling(option);
			each(node_1, 16, () => EVENT_KINDS, (each) => each, ($$anchor, each) => {
				var option_1 = root();
				var text = only_child(option_1, true);
				var option_1_value = {};
				template_effect(() => {
					set_text(text, each);
					if (option_1_value !== (option_1_value = each)) option_1.__value = option_1_value;
				});
				append($$anchor, option_1);
			});
			reset(select);
			var select_value;
			init_select(select);
			reset(label);
			template_effect(() => {
				if (select_value !== (select_value = get(kind))) select.value = (select.__value = select_value) ?? "", select_option(select, select_value);
			});
			delegated("change", select, (event) => address.set({ kind: event.currentTarget.value }));
			append($$anchor, label);
		},
		$$slots: { default: true }
	});
	var node_2 = sibling(node, 2);
	{
		let $0 = user_derived(() => list.rows?.length ?? null);
		Panel(node_2, {
			title: "Events",
			get count() {
				return get($0);
			},
			get error() {
				return list.error;
			},
			children: ($$anchor, $$slotProps) => {
				var fragment = root_2();
				var node_3 = first_child(fragment);
				{
					let $0 = user_derived(() => list.rows ?? []);
					EventTable(node_3, {
						get rows() {
							return get($0);
						},
						get empty() {
							return get(empty);
						},
						height: 620,
						onrow: lead
					});
				}
				var node_4 = sibling(node_3, 2);
				Further(node_4, {
					get list() {
						return list;
					},
					what: "events"
				});
				append($$anchor, fragment);
			},
			$$slots: { default: true }
		});
	}
	reset(div);
	append($$anchor, div);
	pop();
}
delegate(["change"]);
export { Events as default };
