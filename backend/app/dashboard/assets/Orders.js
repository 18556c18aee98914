import { append, child, comment, delegate, delegated, first_child, from_html, get, if_block, init_select, key, only_child, pop, push, remove_input_defaults, reset, select_option, set_text, set_value, sibling, template_effect, user_derived } from "./svelte.js";
import { FillTable, Panel, Table, address, moment, polled, shown, sideTone, words } from "./common.js";
// src/parts/OrderStory.svelte
function OrderStory($$anchor, $$props) {
	push($$props, true);
	/** What the journal tells of one order, oldest first, each event with the one that caused it. */
	const read = polled("/api/v1/events", 5, () => ({ query: {
		order_id: $$props.id,
		limit: 500
	} }));
	const columns = [
		{
			title: "Time",
			value: (row) => moment(row.at)
		},
		{
			title: "No.",
			number: true,
			value: (row) => String(row.seq)
		},
		{
			title: "Caused by",
			number: true,
			value: (row) => row.cause_seq === null ? "" : String(row.cause_seq)
		},
		{
			title: "Event",
			value: (row) => row.kind
		},
		{
			title: "By",
			value: (row) => row.principal
		},
		{
			title: "What it says",
			value: (row) => JSON.stringify(row.payload),
			hint: (row) => JSON.stringify(row.payload)
		}
	];
	{
		let $0 = user_derived(() => read.value?.events.length ?? null);
		Panel($$anchor, {
			get title() {
				return `Story of ${$$props.id ?? ""}`;
			},
			get count() {
				return get($0);
			},
			get error() {
				return read.error;
			},
			children: ($$anchor, $$slotProps) => {
				{
					let $0 = user_derived(() => read.value?.events ?? []);
					let $1 = user_derived(() => read.error ? "There is nothing to show." : read.value ? "The journal has no event of an order with this id." : "Reading the journal …");
					Table($$anchor, {
						caption: "Its events",
						get columns() {
							return columns;
						},
						get rows() {
							return get($0);
						},
						id: (row) => String(row.seq),
						get empty() {
							return get($1);
						}
					});
				}
			},
			$$slots: { default: true }
		});
	}
	pop();
}
// src/pages/history/Orders.svelte
var root = from_html(`<div class="row"><label class="svelte-1p4kany">Id <input type="search" placeholder="order, client order, execution or trade"/></label> <label class="svelte-1p4kany">Instrument <input/></label> <label class="svelte-1p4kany">Strategy <input/></label> <label class="svelte-1p4kany">Side <select><option>both</option><option>buy</option><option>sell</option></select></label></div>`);
var root_1 = from_html(`<p class="quiet"> </p>`);
var root_2 = from_html(`<p class="quiet"></p>`);
var root_3 = from_html(`<!> <!>`, 1);
var root_4 = from_html(`<div class="grid"><!> <!> <!> <!></div>`);
function Orders($$anchor, $$props) {
	push($$props, true);
	/** Orders and fills of the past, filtered by the address; what any id belongs to, and what the journal tells of it. */
	const LIMIT = 500;
	const q = user_derived(() => address.param("q") ?? "");
	const side = user_derived(() => address.param("side") ?? "");
	const instrument = user_derived(() => address.param("instrument") ?? "");
	const strategy = user_derived(() => address.param("strategy") ?? "");
	const asked = user_derived(() => ({ query: {
		limit: LIMIT,
		side: get(side),
		instrument_id: get(instrument),
		strategy_id: get(strategy)
	} }));
	const orders = polled("/api/v1/trading/orders", 5, () => get(asked));
	const trades = polled("/api/v1/trading/trades", 5, () => get(asked));
	const ofParent = polled("/api/v1/trading/orders", 5, () => get(q) ? { query: {
		limit: LIMIT,
		parent_id: get(q)
	} } : null);
	const one = polled("/api/v1/trading/orders/{order_id}", 5, () => get(q) ? { at: { order_id: get(q) } } : null);
	const fills = user_derived(() => [...trades.value?.trades ?? []].reverse());
	const traded = user_derived(() => get(q) ? get(fills).filter((each) => each.trade_id === get(q)) : []);
	const children = user_derived(() => ofParent.value?.orders ?? []);
	const story = user_derived(() => get(children).length ? "" : one.value?.order_id ?? get(traded)[0]?.order_id ?? "");
	const columns = [
		{
			title: "Time",
			value: (row) => moment(row.created_at)
		},
		{
			title: "Instrument",
			value: (row) => row.instrument_id
		},
		{
			title: "Side",
			value: (row) => row.side,
			tone: sideTone
		},
		{
			title: "Type",
			value: (row) => words(row.order_type)
		},
		{
			title: "Filled / size",
			number: true,
			value: (row) => `${shown(row.filled_size)} / ${shown(row.size)}`
		},
		{
			title: "Price",
			number: true,
			value: (row) => shown(row.average_fill_price ?? row.price),
			hint: (row) => row.average_fill_price ? "average of its fills" : "its limit"
		},
		{
			title: "Status",
			value: (row) => words(row.status),
			hint: (row) => row.error_message
		},
		{
			title: "Order",
			value: (row) => row.order_id,
			hint: (row) => row.client_order_id
		}
	];
	const open = (row) => address.set({ q: row.order_id });
	var div = root_4();
	var node = child(div);
	Panel(node, {
		title: "Search and filters",
		children: ($$anchor, $$slotProps) => {
			var div_1 = root();
			var label = child(div_1);
			var input = sibling(child(label));
			remove_input_defaults(input);
			reset(label);
			var label_1 = sibling(label, 2);
			var input_1 = sibling(child(label_1));
			remove_input_defaults(input_1);
			reset(label_1);
			var label_2 = sibling(label_1, 2);
			var input_2 = sibling(child(label_2));
			remove_input_defaults(input_2);
			reset(label_2);
			var label_3 = sibling(label_2, 2);
			var select = sibling(child(label_3));
			var option = child(select);
			option.value = option.__value = "";
			var option_1 = sibling(option);
			option_1.value = option_1.__value = "buy";
			var option_2 = sibling(option_1);
			option_2.value = option_2.__value = "sell";
			reset(select);
			var select_value;
			init_select(select);
			reset(label_3);
			reset(div_1);
			template_effect(() => {
				set_value(input, get(q));
				set_value(input_1, get(instrument));
				set_value(input_2, get(strategy));
				if (select_value !== (select_value = get(side))) select.value = (select.__value = select_value) ?? "", select_option(select, select_value);
			});
			delegated("change", input, (event) => address.set({ q: event.currentTarget.value.trim() }));
			delegated("change", input_1, (event) => address.set({ instrument: event.currentTarget.value.trim() }));
			delegated("change", input_2, (event) => address.set({ strategy: event.currentTarget.value.trim() }));
			delegated("change", select, (event) => address.set({ side: event.currentTarget.value }));
			append($$anchor, div_1);
		},
		$$slots: { default: true }
	});
	var node_1 = sibling(node, 2);
	var consequent = ($$anchor) => {
		var fragment = comment();
		var node_2 = first_child(fragment);
		key(node_2, () => get(story), ($$anchor) => {
			OrderStory($$anchor, { get id() {
				return get(story);
			} });
		});
		append($$anchor, fragment);
	};
	var consequent_1 = ($$anchor) => {
		Panel($$anchor, {
			title: "Orders of the execution",
			get count() {
				return get(children).length;
			},
			children: ($$anchor, $$slotProps) => {
				Table($$anchor, {
					caption: "Orders of the execution",
					get columns() {
						return columns;
					},
					get rows() {
						return get(children);
					},
					id: (row) => row.order_id,
					empty: "",
					onrow: open
				});
			},
			$$slots: { default: true }
		});
	};
	var consequent_2 = ($$anchor) => {
		Panel($$anchor, {
			title: "Found",
			get error() {
				return ofParent.error;
			},
			children: ($$anchor, $$slotProps) => {
				var p = root_1();
				var text = only_child(p, true);
				template_effect(() => set_text(text, ofParent.error || trades.error ? "It could not be looked for." : !one.error || !ofParent.value || !trades.value ? "Looking …" : `No order and no execution has the id ${get(q)}, nor has any of the last ${LIMIT} fills that the filters leave.`));
				append($$anchor, p);
			},
			$$slots: { default: true }
		});
	};
	if_block(node_1, ($$render) => {
		if (get(story)) $$render(consequent);
		else if (get(q) && get(children).length) $$render(consequent_1, 1);
		else if (get(q)) $$render(consequent_2, 2);
	});
	var node_3 = sibling(node_1, 2);
	{
		let $0 = user_derived(() => orders.value?.orders.length ?? null);
		Panel(node_3, {
			title: "Orders",
			get count() {
				return get($0);
			},
			get error() {
				return orders.error;
			},
			children: ($$anchor, $$slotProps) => {
				var fragment_5 = root_3();
				var node_4 = first_child(fragment_5);
				{
					let $0 = user_derived(() => orders.value?.orders ?? []);
					Table(node_4, {
						caption: "Orders",
						get columns() {
							return columns;
						},
						get rows() {
							return get($0);
						},
						id: (row) => row.order_id,
						empty: "No order matches the filters.",
						onrow: open,
						chosen: (row) => row.order_id === get(story)
					});
				}
				var node_5 = sibling(node_4, 2);
				var consequent_3 = ($$anchor) => {
					var p_1 = root_2();
					p_1.textContent = "The newest 500 are shown; narrow the filters for older ones.";
					append($$anchor, p_1);
				};
				if_block(node_5, ($$render) => {
					if (orders.value?.next_cursor) $$render(consequent_3);
				});
				append($$anchor, fragment_5);
			},
			$$slots: { default: true }
		});
	}
	var node_6 = sibling(node_3, 2);
	{
		let $0 = user_derived(() => trades.value ? get(fills).length : null);
		Panel(node_6, {
			title: "Fills",
			get count() {
				return get($0);
			},
			get error() {
				return trades.error;
			},
			children: ($$anchor, $$slotProps) => {
				var fragment_6 = root_3();
				var node_7 = first_child(fragment_6);
				FillTable(node_7, {
					get fills() {
						return get(fills);
					},
					height: 420,
					empty: "No fill matches the filters."
				});
				var node_8 = sibling(node_7, 2);
				var consequent_4 = ($$anchor) => {
					var p_2 = root_2();
					p_2.textContent = "The newest 500 are shown; narrow the filters for older ones.";
					append($$anchor, p_2);
				};
				if_block(node_8, ($$render) => {
					if (trades.value?.next_cursor) $$render(consequent_4);
				});
				append($$anchor, fragment_6);
			},
			$$slots: { default: true }
		});
	}
	reset(div);
	append($$anchor, div);
	pop();
}
delegate(["change"]);
export { Orders as default };
