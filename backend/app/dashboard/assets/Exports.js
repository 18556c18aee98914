import { append, child, delegate, delegated, each, first_child, from_html, get, if_block, init_select, next, only_child, pop, push, reset, select_option, set_text, sibling, template_effect, user_derived } from "./svelte.js";
import { Download, Panel, address, pathOf } from "./common.js";
import { Filters } from "./Filters.js";
// src/pages/history/Exports.svelte
var root = from_html(`<label>Tax lots <select><option>first in, first out</option><option>average cost</option></select></label>`);
var root_1 = from_html(`<span class="quiet"> </span>`);
var root_2 = from_html(`<dt class="svelte-1heio5y"> </dt> <dd class="svelte-1heio5y"> <!> <div class="row"><!></div></dd>`, 1);
var root_3 = from_html(`<dl class="svelte-1heio5y"></dl> <p class="quiet">Oldest first, all of it; decimals are exact, instants in UTC. The browser keeps a file until it is whole: for histories of gigabytes, and for Parquet, there is <code>trading-executor export</code>.</p>`, 1);
var root_4 = from_html(`<div class="grid"><!> <!></div>`);
function Exports($$anchor, $$props) {
	push($$props, true);
	/** Whole tables for other programs and for tax, of the period and filters of the address. */
	/** What each takes: the server refuses what would be no filter of it. */
	const TABLES = [
		{
			what: "trades",
			says: "every fill, with its fee and, of contracts, its profit and loss",
			takes: [
				"start_date",
				"end_date",
				"instrument_id",
				"strategy_id"
			]
		},
		{
			what: "orders",
			says: "every order, and what became of it",
			takes: [
				"start_date",
				"end_date",
				"instrument_id",
				"strategy_id"
			]
		},
		{
			what: "positions",
			says: "what is held, as it stands",
			takes: ["instrument_id"]
		},
		{
			what: "bills",
			says: "every movement of cash that no fill explains: funding, interest, deposits",
			takes: ["start_date", "end_date"]
		},
		{
			what: "tax",
			says: "every disposal of an asset, with the lots that it went from",
			takes: [
				"start_date",
				"end_date",
				"strategy_id",
				"method"
			]
		}
	];
	const NAMES = {
		start_date: "the start",
		end_date: "the end",
		instrument_id: "the instrument",
		strategy_id: "the strategy"
	};
	const method = user_derived(() => address.param("method") ?? "fifo");
	const filters = user_derived(() => ({
		start_date: address.param("from"),
		end_date: address.param("to"),
		instrument_id: address.param("instrument"),
		strategy_id: address.param("strategy")
	}));
	const query = (takes) => Object.fromEntries(Object.entries({
		...get(filters),
		method: get(method)
	}).filter(([name]) => takes.includes(name)));
	const left = (takes) => Object.keys(NAMES).filter((name) => get(filters)[name] && !takes.includes(name)).map((name) => NAMES[name]);
	var div = root_4();
	var node = child(div);
	Filters(node, {
		children: ($$anchor, $$slotProps) => {
			var label = root();
			var select = sibling(child(label));
			var option = child(select);
			option.value = option.__value = "fifo";
			var option_1 = sibling(option);
			option_1.value = option_1.__value = "average";
			reset(select);
			var select_value;
			init_select(select);
			reset(label);
			template_effect(() => {
				if (select_value !== (select_value = get(method))) select.value = (select.__value = select_value) ?? "", select_option(select, select_value);
			});
			delegated("change", select, (event) => address.set({ method: event.currentTarget.value }));
			append($$anchor, label);
		},
		$$slots: { default: true }
	});
	var node_1 = sibling(node, 2);
	Panel(node_1, {
		title: "Whole tables, as CSV",
		children: ($$anchor, $$slotProps) => {
			var fragment = root_3();
			var dl = first_child(fragment);
			each(dl, 21, () => TABLES, ({ what, says, takes }) => what, ($$anchor, $$item) => {
				let what = () => get($$item).what;
				let says = () => get($$item).says;
				let takes = () => get($$item).takes;
				var fragment_1 = root_2();
				var dt = first_child(fragment_1);
				var text = only_child(dt, true);
				var dd = sibling(dt, 2);
				var text_1 = child(dd, true);
				var node_2 = sibling(text_1);
				var consequent = ($$anchor) => {
					var span = root_1();
					var text_2 = only_child(span);
					template_effect(($0, $1) => set_text(text_2, `; ${$0 ?? ""} ${$1 ?? ""} no filter of it`), [() => left(takes()).join(", "), () => left(takes()).length === 1 ? "is" : "are"]);
					append($$anchor, span);
				};
				var d = user_derived(() => left(takes()).length);
				if_block(node_2, ($$render) => {
					if (get(d)) $$render(consequent);
				});
				var div_1 = sibling(node_2, 2);
				var node_3 = child(div_1);
				{
					let $0 = user_derived(() => pathOf(`/api/v1/trading/exports/${what()}`, { query: query(takes()) }));
					Download(node_3, {
						get words() {
							return `Save ${what() ?? ""}`;
						},
						get path() {
							return get($0);
						},
						kind: "text/csv",
						get name() {
							return `${what() ?? ""}.csv`;
						}
					});
				}
				reset(div_1);
				reset(dd);
				template_effect(() => {
					set_text(text, what());
					set_text(text_1, says());
				});
				append($$anchor, fragment_1);
			});
			reset(dl);
			next(2);
			append($$anchor, fragment);
		},
		$$slots: { default: true }
	});
	reset(div);
	append($$anchor, div);
	pop();
}
delegate(["change"]);
export { Exports as default };
